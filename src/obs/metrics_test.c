#include <string.h>

#include "format/json_read.h"
#include "obs/otlp.h"
#include "testing/test.h"

static bool has_line(Str text, const char *line)
{
    Str one = {0};
    while (str_next(&text, '\n', &one))
        if (str_is(one, line))
            return true;
    return false;
}

TEST(metrics_are_told_in_the_form_of_prometheus)
{
    SCOPED(metrics_free) Metrics *metrics = metrics_new();
    metric_add(metrics, METRIC_HTTP_REQUESTS, "/api/v1/a\"b\\c\nd", "200", 2);
    metric_add(metrics, METRIC_HTTP_REQUESTS, "/api/v1/a\"b\\c\nd", "200", 1);
    metric_set(metrics, METRIC_JOB_OLDEST_SECONDS, NULL, 1.5);
    metric_observe(metrics, METRIC_JOB_SECONDS, "sync", 700);
    metric_observe(metrics, METRIC_JOB_SECONDS, "sync", 1000);
    metric_observe(metrics, METRIC_JOB_SECONDS, "sync", 3000000);
    metric_observe(metrics, METRIC_JOB_SECONDS, "sync", 999000000);
    Str text = metrics_text(t->arena, metrics);
    CHECK(has_line(text, "# TYPE weir_http_requests_total counter"));
    CHECK(has_line(
        text, "weir_http_requests_total{endpoint=\"/api/v1/a\\\"b\\\\c\\nd\",status=\"200\"} 3"));
    CHECK(has_line(text, "weir_job_oldest_queued_seconds 1.5"));
    CHECK(has_line(text, "weir_job_duration_seconds_bucket{kind=\"sync\",le=\"0.001\"} 2"));
    CHECK(has_line(text, "weir_job_duration_seconds_bucket{kind=\"sync\",le=\"2.5\"} 2"));
    CHECK(has_line(text, "weir_job_duration_seconds_bucket{kind=\"sync\",le=\"5\"} 3"));
    CHECK(has_line(text, "weir_job_duration_seconds_bucket{kind=\"sync\",le=\"+Inf\"} 4"));
    CHECK(has_line(text, "weir_job_duration_seconds_sum{kind=\"sync\"} 1002.001700"));
    CHECK(has_line(text, "weir_job_duration_seconds_count{kind=\"sync\"} 4"));
    CHECK(has_line(text, "weir_event_streams 0"));
}

TEST(a_metric_does_not_grow_with_what_comes_from_outside)
{
    SCOPED(metrics_free) Metrics *metrics = metrics_new();
    for (int i = 0; i < 3 * METRIC_SERIES_MOST; i++)
        metric_add(metrics, METRIC_HTTP_REQUESTS, arena_format(t->arena, "/path/%d", i), "404", 1);
    Str text = metrics_text(t->arena, metrics), line = {0};
    size_t lines = 0;
    while (str_next(&text, '\n', &line))
        lines += str_starts(line, STR("weir_http_requests_total{"));
    CHECK_INT((long long)lines, METRIC_SERIES_MOST + 1);
    CHECK(has_line(metrics_text(t->arena, metrics),
                   "weir_http_requests_total{endpoint=\"other\",status=\"other\"} 400"));
}

/* ── traces ── */

static LogEvent event_of(const char *name)
{
    return (LogEvent){
        .span = name,
        .message = "fetch https://ada:hunter2hunter2@host/x",
        .result = "ok",
        .artifact_id = STR("skill:pdf"),
        .duration_us = 1500,
        .trace_id = "0af7651916cd43dd8448eb211c80319c",
        .span_id = "b7ad6b7169203331",
    };
}

static const JsonNode *member(const JsonNode *node, const char *key)
{
    return json_find(node, str_of(key));
}

TEST(a_span_is_told_as_opentelemetry_has_it_and_without_secrets)
{
    const JsonNode *root = NULL;
    SpanRecords spans = {0};
    StrArray secrets = {0};
    ARRAY_PUSH(t->arena, &secrets, STR("hunter2hunter2"));
    ARRAY_PUSH(t->arena, &spans, ((SpanRecord){event_of("fetch"), 1700000000000000, 1}));
    Str body = otlp_body(t->arena, &spans, &secrets);
    CHECK(str_search(body, STR("hunter2")) == STR_NONE);
    CHECK_OK(json_parse(t->arena, body, 0, &root, &t->err));
    const JsonNode *resource = member(root, "resourceSpans")->first;
    const JsonNode *span = member(member(resource, "scopeSpans")->first, "spans")->first;
    CHECK_STR(member(span, "name")->text, STR("fetch"));
    CHECK_STR(member(span, "traceId")->text, STR("0af7651916cd43dd8448eb211c80319c"));
    CHECK_STR(member(span, "startTimeUnixNano")->text, STR("1699999999998500000"));
    CHECK_STR(member(span, "endTimeUnixNano")->text, STR("1700000000000000000"));
    CHECK(!member(span, "parentSpanId"));
}

typedef struct {
    size_t requests, told;
    size_t spans;
    bool broken;
} Receiver;

static bool receive(void *context, Str body, Error *err)
{
    Receiver *receiver = context;
    Str rest = body;
    receiver->requests++;
    if (receiver->broken)
        return fail(err, ERR_NETWORK_ERROR, "the collector is away");
    for (size_t at; (at = str_search(rest, STR("\"spanId\""))) != STR_NONE;) {
        receiver->spans++;
        rest = str_slice(rest, at + 8, rest.len);
    }
    return true;
}

static void told(void *context, const char *text)
{
    (void)text;
    ((Receiver *)context)->told++;
}

TEST(spans_are_all_exported_or_counted_as_dropped)
{
    for (int broken = 0; broken < 2; broken++) {
        SCOPED(metrics_free) Metrics *metrics = metrics_new();
        Receiver receiver = {.broken = broken};
        ExporterOptions options = {
            .send = receive, .notice = told, .context = &receiver, .metrics = metrics};
        SCOPED(exporter_close) Exporter *exporter = NULL;
        CHECK_OK(exporter_open(&options, &exporter, &t->err));
        LogEvent event = event_of("merge");
        for (int i = 0; i < 5000; i++)
            exporter_span(exporter, &event);
        exporter_close(&exporter);
        Str text = metrics_text(t->arena, metrics);
        size_t at = str_search(text, STR("\nweir_spans_dropped_total "));
        Str line = {0},
            rest = str_slice(text, at + strlen("\nweir_spans_dropped_total "), text.len);
        uint64_t dropped = 0;
        CHECK(str_next(&rest, '\n', &line) && str_to_u64(line, &dropped));
        CHECK_INT((long long)(receiver.spans + dropped), 5000);
        CHECK(broken ? receiver.told == 1 && dropped == 5000
                     : receiver.told == 0 && receiver.spans > 0);
    }
}
