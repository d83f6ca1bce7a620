#include "jobs/runner.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/thread.h"
#include "jobs/queue_internal.h"
#include "jobs/ticket_internal.h"

enum {
    PARALLEL_LEAST = 2,
    PARALLEL_MOST = 8,
    TICK_US = 250000, /* another process may have written, or a delay be over */
    LEASE_MS = 30000,
    ORPHAN_US = 1000000,
    LOOK_SHARE = 4, /* looking takes at most a fifth of a thread */
};

/* One thread, with the job it has. */
typedef struct {
    Runner *runner;
    Thread thread;
    Arena *arena;      /* of the job at hand */
    JobTicket *ticket; /* NULL: idle. Guarded by the runner's monitor */
} Seat;

struct Runner {
    RunnerOptions options;
    Arena *arena;
    Str worker; /* this runner, as leases name it */
    Thread thread;
    Monitor monitor;
    Seat *seats;
    size_t count;
    bool woken, looking;
    _Atomic bool draining, parking, closing;
    int64_t look_us, renew_us, expire_us; /* not before */
    bool orphaned; /* what a dead predecessor ran could not be taken back yet */
};

/* Twice may it be late. */
static int64_t renewal_us(const Runner *runner)
{
    return (int64_t)runner->options.lease_ms * 1000 / 3;
}

/* ---- a job at work ---- */

static void work(Seat *seat, JobTicket *ticket)
{
    const RunnerOptions *options = &seat->runner->options;
    JobOutcome outcome = {.state = JOB_ERROR};
    options->run(options->context, seat->arena, &ticket->job, ticket, &outcome);
    Job after;
    bool kept = ticket_end(seat->arena, ticket, &outcome, &after);
    if (options->ended)
        options->ended(options->context, &ticket->job, kept ? &after : NULL);
}

static void *sit(void *opaque)
{
    Seat *seat = opaque;
    Runner *runner = seat->runner;
    monitor_enter(&runner->monitor);
    for (;;) {
        while (!seat->ticket && !runner->closing)
            monitor_wait(&runner->monitor);
        if (!seat->ticket)
            break;
        monitor_leave(&runner->monitor);
        work(seat, seat->ticket);
        monitor_enter(&runner->monitor);
        seat->ticket = NULL;
        arena_close(&seat->arena);
        runner->woken = true;
        monitor_tell(&runner->monitor);
    }
    monitor_leave(&runner->monitor);
    return NULL;
}

/* ---- claiming ---- */

/* What a move of this file is to be made with. */
typedef struct {
    int64_t fence;
    Str worker;
    int lease_ms;
} Wanted;

static bool claim(void *context, JobRow *row, int64_t fence, Moved *moved, Error *err)
{
    (void)err;
    const Wanted *wanted = context;
    Moment moment = moment_now();
    moment.lease_ms = wanted->lease_ms;
    *moved = move_claim(row, fence, wanted->worker, &moment);
    return true;
}

static Seat *free_seat(Runner *runner)
{
    for (size_t i = 0; i < runner->count; i++)
        if (!runner->seats[i].ticket)
            return &runner->seats[i];
    return NULL;
}

static void seat_job(Runner *runner, Arena *arena, const Job *job)
{
    JobTicket *ticket = ARENA_NEW(arena, JobTicket);
    *ticket = (JobTicket){runner->options.queue, &runner->parking, *job, .told_percent = -1};
    if (job->cancel_requested)
        ticket_stop(ticket, JOB_STOP_CANCELED);
    monitor_enter(&runner->monitor);
    Seat *seat = free_seat(runner);
    ASSERT(seat); /* only this thread takes them */
    seat->arena = arena;
    seat->ticket = ticket;
    monitor_tell(&runner->monitor);
    monitor_leave(&runner->monitor);
}

/* ERR_CONFLICT, ERR_NOT_FOUND and a job that is no longer queued: somebody else was faster. */
static void claim_one(Runner *runner, Str id)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Wanted wanted = {.worker = runner->worker, .lease_ms = runner->options.lease_ms};
    JobChange change = {.move = claim, .context = &wanted, .claims = true};
    Moved moved;
    Job job;
    Error ignored;
    if (!job_queue_change(runner->options.queue, arena, id, &change, &moved, &job, &ignored) ||
        moved == MOVED_NOTHING)
        return;
    Arena *kept = TAKE(arena);
    seat_job(runner, kept, &job);
}

/* The tickets stay what they are until their seats are free, which needs the monitor: copies of
 * jobs are taken, tickets are only looked at under it. */
static size_t list_busy(Runner *runner, Arena *arena, Jobs *busy)
{
    size_t free = 0;
    monitor_enter(&runner->monitor);
    for (size_t i = 0; i < runner->count; i++) {
        if (runner->seats[i].ticket)
            ARRAY_PUSH(arena, busy, job_copy(arena, &runner->seats[i].ticket->job));
        else
            free++;
    }
    if (runner->draining)
        free = 0;
    monitor_leave(&runner->monitor);
    return free;
}

static void look_for_jobs(Runner *runner, Arena *arena)
{
    Jobs busy = {0};
    StrArray ids;
    Error ignored;
    JobPick pick = {.most = list_busy(runner, arena, &busy), .busy = &busy};
    if (pick.most == 0 || !job_queue_pick(runner->options.queue, arena, &pick, &ids, &ignored))
        return;
    for (size_t i = 0; i < ids.count && !runner->draining; i++)
        claim_one(runner, ids.items[i]);
}

/* ---- looking after those at work ---- */

static const JobRow *row_of(const JobRows *rows, Str id)
{
    for (size_t i = 0; i < rows->count; i++)
        if (str_equal(rows->items[i].job.id, id))
            return &rows->items[i];
    return NULL;
}

static void look_after(JobTicket *ticket, const JobRow *row)
{
    if (!row || row->job.fence != ticket->job.fence)
        ticket_stop(ticket, JOB_STOP_LOST);
    else if (row->job.cancel_requested)
        ticket_stop(ticket, JOB_STOP_CANCELED);
}

/* A ticket that came or went after the rows were read is told nothing. */
static void look_for_cancels(Runner *runner, Arena *arena)
{
    JobRows rows;
    Jobs before = {0};
    Error ignored;
    (void)list_busy(runner, arena, &before);
    if (before.count == 0 || !job_queue_running(runner->options.queue, arena, &rows, &ignored))
        return;
    monitor_enter(&runner->monitor);
    for (size_t i = 0; i < runner->count; i++) {
        JobTicket *ticket = runner->seats[i].ticket;
        for (size_t k = 0; ticket && k < before.count; k++)
            if (before.items[k].fence == ticket->job.fence)
                look_after(ticket, row_of(&rows, ticket->job.id));
    }
    monitor_leave(&runner->monitor);
}

static bool renew(void *context, JobRow *row, int64_t fence, Moved *moved, Error *err)
{
    (void)fence;
    (void)err;
    const Wanted *wanted = context;
    Moment moment = moment_now();
    moment.lease_ms = wanted->lease_ms;
    *moved = move_renew(row, wanted->fence, &moment);
    return true;
}

static void renew_leases(Runner *runner, Arena *arena)
{
    Jobs busy = {0};
    Error ignored;
    (void)list_busy(runner, arena, &busy);
    for (size_t i = 0; i < busy.count; i++) {
        Wanted wanted = {.fence = busy.items[i].fence, .lease_ms = runner->options.lease_ms};
        JobChange change = {.move = renew, .context = &wanted};
        Moved moved;
        Job job;
        (void)!job_queue_change(runner->options.queue, arena, busy.items[i].id, &change, &moved,
                                &job, &ignored);
    }
}

static bool lose(void *context, JobRow *row, int64_t fence, Moved *moved, Error *err)
{
    (void)fence;
    (void)err;
    const Wanted *wanted = context;
    Moment moment = moment_now();
    *moved = move_lose(row, wanted->fence, &moment);
    return true;
}

static bool is_own(const Jobs *busy, const JobRow *row)
{
    for (size_t i = 0; i < busy->count; i++)
        if (busy->items[i].fence == row->job.fence)
            return true;
    return false;
}

/* The owner of the queue knows that whoever ran a job before is dead; anybody else waits for the
 * lease to end. */
static bool take_back(Runner *runner, Arena *arena, bool all, Error *err)
{
    JobQueue *queue = runner->options.queue;
    Moment moment = moment_now();
    Jobs busy = {0};
    JobRows rows;
    (void)list_busy(runner, arena, &busy);
    if (!job_queue_running(queue, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        const JobRow *row = &rows.items[i];
        Wanted wanted = {.fence = row->job.fence};
        JobChange change = {.move = lose, .context = &wanted};
        Moved moved;
        Job job;
        if ((all ? !is_own(&busy, row) : lease_is_void(row, &moment)) &&
            !job_queue_change(queue, arena, row->job.id, &change, &moved, &job, err))
            return false;
    }
    return true;
}

/* Where the tables can be read and not written, on a full disk say, that is no reason not to start. */
static bool take_back_all(Runner *runner, Arena *arena, Error *err)
{
    bool before = runner->orphaned;
    runner->orphaned = !take_back(runner, arena, true, err);
    if (runner->orphaned && !job_queue_is_unusable(err))
        return false;
    if (runner->orphaned && !before)
        job_queue_notice(runner->options.queue,
                         arena_format(arena,
                                      "what ran when the last daemon died waits until the "
                                      "job database can be written: %s",
                                      err->message));
    return true;
}

/* ---- the thread ---- */

static void look(Runner *runner)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Error ignored;
    int64_t now = clock_monotonic_us();
    if (now >= runner->renew_us) {
        renew_leases(runner, arena);
        runner->renew_us = now + renewal_us(runner);
    }
    if (now >= runner->expire_us && !job_queue_is_owner(runner->options.queue)) {
        (void)!take_back(runner, arena, false, &ignored);
        runner->expire_us = now + renewal_us(runner) / 2;
    }
    if (now >= runner->expire_us && runner->orphaned) {
        (void)!take_back_all(runner, arena, &ignored);
        runner->expire_us = now + ORPHAN_US;
    }
    look_for_cancels(runner, arena);
    look_for_jobs(runner, arena);
    int64_t after = clock_monotonic_us();
    runner->look_us = after + (after - now) * LOOK_SHARE;
}

/* Wakes that come while it rests are one. */
static void await_reason(Runner *runner)
{
    int64_t tick = clock_monotonic_us() + TICK_US;
    while (!runner->closing && !runner->woken && monitor_wait_until(&runner->monitor, tick))
        continue;
    while (!runner->closing && monitor_wait_until(&runner->monitor, runner->look_us))
        continue;
    runner->woken = false;
}

static void *direct(void *opaque)
{
    Runner *runner = opaque;
    monitor_enter(&runner->monitor);
    while (!runner->closing) {
        runner->looking = true;
        monitor_leave(&runner->monitor);
        look(runner);
        monitor_enter(&runner->monitor);
        runner->looking = false;
        monitor_tell(&runner->monitor);
        await_reason(runner);
    }
    monitor_leave(&runner->monitor);
    return NULL;
}

/* ---- its life ---- */

static size_t parallel_of(const RunnerOptions *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (options->parallel)
        return options->parallel;
    return processors < PARALLEL_LEAST  ? PARALLEL_LEAST
           : processors > PARALLEL_MOST ? PARALLEL_MOST
                                        : (size_t)processors;
}

static bool start_threads(Runner *runner, Error *err)
{
    for (size_t i = 0; i < runner->count; i++) {
        runner->seats[i].runner = runner;
        if (!thread_start(&runner->seats[i].thread, "weir-job", sit, &runner->seats[i], err))
            return false;
    }
    return thread_start(&runner->thread, "weir-runner", direct, runner, err);
}

bool runner_open(const RunnerOptions *options, Runner **out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Arena *arena = arena_open();
    Runner *runner = ARENA_NEW(arena, Runner);
    *runner = (Runner){.options = *options, .arena = arena, .count = parallel_of(options)};
    if (!options->lease_ms)
        runner->options.lease_ms = LEASE_MS;
    runner->worker = str_of(arena_format(arena, "%d-%s", (int)getpid(), id_new(arena)));
    runner->seats = ARENA_ARRAY(arena, Seat, runner->count);
    runner->renew_us = clock_monotonic_us() + renewal_us(runner);
    monitor_init(&runner->monitor);
    SCOPED(runner_close) Runner *opened = runner;
    if (job_queue_is_owner(options->queue) && !take_back_all(runner, scratch, err))
        return false;
    if (!start_threads(runner, err))
        return false;
    *out = TAKE(opened);
    return true;
}

void runner_wake(Runner *runner)
{
    monitor_raise(&runner->monitor, &runner->woken);
}

static size_t busy_seats(const Runner *runner)
{
    size_t busy = 0;
    for (size_t i = 0; i < runner->count; i++)
        busy += runner->seats[i].ticket != NULL;
    return busy;
}

size_t runner_busy(Runner *runner)
{
    monitor_enter(&runner->monitor);
    size_t busy = busy_seats(runner);
    monitor_leave(&runner->monitor);
    return busy;
}

static void park_all(Runner *runner)
{
    for (size_t i = 0; i < runner->count; i++)
        if (runner->seats[i].ticket)
            ticket_stop(runner->seats[i].ticket, JOB_STOP_PARKED);
}

void runner_drain(Runner *runner, int timeout_ms)
{
    int64_t until = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    monitor_enter(&runner->monitor);
    runner->draining = true;
    while (runner->looking)
        monitor_wait(&runner->monitor);
    while (busy_seats(runner) && monitor_wait_until(&runner->monitor, until))
        continue;
    runner->parking = true;
    park_all(runner);
    while (busy_seats(runner))
        monitor_wait(&runner->monitor);
    monitor_leave(&runner->monitor);
}

void runner_close(Runner **runner)
{
    Runner *closing = *runner;
    if (!closing)
        return;
    if (closing->thread.started)
        runner_drain(closing, 0);
    monitor_enter(&closing->monitor);
    closing->closing = true;
    monitor_tell(&closing->monitor);
    monitor_leave(&closing->monitor);
    thread_join(&closing->thread);
    for (size_t i = 0; i < closing->count; i++)
        thread_join(&closing->seats[i].thread);
    monitor_destroy(&closing->monitor);
    Arena *arena = closing->arena;
    *runner = NULL;
    arena_close(&arena);
}
