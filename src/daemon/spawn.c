#include "daemon/spawn.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/process.h"
#include "daemon/worker.h"

enum { GRACE_MS = 20000, LOG_KEPT = 2 * JOB_LOG_BYTES };

/* One job at work. */
typedef struct {
    Arena *arena;
    const Job *job;
    JobTicket *ticket;
    Observer *observer;
    Attempt attempt;
    Buf line; /* what has come of the next one */
    Buf log;
    bool done;
    JobOutcome outcome;
} Watch;

/* ── its words ── */

static void note(Watch *watch, Str text)
{
    Buf *log = &watch->log;
    buf_add(log, text);
    buf_add_char(log, '\n');
    if (log->len > 2 * LOG_KEPT) {
        memmove(log->data, log->data + log->len - LOG_KEPT, LOG_KEPT);
        log->len = LOG_KEPT;
    }
}

static bool take_line(Watch *watch, Str text, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    WorkerLine line;
    Str kept = arena_copy(watch->arena, text);
    if (!worker_line_read(scratch, text, &line, err))
        return false;
    switch (line.word) {
    case WORKER_PROGRESS:
        job_progress(watch->ticket, arena_text(scratch, line.phase), line.percent);
        break;
    case WORKER_NOTICE:
        note(watch, line.notice);
        break;
    case WORKER_SPAN:
        observer_span(watch->observer, watch->job, &line.span);
        break;
    case WORKER_DONE:
        watch->done = worker_line_read(watch->arena, kept, &line, err);
        watch->outcome = line.outcome;
        return watch->done;
    }
    return true;
}

static bool take(void *context, Str bytes, bool *done, Error *err)
{
    (void)done;
    Watch *watch = context;
    while (bytes.len) {
        size_t end = str_find(bytes, '\n');
        buf_add(&watch->line, str_slice(bytes, 0, end == STR_NONE ? bytes.len : end));
        if (watch->line.len > 2 * LIMIT_JOB_RESULT_BYTES)
            return fail(err, ERR_TOO_LARGE, "a worker's line is longer than it may be");
        if (end == STR_NONE)
            return true;
        if (!take_line(watch, buf_str(&watch->line), err))
            return false;
        watch->line.len = 0;
        bytes = str_slice(bytes, end + 1, bytes.len);
    }
    return true;
}

static bool shall_stop(void *context)
{
    const Watch *watch = context;
    return job_should_stop(watch->ticket);
}

/* ── its process ── */

static bool is_named(const char *variable, const char *name)
{
    size_t len = strlen(name);
    return strncmp(variable, name, len) == 0 && variable[len] == '=';
}

/* Neither weir's own secrets nor what a service manager means for the daemon alone. */
static const char *const *environment_of(Arena *arena, const char *temporary)
{
    static const char *const kept_back[] = {
        "WEIR_TOKEN",   "BOB_PASSWORD",  "OTEL_EXPORTER_OTLP_HEADERS",
        "TMPDIR",       "TRACEPARENT",   "NOTIFY_SOCKET",
        "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID",
        "LISTEN_FDS",   "LISTEN_FDNAMES"};
    ARRAY(const char *) list = {0};
    for (char **one = environ; *one; one++) {
        bool kept = true;
        for (size_t i = 0; i < COUNT_OF(kept_back); i++)
            kept &= !is_named(*one, kept_back[i]);
        if (kept)
            ARRAY_PUSH(arena, &list, *one);
    }
    ARRAY_PUSH(arena, &list, arena_format(arena, "TMPDIR=%s", temporary));
    ARRAY_PUSH(arena, &list, NULL);
    return list.items;
}

static bool run(const Spawner *spawner, Watch *watch, const Job *job, ProcessResult *out,
                Error *err)
{
    Arena *arena = watch->arena;
    const char *folder = arena_format(arena, JOBS_FOLDER "/%.*s", STR_ARG(job->id));
    const char *const argv[] = {"weir", "worker", NULL};
    WorkerOrder order = {
        .parent = getpid(), .umask = spawner->umask, .set = spawner->set, .job = *job};
    order.job.parent_id = str_of(watch->attempt.span_id); /* what it does is part of this try */
    if (!fs_make_folders_at(spawner->home_fd, str_of(folder), 0700, err))
        return false;
    ProcessSpec spec = {
        .argv = argv,
        .program = spawner->program,
        .environment =
            environment_of(arena, path_join(arena, str_of(spawner->home), str_of(folder))),
        .input = worker_order_write(arena, &order),
        .stop = shall_stop,
        .stop_context = watch,
        .grace_ms = GRACE_MS,
        .stop_waits = true, /* who is stopped before it can heed that would look like a crash */
    };
    Error ignored;
    bool ran = process_stream(arena, &spec, take, watch, out, err);
    (void)!fs_remove_all_at(spawner->home_fd, str_of(folder), &ignored);
    return ran;
}

bool spawn_clean(const Spawner *spawner, Error *err)
{
    return fs_remove_all_at(spawner->home_fd, STR(JOBS_FOLDER), err);
}

/* ── what came of it ── */

static void tell_death(Watch *watch, const ProcessResult *result, JobOutcome *out)
{
    Arena *arena = watch->arena;
    note(watch, str_trim(result->errors));
    *out = (JobOutcome){.state = JOB_ERROR, .crashed = true};
    out->error_code = str_of(error_name(ERR_INTERNAL));
    out->error_message =
        result->exit_code > 128
            ? str_of(arena_format(arena, "the worker was killed by signal %d",
                                  result->exit_code - 128))
            : str_of(arena_format(arena, "the worker ended without a word, with exit code %d",
                                  result->exit_code));
    out->error_hint = STR("The job's log has its last words.");
}

static void tell_failure(Watch *watch, const Error *err, JobOutcome *out)
{
    *out = (JobOutcome){.state = JOB_ERROR, .transient = err->code == ERR_IO};
    out->error_code = str_of(error_name(err->code));
    out->error_message = arena_copy(watch->arena, str_of(err->message));
    out->error_hint = arena_copy(watch->arena, str_of(error_hint(err)));
    if (err->code == ERR_INTERRUPTED)
        out->state = JOB_CANCELED;
}

/* The job itself forgets it when it is queued again. */
static void tell_trouble(const Spawner *spawner, Arena *arena, const Job *job,
                         const JobOutcome *outcome)
{
    if (spawner->notice && (outcome->crashed || outcome->transient))
        spawner->notice(spawner->notice_context,
                        arena_format(arena, "job %.*s, attempt %d: %.*s: %.*s", STR_ARG(job->id),
                                     job->attempts, STR_ARG(outcome->error_code),
                                     STR_ARG(outcome->error_message)));
}

void spawn_job(void *context, Arena *arena, const Job *job, JobTicket *ticket, JobOutcome *out)
{
    const Spawner *spawner = context;
    Watch watch = {.arena = arena,
                   .job = job,
                   .ticket = ticket,
                   .observer = spawner->observer,
                   .attempt = observer_attempt_begin(),
                   .line = buf_new(arena),
                   .log = buf_new(arena)};
    ProcessResult result = {0};
    Error err = {0};
    bool ran = run(spawner, &watch, job, &result, &err);
    if (watch.done)
        *out = watch.outcome;
    else if (ran)
        tell_death(&watch, &result, out);
    else
        tell_failure(&watch, &err, out);
    out->log_excerpt = buf_str(&watch.log);
    tell_trouble(context, arena, job, out);
    observer_attempt_end(watch.observer, job, &watch.attempt, out);
}

void spawn_ended(void *context, const Job *before, const Job *after)
{
    observer_job(((const Spawner *)context)->observer, before, after);
}
