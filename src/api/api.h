/* Api: the HTTP API as callbacks of an HttpServer; all it does follows from tables of endpoints.
 *
 * A request meets, in this order: Host, Origin and Sec-Fetch-Site, token, rate limit, route, content type,
 * size, JSON, record, handler. It has a few threads of its own for what may wait (ON_POOL). To end:
 * api_drain, http_server_drain, api_stop, http_server_close, job_queue_close, hub_close, api_close.
 */
#pragma once

#include "api/endpoint.h"
#include "app/app.h"
#include "events/hub.h"
#include "jobs/queue.h"
#include "obs/metrics.h"
#include "obs/span.h"

/* A request that was answered, for log, metrics and traces. Borrowed for the call; from any thread. */
typedef struct {
    const char *method;
    const char *route; /* "/api/v1/sync/jobs/{id}"; NULL: none of ours */
    int status;
    int64_t began_us, duration_us; /* monotonic */
    const char *request_id, *trace_id, *span_id;
    const char *parent_id;  /* NULL: the caller told none */
    const char *error_code; /* NULL: none */
    Str peer;
} ApiAnswered;

typedef struct {
    Hash token; /* SHA-256 of the bearer token */
    JobQueue *jobs;
    Hub *hub;                 /* NULL: no streams */
    const Settings *settings; /* rate limits; borrowed for the call */
    size_t threads;           /* of the pool; 0: 4 */
    const char *actor; /* who asks over the unix socket: only this process's uid is let in there */
    /* A thread of the pool opens its handles when it first needs them, and now and then anew. */
    bool (*open_app)(void *context, Arena *arena, App **out, Error *err);
    void (*answered)(void *context, const ApiAnswered *answered); /* NULL: nobody listens */
    Metrics *metrics;               /* of GET /metrics; NULL: nothing is counted */
    SpanSink span;                  /* hears of what is measured inside a request; NULL: nobody */
    void (*measure)(void *context); /* sets gauges just before they are told; may wait; or NULL */
    void *context;
} ApiOptions;

/* hub_open's `forget`: what an event looks like on the wire is made once for all streams. */
void api_forget_frame(void *shared);

MUST_CHECK bool api_open(const ApiOptions *options, Api **out, Error *err);
/* Sets admit, handle, refuse, listens and context; the rest is the caller's. */
void api_serve(Api *api, HttpServerOptions *out);
/* The address over TCP, where no server tells it: until it is known every request over TCP is refused. */
void api_listens_on(Api *api, const char *address);
void api_set_token(Api *api, const Hash *token);           /* from now on */
void api_set_settings(Api *api, const Settings *settings); /* rate limits and names; likewise */
void api_drain(Api *api); /* /readyz says no, what would make a job is refused with UNAVAILABLE */
void api_stop(Api *api);  /* what waits in the pool is refused, what is at work is waited for */
void api_close(Api **api);

/* The whole of it as OpenAPI 3.1. */
Str api_openapi(Arena *arena);
