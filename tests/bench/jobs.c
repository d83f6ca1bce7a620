/* Measures the queue of jobs in FOLDER, which is to lie on the disk in question: CLIENTS threads
 * create jobs, one after the other each, in turns with the same number of `pwrite` of 4 kB and
 * `fdatasync` to a file beside it. Prints `name value` a line.
 *
 * jobs FOLDER creates CLIENTS SECONDS    creates_s, sync_s (the peer), p50_ms, p99_ms
 * jobs FOLDER status CLIENTS SECONDS     status_p99_ms, while creates go on
 * jobs FOLDER restart QUEUED             restart_ms: open, until the first job runs
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "jobs/runner.h"
#include "sync_rate.h"

enum { CLIENTS_MOST = 256, SAMPLES = 200000 };

typedef struct {
    JobQueue *queue;
    int64_t until_us;
    int64_t *spent_us;
    size_t done;
    _Atomic bool *failed;
    Str id; /* of whom to ask; empty: create */
    unsigned number;
} Client;

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int complain(const Error *err)
{
    (void)fprintf(stderr, "%s\n", err->message);
    return 1;
}

static bool create_one(Client *client, Arena *arena, Error *err)
{
    StrArray artifacts = {0};
    JobMade made;
    Job job;
    ARRAY_PUSH(arena, &artifacts, str_of(arena_format(arena, "skill:s%zu", client->done % 100)));
    JobDraft draft = {
        .kind = JOB_KIND_SYNC,
        .direction = STR("upstream_to_collection"),
        .artifacts = artifacts,
        .request = STR("{\"artifacts\":[\"skill:pdf\"],\"direction\":\"upstream_to_collection\"}"),
        .idempotency_scope = STR("bench"),
        .idempotency_key =
            str_of(arena_format(arena, "%u-%zu-%d", client->number, client->done, getpid())),
    };
    return job_create(client->queue, arena, &draft, &made, &job, err);
}

static void *work(void *context)
{
    Client *client = context;
    Arena *arena = arena_open();
    Error err;
    Job job;
    bool ok = true;
    for (int64_t now;
         ok && client->done < SAMPLES && (now = clock_monotonic_us()) < client->until_us;) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        ok = client->id.len ? job_get(client->queue, arena, client->id, &job, &err)
                            : create_one(client, arena, &err);
        client->spent_us[client->done++] = clock_monotonic_us() - now;
    }
    if (!ok && !atomic_exchange(client->failed, true))
        (void)complain(&err);
    arena_close(&arena);
    return NULL;
}

static void clients_start(Client *clients, Thread *threads, size_t count, const Client *like)
{
    Error err;
    for (size_t i = 0; i < count; i++) {
        clients[i] = *like;
        clients[i].number = (unsigned)i + like->number;
        clients[i].spent_us = calloc(SAMPLES, sizeof(int64_t));
        if (!clients[i].spent_us || !thread_start(&threads[i], "client", work, &clients[i], &err))
            exit(2);
    }
}

/* Joins them, and gives all times in order. */
static size_t clients_end(Client *clients, Thread *threads, size_t count, int64_t **all)
{
    size_t done = 0;
    for (size_t i = 0; i < count; i++)
        thread_join(&threads[i]);
    for (size_t i = 0; i < count; i++)
        done += clients[i].done;
    *all = calloc(done + 1, sizeof(int64_t));
    if (!*all)
        exit(2);
    for (size_t i = 0, at = 0; i < count; at += clients[i++].done) {
        memcpy(*all + at, clients[i].spent_us, clients[i].done * sizeof(int64_t));
        free(clients[i].spent_us);
    }
    qsort(*all, done, sizeof(int64_t), compare);
    return done;
}

static double at_share(const int64_t *sorted, size_t count, double share)
{
    return count ? (double)sorted[(size_t)((double)(count - 1) * share)] / 1000 : 0;
}

static int measure_creates(JobQueue *queue, const char *folder, size_t count, double seconds)
{
    enum { ROUNDS = 4 };
    static Client clients[CLIENTS_MOST];
    static Thread threads[CLIENTS_MOST];
    static _Atomic bool failed;
    double rates[ROUNDS], peers[ROUNDS], p50[ROUNDS], p99[ROUNDS];
    for (unsigned round = 0; round < ROUNDS; round++) {
        peers[round] = sync_rate(folder, seconds / ROUNDS / 2);
        int64_t began = clock_monotonic_us();
        int64_t *all;
        Client like = {.queue = queue,
                       .until_us = began + (int64_t)(seconds / ROUNDS * 1e6),
                       .failed = &failed,
                       .number = round * 1000};
        clients_start(clients, threads, count, &like);
        size_t done = clients_end(clients, threads, count, &all);
        rates[round] = (double)done / ((double)(clock_monotonic_us() - began) / 1e6);
        p50[round] = at_share(all, done, 0.5);
        p99[round] = at_share(all, done, 0.99);
        free(all);
    }
    double rate = 0, peer = 0, middle = 0, late = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        rate += rates[round] / ROUNDS;
        peer += peers[round] / ROUNDS;
        middle += p50[round] / ROUNDS;
        late = p99[round] > late ? p99[round] : late;
    }
    (void)printf("creates_s %.0f\nsync_s %.0f\nratio %.2f\np50_ms %.2f\np99_ms %.2f\n", rate, peer,
                 rate / peer, middle, late);
    return failed;
}

static int measure_status(JobQueue *queue, size_t count, double seconds)
{
    static Client clients[CLIENTS_MOST], writers[CLIENTS_MOST];
    static Thread threads[CLIENTS_MOST], writing[CLIENTS_MOST];
    static _Atomic bool failed;
    SCOPED(arena_close) Arena *arena = arena_open();
    Client first = {.queue = queue, .number = 99999};
    Jobs jobs;
    bool more;
    Error err;
    if (!create_one(&first, arena, &err) ||
        !job_list(queue, arena, &(JobFilter){.state = -1, .kind = -1, .limit = 1}, &jobs, &more,
                  &err))
        return complain(&err);
    int64_t until = clock_monotonic_us() + (int64_t)(seconds * 1e6);
    Client writer = {.queue = queue, .until_us = until, .failed = &failed};
    Client reader = {.queue = queue, .until_us = until, .failed = &failed, .id = jobs.items[0].id};
    clients_start(writers, writing, 8, &writer);
    clients_start(clients, threads, count, &reader);
    int64_t *all, *written;
    size_t done = clients_end(clients, threads, count, &all);
    (void)clients_end(writers, writing, 8, &written);
    (void)printf("status_s %.0f\nstatus_p50_ms %.2f\nstatus_p99_ms %.2f\n", (double)done / seconds,
                 at_share(all, done, 0.5), at_share(all, done, 0.99));
    free(all);
    free(written);
    return failed;
}

/* ---- restart ---- */

static void note_first(void *context, Arena *arena, const Job *job, JobTicket *ticket,
                       JobOutcome *out)
{
    (void)arena;
    (void)job;
    (void)ticket;
    int64_t none = 0;
    (void)atomic_compare_exchange_strong((_Atomic int64_t *)context, &none, clock_monotonic_us());
    out->state = JOB_SUCCESS;
}

static void count_done(void *context, JobMade made, const Job *job, const Error *err)
{
    (void)made;
    (void)job;
    if (err)
        exit(complain(err));
    atomic_fetch_add((_Atomic size_t *)context, 1);
}

static int fill(const JobQueueOptions *options, size_t wanted)
{
    static _Atomic size_t made;
    JobQueue *queue = NULL;
    Error err;
    if (!job_queue_open(options, &queue, &err))
        return complain(&err);
    for (size_t i = 0; i < wanted; i++)
        job_create_async(queue, &(JobDraft){.kind = JOB_KIND_SYNC}, count_done, &made);
    while (made < wanted)
        clock_sleep_ms(1);
    job_queue_close(&queue);
    return 0;
}

static int measure_restart(const JobQueueOptions *options, size_t wanted)
{
    static _Atomic int64_t first;
    JobQueue *queue = NULL;
    Runner *runner = NULL;
    Error err;
    if (fill(options, wanted) != 0)
        return 1;
    int64_t began = clock_monotonic_us();
    if (!job_queue_open(options, &queue, &err))
        return complain(&err);
    RunnerOptions run = {.queue = queue, .run = note_first, .context = &first};
    if (!runner_open(&run, &runner, &err))
        return complain(&err);
    while (!first)
        clock_sleep_ms(1);
    (void)printf("restart_ms %.1f\n", (double)(first - began) / 1000);
    runner_close(&runner);
    job_queue_close(&queue);
    return 0;
}

int main(int count, char **arguments)
{
    JobQueue *queue = NULL;
    Error err;
    if (count < 4)
        return 2;
    JobQueueOptions options = {.folder = arguments[1], .owner = true};
    size_t number = (size_t)strtoul(arguments[3], NULL, 10);
    if (strcmp(arguments[2], "restart") == 0)
        return measure_restart(&options, number);
    if (count < 5 || number > CLIENTS_MOST)
        return 2;
    if (!job_queue_open(&options, &queue, &err))
        return complain(&err);
    double seconds = strtod(arguments[4], NULL);
    int result = strcmp(arguments[2], "status") == 0
                     ? measure_status(queue, number, seconds)
                     : measure_creates(queue, arguments[1], number, seconds);
    job_queue_close(&queue);
    return result;
}
