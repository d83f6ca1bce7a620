#include "cli/handover_watch.h"

#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"
#include "daemon/serve_lock.h"

enum { LOOK_MS = 25, DAEMON_LOOK_US = 200000 };

typedef struct {
    Call *call;
    JobQueue *queue;
    Str id;
    const char *name;
    int patience_ms;        /* as for a lock */
    int64_t look_us;        /* when the daemon is looked for again */
    int64_t gone_us;        /* since when there is none; 0: there is one */
    int64_t idle_us;        /* since when the job waits and nothing is done; 0: it does not */
    int64_t lost_us;        /* since when it cannot be read; 0: it can */
    const char *taken_back; /* why it was canceled from here; NULL: it was not */
} Watch;

static bool is_over(const Watch *watch, int64_t since_us)
{
    return since_us &&
           clock_monotonic_us() - since_us > (int64_t)watch->patience_ms * 1000 + DAEMON_LOOK_US;
}

static void look_for_daemon(Watch *watch, Arena *arena)
{
    bool found = false, stale = false;
    int64_t now_us = clock_monotonic_us();
    ServeHolder holder;
    Error ignored;
    if (now_us < watch->look_us)
        return;
    watch->look_us = now_us + DAEMON_LOOK_US;
    bool known = serve_lock_look(arena, watch->call->app->workspace.home_fd, &found, &stale,
                                 &holder, &ignored);
    if (!known || found)
        watch->gone_us = 0;
    else if (!watch->gone_us)
        watch->gone_us = now_us;
}

/* A daemon that neither begins this job nor has another one at work is stuck. */
static void look_for_work(Watch *watch, const Job *job)
{
    JobCounts counts;
    Error ignored;
    bool idle = job->state == JOB_QUEUED && job->attempts == 0 &&
                job_counts(watch->queue, &counts, &ignored) && counts.by_state[JOB_RUNNING] == 0;
    if (!idle)
        watch->idle_us = 0;
    else if (!watch->idle_us)
        watch->idle_us = clock_monotonic_us();
}

/* What nobody has begun is done here; what somebody has is not. Begun just now, it stops, or is done. */
static void take_back(Watch *watch, Arena *arena, const char *why)
{
    Job ignored_job;
    Error ignored;
    if (!watch->taken_back)
        watch->taken_back = why;
    (void)!job_cancel(watch->queue, arena, watch->id, &ignored_job, &ignored);
}

static bool fail_stopped(const Watch *watch, Error *err)
{
    (void)fail(err, ERR_INTERRUPTED, "no longer watched: job %s goes on", watch->name);
    return fail_hint(err, "weir job watch %s, or weir job cancel %s", watch->name, watch->name);
}

static bool fail_gone(const Watch *watch, Error *err)
{
    (void)fail(err, ERR_DAEMON_GONE, "the daemon has ended with job %s at work", watch->name);
    return fail_hint(err,
                     "The job is kept: `weir serve` goes on with it, `weir job watch %s` waits.",
                     watch->name);
}

static void show_progress(const Watch *watch, const Job *job)
{
    const Progress progress = {
        .phase = job->phase.len ? arena_text(watch->call->arena, job->phase) : "wait",
        .done = (size_t)job->percent,
        .total = 100,
        .what = job->id,
    };
    out_progress(watch->call->output, &progress);
}

static bool look_at_job(Watch *watch, Arena *arena, Job *job, bool *known, Error *err)
{
    *known = job_get(watch->queue, arena, watch->id, job, err);
    if (*known)
        watch->lost_us = 0;
    else if (!watch->lost_us)
        watch->lost_us = clock_monotonic_us();
    if (!*known && (err->code == ERR_NOT_FOUND || is_over(watch, watch->lost_us)))
        return fail_in(err, "job %s", watch->name);
    return true;
}

static bool look(Watch *watch, Arena *arena, Job *job, bool *ended, Error *err)
{
    bool known = false;
    *ended = false;
    if (interrupted())
        return fail_stopped(watch, err);
    if (!look_at_job(watch, arena, job, &known, err))
        return false;
    *ended = known && job_state_is_final(job->state);
    if (*ended || !known)
        return true;
    look_for_daemon(watch, arena);
    look_for_work(watch, job);
    bool begun = job->state != JOB_QUEUED || job->attempts;
    if (!begun && watch->gone_us)
        take_back(watch, arena, "the daemon has ended");
    else if (!begun && is_over(watch, watch->idle_us))
        take_back(watch, arena, "the daemon does not begin it");
    else if (is_over(watch, watch->gone_us))
        return fail_gone(watch, err);
    show_progress(watch, job);
    return true;
}

bool handover_watch(Call *call, JobQueue *queue, Str id, Watched *out, Error *err)
{
    Watch watch = {.call = call,
                   .queue = queue,
                   .id = id,
                   .name = text_safe(call->arena, id),
                   .patience_ms = call->app->workspace.lock_timeout_ms};
    for (;;) {
        SCOPED(arena_close) Arena *arena = arena_open();
        Job job;
        bool ended = false;
        bool looked = look(&watch, arena, &job, &ended, err);
        if (ended)
            *out = (Watched){job_copy(call->arena, &job), watch.taken_back};
        if (!looked || ended) {
            out_progress_clear(call->output);
            return looked;
        }
        clock_sleep_ms(LOOK_MS);
    }
}
