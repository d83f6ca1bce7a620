#include "daemon/observe.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/observe_internal.h"

Metrics *observer_metrics(Observer *observer)
{
    return observer ? observer->metrics : NULL;
}

/* A log belongs to one thread at a time. */
static void write_log(Observer *observer, const LogEvent *event)
{
    if (!observer->options.log)
        return;
    (void)pthread_mutex_lock(&observer->log_lock);
    log_event(observer->options.log, event);
    (void)pthread_mutex_unlock(&observer->log_lock);
}

/* ── requests ── */

/* What an endpoint found too large got through the door. */
static const char *refusal_of(const ApiAnswered *answered)
{
    static const struct {
        ErrorCode code;
        const char *why;
    } refusals[] = {
        {ERR_HOST_REFUSED, "host"},   {ERR_ORIGIN_REFUSED, "origin"},
        {ERR_UNAUTHORIZED, "token"},  {ERR_RATE_LIMITED, "rate"},
        {ERR_BAD_REQUEST, "framing"}, {ERR_REQUEST_TIMEOUT, "framing"},
        {ERR_TOO_LARGE, "framing"},
    };
    for (size_t i = 0; answered->error_code && i < COUNT_OF(refusals); i++)
        if (strcmp(answered->error_code, error_name(refusals[i].code)) == 0)
            return answered->route && refusals[i].code == ERR_TOO_LARGE ? NULL : refusals[i].why;
    return NULL;
}

static bool is_diff(const char *route)
{
    return route && (strstr(route, "}/diff") || strstr(route, "}/file"));
}

/* A caller's mistake is no failure. */
static const char *diff_failure_of(const ApiAnswered *answered)
{
    const char *code = answered->error_code;
    if (!is_diff(answered->route) || !code)
        return NULL;
    return strcmp(code, error_name(ERR_VERSION_GONE)) == 0 ? "missing content"
           : answered->status == 413                       ? "too large"
           : answered->status >= 500                       ? "other"
                                                           : NULL;
}

static void count_request(Observer *observer, const ApiAnswered *answered, const char *endpoint)
{
    char status[8];
    Metrics *metrics = observer->metrics;
    const char *refused = refusal_of(answered), *diff = diff_failure_of(answered);
    (void)snprintf(status, sizeof status, "%d", answered->status);
    metric_add(metrics, METRIC_HTTP_REQUESTS, endpoint, status, 1);
    metric_observe(metrics, METRIC_HTTP_SECONDS, endpoint, answered->duration_us);
    if (refused)
        metric_add(metrics, METRIC_HTTP_REFUSED, refused, NULL, 1);
    if (diff)
        metric_add(metrics, METRIC_DIFF_FAILURES, diff, NULL, 1);
}

void observer_request(Observer *observer, const ApiAnswered *answered)
{
    char endpoint[64] = "other", message[160];
    if (!observer)
        return;
    if (answered->route)
        (void)snprintf(endpoint, sizeof endpoint, "%s %s", answered->method, answered->route);
    count_request(observer, answered, endpoint);
    if (!observer_traces(observer))
        return;
    (void)snprintf(message, sizeof message, "%s: %d", endpoint, answered->status);
    LogEvent event = {
        .level = answered->status >= 500 ? LEVEL_ERROR : LEVEL_INFO,
        .span = "request",
        .message = message,
        .operation_type = "http",
        .result = answered->status >= 500   ? "error"
                  : answered->status >= 400 ? "attention"
                                            : "ok",
        .duration_us = answered->duration_us,
        .error_code = answered->error_code,
        .error_message = answered->error_code ? "the caller was told why" : NULL,
        .request_id = answered->request_id,
        .trace_id = answered->trace_id,
        .span_id = answered->span_id,
        .parent_id = answered->parent_id,
    };
    write_log(observer, &event);
    exporter_add(observer->exporter, &(SpanRecord){event, clock_ms() * 1000, 2});
}

bool observer_traces(const Observer *observer)
{
    return observer && (observer->options.log || observer->exporter);
}

void observer_request_span(Observer *observer, const LogEvent *span)
{
    write_log(observer, span);
    exporter_span(observer->exporter, span);
}

/* ── jobs ── */

static Str only_artifact(const Job *job)
{
    return job->artifacts.count == 1 ? job->artifacts.items[0] : (Str){0};
}

Attempt observer_attempt_begin(void)
{
    Attempt attempt = {.began_us = clock_monotonic_us()};
    span_id_new(attempt.span_id);
    return attempt;
}

static const char *const results[JOB_STATES] = {
    [JOB_QUEUED] = "queued",     [JOB_RUNNING] = "running", [JOB_SUCCESS] = "ok",
    [JOB_CONFLICT] = "conflict", [JOB_ERROR] = "error",     [JOB_CANCELED] = "canceled",
};

/* What span and line of a job have in common. Texts live in `arena`. */
static LogEvent job_event(Arena *arena, const Job *job, JobState state)
{
    return (LogEvent){
        .level = state == JOB_ERROR      ? LEVEL_ERROR
                 : state == JOB_CONFLICT ? LEVEL_WARN
                                         : LEVEL_INFO,
        .span = "job",
        .message = arena_format(arena, "job %.*s: %s", STR_ARG(job->id), job_state_names[state]),
        .operation_type = job_kind_names[job->kind],
        .artifact_id = only_artifact(job),
        .direction = job->direction.len ? arena_text(arena, job->direction) : NULL,
        .result = results[state],
        .job_id = job->id,
        .trace_id = job->trace_id.len ? arena_text(arena, job->trace_id) : NULL,
    };
}

void observer_attempt_end(Observer *observer, const Job *job, const Attempt *attempt,
                          const JobOutcome *outcome)
{
    if (!observer || !observer->exporter)
        return;
    SCOPED(arena_close) Arena *arena = arena_open();
    LogEvent event = job_event(arena, job, outcome->state);
    event.span_id = attempt->span_id;
    event.parent_id = job->parent_id.len ? arena_text(arena, job->parent_id) : NULL;
    event.duration_us = clock_monotonic_us() - attempt->began_us;
    if (outcome->error_code.len) {
        event.error_code = arena_text(arena, outcome->error_code);
        event.error_message = arena_text(arena, outcome->error_message);
    }
    exporter_span(observer->exporter, &event);
}

void observer_span(Observer *observer, const Job *job, const LogEvent *span)
{
    if (!observer || !span->span || !span->span_id)
        return;
    LogEvent event = *span;
    event.job_id = job->id;
    if (strcmp(span->span, "upstream") == 0)
        metric_observe(observer->metrics, METRIC_UPSTREAM_SECONDS, span->result, span->duration_us);
    for (size_t i = 0; span->phases && i < span->phases->count; i++)
        metric_observe(observer->metrics, METRIC_PHASE_SECONDS, span->phases->items[i].name,
                       span->phases->items[i].self_us);
    exporter_span(observer->exporter, &event);
}

/* What the result of a job counts: {"summary":{"merged":2, ...}}; other kinds have no such. */
static bool count_merges(Observer *observer, const JsonNode *result)
{
    static const char *const words[] = {"up_to_date", "fast_forward", "merged", "conflict",
                                        "error"};
    const JsonNode *summary = json_find(result, STR("summary"));
    int64_t merged = 0;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        int64_t count = 0;
        const JsonNode *one = json_find(summary, str_of(words[i]));
        if (!one || !json_to_i64(one, &count) || count <= 0)
            continue;
        metric_add(observer->metrics, METRIC_MERGES, words[i], NULL, (uint64_t)count);
        merged += strcmp(words[i], "merged") == 0 ? count : 0;
    }
    return merged > 0;
}

static void add_conflict_files(Arena *arena, Str conflicts, LogEvent *event)
{
    const JsonNode *list = NULL;
    Error ignored;
    if (!conflicts.len || !json_parse(arena, conflicts, 0, &list, &ignored))
        return;
    for (const JsonNode *one = list->first; one; one = one->next) {
        const JsonNode *path = json_find(one, STR("path"));
        if (path && path->kind == JSON_STRING)
            ARRAY_PUSH(arena, &event->conflict_files, path->text);
    }
}

static void tell_end(Observer *observer, const Job *job)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const JsonNode *result = NULL;
    Error ignored;
    const char *kind = job_kind_names[job->kind];
    int64_t took_us = (job->ended_ms - job->started_ms) * 1000;
    LogEvent event = job_event(arena, job, job->state);
    metric_add(observer->metrics, METRIC_JOBS_ENDED, kind, job_state_names[job->state], 1);
    metric_observe(observer->metrics, METRIC_JOB_SECONDS, kind, took_us);
    if (job->result.len && json_parse(arena, job->result, 0, &result, &ignored))
        event.auto_merge = event.has_merge = count_merges(observer, result);
    add_conflict_files(arena, job->conflicts, &event);
    event.duration_us = took_us;
    event.parent_id = job->parent_id.len ? arena_text(arena, job->parent_id) : NULL;
    if (job->error_code.len) {
        event.error_code = arena_text(arena, job->error_code);
        event.error_message = arena_text(arena, job->error_message);
    }
    write_log(observer, &event);
}

void observer_job(Observer *observer, const Job *before, const Job *after)
{
    if (!observer || !after)
        return; /* it was another's by then: whoever has it counts it */
    if (before->attempts == 1)
        metric_observe(observer->metrics, METRIC_JOB_WAIT_SECONDS, NULL,
                       (before->started_ms - before->created_ms) * 1000);
    if (job_state_is_final(after->state))
        tell_end(observer, after);
    if (after->crashes > before->crashes)
        metric_add(observer->metrics, METRIC_JOB_RETRIES, "crash", NULL, 1);
    else if (after->state == JOB_QUEUED)
        metric_add(observer->metrics, METRIC_JOB_RETRIES,
                   after->io_retries > before->io_retries ? "transient" : "parked", NULL, 1);
}
