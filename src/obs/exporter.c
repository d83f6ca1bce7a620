#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "obs/otlp.h"

enum { SPANS_MOST = 2048, SPANS_AT_ONCE = 256, WAIT_MS = 1000 };

/* Spans gather in one arena while the other's are sent. */
struct Exporter {
    ExporterOptions options;
    Monitor monitor;
    Thread thread;
    Arena *arena;
    SpanRecords waiting;
    bool closing, failing;
};

static Str copy(Arena *arena, Str text)
{
    return text.len ? arena_copy(arena, text) : (Str){0};
}

static const char *copy_text(Arena *arena, const char *text)
{
    return text ? arena_text(arena, str_of(text)) : NULL;
}

/* What a span of the export has of an event: nothing else is kept. */
static LogEvent copy_event(Arena *arena, const LogEvent *event)
{
    return (LogEvent){
        .level = event->level,
        .span = copy_text(arena, event->span),
        .message = copy_text(arena, event->message),
        .operation_type = copy_text(arena, event->operation_type),
        .artifact_id = copy(arena, event->artifact_id),
        .direction = copy_text(arena, event->direction),
        .result = copy_text(arena, event->result),
        .duration_us = event->duration_us,
        .operation = copy(arena, event->operation),
        .job_id = copy(arena, event->job_id),
        .error_code = copy_text(arena, event->error_code),
        .error_message = copy_text(arena, event->error_message),
        .trace_id = copy_text(arena, event->trace_id),
        .span_id = copy_text(arena, event->span_id),
        .parent_id = copy_text(arena, event->parent_id),
    };
}

void exporter_add(Exporter *exporter, const SpanRecord *span)
{
    if (!exporter || !span->event.span_id || !span->event.trace_id)
        return; /* a line of the log that is no span */
    monitor_enter(&exporter->monitor);
    bool full = exporter->waiting.count >= SPANS_MOST;
    if (!full) {
        SpanRecord kept = *span;
        kept.event = copy_event(exporter->arena, &span->event);
        ARRAY_PUSH(exporter->arena, &exporter->waiting, kept);
        if (exporter->waiting.count >= SPANS_AT_ONCE)
            monitor_tell(&exporter->monitor);
    }
    monitor_leave(&exporter->monitor);
    if (full)
        metric_add(exporter->options.metrics, METRIC_SPANS_DROPPED, NULL, NULL, 1);
}

void exporter_span(void *exporter, const LogEvent *event)
{
    exporter_add(exporter,
                 &(SpanRecord){*event, event->ended_us ? event->ended_us : clock_ms() * 1000, 1});
}

static void send_all(Exporter *exporter, Arena *arena, const SpanRecords *spans)
{
    Error err;
    const ExporterOptions *options = &exporter->options;
    if (options->send(options->context, otlp_body(arena, spans, &options->secrets), &err)) {
        exporter->failing = false;
        return;
    }
    metric_add(options->metrics, METRIC_SPANS_DROPPED, NULL, NULL, spans->count);
    if (!exporter->failing && options->notice)
        options->notice(options->context,
                        arena_format(arena, "warning: traces are not exported: %s", err.message));
    exporter->failing = true;
}

static void wait_for_spans(Exporter *exporter)
{
    int64_t until_us = clock_monotonic_us() + WAIT_MS * 1000;
    while (!exporter->closing && exporter->waiting.count < SPANS_AT_ONCE)
        if (!monitor_wait_until(&exporter->monitor, until_us))
            return;
}

static void *run(void *opaque)
{
    Exporter *exporter = opaque;
    monitor_enter(&exporter->monitor);
    for (bool last = false; !last;) {
        wait_for_spans(exporter);
        last = exporter->closing;
        if (!exporter->waiting.count)
            continue;
        SCOPED(arena_close) Arena *arena = exporter->arena;
        SpanRecords spans = exporter->waiting;
        exporter->arena = arena_open();
        exporter->waiting = (SpanRecords){0};
        monitor_leave(&exporter->monitor);
        send_all(exporter, arena, &spans);
        monitor_enter(&exporter->monitor);
    }
    monitor_leave(&exporter->monitor);
    return NULL;
}

static void release(Exporter **exporter)
{
    arena_close(&(*exporter)->arena);
    monitor_destroy(&(*exporter)->monitor);
    free(*exporter);
    *exporter = NULL;
}

bool exporter_open(const ExporterOptions *options, Exporter **out, Error *err)
{
    Exporter *exporter = calloc(1, sizeof *exporter);
    ASSERT(exporter);
    exporter->options = *options;
    exporter->arena = arena_open();
    monitor_init(&exporter->monitor);
    if (!thread_start(&exporter->thread, "weir-traces", run, exporter, err)) {
        release(&exporter);
        return false;
    }
    *out = exporter;
    return true;
}

void exporter_close(Exporter **exporter)
{
    if (!*exporter)
        return;
    monitor_raise(&(*exporter)->monitor, &(*exporter)->closing);
    thread_join(&(*exporter)->thread);
    release(exporter);
}
