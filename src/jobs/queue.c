#include "jobs/queue.h"

#include "base/thread.h"
#include "jobs/keeper_internal.h"
#include "jobs/queue_internal.h"

struct JobQueue {
    JobQueueOptions options;
    Arena *arena;
    Keeper *keeper;
};

/* ---- making ---- */

static void tell_made(void *context, JobEntry *entry, JobMade made, const Job *job,
                      const Error *err)
{
    (void)context;
    entry->done(entry->context, made, job, err);
    job_entry_end(&entry);
}

void job_create_async(JobQueue *queue, const JobDraft *draft, JobDone done, void *context)
{
    JobEntry *entry = job_entry_new(draft);
    entry->done = done;
    entry->context = context;
    keeper_create(queue->keeper, entry);
}

/* Whoever waits for its job, on its own stack. */
typedef struct {
    Monitor monitor;
    Arena *arena;
    bool done, ok;
    JobMade made;
    Job job;
    Error *err;
} Waiter;

static void end_wait(void *context, JobMade made, const Job *job, const Error *err)
{
    Waiter *waiter = context;
    waiter->ok = !err;
    if (err) {
        *waiter->err = *err;
    } else {
        waiter->made = made;
        waiter->job = job_copy(waiter->arena, job);
    }
    monitor_raise(&waiter->monitor, &waiter->done);
}

bool job_create(JobQueue *queue, Arena *arena, const JobDraft *draft, JobMade *made, Job *out,
                Error *err)
{
    Waiter waiter = {.arena = arena, .err = err};
    monitor_init(&waiter.monitor);
    job_create_async(queue, draft, end_wait, &waiter);
    monitor_await(&waiter.monitor, &waiter.done);
    monitor_destroy(&waiter.monitor);
    if (!waiter.ok)
        return false;
    *made = waiter.made;
    *out = waiter.job;
    return true;
}

/* ---- asking ---- */

/* Beside jobs.jsonl the tables may be good to read still: full, say, or locked. */
static bool get_once(JobQueue *queue, Arena *arena, Str id, Job *out, Error *err)
{
    JobStore *other;
    Error ignored;
    JobStore *store = keeper_take(queue->keeper, &other);
    bool ok = store->kind->get(store, arena, id, out, err);
    if (!ok && other && err->code == ERR_NOT_FOUND)
        ok = other->kind->get(other, arena, id, out, &ignored);
    keeper_give(queue->keeper);
    return ok;
}

bool job_get(JobQueue *queue, Arena *arena, Str id, Job *out, Error *err)
{
    return get_once(queue, arena, id, out, err) ||
           (keeper_turn_unread(queue->keeper, err) && get_once(queue, arena, id, out, err));
}

static bool find_key_once(JobQueue *queue, Arena *arena, Str scope, Str key, bool *found, Job *out,
                          Error *err)
{
    JobStore *other;
    Error ignored;
    JobStore *store = keeper_take(queue->keeper, &other);
    bool ok = store->kind->find_by_key(store, arena, scope, key, found, out, err);
    if (ok && !*found && other &&
        !other->kind->find_by_key(other, arena, scope, key, found, out, &ignored))
        *found = false;
    keeper_give(queue->keeper);
    return ok;
}

bool job_find_by_key(JobQueue *queue, Arena *arena, Str scope, Str key, bool *found, Job *out,
                     Error *err)
{
    return find_key_once(queue, arena, scope, key, found, out, err) ||
           (keeper_turn_unread(queue->keeper, err) &&
            find_key_once(queue, arena, scope, key, found, out, err));
}

/* First the jobs of jobs.jsonl, which are the younger ones, then those of the tables. */
static bool list_both(JobStore *store, JobStore *other, Arena *arena, const JobFilter *filter,
                      Jobs *out, bool *more, Error *err)
{
    JobFilter rest = *filter;
    Jobs older;
    Error ignored;
    Jobs list = {0};
    bool another = false;
    bool known = store->kind->list(store, arena, filter, &list, &another, err);
    if (known)
        rest.before = (Str){0};
    rest.limit -= list.count;
    if (known && another) {
        *out = list;
        *more = true;
        return true;
    }
    bool also = other->kind->list(other, arena, &rest, &older, &another, &ignored);
    for (size_t i = 0; also && i < older.count; i++)
        ARRAY_PUSH(arena, &list, older.items[i]);
    if (!known && !also)
        return false;
    *out = list;
    *more = also && another;
    return true;
}

static bool list_once(JobQueue *queue, Arena *arena, const JobFilter *filter, Jobs *out, bool *more,
                      Error *err)
{
    JobStore *other;
    JobStore *store = keeper_take(queue->keeper, &other);
    bool ok = other ? list_both(store, other, arena, filter, out, more, err)
                    : store->kind->list(store, arena, filter, out, more, err);
    keeper_give(queue->keeper);
    return ok;
}

bool job_list(JobQueue *queue, Arena *arena, const JobFilter *filter, Jobs *out, bool *more,
              Error *err)
{
    return list_once(queue, arena, filter, out, more, err) ||
           (keeper_turn_unread(queue->keeper, err) &&
            list_once(queue, arena, filter, out, more, err));
}

static bool counts_once(JobQueue *queue, JobCounts *out, Error *err)
{
    JobStore *other;
    JobCounts counts, older;
    Error ignored;
    JobStore *store = keeper_take(queue->keeper, &other);
    bool ok = store->kind->counts(store, &counts, err);
    if (ok && other && other->kind->counts(other, &older, &ignored)) {
        for (int i = 0; i < JOB_STATES; i++)
            counts.by_state[i] += older.by_state[i];
        if (older.oldest_queued_ms)
            counts.oldest_queued_ms = older.oldest_queued_ms;
    }
    keeper_give(queue->keeper);
    counts.stuck = keeper_is_stuck(queue->keeper);
    if (ok)
        *out = counts;
    return ok;
}

bool job_counts(JobQueue *queue, JobCounts *out, Error *err)
{
    return counts_once(queue, out, err) ||
           (keeper_turn_unread(queue->keeper, err) && counts_once(queue, out, err));
}

static bool pick_once(JobQueue *queue, Arena *arena, const JobPick *pick, StrArray *ids, Error *err)
{
    JobStore *store = keeper_take(queue->keeper, NULL);
    bool ok = store->kind->pick(store, arena, pick, ids, err);
    keeper_give(queue->keeper);
    return ok;
}

bool job_queue_pick(JobQueue *queue, Arena *arena, const JobPick *pick, StrArray *ids, Error *err)
{
    return pick_once(queue, arena, pick, ids, err) ||
           (keeper_turn_unread(queue->keeper, err) && pick_once(queue, arena, pick, ids, err));
}

/* Those of the tables too: a job that runs is not lost because its store is full. */
bool job_queue_running(JobQueue *queue, Arena *arena, JobRows *out, Error *err)
{
    JobStore *other;
    JobRows list, older;
    JobStore *store = keeper_take(queue->keeper, &other);
    bool ok = store->kind->running(store, arena, &list, err) &&
              (!other || other->kind->running(other, arena, &older, err));
    keeper_give(queue->keeper);
    if (!ok)
        return false;
    for (size_t i = 0; other && i < older.count; i++)
        ARRAY_PUSH(arena, &list, older.items[i]);
    *out = list;
    return true;
}

bool job_queue_is_owner(const JobQueue *queue)
{
    return queue->options.owner;
}

bool job_queue_is_unusable(const Error *err)
{
    return keeper_is_unusable(err);
}

void job_queue_notice(JobQueue *queue, const char *text)
{
    if (queue->options.notice)
        queue->options.notice(queue->options.context, text);
}

/* ---- changing ---- */

static bool change_once(JobQueue *queue, Arena *arena, Str id, const JobChange *change,
                        Moved *moved, Job *out, Error *err)
{
    JobStore *other;
    JobStore *store = keeper_take(queue->keeper, &other);
    bool ok = store->kind->change(store, arena, id, change, moved, out, err);
    if (!ok && other && err->code == ERR_NOT_FOUND)
        ok = other->kind->change(other, arena, id, change, moved, out, err);
    keeper_give(queue->keeper);
    return ok;
}

bool job_queue_change(JobQueue *queue, Arena *arena, Str id, const JobChange *change, Moved *moved,
                      Job *out, Error *err)
{
    return change_once(queue, arena, id, change, moved, out, err) ||
           (keeper_turn(queue->keeper, err) &&
            change_once(queue, arena, id, change, moved, out, err));
}

static bool cancel(void *context, JobRow *row, int64_t fence, Moved *moved, Error *err)
{
    (void)context;
    (void)fence;
    Moment moment = moment_now();
    if (job_state_is_final(row->job.state) && row->job.state != JOB_CANCELED)
        return fail(err, ERR_JOB_FINAL, "the job has ended: %s", job_state_names[row->job.state]);
    *moved = move_cancel(row, &moment);
    return true;
}

bool job_cancel(JobQueue *queue, Arena *arena, Str id, Job *out, Error *err)
{
    Moved moved;
    return job_queue_change(queue, arena, id, &(JobChange){.move = cancel}, &moved, out, err);
}

bool job_prune(JobQueue *queue, int64_t keep_ms, size_t *removed, Error *err)
{
    JobStore *store = keeper_take(queue->keeper, NULL);
    bool ok = store->kind->prune(store, keep_ms, removed, err);
    keeper_give(queue->keeper);
    return ok;
}

/* ---- its life ---- */

bool job_queue_open(const JobQueueOptions *options, JobQueue **out, Error *err)
{
    Arena *arena = arena_open();
    JobQueue *queue = ARENA_NEW(arena, JobQueue);
    *queue = (JobQueue){.options = *options, .arena = arena};
    SCOPED(job_queue_close) JobQueue *opened = queue;
    if (!keeper_open(options, tell_made, queue, &queue->keeper, err))
        return false;
    *out = TAKE(opened);
    return true;
}

void job_queue_close(JobQueue **queue)
{
    if (!*queue)
        return;
    Arena *arena = (*queue)->arena;
    keeper_close(&(*queue)->keeper);
    *queue = NULL;
    arena_close(&arena);
}
