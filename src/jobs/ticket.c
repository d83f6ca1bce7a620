#include "jobs/ticket_internal.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/clock.h"

enum {
    PROGRESS_US = 500000,
    FAILED_MS = 500, /* between tries of an end that could not be written */
    LAST_TRIES = 3,  /* ... when the daemon is to end */
};

JobStop job_stop(const JobTicket *ticket)
{
    return (JobStop)atomic_load(&ticket->stop);
}

bool job_should_stop(const JobTicket *ticket)
{
    return job_stop(ticket) != JOB_GO_ON;
}

int64_t job_ticket_fence(const JobTicket *ticket)
{
    return ticket->job.fence;
}

/* The strongest wish stays: who has lost its job need not hear that it is canceled too. */
void ticket_stop(JobTicket *ticket, JobStop stop)
{
    int was = atomic_load(&ticket->stop);
    while (was < (int)stop && !atomic_compare_exchange_weak(&ticket->stop, &was, (int)stop))
        continue;
}

/* What a move of this room is to be made with. */
typedef struct {
    int64_t fence;
    Str phase;
    int percent;
    JobStop stop;
    const JobOutcome *outcome;
    bool moved; /* comes back */
} Wanted;

typedef bool (*Move)(void *context, JobRow *row, int64_t fence, Moved *moved, Error *err);

/* Where nothing moved the job is no longer this ticket's. */
static bool move_ticket(Arena *arena, JobTicket *ticket, Move move, Wanted *wanted, Job *after,
                        Error *err)
{
    Moved moved;
    JobChange change = {.move = move, .context = wanted};
    wanted->fence = ticket->job.fence;
    if (!job_queue_change(ticket->queue, arena, ticket->job.id, &change, &moved, after, err))
        return false;
    wanted->moved = moved != MOVED_NOTHING;
    if (!wanted->moved)
        ticket_stop(ticket, JOB_STOP_LOST);
    return true;
}

static bool progress(void *context, JobRow *row, int64_t fence, Moved *moved, Error *err)
{
    (void)fence;
    (void)err;
    const Wanted *wanted = context;
    *moved = move_progress(row, wanted->fence, wanted->phase, wanted->percent);
    return true;
}

/* A progress that cannot be written is no reason to stop the work. */
void job_progress(JobTicket *ticket, const char *phase, int percent)
{
    Wanted wanted = {.phase = str_of(phase), .percent = percent};
    int64_t now = clock_monotonic_us();
    Job after;
    bool same = percent == ticket->told_percent && str_is(wanted.phase, ticket->told_phase);
    Error ignored;
    if (same || now - ticket->told_us < PROGRESS_US)
        return;
    ticket->told_us = now;
    ticket->told_percent = percent;
    (void)snprintf(ticket->told_phase, sizeof ticket->told_phase, "%s", phase);
    SCOPED(arena_close) Arena *arena = arena_open();
    (void)move_ticket(arena, ticket, progress, &wanted, &after, &ignored);
}

static bool end(void *context, JobRow *row, int64_t fence, Moved *moved, Error *err)
{
    (void)fence;
    (void)err;
    const Wanted *wanted = context;
    Moment moment = moment_now();
    *moved = move_end(row, wanted->fence, wanted->outcome, wanted->stop, &moment);
    return true;
}

/* What was done is done: its end is written as soon as that is possible, unless the process goes
 * first. Then the next one finds the job running. */
bool ticket_end(Arena *arena, JobTicket *ticket, const JobOutcome *outcome, Job *after)
{
    Wanted wanted = {.outcome = outcome, .stop = job_stop(ticket)};
    Error err;
    int tries = 0;
    while (!move_ticket(arena, ticket, end, &wanted, after, &err)) {
        if (err.code == ERR_NOT_FOUND)
            return false;
        if (tries++ == 0)
            job_queue_notice(ticket->queue,
                             arena_format(arena, "the end of job %.*s cannot be written yet: %s",
                                          STR_ARG(ticket->job.id), err.message));
        if (*ticket->parking && tries == LAST_TRIES)
            return false;
        clock_sleep_ms(FAILED_MS);
    }
    return wanted.moved;
}
