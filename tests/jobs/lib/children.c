#include "children.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/ids.h"
#include "events/hub.h"

Role role_of(int index)
{
    return index < PRODUCERS ? PRODUCER : index < PRODUCERS + LISTENERS ? LISTENER : RUNNER;
}

void die_of(const char *what)
{
    perror(what);
    _exit(3);
}

uint32_t chance(uint32_t below)
{
    uint32_t value;
    random_bytes(&value, sizeof value);
    return value % below;
}

/* ---- history: a record is one write at the end of the file ---- */

void tell(const Child *child, Arena *arena, const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *rest = arena_format_list(arena, format, arguments);
    va_end(arguments);
    const char *line = arena_format(arena, "{\"do\":\"%s\",\"t\":%lld,\"who\":\"%s\"%s}\n", what,
                                    (long long)clock_monotonic_us(), child->who, rest);
    if (write(child->history, line, strlen(line)) != (ssize_t)strlen(line))
        die_of("history");
}

/* ---- making jobs ---- */

JobQueue *open_queue(const Child *child, bool owner, void (*committed)(void *))
{
    JobQueue *queue = NULL;
    Error err;
    JobQueueOptions options = {.folder = child->folder,
                               .owner = owner,
                               .committed = committed,
                               .context = (void *)(uintptr_t)child};
    if (!job_queue_open(&options, &queue, &err)) {
        (void)fprintf(stderr, "storm: %s: %s\n", child->who, err.message);
        _exit(3);
    }
    return queue;
}

static JobDraft random_draft(Arena *arena)
{
    JobDraft draft = {.kind = chance(8) ? JOB_KIND_SYNC : JOB_KIND_DRIFT, .actor = STR("storm")};
    size_t count = chance(20) == 0 ? 0 : 1 + chance(2);
    for (size_t i = 0; i < count; i++)
        ARRAY_PUSH(arena, &draft.artifacts,
                   str_of(arena_format(arena, "skill:s%u", chance(ARTIFACTS))));
    return draft;
}

/* The draft of a key must be the same when it is asked for again, so the hash is of the key. */
static void make_one(Child *child, Arena *arena)
{
    int64_t number = child->memory->next_key;
    const char *key = arena_format(arena, "p%d-%lld", child->index, (long long)number);
    JobDraft draft = random_draft(arena);
    draft.idempotency_scope = STR("storm");
    draft.idempotency_key = str_of(key);
    draft.request_hash = hash_of(draft.idempotency_key);
    JobMade made;
    Job job, canceled;
    Error err;
    tell(child, arena, "ask", ",\"key\":\"%s\"", key);
    if (!job_create(child->queue, arena, &draft, &made, &job, &err)) {
        (void)fprintf(stderr, "storm: create: %s\n", err.message);
        return;
    }
    tell(child, arena, "ack", ",\"key\":\"%s\",\"job\":\"%.*s\"", key, STR_ARG(job.id));
    child->memory->next_key = number + 1;
    atomic_fetch_add(&child->shared->acks, 1);
    clock_sleep_ms(chance(6));
    if (chance(12) == 0)
        (void)!job_cancel(child->queue, arena, job.id, &canceled, &err);
}

static bool is_far_ahead(Child *child)
{
    JobCounts counts;
    Error ignored;
    return !child->shared->no_more_jobs && job_counts(child->queue, &counts, &ignored) &&
           counts.by_state[JOB_QUEUED] > QUEUED_MOST;
}

void produce(Child *child)
{
    child->queue = open_queue(child, false, NULL);
    Arena *arena = arena_open();
    while (!child->shared->stop) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        while (is_far_ahead(child))
            clock_sleep_ms(200);
        if (child->shared->no_more_jobs)
            clock_sleep_ms(5);
        else
            make_one(child, arena);
        clock_sleep_ms(chance(12));
    }
    arena_close(&arena);
    job_queue_close(&child->queue);
}

/* ---- listening ---- */

static bool hear(void *context, const Event *event, void **shared)
{
    Child *child = context;
    (void)shared;
    if (!event)
        return true;
    SCOPED(arena_close) Arena *arena = arena_open();
    tell(child, arena, "heard", ",\"seq\":%lld", (long long)event->seq);
    child->memory->heard = event->seq;
    return true;
}

void listen_on(Child *child)
{
    Hub *hub = NULL;
    Error err;
    SCOPED(arena_close) Arena *arena = arena_open();
    HubOptions options = {.folder = child->folder};
    int64_t from = child->memory->heard;
    ListenerSpec spec = {.filter = {.after = from}, .hear = hear, .context = child};
    tell(child, arena, "joined", ",\"from\":%lld", (long long)from);
    if (!hub_open(&options, &hub, &err) || !hub_join(hub, &spec, &err))
        _exit(3);
    while (!child->shared->stop)
        clock_sleep_ms(5);
    hub_close(&hub);
}

/* ---- running ---- */

static const char *artifact_list(Arena *arena, const Job *job)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < job->artifacts.count; i++)
        buf_format(&buf, "%s\"%.*s\"", i ? "," : "", STR_ARG(job->artifacts.items[i]));
    return buf_text(&buf);
}

/* As the locks of folders do: who was stopped for long and wakes up finds another one at work. */
static int lock_folder(const Child *child, Arena *arena, const JobTicket *ticket)
{
    int fd = open(arena_format(arena, "%s/folders.lock", child->folder),
                  O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (job_should_stop(ticket)) {
            (void)close(fd);
            return -1;
        }
        clock_sleep_ms(1);
    }
    return fd;
}

static const char *effect_path(const Child *child, Arena *arena, const Job *job)
{
    return arena_format(arena, "%s/effects/%.*s", child->folder, STR_ARG(job->id));
}

/* The fence is looked at under the lock, as an apply does before its commit mark. */
static bool may_act(const Child *child, Arena *arena, const Job *job, const JobTicket *ticket)
{
    Job now;
    Error err;
    return !job_should_stop(ticket) && job_get(child->queue, arena, job->id, &now, &err) &&
           now.state == JOB_RUNNING && now.fence == job_ticket_fence(ticket);
}

/* The one byte in the file is the effect, not the file. */
static bool is_done(const Child *child, Arena *arena, const Job *job)
{
    struct stat stat_now;
    return stat(effect_path(child, arena, job), &stat_now) == 0 && stat_now.st_size > 0;
}

static void act(const Child *child, Arena *arena, const Job *job)
{
    int fd = open(effect_path(child, arena, job), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1)
        die_of("effect");
    (void)close(fd);
}

static void work(const Child *child, Arena *arena, const Job *job, JobTicket *ticket,
                 JobOutcome *out)
{
    uint32_t die = chance(1000);
    for (uint32_t i = 0, steps = chance(8); i < steps && !job_should_stop(ticket); i++) {
        job_progress(ticket, "merge", (int)i * 10);
        clock_sleep_ms(chance(3));
    }
    if (die < 3)
        abort();
    if (is_done(child, arena, job)) {
        out->state = JOB_SUCCESS;
    } else if (!may_act(child, arena, job, ticket)) {
        out->state = JOB_CANCELED;
    } else if (die < 100) {
        out->state = die < 50 ? JOB_CONFLICT : JOB_ERROR;
        out->transient = die < 80;
        out->error_code = STR("IO");
    } else {
        act(child, arena, job);
        out->state = JOB_SUCCESS;
    }
    out->crashed = die >= 990 && !job_should_stop(ticket);
}

/* Some jobs are slow each time they run, so that one who was stopped wakes up while another one has
 * its job; and some of these listen to nobody and speak of an end without looking. */
static bool linger(const Job *job, const JobTicket *ticket)
{
    char last = job->id.data[job->id.len - 1];
    bool stubborn = last == 'A' || last == 'B';
    if (!stubborn && last != 'C')
        return false;
    for (uint32_t i = 0, ms = 200 + chance(1300); i < ms; i += 10) {
        if (!stubborn && job_should_stop(ticket))
            break;
        clock_sleep_ms(10);
    }
    return stubborn;
}

static void run_job(void *context, Arena *arena, const Job *job, JobTicket *ticket, JobOutcome *out)
{
    const Child *child = context;
    if (linger(job, ticket)) {
        out->state = JOB_CONFLICT;
        return;
    }
    bool exclusive = job_kind_is_exclusive(job->kind);
    int fd = child->owner || !exclusive ? -1 : lock_folder(child, arena, ticket);
    if (!child->owner && exclusive && fd < 0) {
        out->state = JOB_CANCELED;
        return;
    }
    tell(child, arena, "begin",
         ",\"job\":\"%.*s\",\"fence\":%lld,\"collection\":\"%.*s\",\"artifacts\":[%s],"
         "\"exclusive\":%s",
         STR_ARG(job->id), (long long)job->fence, STR_ARG(job->collection),
         artifact_list(arena, job), exclusive ? "true" : "false");
    work(child, arena, job, ticket, out);
    tell(child, arena, "end", ",\"job\":\"%.*s\",\"fence\":%lld", STR_ARG(job->id),
         (long long)job->fence);
    if (fd >= 0)
        (void)close(fd);
}

static void note_end(void *context, const Job *before, const Job *after)
{
    const Child *child = context;
    SCOPED(arena_close) Arena *arena = arena_open();
    tell(child, arena, "finish", ",\"job\":\"%.*s\",\"fence\":%lld,\"state\":\"%s\",\"kept\":%s",
         STR_ARG(before->id), (long long)before->fence, after ? job_state_names[after->state] : "",
         after ? "true" : "false");
}

static void wake(void *context)
{
    Child *child = context;
    monitor_enter(&child->waking);
    if (child->runner)
        runner_wake(child->runner);
    monitor_leave(&child->waking);
}

static void set_runner(Child *child, Runner *runner)
{
    monitor_enter(&child->waking);
    child->runner = runner;
    monitor_leave(&child->waking);
}

void run_jobs(Child *child)
{
    Error err;
    Runner *runner = NULL;
    monitor_init(&child->waking);
    child->queue = open_queue(child, child->owner, wake);
    RunnerOptions options = {.queue = child->queue,
                             .parallel = 3,
                             .lease_ms = LEASE_MS,
                             .run = run_job,
                             .ended = note_end,
                             .context = child};
    if (!runner_open(&options, &runner, &err)) {
        (void)fprintf(stderr, "storm: runner: %s\n", err.message);
        _exit(3);
    }
    set_runner(child, runner);
    while (!child->shared->stop)
        clock_sleep_ms(5);
    runner_drain(runner, 1000);
    set_runner(child, NULL);
    runner_close(&runner);
    job_queue_close(&child->queue);
}
