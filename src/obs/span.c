#include "obs/span.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/ids.h"

enum { SINKS_MOST = 4 };

struct Tracer {
    const char *trace_id, *parent_id, *operation_type;
    Str job_id;
    Span *current;
    struct {
        SpanSink sink;
        void *context;
    } sinks[SINKS_MOST];
    size_t sink_count;
    Phases phases;
};

Tracer *tracer_new(Arena *arena, const char *trace_id, const char *parent_id,
                   const char *operation_type)
{
    Tracer *tracer = ARENA_NEW(arena, Tracer);
    tracer->trace_id = trace_id;
    tracer->parent_id = parent_id;
    tracer->operation_type = operation_type;
    return tracer;
}

void tracer_add_sink(Tracer *tracer, SpanSink sink, void *context)
{
    ASSERT(tracer->sink_count < SINKS_MOST);
    tracer->sinks[tracer->sink_count].sink = sink;
    tracer->sinks[tracer->sink_count++].context = context;
}

const Phases *tracer_phases(const Tracer *tracer)
{
    return &tracer->phases;
}

static void tell_sinks(const Tracer *tracer, LogEvent *event)
{
    event->trace_id = tracer->trace_id;
    if (!event->operation_type)
        event->operation_type = tracer->operation_type;
    if (!event->job_id.len)
        event->job_id = tracer->job_id;
    for (size_t i = 0; i < tracer->sink_count; i++)
        tracer->sinks[i].sink(tracer->sinks[i].context, event);
}

void tracer_tell(Tracer *tracer, LogEvent event)
{
    if (!tracer)
        return;
    event.parent_id = tracer->current ? tracer->current->id : tracer->parent_id;
    tell_sinks(tracer, &event);
}

void tracer_set_job(Tracer *tracer, Str job_id)
{
    if (tracer)
        tracer->job_id = job_id;
}

void span_id_new(char out[17])
{
    uint8_t bytes[8];
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void tracer_add_span(Tracer *tracer, LogEvent event)
{
    char id[17];
    span_id_new(id);
    event.span_id = id;
    tracer_tell(tracer, event);
}

void span_begin(Span *span, Tracer *tracer, const char *name)
{
    if (!tracer)
        return;
    span->tracer = tracer;
    span->parent = tracer->current;
    span->event.span = name;
    span_id_new(span->id);
    tracer->current = span;
    span->began_us = clock_monotonic_us();
}

static void count_phase(Phases *phases, const char *name, int64_t self_us)
{
    for (size_t i = 0; i < phases->count; i++) {
        if (strcmp(phases->items[i].name, name) != 0)
            continue;
        phases->items[i].self_us += self_us;
        phases->items[i].count++;
        return;
    }
    if (phases->count < PHASES_MOST)
        phases->items[phases->count++] = (Phase){name, self_us, 1};
}

void span_end(Span *span)
{
    Tracer *tracer = span->tracer;
    if (!tracer)
        return;
    ASSERT(tracer->current == span);
    span->tracer = NULL;
    tracer->current = span->parent;
    span->event.duration_us = clock_monotonic_us() - span->began_us;
    if (span->parent)
        span->parent->inside_us += span->event.duration_us;
    count_phase(&tracer->phases, span->event.span, span->event.duration_us - span->inside_us);
    if (span->silent)
        return;
    span->event.span_id = span->id;
    span->event.parent_id = span->parent ? span->parent->id : tracer->parent_id;
    tell_sinks(tracer, &span->event);
}
