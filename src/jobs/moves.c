#include "base/clock.h"
#include "base/ids.h"
#include "jobs/moves_internal.h"

enum {
    LEASE_MS = 30000,
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_MOST_MS = 60000,
    BACKOFF_LEAST_MS = 100,
    /* Nothing waits longer than this for its turn: a later one was set by a clock that has gone
     * back since. */
    WAIT_MOST_MS = 15 * 60 * 1000,
};

Moment moment_now(void)
{
    Moment moment = {clock_ms(), clock_boot_ms(), clock_boot_id(), LEASE_MS, 0};
    random_bytes(&moment.chance, sizeof moment.chance);
    return moment;
}

bool job_is_runnable(const Job *job, int64_t now_ms)
{
    return job->run_at_ms <= now_ms || job->run_at_ms > now_ms + WAIT_MOST_MS;
}

bool lease_is_void(const JobRow *row, const Moment *moment)
{
    return !str_is(row->lease_boot, moment->boot_id) || row->lease_until_ms < moment->boot_ms;
}

static bool is_held(const JobRow *row, int64_t fence)
{
    return row->job.state == JOB_RUNNING && row->job.fence == fence;
}

static void hold(JobRow *row, const Moment *moment)
{
    row->lease_until_ms = moment->boot_ms + moment->lease_ms;
    row->lease_boot = str_of(moment->boot_id);
}

/* The one place where a state changes. */
static Moved set_state(JobRow *row, JobState state, const Moment *moment)
{
    ASSERT(job_state_may(row->job.state, state));
    row->job.state = state;
    row->job.ended_ms = job_state_is_final(state) ? moment->now_ms : 0;
    if (state == JOB_RUNNING)
        return MOVED_STATE;
    row->lease_until_ms = 0;
    row->lease_boot = row->worker = (Str){0};
    if (state == JOB_SUCCESS)
        row->job.percent = 100;
    return MOVED_STATE;
}

Moved move_claim(JobRow *row, int64_t fence, Str worker, const Moment *moment)
{
    Job *job = &row->job;
    if (job->state != JOB_QUEUED || !job_is_runnable(job, moment->now_ms))
        return MOVED_NOTHING;
    hold(row, moment);
    row->worker = worker;
    job->fence = fence;
    job->attempts++;
    job->percent = 0;
    job->phase = (Str){0};
    if (!job->started_ms)
        job->started_ms = moment->now_ms;
    return set_state(row, JOB_RUNNING, moment);
}

Moved move_renew(JobRow *row, int64_t fence, const Moment *moment)
{
    if (!is_held(row, fence))
        return MOVED_NOTHING;
    hold(row, moment);
    return MOVED_QUIETLY;
}

Moved move_progress(JobRow *row, int64_t fence, Str phase, int percent)
{
    if (!is_held(row, fence))
        return MOVED_NOTHING;
    row->job.phase = phase;
    row->job.percent = percent < 0 ? 0 : percent > 100 ? 100 : percent;
    return MOVED_PROGRESS;
}

/* One whose worker died may have done its work before: only running it again tells, so it ends by
 * that run. */
static bool may_be_done(const Job *job)
{
    return job->suspect || job->crashes > 0;
}

Moved move_cancel(JobRow *row, const Moment *moment)
{
    Job *job = &row->job;
    if (job_state_is_final(job->state) || job->cancel_requested)
        return MOVED_NOTHING;
    job->cancel_requested = true;
    if (job->state == JOB_QUEUED && !may_be_done(job))
        return set_state(row, JOB_CANCELED, moment);
    return MOVED_QUIETLY;
}

/* Full jitter: anything up to the step, which doubles; no sooner than asked for. */
static int64_t backoff_ms(int tries, int64_t at_least_ms, const Moment *moment)
{
    int64_t step = BACKOFF_FIRST_MS;
    for (int i = 0; i < tries && step < BACKOFF_MOST_MS; i++)
        step *= 2;
    int64_t delay = BACKOFF_LEAST_MS + (int64_t)(moment->chance % (uint32_t)step);
    if (at_least_ms > WAIT_MOST_MS)
        at_least_ms = WAIT_MOST_MS;
    return delay < at_least_ms ? at_least_ms : delay;
}

static Moved queue_again(JobRow *row, int64_t delay_ms, const Moment *moment)
{
    row->job.run_at_ms = moment->now_ms + delay_ms;
    return set_state(row, JOB_QUEUED, moment);
}

static Moved poison(JobRow *row, const Moment *moment)
{
    Job *job = &row->job;
    job->error_code = str_of(error_name(ERR_POISON));
    job->error_message = STR("its worker died each time it was run");
    job->error_hint = STR("Its log tells how far it came. Mend the cause, then start it anew.");
    return set_state(row, JOB_ERROR, moment);
}

static Moved crash(JobRow *row, const Moment *moment)
{
    if (++row->job.crashes >= JOB_CRASHES_MOST)
        return poison(row, moment);
    return queue_again(row, backoff_ms(row->job.crashes - 1, 0, moment), moment);
}

/* The first time it may well have been another one that took the daemon down; from then on it runs
 * alone of its kind. */
Moved move_lose(JobRow *row, int64_t fence, const Moment *moment)
{
    Job *job = &row->job;
    if (job->state != JOB_RUNNING || (fence && job->fence != fence))
        return MOVED_NOTHING;
    if (job->suspect && ++job->crashes >= JOB_CRASHES_MOST)
        return poison(row, moment);
    job->suspect = true;
    return queue_again(row, 0, moment);
}

static Str last_bytes(Str text, size_t most)
{
    if (text.len <= most)
        return text;
    size_t from = text.len - most;
    while (from < text.len && ((unsigned char)text.data[from] & 0xC0) == 0x80)
        from++;
    return str_slice(text, from, text.len);
}

static Moved end_as_told(JobRow *row, const JobOutcome *outcome, const Moment *moment)
{
    row->job.result = outcome->result;
    row->job.conflicts = outcome->conflicts;
    row->job.error_code = outcome->error_code;
    row->job.error_message = outcome->error_message;
    row->job.error_hint = outcome->error_hint;
    return set_state(row, outcome->state, moment);
}

/* A worker that was stopped though nobody asked for it has died as far as its job goes. */
Moved move_end(JobRow *row, int64_t fence, const JobOutcome *outcome, JobStop stop,
               const Moment *moment)
{
    Job *job = &row->job;
    if (!is_held(row, fence))
        return MOVED_NOTHING;
    job->log_excerpt = last_bytes(outcome->log_excerpt, JOB_LOG_BYTES);
    bool stopped = outcome->crashed || outcome->state == JOB_CANCELED;
    bool transient = outcome->state == JOB_ERROR && outcome->transient;
    if (!outcome->crashed)
        job->suspect = false;
    if (stopped && stop == JOB_STOP_PARKED && !job->cancel_requested)
        return queue_again(row, 0, moment);
    if (outcome->crashed || (stopped && !job->cancel_requested))
        return crash(row, moment);
    if (transient && job->cancel_requested) {
        job->result = outcome->result; /* of what was written all the same */
        return set_state(row, JOB_CANCELED, moment);
    }
    if (!transient || job->io_retries >= JOB_IO_RETRIES_MOST)
        return end_as_told(row, outcome, moment);
    job->io_retries++;
    if (stop == JOB_STOP_PARKED)
        return queue_again(row, 0, moment);
    return queue_again(row, backoff_ms(0, outcome->retry_after_ms, moment), moment);
}
