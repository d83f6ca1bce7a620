/* Observer: what the daemon counts, logs and traces of requests, jobs and the spans of its workers.
 *
 * Counters by obs/metrics.def; a line of the log for each request and each end of a job; spans to
 * where OTEL_EXPORTER_OTLP_ENDPOINT says (OTLP over HTTP, JSON), when it says something. Calls from
 * any thread; none waits for the network. Every call is fine on NULL.
 */
#pragma once

#include "api/api.h"
#include "jobs/runner.h"
#include "obs/log.h"
#include "obs/metrics.h"

typedef struct Observer Observer;

typedef struct {
    Log *log; /* NULL: none; the caller's */
    void (*notice)(void *context, const char *text);
    void *context;
} ObserverOptions;

/* Takes OTEL_EXPORTER_OTLP_HEADERS out of the environment. Before any thread. */
MUST_CHECK bool observer_open(const ObserverOptions *options, Observer **out, Error *err);
void observer_close(Observer **observed); /* spans that wait are sent first, with one try */
Metrics *observer_metrics(Observer *observer);

bool observer_traces(const Observer *observer); /* somebody will look at spans */
void observer_request_span(Observer *observer, const LogEvent *span); /* of the work for one */
void observer_request(Observer *observer, const ApiAnswered *answered);

/* One try of a job: its span is the parent of all that its worker does. */
typedef struct {
    char span_id[17];
    int64_t began_us;
} Attempt;
Attempt observer_attempt_begin(void);
void observer_attempt_end(Observer *observer, const Job *job, const Attempt *attempt,
                          const JobOutcome *outcome);
void observer_span(Observer *observer, const Job *job, const LogEvent *span);
/* RunnerOptions.ended */
void observer_job(Observer *observer, const Job *before, const Job *after);

/* Gauges, just before they are told. */
void observer_jobs(Observer *observer, const JobCounts *counts);
void observer_server(Observer *observer, const HttpServerCounts *counts, size_t streams);
void observer_process(Observer *observer);
