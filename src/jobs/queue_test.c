/* What every store of jobs must do, run against each of them. */
#include "jobs/queue.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "jobs/runner.h"
#include "testing/test.h"

typedef struct {
    const char *name;
    JobStoreChoice choice;
} StoreCase;

static const StoreCase stores[] = {{"tables", JOB_STORE_SQLITE}, {"lines", JOB_STORE_JSONL}};

/* A test of the contract: `choice` is the store. */
#define CONTRACT(promise)                                                                          \
    static void contract_##promise(Test *t, JobStoreChoice choice);                                \
    TEST(promise)                                                                                  \
    {                                                                                              \
        for (size_t i = 0; i < COUNT_OF(stores); i++) {                                            \
            const char *dir = t->dir;                                                              \
            (void)test_shell(t, "mkdir %s", stores[i].name);                                       \
            t->dir = arena_format(t->arena, "%s/%s", dir, stores[i].name);                         \
            contract_##promise(t, stores[i].choice);                                               \
            t->dir = dir;                                                                          \
        }                                                                                          \
    }                                                                                              \
    static void contract_##promise(Test *t, JobStoreChoice choice)

static JobQueue *open_queue(Test *t, JobStoreChoice choice)
{
    JobQueue *queue = NULL;
    JobQueueOptions options = {.folder = t->dir, .store = choice, .owner = true};
    CHECK_OK(job_queue_open(&options, &queue, &t->err));
    return queue;
}

static StrArray one(Test *t, const char *artifact)
{
    StrArray list = {0};
    ARRAY_PUSH(t->arena, &list, str_of(artifact));
    return list;
}

static JobDraft draft_of(Test *t, const char *artifact)
{
    return (JobDraft){
        .kind = JOB_KIND_SYNC,
        .direction = STR("upstream_to_collection"),
        .artifacts = artifact ? one(t, artifact) : (StrArray){0},
        .request = STR("{\"a\":1}"),
        .trace_id = STR("0123"),
        .actor = STR("anna"),
    };
}

static Job create(Test *t, JobQueue *queue, const JobDraft *draft)
{
    JobMade made;
    Job job;
    CHECK_OK(job_create(queue, t->arena, draft, &made, &job, &t->err));
    return job;
}

CONTRACT(gives_back_a_job_as_it_was_asked_for)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    JobDraft draft = draft_of(t, "skill:pdf");
    draft.dry_run = true;
    draft.project_path = STR("/home/anna/shop");
    Job made = create(t, queue, &draft);
    Job job;
    CHECK_OK(job_get(queue, t->arena, made.id, &job, &t->err));
    CHECK_INT(job.state, JOB_QUEUED);
    CHECK_INT(job.kind, JOB_KIND_SYNC);
    CHECK(job.dry_run && job.created_ms > 0 && job.ended_ms == 0);
    CHECK_STR(job.project_path, STR("/home/anna/shop"));
    CHECK_STR(job.request, draft.request);
    CHECK_STR(job.actor, STR("anna"));
    CHECK_INT(job.artifacts.count, 1);
    CHECK_STR(job.artifacts.items[0], STR("skill:pdf"));
    CHECK_STR(job.collection, STR("default"));
}

CONTRACT(gives_the_same_job_for_the_same_key_and_request)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    JobDraft draft = draft_of(t, "skill:pdf");
    draft.idempotency_scope = STR("POST /x");
    draft.idempotency_key = STR("k1");
    draft.request_hash = hash_of(STR("one"));
    JobMade made;
    Job first, again;
    CHECK_OK(job_create(queue, t->arena, &draft, &made, &first, &t->err));
    CHECK_INT(made, JOB_MADE);
    CHECK_OK(job_create(queue, t->arena, &draft, &made, &again, &t->err));
    CHECK_INT(made, JOB_REPLAYED);
    CHECK_STR(again.id, first.id);
    bool found = false;
    CHECK_OK(job_find_by_key(queue, t->arena, STR("POST /x"), STR("k1"), &found, &again, &t->err));
    CHECK(found);
    CHECK_STR(again.id, first.id);
    CHECK_OK(job_find_by_key(queue, t->arena, STR("POST /y"), STR("k1"), &found, &again, &t->err));
    CHECK(!found);
    draft.request_hash = hash_of(STR("two"));
    CHECK_FAILS(ERR_KEY_REUSED, job_create(queue, t->arena, &draft, &made, &again, &t->err));
    draft.idempotency_scope = STR("POST /y");
    CHECK_OK(job_create(queue, t->arena, &draft, &made, &again, &t->err));
    CHECK_INT(made, JOB_MADE);
}

CONTRACT(keeps_jobs_and_keys_when_it_is_opened_again)
{
    JobQueue *queue = open_queue(t, choice);
    JobDraft draft = draft_of(t, "skill:pdf");
    draft.idempotency_key = STR("k");
    Job first = create(t, queue, &draft);
    job_queue_close(&queue);
    queue = open_queue(t, choice);
    Job again = create(t, queue, &draft);
    CHECK_STR(again.id, first.id);
    job_queue_close(&queue);
}

CONTRACT(lists_newest_first_by_pages_and_filters)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    for (int i = 0; i < 5; i++) {
        JobDraft draft = draft_of(t, i % 2 ? "skill:a" : "skill:b");
        draft.kind = i == 4 ? JOB_KIND_DRIFT : JOB_KIND_SYNC;
        (void)create(t, queue, &draft);
    }
    JobFilter filter = {.state = -1, .kind = -1, .limit = 2};
    Jobs page;
    bool more;
    size_t seen = 0;
    int64_t last = INT64_MAX;
    do {
        CHECK_OK(job_list(queue, t->arena, &filter, &page, &more, &t->err));
        for (size_t i = 0; i < page.count; i++, seen++) {
            CHECK(page.items[i].seq < last);
            last = page.items[i].seq;
        }
        filter.before = page.items[page.count - 1].id;
    } while (more);
    CHECK_INT(seen, 5);
    filter = (JobFilter){.state = -1, .kind = -1, .artifact = STR("skill:a"), .limit = 9};
    CHECK_OK(job_list(queue, t->arena, &filter, &page, &more, &t->err));
    CHECK(page.count == 2 && !more);
    filter = (JobFilter){.state = JOB_QUEUED, .kind = JOB_KIND_DRIFT, .limit = 9};
    CHECK_OK(job_list(queue, t->arena, &filter, &page, &more, &t->err));
    CHECK_INT(page.count, 1);
    filter = (JobFilter){.state = JOB_ERROR, .kind = -1, .limit = 9};
    CHECK_OK(job_list(queue, t->arena, &filter, &page, &more, &t->err));
    CHECK_INT(page.count, 0);
}

CONTRACT(cancels_a_queued_job_at_once_and_only_while_it_has_not_ended)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    JobDraft draft = draft_of(t, "skill:pdf");
    Job job = create(t, queue, &draft);
    CHECK_OK(job_cancel(queue, t->arena, job.id, &job, &t->err));
    CHECK_INT(job.state, JOB_CANCELED);
    CHECK_OK(job_cancel(queue, t->arena, job.id, &job, &t->err));
    CHECK_FAILS(ERR_NOT_FOUND, job_cancel(queue, t->arena, STR("nobody"), &job, &t->err));
    CHECK_FAILS(ERR_NOT_FOUND, job_get(queue, t->arena, STR("nobody"), &job, &t->err));
}

/* ---- with a runner ---- */

typedef struct {
    _Atomic int runs, at_once, most_at_once;
    JobOutcome outcome;
    _Atomic bool hold; /* goes on when false, or when asked to stop */
    _Atomic int stopped;
} Body;

static void run_body(void *context, Arena *arena, const Job *job, JobTicket *ticket,
                     JobOutcome *out)
{
    (void)arena;
    (void)job;
    Body *body = context;
    int now = atomic_fetch_add(&body->at_once, 1) + 1;
    if (now > body->most_at_once)
        body->most_at_once = now;
    atomic_fetch_add(&body->runs, 1);
    job_progress(ticket, "merge", 40);
    while (body->hold && !job_should_stop(ticket))
        clock_sleep_ms(1);
    *out = body->outcome;
    if (job_should_stop(ticket)) {
        body->stopped = (int)job_stop(ticket);
        out->state = JOB_CANCELED;
    }
    atomic_fetch_sub(&body->at_once, 1);
}

static Runner *open_runner(Test *t, JobQueue *queue, Body *body)
{
    Runner *runner = NULL;
    RunnerOptions options = {.queue = queue, .parallel = 4, .run = run_body, .context = body};
    CHECK_OK(runner_open(&options, &runner, &t->err));
    return runner;
}

static Job await_state(Test *t, JobQueue *queue, Str id, JobState state)
{
    Job job;
    for (int64_t end = clock_monotonic_us() + 20000000; clock_monotonic_us() < end;) {
        CHECK_OK(job_get(queue, t->arena, id, &job, &t->err));
        if (job.state == state)
            return job;
        clock_sleep_ms(2);
    }
    CHECK_TEXT(job_state_names[job.state], job_state_names[state]);
    return job;
}

static void await_number(const _Atomic int *value, int wanted)
{
    int64_t end = clock_monotonic_us() + 20000000;
    while (*value < wanted && clock_monotonic_us() < end)
        clock_sleep_ms(1);
    CHECK_INT(*value, wanted);
}

CONTRACT(runs_a_job_and_keeps_what_came_of_it)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    Body body = {.outcome = {.state = JOB_SUCCESS, .result = STR("{\"n\":1}")}};
    SCOPED(runner_close) Runner *runner = open_runner(t, queue, &body);
    JobDraft draft = draft_of(t, "skill:pdf");
    Job job = create(t, queue, &draft);
    runner_wake(runner);
    job = await_state(t, queue, job.id, JOB_SUCCESS);
    CHECK_STR(job.result, STR("{\"n\":1}"));
    CHECK(job.percent == 100 && job.attempts == 1 && job.fence > 0);
    CHECK(job.started_ms >= job.created_ms && job.ended_ms >= job.started_ms);
    CHECK_FAILS(ERR_JOB_FINAL, job_cancel(queue, t->arena, job.id, &job, &t->err));
}

CONTRACT(runs_one_job_per_artifact_and_others_beside_it)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    Body body = {.outcome = {.state = JOB_SUCCESS}, .hold = true};
    JobDraft same = draft_of(t, "skill:pdf"), other = draft_of(t, "skill:doc");
    Job a = create(t, queue, &same), b = create(t, queue, &same), c = create(t, queue, &other);
    JobDraft all = draft_of(t, NULL);
    Job d = create(t, queue, &all);
    SCOPED(runner_close) Runner *runner = open_runner(t, queue, &body);
    (void)await_state(t, queue, a.id, JOB_RUNNING);
    (void)await_state(t, queue, c.id, JOB_RUNNING);
    Job now;
    CHECK_OK(job_get(queue, t->arena, b.id, &now, &t->err));
    CHECK_INT(now.state, JOB_QUEUED);
    CHECK_OK(job_get(queue, t->arena, d.id, &now, &t->err));
    CHECK_INT(now.state, JOB_QUEUED);
    await_number(&body.runs, 2);
    body.hold = false;
    (void)await_state(t, queue, d.id, JOB_SUCCESS);
    CHECK_INT(body.runs, 4);
    CHECK_INT(body.most_at_once, 2);
}

CONTRACT(tries_again_once_on_transient_trouble_then_says_error)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    Body body = {.outcome = {.state = JOB_ERROR,
                             .transient = true,
                             .error_code = STR("IO"),
                             .error_message = STR("the disk")}};
    SCOPED(runner_close) Runner *runner = open_runner(t, queue, &body);
    JobDraft draft = draft_of(t, "skill:pdf");
    Job job = create(t, queue, &draft);
    job = await_state(t, queue, job.id, JOB_ERROR);
    CHECK(body.runs == 2 && job.io_retries == 1 && job.attempts == 2);
    CHECK_STR(job.error_message, STR("the disk"));
}

CONTRACT(gives_a_job_up_whose_worker_dies_three_times)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    Body body = {.outcome = {.state = JOB_ERROR, .crashed = true}};
    SCOPED(runner_close) Runner *runner = open_runner(t, queue, &body);
    JobDraft draft = draft_of(t, "skill:pdf");
    Job job = create(t, queue, &draft);
    job = await_state(t, queue, job.id, JOB_ERROR);
    CHECK_INT(body.runs, 3);
    CHECK_STR(job.error_code, STR("POISON"));
}

CONTRACT(asks_a_running_job_to_stop_when_it_is_canceled)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    Body body = {.outcome = {.state = JOB_SUCCESS}, .hold = true};
    SCOPED(runner_close) Runner *runner = open_runner(t, queue, &body);
    JobDraft draft = draft_of(t, "skill:pdf");
    Job job = create(t, queue, &draft);
    (void)await_state(t, queue, job.id, JOB_RUNNING);
    CHECK_OK(job_cancel(queue, t->arena, job.id, &job, &t->err));
    CHECK(job.state == JOB_RUNNING && job.cancel_requested);
    (void)await_state(t, queue, job.id, JOB_CANCELED);
    CHECK_INT(body.stopped, JOB_STOP_CANCELED);
}

CONTRACT(parks_what_runs_when_it_is_drained)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    Body body = {.outcome = {.state = JOB_SUCCESS}, .hold = true};
    Runner *runner = open_runner(t, queue, &body);
    JobDraft draft = draft_of(t, "skill:pdf");
    Job job = create(t, queue, &draft);
    (void)await_state(t, queue, job.id, JOB_RUNNING);
    runner_drain(runner, 20);
    CHECK_OK(job_get(queue, t->arena, job.id, &job, &t->err));
    CHECK(job.state == JOB_QUEUED && job.crashes == 0);
    CHECK_INT(body.stopped, JOB_STOP_PARKED);
    runner_close(&runner);
    body.hold = false;
    runner = open_runner(t, queue, &body);
    (void)await_state(t, queue, job.id, JOB_SUCCESS);
    runner_close(&runner);
}

CONTRACT(counts_jobs_by_state)
{
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, choice);
    JobDraft draft = draft_of(t, "skill:pdf");
    Job first = create(t, queue, &draft);
    Job job = create(t, queue, &draft);
    CHECK_OK(job_cancel(queue, t->arena, job.id, &job, &t->err));
    JobCounts counts;
    CHECK_OK(job_counts(queue, &counts, &t->err));
    CHECK(counts.by_state[JOB_QUEUED] == 1 && counts.by_state[JOB_CANCELED] == 1);
    CHECK(counts.oldest_queued_ms == first.created_ms);
}

TEST(removes_old_jobs_only_when_they_were_due_a_day_before)
{
    enum { DAY = 24 * 60 * 60 * 1000 };
    const int64_t month = (int64_t)30 * DAY, start = 1700000000000;
    size_t removed;
    Job job;
    clock_freeze(start);
    SCOPED(job_queue_close) JobQueue *queue = open_queue(t, JOB_STORE_SQLITE);
    JobDraft draft = draft_of(t, "skill:pdf");
    draft.idempotency_key = STR("k");
    Job old = create(t, queue, &draft);
    CHECK_OK(job_cancel(queue, t->arena, old.id, &old, &t->err));
    draft.idempotency_key = (Str){0};
    Job waiting = create(t, queue, &draft);
    const struct {
        int64_t at_ms;
        size_t removed;
    } passes[] = {
        {start + month * 12, 0}, /* a clock that jumped a year ahead ... */
        {start + DAY, 0},        /* ... and back: what it marked counts for nothing */
        {start + DAY * 3, 0},
        {start + month + DAY, 0},
        {start + month + DAY + DAY / 2, 0},
        {start + month + DAY * 2 + 1, 1},
    };
    for (size_t i = 0; i < COUNT_OF(passes); i++) {
        clock_freeze(passes[i].at_ms);
        CHECK_OK(job_prune(queue, month, &removed, &t->err));
        CHECK_INT(removed, passes[i].removed);
    }
    CHECK_FAILS(ERR_NOT_FOUND, job_get(queue, t->arena, old.id, &job, &t->err));
    CHECK_OK(job_get(queue, t->arena, waiting.id, &job, &t->err));
    clock_freeze(-1);
}
