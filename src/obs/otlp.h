/* OTLP: spans as OpenTelemetry's JSON over HTTP (opentelemetry-proto 1.x, ExportTraceServiceRequest).
 *
 * An exporter takes spans from any thread, never blocks, and hands a request's body to `send` on its own
 * thread: after a second, or 256 spans. At most 2,048 wait; further ones are dropped and counted, as are
 * those that `send` could not deliver. Secrets are taken out as they are out of log lines.
 */
#pragma once

#include "base/error.h"
#include "obs/event.h"
#include "obs/metrics.h"

/* One span: what ends now, and took event->duration_us. `kind`: 1 internal, 2 server, 3 client. */
typedef struct {
    LogEvent event;
    int64_t ended_us; /* since 1970 */
    int kind;
} SpanRecord;
typedef ARRAY(SpanRecord) SpanRecords;

/* The body of one request. */
Str otlp_body(Arena *arena, const SpanRecords *spans, const StrArray *secrets);

typedef struct Exporter Exporter;
typedef struct {
    StrArray secrets; /* values that may appear in no span; borrowed */
    bool (*send)(void *context, Str body, Error *err);
    void (*notice)(void *context, const char *text); /* once for a row of failures */
    void *context;
    Metrics *metrics; /* may be NULL */
} ExporterOptions;

MUST_CHECK bool exporter_open(const ExporterOptions *options, Exporter **out, Error *err);
void exporter_span(void *exporter, const LogEvent *event); /* a SpanSink; fine on NULL */
void exporter_add(Exporter *exporter, const SpanRecord *span);
void exporter_close(Exporter **exporter); /* what waits is sent first, with one try */
