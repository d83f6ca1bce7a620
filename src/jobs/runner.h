/* Runner: claims jobs and has them done, a bounded number at once, at most one per artifact.
 *
 * A claim takes the oldest runnable job whose artifacts are free, with a new fence and a lease (30
 * s, renewed each 10 s). What the owner of the queue finds running is its dead predecessor's:
 * queued again at once, and run one at a time. A worker that dies is a crash, and so is a daemon
 * that dies with such a job; after 3 a job is error POISON. One retry on transient I/O, with
 * jittered delay. The last move of a job carries its fence.
 */
#pragma once

#include "jobs/queue.h"

typedef struct Runner Runner;

typedef struct {
    JobState state; /* JOB_SUCCESS, JOB_CONFLICT, JOB_ERROR, JOB_CANCELED */
    Str result, conflicts, log_excerpt;
    Str error_code, error_message, error_hint;
    bool transient;         /* of JOB_ERROR: worth one more try */
    int64_t retry_after_ms; /* ... no sooner than that; 0: not known */
    bool crashed;           /* the worker died: counts towards POISON */
} JobOutcome;

typedef struct JobTicket
    JobTicket; /* one running job: progress goes in, a wish to stop comes out */
void job_progress(JobTicket *ticket, const char *phase,
                  int percent); /* kept at most twice a second */
typedef enum {
    JOB_GO_ON,
    JOB_STOP_CANCELED, /* somebody wants it to end */
    JOB_STOP_PARKED,   /* the daemon goes: it is queued again */
    JOB_STOP_LOST,     /* its fence is no longer its own: nothing it says is kept */
} JobStop;
JobStop job_stop(const JobTicket *ticket); /* from any thread, while `run` runs */
bool job_should_stop(const JobTicket *ticket);
int64_t job_ticket_fence(const JobTicket *ticket);

typedef struct {
    JobQueue *queue;
    size_t parallel; /* 0: number of CPUs, at least 2, at most 8 */
    int lease_ms;    /* 0: 30,000 */
    /* Does the work on a thread of the runner; everything put into *out lives in `arena`. A job
     * that is asked to stop when it begins was canceled after its worker died: it says what was
     * done by then, or JOB_CANCELED when that is nothing. */
    void (*run)(void *context, Arena *arena, const Job *job, JobTicket *ticket, JobOutcome *out);
    /* Its end is on disk, and this is the job by then; or NULL: it was no longer this runner's. May
     * be NULL. */
    void (*ended)(void *context, const Job *before, const Job *after);
    void *context;
} RunnerOptions;
MUST_CHECK bool runner_open(const RunnerOptions *options, Runner **out, Error *err);
void runner_wake(Runner *runner); /* there may be something to claim or to cancel; never waits */
size_t runner_busy(Runner *runner);
/* Claims nothing more; waits for those at work up to `timeout_ms`, then asks them to stop: they
 * are queued again (parked), not failed. Returns when none is at work. */
void runner_drain(Runner *runner, int timeout_ms);
void runner_close(Runner **runner); /* drains with 0 ms when that was not done */
