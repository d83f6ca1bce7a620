#include "jobs/queue.h"

#include "base/thread.h"
#include "jobs/queue_internal.h"

struct JobQueue {
    JobQueueOptions options;
    Arena *arena;
    JobStore *store;
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
    queue->store->kind->create(queue->store, entry);
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
    monitor_enter(&waiter->monitor);
    waiter->done = true;
    waiter->ok = !err;
    if (err) {
        *waiter->err = *err;
    } else {
        waiter->made = made;
        waiter->job = job_copy(waiter->arena, job);
    }
    monitor_tell(&waiter->monitor);
    monitor_leave(&waiter->monitor);
}

bool job_create(JobQueue *queue, Arena *arena, const JobDraft *draft, JobMade *made, Job *out,
                Error *err)
{
    Waiter waiter = {.arena = arena, .err = err};
    monitor_init(&waiter.monitor);
    job_create_async(queue, draft, end_wait, &waiter);
    monitor_enter(&waiter.monitor);
    while (!waiter.done)
        monitor_wait(&waiter.monitor);
    monitor_leave(&waiter.monitor);
    monitor_destroy(&waiter.monitor);
    if (!waiter.ok)
        return false;
    *made = waiter.made;
    *out = waiter.job;
    return true;
}

/* ---- asking ---- */

bool job_get(JobQueue *queue, Arena *arena, Str id, Job *out, Error *err)
{
    return queue->store->kind->get(queue->store, arena, id, out, err);
}

bool job_list(JobQueue *queue, Arena *arena, const JobFilter *filter, Jobs *out, bool *more,
              Error *err)
{
    return queue->store->kind->list(queue->store, arena, filter, out, more, err);
}

bool job_counts(JobQueue *queue, JobCounts *out, Error *err)
{
    return queue->store->kind->counts(queue->store, out, err);
}

bool job_queue_pick(JobQueue *queue, Arena *arena, const JobPick *pick, StrArray *ids, Error *err)
{
    return queue->store->kind->pick(queue->store, arena, pick, ids, err);
}

bool job_queue_running(JobQueue *queue, Arena *arena, JobRows *out, Error *err)
{
    return queue->store->kind->running(queue->store, arena, out, err);
}

bool job_queue_is_owner(const JobQueue *queue)
{
    return queue->options.owner;
}

void job_queue_notice(JobQueue *queue, const char *text)
{
    if (queue->options.notice)
        queue->options.notice(queue->options.context, text);
}

/* ---- changing ---- */

bool job_queue_change(JobQueue *queue, Arena *arena, Str id, const JobChange *change, Moved *moved,
                      Job *out, Error *err)
{
    return queue->store->kind->change(queue->store, arena, id, change, moved, out, err);
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
    return queue->store->kind->prune(queue->store, keep_ms, removed, err);
}

/* ---- its life ---- */

bool job_queue_open(const JobQueueOptions *options, JobQueue **out, Error *err)
{
    Arena *arena = arena_open();
    JobQueue *queue = ARENA_NEW(arena, JobQueue);
    *queue = (JobQueue){.options = *options, .arena = arena};
    queue->options.folder = arena_text(arena, str_of(options->folder));
    SCOPED(job_queue_close) JobQueue *opened = queue;
    JobStoreOptions store = {
        .folder = queue->options.folder,
        .committed = options->committed,
        .callbacks = options->context,
        .made = tell_made,
        .context = queue,
    };
    if (!job_tables_open(&store, &queue->store, err))
        return false;
    *out = TAKE(opened);
    return true;
}

void job_queue_close(JobQueue **queue)
{
    if (!*queue)
        return;
    Arena *arena = (*queue)->arena;
    if ((*queue)->store)
        (*queue)->store->kind->close((*queue)->store);
    *queue = NULL;
    arena_close(&arena);
}
