#include "daemon/observe.h"

#include <stdlib.h>

#include "base/buf.h"
#include "daemon/worker.h"
#include "testing/test.h"

static Observer *open_observer(Test *t)
{
    Observer *observer = NULL;
    CHECK(unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT") == 0);
    CHECK_OK(observer_open(&(ObserverOptions){0}, &observer, &t->err));
    return observer;
}

static void check_told(Test *t, Observer *observer, const char *line)
{
    Str text = metrics_text(t->arena, observer_metrics(observer));
    Str wanted = str_of(arena_format(t->arena, "\n%s\n", line));
    if (str_search(text, wanted) == STR_NONE)
        print_message("no line: %s\n", line);
    CHECK(str_search(text, wanted) != STR_NONE);
}

static void answer(Observer *observer, const char *method, const char *route, int status,
                   const char *code)
{
    ApiAnswered answered = {
        .method = method, .route = route, .status = status, .duration_us = 3, .error_code = code};
    observer_request(observer, &answered);
}

TEST(requests_are_counted_by_endpoint_and_refusals_by_their_reason)
{
    SCOPED(observer_close) Observer *observer = open_observer(t);
    answer(observer, "GET", "/readyz", 200, NULL);
    answer(observer, "GET", "/readyz", 200, NULL);
    answer(observer, "GET", NULL, 401, "UNAUTHORIZED");
    answer(observer, "", NULL, 400, "BAD_REQUEST");
    answer(observer, "POST", "/api/v1/sync/jobs", 429, "RATE_LIMITED");
    answer(observer, "GET", "/api/v1/artifacts/{id}/diff", 410, "VERSION_GONE");
    answer(observer, "GET", "/api/v1/artifacts/{id}/diff", 413, "TOO_LARGE");
    answer(observer, "GET", "/api/v1/artifacts/{id}/diff", 404, "NOT_FOUND");
    answer(observer, "GET", "/api/v1/artifacts/{id}/diff", 500, "CORRUPT");
    check_told(t, observer, "weir_http_requests_total{endpoint=\"GET /readyz\",status=\"200\"} 2");
    check_told(t, observer, "weir_http_requests_total{endpoint=\"other\",status=\"401\"} 1");
    check_told(t, observer, "weir_http_refused_total{why=\"token\"} 1");
    check_told(t, observer, "weir_http_refused_total{why=\"framing\"} 1");
    check_told(t, observer, "weir_http_refused_total{why=\"rate\"} 1");
    check_told(t, observer, "weir_diff_failures_total{why=\"too large\"} 1");
    check_told(t, observer, "weir_diff_failures_total{why=\"missing content\"} 1");
    check_told(t, observer, "weir_diff_failures_total{why=\"other\"} 1");
}

static Job job_at(JobState state)
{
    return (Job){.id = STR("01J"),
                 .kind = JOB_KIND_SYNC,
                 .state = state,
                 .attempts = 1,
                 .created_ms = 1000,
                 .started_ms = 3000,
                 .ended_ms = 3500};
}

TEST(an_end_of_a_job_is_counted_with_what_came_of_its_artifacts)
{
    SCOPED(observer_close) Observer *observer = open_observer(t);
    Job before = job_at(JOB_RUNNING), after = job_at(JOB_CONFLICT);
    after.result = STR("{\"summary\":{\"merged\":2,\"conflict\":1,\"up_to_date\":40}}");
    observer_job(observer, &before, &after);
    observer_job(observer, &before, NULL); /* another one's by then */
    check_told(t, observer, "weir_jobs_ended_total{kind=\"sync\",result=\"conflict\"} 1");
    check_told(t, observer, "weir_merges_total{result=\"merged\"} 2");
    check_told(t, observer, "weir_merges_total{result=\"up_to_date\"} 40");
    check_told(t, observer, "weir_job_duration_seconds_sum{kind=\"sync\"} 0.500000");
    check_told(t, observer, "weir_job_wait_seconds_sum 2.000000");
}

TEST(attempts_that_did_not_end_a_job_are_counted_by_their_reason)
{
    SCOPED(observer_close) Observer *observer = open_observer(t);
    Job before = job_at(JOB_RUNNING), crashed = job_at(JOB_QUEUED), retried = job_at(JOB_QUEUED);
    Job parked = job_at(JOB_QUEUED), poisoned = job_at(JOB_ERROR);
    crashed.crashes = poisoned.crashes = 1;
    retried.io_retries = 1;
    observer_job(observer, &before, &crashed);
    observer_job(observer, &before, &retried);
    observer_job(observer, &before, &parked);
    observer_job(observer, &before, &poisoned);
    check_told(t, observer, "weir_job_retries_total{why=\"crash\"} 2");
    check_told(t, observer, "weir_job_retries_total{why=\"transient\"} 1");
    check_told(t, observer, "weir_job_retries_total{why=\"parked\"} 1");
    check_told(t, observer, "weir_jobs_ended_total{kind=\"sync\",result=\"error\"} 1");
}

TEST(a_span_of_a_worker_arrives_as_it_was_told)
{
    SCOPED(observer_close) Observer *observer = open_observer(t);
    Phases phases = {.items = {{"fetch", 1500000, 1}, {"apply", 2000, 3}}, .count = 2};
    WorkerLine line = {.word = WORKER_SPAN}, heard;
    line.span = (LogEvent){.span = "upstream",
                           .result = "error",
                           .duration_us = 2500000,
                           .ended_us = 1790000000000000,
                           .level = LEVEL_WARN,
                           .message = "\xff and \n",
                           .trace_id = "0123456789abcdef0123456789abcdef",
                           .span_id = "0123456789abcdef",
                           .parent_id = "fedcba9876543210",
                           .error_code = "NETWORK_ERROR",
                           .phases = &phases};
    Str text = worker_line_write(t->arena, &line);
    CHECK_OK(worker_line_read(t->arena, str_trim(text), &heard, &t->err));
    CHECK_INT(heard.word, WORKER_SPAN);
    CHECK_TEXT(heard.span.span, "upstream");
    CHECK_TEXT(heard.span.parent_id, "fedcba9876543210");
    CHECK_TEXT(heard.span.error_code, "NETWORK_ERROR");
    CHECK_INT(heard.span.ended_us, 1790000000000000);
    CHECK_INT(heard.span.level, LEVEL_WARN);
    Job job = job_at(JOB_RUNNING);
    observer_span(observer, &job, &heard.span);
    check_told(t, observer, "weir_upstream_check_duration_seconds_sum{result=\"error\"} 2.500000");
    check_told(t, observer, "weir_phase_duration_seconds_sum{phase=\"fetch\"} 1.500000");
    check_told(t, observer, "weir_phase_duration_seconds_count{phase=\"apply\"} 1");
    CHECK_OK(worker_line_read(t->arena, STR("{\"span\":7}"), &heard, &t->err));
    observer_span(observer, &job, &heard.span); /* says nothing, and does no harm */
}
