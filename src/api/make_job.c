#include "api/api_internal.h"
#include "api/shapes.h"

enum { KEY_BYTES = 255 };

/* The key names one request for ever: visible ASCII, so that logs and headers show it as it is. */
static bool read_key(ApiCall *call, Str *key, Error *err)
{
    *key = http_header(call->request, "idempotency-key");
    call->reply->field = "Idempotency-Key";
    if (key->len > KEY_BYTES)
        return fail(err, ERR_INVALID, "the Idempotency-Key is longer than %d bytes", KEY_BYTES);
    for (size_t i = 0; i < key->len; i++) {
        if (key->data[i] <= ' ' || key->data[i] >= 0x7f)
            return fail(err, ERR_INVALID,
                        "the Idempotency-Key holds something else than visible ASCII");
    }
    call->reply->field = NULL;
    return true;
}

typedef struct {
    JobDraft draft;
    JobReplyWriter write;
} Making;

/* On a thread of the queue, after the commit. */
static void made(void *context, JobMade how, const Job *job, const Error *err)
{
    ApiCall *call = context;
    const Making *making = call->reply->handed;
    if (err) {
        reply_error(call, err);
    } else {
        api_reply_status(call, how == JOB_REPLAYED ? 200 : 202);
        api_reply_header(call, "location",
                         arena_format(call->arena, "/api/v1/sync/jobs/%.*s", STR_ARG(job->id)));
        making->write(call, job);
    }
    reply_send(call);
}

static void make(ApiCall *call)
{
    const Making *making = call->reply->handed;
    job_create_async(call->api->jobs, &making->draft, made, call);
}

bool api_make_job(ApiCall *call, JobDraft *draft, JobReplyWriter write, Error *err)
{
    if (!api_takes_jobs(call->api))
        return fail(err, ERR_JOBS_OFF, "the daemon runs no jobs: SYNC_ASYNC_ENABLED is off");
    const char *scope = arena_format(call->arena, "POST %.*s", STR_ARG(call->request->path));
    if (!read_key(call, &draft->idempotency_key, err))
        return false;
    draft->idempotency_scope = str_of(scope);
    draft->trace_id = str_of(call->trace_id);
    draft->parent_id = str_of(call->span_id);
    draft->actor = call->request->on_socket ? STR("api over the socket") : STR("api");
    Making *making = ARENA_NEW(call->arena, Making);
    *making = (Making){*draft, write};
    call->reply->handed = making;
    call->reply->hand_over = make;
    return true;
}

bool api_make_kind(ApiCall *call, JobKind kind, Error *err)
{
    JobRequest request = job_request_new();
    return api_body(call, &request, err) && api_make_ticket(call, kind, &request, err);
}

bool api_make_of_artifact(ApiCall *call, JobKind kind, Error *err)
{
    JobRequest request = job_request_new();
    Workspace *ws = NULL;
    const Artifact *artifact = NULL;
    if (!api_body(call, &request, err) || !api_workspace(call, &ws, err) ||
        !shape_artifact(call, ws, &artifact, err))
        return false;
    ARRAY_PUSH(call->arena, &request.artifacts, artifact->id);
    return api_make_ticket(call, kind, &request, err);
}
