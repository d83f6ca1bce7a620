/* Span: a piece of work that is measured. Its end tells the sinks of its tracer, and counts for its phase.
 *
 * SPAN(tracer, "fetch");   measures to the end of the block. A NULL tracer: nothing is done.
 * A phase's time is its own: what spans inside it took is theirs, so that phases add up. One thread.
 */
#pragma once

#include "obs/event.h"

typedef struct Tracer Tracer;
typedef void (*SpanSink)(void *context, const LogEvent *event);

typedef struct Span Span;
struct Span {
    Tracer *tracer; /* NULL: off, or ended */
    Span *parent;
    int64_t began_us, inside_us;
    bool silent; /* counts for its phase, but tells nobody: there are many of it */
    char id[17];
    LogEvent event; /* to be filled in while it runs */
};

/* `parent_id`: the caller's span, NULL when none is known. Texts are borrowed. */
Tracer *tracer_new(Arena *arena, const char *trace_id, const char *parent_id,
                   const char *operation_type);
void tracer_add_sink(Tracer *tracer, SpanSink sink, void *context); /* at most four */
const Phases *tracer_phases(const Tracer *tracer);

/* What is no span: an artifact's outcome. Trace, parent and operation type are filled in. */
void tracer_tell(Tracer *tracer, LogEvent event);
/* A span that was measured elsewhere, on another thread say, and has ended. It is no phase. */
void tracer_add_span(Tracer *tracer, LogEvent event);
void tracer_set_job(Tracer *tracer, Str job_id); /* all that follows is of this job */

void span_id_new(char out[17]); /* 16 hex digits */
void span_begin(Span *span, Tracer *tracer, const char *name);
void span_end(Span *span); /* fine when it has ended */

#define SPAN(tracer, name)                                                                         \
    SCOPED(span_end) Span span_here = {0};                                                         \
    span_begin(&span_here, (tracer), (name))
#define SILENT_SPAN(tracer, name)                                                                  \
    SPAN(tracer, name);                                                                            \
    span_here.silent = true
