#include "obs/otlp.h"

#include "base/clock.h"
#include "format/json_write.h"
#include "obs/redact.h"

typedef struct {
    Arena *arena;
    const StrArray *secrets;
    JsonWriter json;
} Body;

static void add_attribute(Body *body, const char *key, Str value)
{
    if (!value.len)
        return;
    json_begin_object(&body->json);
    json_member_text(&body->json, "key", key);
    json_key(&body->json, "value");
    json_begin_object(&body->json);
    json_member(&body->json, "stringValue", redact(body->arena, value, body->secrets));
    json_end_object(&body->json);
    json_end_object(&body->json);
}

static void add_attributes(Body *body, const LogEvent *event)
{
    json_key(&body->json, "attributes");
    json_begin_array(&body->json);
    add_attribute(body, "weir.operation_type", str_of(event->operation_type));
    add_attribute(body, "weir.artifact_id", event->artifact_id);
    add_attribute(body, "weir.direction", str_of(event->direction));
    add_attribute(body, "weir.result", str_of(event->result));
    add_attribute(body, "weir.job_id", event->job_id);
    add_attribute(body, "weir.operation", event->operation);
    add_attribute(body, "weir.message", str_of(event->message));
    add_attribute(body, "error.type", str_of(event->error_code));
    json_end_array(&body->json);
}

/* 64-bit numbers are strings in JSON of protocol buffers. */
static void add_nanoseconds(Body *body, const char *key, int64_t us)
{
    json_member_text(&body->json, key,
                     arena_format(body->arena, "%lld000", (long long)(us < 0 ? 0 : us)));
}

static void add_status(Body *body, const LogEvent *event)
{
    bool failed = event->error_code || event->level == LEVEL_ERROR;
    json_key(&body->json, "status");
    json_begin_object(&body->json);
    json_member_integer(&body->json, "code", failed ? 2 : 1);
    if (failed && event->error_message)
        json_member(&body->json, "message",
                    redact(body->arena, str_of(event->error_message), body->secrets));
    json_end_object(&body->json);
}

static void add_span(Body *body, const SpanRecord *span)
{
    const LogEvent *event = &span->event;
    json_begin_object(&body->json);
    json_member_text(&body->json, "traceId", event->trace_id);
    json_member_text(&body->json, "spanId", event->span_id);
    if (event->parent_id)
        json_member_text(&body->json, "parentSpanId", event->parent_id);
    json_member_text(&body->json, "name", event->span);
    json_member_integer(&body->json, "kind", span->kind);
    add_nanoseconds(body, "startTimeUnixNano", span->ended_us - event->duration_us);
    add_nanoseconds(body, "endTimeUnixNano", span->ended_us);
    add_attributes(body, event);
    add_status(body, event);
    json_end_object(&body->json);
}

static void add_resource(Body *body)
{
    json_key(&body->json, "resource");
    json_begin_object(&body->json);
    json_key(&body->json, "attributes");
    json_begin_array(&body->json);
    add_attribute(body, "service.name", STR("weir"));
    add_attribute(body, "service.version", STR(WEIR_VERSION));
    json_end_array(&body->json);
    json_end_object(&body->json);
}

static void add_scope(Body *body, const SpanRecords *spans)
{
    json_begin_object(&body->json);
    json_key(&body->json, "scope");
    json_begin_object(&body->json);
    json_member_text(&body->json, "name", "weir");
    json_end_object(&body->json);
    json_key(&body->json, "spans");
    json_begin_array(&body->json);
    for (size_t i = 0; i < spans->count; i++)
        add_span(body, &spans->items[i]);
    json_end_array(&body->json);
    json_end_object(&body->json);
}

Str otlp_body(Arena *arena, const SpanRecords *spans, const StrArray *secrets)
{
    Buf buf = buf_new(arena);
    Body body = {.arena = arena, .secrets = secrets, .json = json_writer(&buf, false)};
    JsonWriter *json = &body.json;
    json_begin_object(json);
    json_key(json, "resourceSpans");
    json_begin_array(json);
    json_begin_object(json);
    add_resource(&body);
    json_key(json, "scopeSpans");
    json_begin_array(json);
    add_scope(&body, spans);
    json_end_array(json);
    json_end_object(json);
    json_end_array(json);
    json_end_object(json);
    return buf_str(&buf);
}
