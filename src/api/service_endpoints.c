#include "api/api_internal.h"
#include "base/clock.h"

/* ── /healthz: that the process lives, told to anybody ── */

static const char *const health_words[] = {"ok", NULL};
typedef struct {
    int status;
} Health;
static const Field health_fields[] = {
    {"status", "always ok", FIELD_WORD, offsetof(Health, status), .required = true,
     .words = health_words},
    {0},
};
static const Record health_record = {"Health", "the daemon lives", sizeof(Health), health_fields,
                                     false};

static bool get_health(ApiCall *call, Error *err)
{
    Health health = {0};
    return api_reply(call, &health, err);
}

/* ── /readyz ── */

static const char *const ready_words[] = {"ready", "degraded", "not_ready", NULL};
static const char *const check_words[] = {"ok", "degraded", "failed", NULL};
enum { CHECK_OK, CHECK_DEGRADED, CHECK_FAILED };

typedef struct {
    Str name, message;
    int state;
} Check;
typedef ARRAY(Check) Checks;

typedef struct {
    int status;
    Str version;
    Checks checks;
    int64_t queued, running, oldest_queued_ms, streams;
} Readiness;

static const Field check_fields[] = {
    {"name", "what was looked at", FIELD_TEXT, offsetof(Check, name), .required = true},
    {"state", "how it is", FIELD_WORD, offsetof(Check, state), .required = true,
     .words = check_words},
    {"message", "in words", FIELD_TEXT, offsetof(Check, message), .required = true},
    {0},
};
static const Record check_record = {"Check", "a part of the daemon", sizeof(Check), check_fields,
                                    false};

static const Field ready_fields[] = {
    {"status", "degraded: it works, and somebody should look", FIELD_WORD,
     offsetof(Readiness, status), .required = true, .words = ready_words},
    {"version", "of weir", FIELD_TEXT, offsetof(Readiness, version), .required = true},
    {"checks", "what was looked at", FIELD_RECORDS, offsetof(Readiness, checks), .required = true,
     .of = &check_record},
    {"jobs_queued", "jobs that wait", FIELD_INTEGER, offsetof(Readiness, queued), .required = true},
    {"jobs_running", "jobs at work", FIELD_INTEGER, offsetof(Readiness, running), .required = true},
    {"oldest_queued_ms", "how long the oldest of them waits", FIELD_INTEGER,
     offsetof(Readiness, oldest_queued_ms), .required = true},
    {"streams", "open streams of events", FIELD_INTEGER, offsetof(Readiness, streams),
     .required = true},
    {0},
};
static const Record ready_record = {"Readiness", "whether the daemon can do its work",
                                    sizeof(Readiness), ready_fields, false};

static void add_check(ApiCall *call, Readiness *out, const char *name, int state,
                      const char *message)
{
    ARRAY_PUSH(call->arena, &out->checks, (Check){str_of(name), str_of(message), state});
    if (state > out->status)
        out->status = state;
}

static void check_jobs(ApiCall *call, Readiness *out)
{
    JobCounts counts = {0};
    Error err = {0};
    if (!job_counts(call->api->jobs, &counts, &err)) {
        add_check(call, out, "jobs", CHECK_FAILED, arena_text(call->arena, str_of(err.message)));
        return;
    }
    out->queued = (int64_t)counts.by_state[JOB_QUEUED];
    out->running = (int64_t)counts.by_state[JOB_RUNNING];
    if (counts.oldest_queued_ms && clock_ms() > counts.oldest_queued_ms)
        out->oldest_queued_ms = clock_ms() - counts.oldest_queued_ms;
    if (counts.stuck)
        add_check(call, out, "jobs", CHECK_FAILED,
                  "neither weir.db nor jobs.jsonl can be written; jobs are refused until one can");
    else if (counts.fallback)
        add_check(call, out, "jobs", CHECK_DEGRADED,
                  "weir.db cannot be used; jobs are kept in jobs.jsonl until it can");
    else
        add_check(call, out, "jobs", CHECK_OK, "jobs are kept in weir.db");
}

static bool get_readiness(ApiCall *call, Error *err)
{
    Readiness ready = {.version = STR(WEIR_VERSION)};
    check_jobs(call, &ready);
    if (api_is_draining(call->api))
        add_check(call, &ready, "service", CHECK_FAILED, "the daemon is about to stop");
    else
        add_check(call, &ready, "service", CHECK_OK, "requests are taken");
    ready.streams = call->api->hub ? (int64_t)hub_listeners(call->api->hub) : 0;
    if (ready.status == CHECK_FAILED)
        api_reply_status(call, 503);
    return api_reply(call, &ready, err);
}

/* ── /metrics ── */

#define METRICS_TYPE "text/plain; version=0.0.4"

static bool get_metrics(ApiCall *call, Error *err)
{
    Api *api = call->api;
    if (!api->metrics)
        return fail(err, ERR_UNAVAILABLE, "nothing is counted here");
    if (api->measure)
        api->measure(api->context);
    return api_reply_bytes(call, METRICS_TYPE, metrics_text(call->arena, api->metrics));
}

/* ── /openapi.json ── */

static const Field openapi_fields[] = {
    {"openapi", "version of the form", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"info", "what this is", FIELD_ANY, RECORD_NOWHERE, .required = true},
    {"paths", "all there is", FIELD_ANY, RECORD_NOWHERE, .required = true},
    {"components", "all shapes there are", FIELD_ANY, RECORD_NOWHERE, .required = true},
    {0},
};
static const Record openapi_record = {"OpenApi", "this document", 0, openapi_fields, true};

static bool get_openapi(ApiCall *call, Error *err)
{
    (void)err;
    return api_reply_bytes(call, "application/json", call->api->openapi);
}

const Endpoint service_endpoints[] = {
    {"GET", "/healthz", get_health, .summary = "Does the daemon live?",
     .about = "Needs no token and says nothing else.", .tag = "service", .operation = "getHealth",
     .place = ON_SERVER, .limit = LIMIT_NONE, .open = true, .reply = &health_record},
    {"GET", "/readyz", get_readiness, .summary = "Can the daemon do its work?",
     .about = "503 when it cannot. `degraded` is 200: jobs are done, and somebody should look.",
     .tag = "service", .operation = "getReadiness", .place = ON_POOL, .limit = LIMIT_READ,
     .reply = &ready_record, .also = 503},
    {"GET", "/metrics", get_metrics, .summary = "Counters, gauges and histograms for Prometheus",
     .about = "The text form of Prometheus; docs/observability.md says what each one tells.",
     .tag = "service", .operation = "getMetrics", .place = ON_POOL, .limit = LIMIT_READ,
     .reply_type = METRICS_TYPE, .fails = {ERR_UNAVAILABLE}},
    {"GET", "/openapi.json", get_openapi, .summary = "This description, as OpenAPI 3.1",
     .tag = "service", .operation = "getOpenApi", .place = ON_SERVER, .limit = LIMIT_READ,
     .etag = true, .reply = &openapi_record},
    {0},
};
