/* What the files of this room share: the Api itself, what a call carries, and the steps of a dispatch.
 *
 * A call is owned by one thread at a time: the server's, one of the pool, or the queue's. Whoever has made
 * its reply sends it by reply_send, after which the call is gone.
 */
#pragma once

#include <pthread.h>

#include "api/api.h"
#include "api/pool.h"
#include "api/rate.h"
#include "sync/job_request.h"

enum { ENDPOINT_PARAMETERS_MOST = 16, ENDPOINT_VALUES_MOST = 4, HOSTS_MOST = 16 };

typedef union {
    Str text;
    StrArray texts;
    int64_t integer;
    bool truth;
    int word;
    Hash hash;
} ParameterValue;

struct ApiReplyState {
    int64_t began_us;
    int status;
    const char *type;
    Str body;
    Buf buf;
    JsonWriter json;
    HttpHeaders headers;
    const char *error_code;
    const char *field; /* what the error is about */
    Str details;       /* JSON object; empty: {} */
    bool head;         /* HEAD: the reply of GET without its bytes */
    bool replied;
    ParameterValue values[ENDPOINT_PARAMETERS_MOST];
    bool given[ENDPOINT_PARAMETERS_MOST];
    /* Runs when the handler has ended well, in place of sending: the call belongs to it. */
    void (*hand_over)(ApiCall *call);
    void *handed;
    Workspace *workspace;
    PoolHandles *handles; /* of the thread that does it; NULL on the server's */
    /* Where the reply goes when there is no server: tests. */
    void (*answer)(void *context, const HttpReply *reply);
    void *answer_context;
};

struct Api {
    Arena *arena;
    JobQueue *jobs;
    Hub *hub;
    RateTable *rates;
    Pool *pool;
    Str collection, actor;
    Str openapi;
    void (*answered)(void *context, const ApiAnswered *answered);
    Metrics *metrics;
    void (*measure)(void *context);
    SpanSink span;
    void *context;
    pthread_mutex_t lock; /* of what follows, and of rates */
    Hash token;
    StrArray hosts;     /* configured */
    StrArray own_hosts; /* of the address that is listened on */
    uint64_t diff_preview_bytes;
    int64_t patch_keep_ms;
    bool draining;
    bool no_jobs; /* SYNC_ASYNC_ENABLED is off */
};

/* ── tables ── */

size_t api_endpoint_count(void);
const Endpoint *api_endpoint(size_t index);
size_t endpoint_path_names(const Endpoint *endpoint, Str names[ENDPOINT_VALUES_MOST]);
const ApiParameter *endpoint_parameter(const Endpoint *endpoint, Str name, size_t *index);
Field parameter_field(const ApiParameter *parameter);

/* ── steps; each fails with the error that is the reply ── */

MUST_CHECK bool guard_check(ApiCall *call, Error *err); /* Host, Origin, Sec-Fetch-Site */
bool guard_knows(const ApiCall *call);                  /* the token is ours */
bool guard_stranger(ApiCall *call, Error *err); /* what everybody without it hears; always false */
MUST_CHECK bool guard_rate(ApiCall *call, Error *err);
/* Of a request that turns out to be one for a patch, whatever its path. */
MUST_CHECK bool guard_patch_rate(ApiCall *call, Error *err);
MUST_CHECK bool route_find(ApiCall *call, Error *err); /* endpoint, path values, the reply's head */
MUST_CHECK bool query_read(ApiCall *call, Error *err);
MUST_CHECK bool percent_decode(Arena *arena, Str text, bool plus_is_blank, Str *out);
void guard_listens_on(Api *api, const char *address);

/* ── replies ── */

void reply_header(ApiCall *call, const char *name, Str value);
void reply_error(ApiCall *call, const Error *err);
/* The whole reply with the headers that all have; the call is not yet gone. */
HttpReply reply_finish(ApiCall *call);
void reply_send(ApiCall *call);
HttpHeaders reply_stream_headers(ApiCall *call);
void reply_answered(const ApiCall *call, int status);

/* ── calls ── */

bool api_is_draining(Api *api);
uint64_t api_diff_preview_bytes(Api *api); /* SYNC_DIFF_PREVIEW_MAX */
bool api_takes_jobs(Api *api);
/* Who asks: over the socket a user of this machine, as `weir` itself would name them; else only "api". */
Str api_actor(const ApiCall *call);
int64_t api_patch_keep_ms(Api *api); /* patch_keep_minutes */
ApiCall *api_call_new(Api *api, const HttpRequest *request, Arena *arena);
void api_call_run(ApiCall *call); /* handler and reply, on any thread */

/* Makes the job and replies with `write` when it is durable: 202, or 200 when the key was used before. */
typedef void (*JobReplyWriter)(ApiCall *call, const Job *job);
bool api_make_job(ApiCall *call, JobDraft *draft, JobReplyWriter write, Error *err);
/* The same of a request, in the daemon's collection where it names none; replies job_ticket_record. */
bool api_make_ticket(ApiCall *call, JobKind kind, JobRequest *request, Error *err);
extern const Record job_ticket_record;
/* Whole handlers, of endpoints that make a job of kind endpoint->job: of the body alone, or of the artifact
 * that {id} names. */
bool api_job_of_body(ApiCall *call, Error *err);
bool api_job_of_artifact(ApiCall *call, Error *err);

/* What rows of such endpoints have in common. */
#define API_MAKES_JOB                                                                              \
    .limit = LIMIT_WRITE, .idempotent_key = true, .reply = &job_ticket_record, .status = 202,      \
    .also = 200
#define API_OF_ARTIFACT                                                                            \
    API_MAKES_JOB, .tag = "artifacts", .place = ON_POOL, .parameters = shape_id_parameters,        \
                   .fails = {ERR_NOT_FOUND, ERR_KEY_REUSED}

/* In-process: what the server would reply, from a head and body in memory. Waits for it. For tests. */
void api_answer(Api *api, const HttpRequest *request, Arena *arena, HttpReply *out);
