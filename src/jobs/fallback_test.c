/* The database is taken away and given back; a file of jobs is torn, rotten, and taken back twice. */
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/clock.h"
#include "jobs/runner.h"
#include "testing/test.h"

typedef struct {
    _Atomic int notices, told;
} Seen;

static void see_notice(void *context, const char *text)
{
    (void)text;
    atomic_fetch_add(&((Seen *)context)->notices, 1);
}

static void see_told(void *context, const Event *event)
{
    if (event->seq == 0)
        atomic_fetch_add(&((Seen *)context)->told, 1);
}

static JobQueue *open_queue(Test *t, JobStoreChoice choice, Seen *seen)
{
    JobQueue *queue = NULL;
    JobQueueOptions options = {.folder = t->dir,
                               .store = choice,
                               .owner = true,
                               .told = see_told,
                               .notice = see_notice,
                               .context = seen};
    CHECK_OK(job_queue_open(&options, &queue, &t->err));
    return queue;
}

static Job create(Test *t, JobQueue *queue, const char *key)
{
    JobMade made;
    Job job;
    JobDraft draft = {.kind = JOB_KIND_SYNC, .idempotency_key = str_of(key)};
    ARRAY_PUSH(t->arena, &draft.artifacts, STR("skill:pdf"));
    CHECK_OK(job_create(queue, t->arena, &draft, &made, &job, &t->err));
    return job;
}

static bool is_fallback(Test *t, JobQueue *queue)
{
    JobCounts counts;
    CHECK_OK(job_counts(queue, &counts, &t->err));
    return counts.fallback;
}

static void await_fallback(Test *t, JobQueue *queue, bool wanted)
{
    int64_t end = clock_monotonic_us() + 60000000;
    while (is_fallback(t, queue) != wanted && clock_monotonic_us() < end)
        clock_sleep_ms(10);
    CHECK(is_fallback(t, queue) == wanted);
}

static int64_t number(Test *t, const char *sql)
{
    SCOPED(db_close) Db *db = NULL;
    SCOPED(db_rows_end) DbRows *rows = NULL;
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err));
    CHECK_OK(db_find(db, sql, DB_NO_VALUES, &rows, &t->err));
    return rows ? row_int(rows, 0) : -1;
}

static void succeed(void *context, Arena *arena, const Job *job, JobTicket *ticket, JobOutcome *out)
{
    (void)context;
    (void)arena;
    (void)job;
    (void)ticket;
    out->state = JOB_SUCCESS;
}

TEST(keeps_jobs_in_lines_while_the_database_is_none_and_takes_them_back)
{
    Seen seen = {0};
    test_write(t, "weir.db", "this is no database, it is something else that is long enough\n");
    JobQueue *queue = open_queue(t, JOB_STORE_AUTO, &seen);
    CHECK(is_fallback(t, queue) && seen.notices == 1);
    Job waiting = create(t, queue, "k1");
    Job job = create(t, queue, "k2");
    CHECK_OK(job_cancel(queue, t->arena, job.id, &job, &t->err));
    CHECK_INT(seen.told, 3);
    (void)test_shell(t, "mv weir.db kept");
    await_fallback(t, queue, false);
    CHECK_INT(seen.notices, 2);
    CHECK_OK(job_get(queue, t->arena, waiting.id, &job, &t->err));
    CHECK_INT(job.state, JOB_QUEUED);
    CHECK_STR(create(t, queue, "k2").id, create(t, queue, "k2").id);
    CHECK_INT(number(t, "SELECT count(*) FROM jobs"), 2);
    CHECK_INT(number(t, "SELECT count(*) FROM jobs WHERE state = 'canceled'"), 1);
    CHECK_INT(number(t, "SELECT count(*) FROM events"), 3);
    job_queue_close(&queue);
    CHECK_TEXT(test_shell(t, "ls jobs.jsonl 2>&1 | grep -c cannot"), "1\n");
}

/* Runs on while its store is another one by the time it ends. */
typedef struct {
    _Atomic bool hold;
    _Atomic int runs;
} Body;

static void hold_on(void *context, Arena *arena, const Job *job, JobTicket *ticket, JobOutcome *out)
{
    Body *body = context;
    (void)arena;
    (void)job;
    atomic_fetch_add(&body->runs, 1);
    while (body->hold && !job_should_stop(ticket))
        clock_sleep_ms(1);
    out->state = job_should_stop(ticket) ? JOB_CANCELED : JOB_SUCCESS;
}

TEST(a_job_that_began_in_lines_ends_in_the_tables_and_is_not_run_twice)
{
    Seen seen = {0};
    Body body = {.hold = true};
    test_write(t, "weir.db", "this is no database, it is something else that is long enough\n");
    JobQueue *queue = open_queue(t, JOB_STORE_AUTO, &seen);
    Job job = create(t, queue, "k1");
    Runner *runner = NULL;
    RunnerOptions options = {.queue = queue, .run = hold_on, .context = &body};
    CHECK_OK(runner_open(&options, &runner, &t->err));
    int64_t end = clock_monotonic_us() + 60000000;
    while (body.runs < 1 && clock_monotonic_us() < end)
        clock_sleep_ms(1);
    (void)test_shell(t, "mv weir.db kept");
    await_fallback(t, queue, false);
    body.hold = false;
    while (job.state != JOB_SUCCESS && clock_monotonic_us() < end) {
        CHECK_OK(job_get(queue, t->arena, job.id, &job, &t->err));
        clock_sleep_ms(2);
    }
    CHECK_INT(job.state, JOB_SUCCESS);
    CHECK_INT(body.runs, 1);
    Job next = create(t, queue, "k2");
    while (next.state != JOB_SUCCESS && clock_monotonic_us() < end) {
        CHECK_OK(job_get(queue, t->arena, next.id, &next, &t->err));
        clock_sleep_ms(2);
    }
    CHECK(next.fence > job.fence);
    runner_close(&runner);
    job_queue_close(&queue);
}

static int64_t fence_of_one_run(Test *t, JobQueue *queue, const char *key)
{
    Runner *runner = NULL;
    RunnerOptions options = {.queue = queue, .run = succeed};
    Job job = create(t, queue, key);
    CHECK_OK(runner_open(&options, &runner, &t->err));
    int64_t end = clock_monotonic_us() + 60000000;
    while (job.state != JOB_SUCCESS && clock_monotonic_us() < end)
        CHECK_OK(job_get(queue, t->arena, job.id, &job, &t->err));
    CHECK_INT(job.state, JOB_SUCCESS);
    runner_close(&runner);
    return job.fence;
}

/* The database is locked for as long as the job is made and run. */
static int64_t fence_while_locked(Test *t, JobQueue *queue, const char *key)
{
    SCOPED(db_close) Db *holder = NULL;
    SCOPED(db_rollback) DbTransaction held = {0};
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &holder, &t->err));
    CHECK_OK(db_begin(holder, &held, &t->err));
    int64_t fence = fence_of_one_run(t, queue, key);
    CHECK(is_fallback(t, queue));
    db_rollback(&held);
    await_fallback(t, queue, false);
    return fence;
}

TEST(a_fence_rises_though_the_clock_goes_back_between_two_files)
{
    enum { NOON_MS = 1800000000, HOUR_MS = 3600000 };
    Seen seen = {0};
    JobQueue *queue = NULL;
    JobQueueOptions options = {.folder = t->dir,
                               .owner = true,
                               .lock_wait_ms = 100,
                               .notice = see_notice,
                               .context = &seen};
    CHECK_OK(job_queue_open(&options, &queue, &t->err));
    clock_freeze(NOON_MS);
    int64_t first = fence_while_locked(t, queue, "k1");
    clock_freeze(NOON_MS - HOUR_MS);
    int64_t second = fence_while_locked(t, queue, "k2");
    CHECK(second > first);
    CHECK(fence_of_one_run(t, queue, "k3") > second);
    clock_freeze(-1);
    job_queue_close(&queue);
}

static JobQueue *fill_lines(Test *t, Seen *seen)
{
    JobQueue *queue = open_queue(t, JOB_STORE_JSONL, seen);
    (void)create(t, queue, "k1");
    (void)create(t, queue, "k2");
    (void)create(t, queue, "k3");
    return queue;
}

TEST(takes_a_file_back_only_once_though_it_could_not_be_removed)
{
    Seen seen = {0};
    JobQueue *queue = fill_lines(t, &seen);
    job_queue_close(&queue);
    (void)test_shell(t, "cp jobs.jsonl kept");
    queue = open_queue(t, JOB_STORE_AUTO, &seen);
    CHECK(!is_fallback(t, queue));
    job_queue_close(&queue);
    CHECK_INT(number(t, "SELECT count(*) FROM jobs"), 3);
    int64_t events = number(t, "SELECT value FROM sequences WHERE name = 'event'");
    (void)test_shell(t, "cp kept jobs.jsonl");
    queue = open_queue(t, JOB_STORE_AUTO, &seen);
    job_queue_close(&queue);
    CHECK_INT(number(t, "SELECT count(*) FROM jobs"), 3);
    CHECK_INT(number(t, "SELECT value FROM sequences WHERE name = 'event'"), events);
}

TEST(drops_a_torn_last_line_and_nothing_else)
{
    Seen seen = {0};
    JobQueue *queue = fill_lines(t, &seen);
    job_queue_close(&queue);
    uint64_t size = 0;
    CHECK(str_to_u64(str_trim(str_of(test_shell(t, "stat -c %%s jobs.jsonl"))), &size));
    uint64_t last = 0;
    CHECK(str_to_u64(str_trim(str_of(test_shell(t, "tail -n 1 jobs.jsonl | wc -c"))), &last));
    for (uint64_t cut = 1; cut < last; cut += 97) {
        (void)test_shell(t, "cp jobs.jsonl whole; truncate -s %llu jobs.jsonl",
                         (unsigned long long)(size - cut));
        queue = open_queue(t, JOB_STORE_JSONL, &seen);
        JobCounts counts;
        CHECK_OK(job_counts(queue, &counts, &t->err));
        CHECK_INT(counts.by_state[JOB_QUEUED], 2);
        (void)create(t, queue, "k4");
        job_queue_close(&queue);
        queue = open_queue(t, JOB_STORE_JSONL, &seen);
        CHECK_OK(job_counts(queue, &counts, &t->err));
        CHECK_INT(counts.by_state[JOB_QUEUED], 3);
        job_queue_close(&queue);
        (void)test_shell(t, "mv whole jobs.jsonl");
    }
}

TEST(stops_at_a_rotten_line_in_the_middle_and_leaves_the_file)
{
    Seen seen = {0};
    JobQueue *queue = fill_lines(t, &seen);
    job_queue_close(&queue);
    (void)test_shell(t, "sed -i '2s/skill:pdf/skill:pdg/' jobs.jsonl; cp jobs.jsonl kept");
    JobQueueOptions options = {.folder = t->dir, .store = JOB_STORE_JSONL, .owner = true};
    CHECK_FAILS(ERR_CORRUPT, job_queue_open(&options, &queue, &t->err));
    CHECK_HAS(t->err.message, "line 2");
    queue = open_queue(t, JOB_STORE_AUTO, &seen);
    CHECK_INT(seen.notices, 1);
    (void)create(t, queue, "k9");
    job_queue_close(&queue);
    CHECK_TEXT(test_shell(t, "cmp jobs.jsonl kept && echo same"), "same\n");
}

TEST(a_file_of_many_changes_is_made_short_again)
{
    Seen seen = {0};
    JobQueue *queue = open_queue(t, JOB_STORE_JSONL, &seen);
    Runner *runner = NULL;
    RunnerOptions options = {.queue = queue, .parallel = 8, .run = succeed};
    JobDraft draft = {.kind = JOB_KIND_DRIFT,
                      .request = str_of(test_shell(t, "head -c 60000 /dev/zero | tr '\\0' x"))};
    JobMade made;
    Job job;
    for (int i = 0; i < 12; i++)
        CHECK_OK(job_create(queue, t->arena, &draft, &made, &job, &t->err));
    CHECK_OK(runner_open(&options, &runner, &t->err));
    JobCounts counts = {0};
    int64_t end = clock_monotonic_us() + 60000000;
    while (counts.by_state[JOB_SUCCESS] < 12 && clock_monotonic_us() < end)
        CHECK_OK(job_counts(queue, &counts, &t->err));
    CHECK_INT(counts.by_state[JOB_SUCCESS], 12);
    runner_close(&runner);
    job_queue_close(&queue);
    uint64_t lines = 0;
    CHECK(str_to_u64(str_trim(str_of(test_shell(t, "wc -l < jobs.jsonl"))), &lines));
    CHECK(lines < 1 + 12 * 3);
    queue = open_queue(t, JOB_STORE_JSONL, &seen);
    CHECK_OK(job_counts(queue, &counts, &t->err));
    CHECK_INT(counts.by_state[JOB_SUCCESS], 12);
    job_queue_close(&queue);
}

/* Whatever is told after the file has gone is found again where it is looked for. */
static void loses_its_file(Test *t, const char *what)
{
    Seen seen = {0};
    Job job;
    (void)test_shell(t, "rm -rf weir.db* jobs.jsonl kept*");
    JobQueue *queue = open_queue(t, JOB_STORE_AUTO, &seen);
    Job before = create(t, queue, "k1");
    (void)test_shell(t, "%s", what);
    Job after = create(t, queue, "k2");
    CHECK_INT(seen.notices, 1);
    CHECK(is_fallback(t, queue));
    CHECK_OK(job_get(queue, t->arena, after.id, &job, &t->err));
    await_fallback(t, queue, false);
    CHECK_STR(create(t, queue, "k2").id, after.id);
    job_queue_close(&queue);
    bool gone = strstr(what, "rm weir.db ") || strstr(what, "mv weir.db kept");
    CHECK_INT(number(t, "SELECT count(*) FROM jobs"), gone ? 1 : 2);
    queue = open_queue(t, JOB_STORE_AUTO, &seen);
    CHECK_OK(job_get(queue, t->arena, after.id, &job, &t->err));
    if (!gone)
        CHECK_OK(job_get(queue, t->arena, before.id, &job, &t->err));
    job_queue_close(&queue);
}

TEST(no_job_is_told_of_that_went_into_a_file_nobody_finds_again)
{
    loses_its_file(t, "mv weir.db kept");
    loses_its_file(t, "rm weir.db weir.db-wal weir.db-shm");
    loses_its_file(t, "rm weir.db-wal");
}

static int64_t took_us(Test *t, JobQueue *queue, Str id, const char *key)
{
    int64_t began = clock_monotonic_us();
    Jobs jobs;
    Job job;
    bool more;
    JobFilter filter = {.state = -1, .kind = -1, .limit = 10};
    CHECK_OK(job_get(queue, t->arena, id, &job, &t->err));
    CHECK_OK(job_list(queue, t->arena, &filter, &jobs, &more, &t->err));
    (void)create(t, queue, key);
    return clock_monotonic_us() - began;
}

TEST(a_lock_that_another_holds_holds_nobody_up_and_a_key_stays_its_job_s)
{
    enum { WAIT_MS = 300 };
    Seen seen = {0};
    SCOPED(db_close) Db *holder = NULL;
    SCOPED(db_rollback) DbTransaction held = {0};
    JobQueue *queue = NULL;
    JobQueueOptions options = {.folder = t->dir,
                               .owner = true,
                               .lock_wait_ms = WAIT_MS,
                               .notice = see_notice,
                               .context = &seen};
    CHECK_OK(job_queue_open(&options, &queue, &t->err));
    Job before = create(t, queue, "before");
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &holder, &t->err));
    CHECK_OK(db_begin(holder, &held, &t->err));
    Job job = create(t, queue, "locked out");
    CHECK(is_fallback(t, queue));
    CHECK_STR(create(t, queue, "before").id, before.id);
    int64_t most = 0, end = clock_monotonic_us() + 3500000;
    for (int i = 0; clock_monotonic_us() < end; i++) {
        int64_t us = took_us(t, queue, before.id, arena_format(t->arena, "k%d", i));
        most = us > most ? us : most;
        clock_sleep_ms(5);
    }
    CHECK(most < 2000000); /* two looks at the tables have been in between */
    CHECK_INT(seen.notices, 1);
    db_rollback(&held);
    await_fallback(t, queue, false);
    CHECK_STR(create(t, queue, "locked out").id, job.id);
    CHECK_STR(create(t, queue, "before").id, before.id);
    job_queue_close(&queue);
}

TEST(who_does_not_own_the_queue_never_falls_back)
{
    JobQueue *queue = NULL;
    test_write(t, "weir.db", "this is no database, it is something else that is long enough\n");
    JobQueueOptions options = {.folder = t->dir};
    CHECK_FAILS(ERR_CORRUPT, job_queue_open(&options, &queue, &t->err));
    CHECK_TEXT(test_shell(t, "ls"), "weir.db\n");
}

TEST(the_checksum_is_the_one_of_castagnoli)
{
    CHECK(crc32c(STR("123456789")) == 0xE3069283U);
    CHECK(crc32c((Str){0}) == 0);
}
