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

static Str key_scope(const ApiCall *call)
{
    return str_of(arena_format(call->arena, "POST %.*s", STR_ARG(call->request->path)));
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
    if (!read_key(call, &draft->idempotency_key, err))
        return false;
    draft->idempotency_scope = key_scope(call);
    draft->trace_id = str_of(call->trace_id);
    draft->parent_id = str_of(call->span_id);
    draft->actor = api_actor(call);
    Making *making = ARENA_NEW(call->arena, Making);
    *making = (Making){*draft, write};
    call->reply->handed = making;
    call->reply->hand_over = make;
    return true;
}

bool api_job_of_body(ApiCall *call, Error *err)
{
    JobRequest request = job_request_new();
    return api_body(call, &request, err) &&
           api_make_ticket(call, call->endpoint->job, &request, err);
}

/* Of a request that comes again: the artifact may be gone by now, and {id} meant the one it meant then. */
static bool name_as_before(ApiCall *call, JobKind kind, JobRequest *request, bool *named,
                           Error *err)
{
    Str key = {0};
    Job job;
    JobRequest before;
    bool found = false;
    *named = false;
    if (!read_key(call, &key, err))
        return false;
    if (!key.len)
        return true;
    if (!job_find_by_key(call->api->jobs, call->arena, key_scope(call), key, &found, &job, err))
        return false;
    if (!found || job.kind != kind)
        return true;
    if (!job_request_read(call->arena, kind, job.request, &before, err))
        return false;
    request->artifacts = before.artifacts;
    *named = true;
    return true;
}

static bool name_by_path(ApiCall *call, JobRequest *request, Error *err)
{
    Workspace *ws = NULL;
    const Artifact *artifact = NULL;
    if (!api_workspace(call, &ws, err) || !shape_artifact(call, ws, &artifact, err))
        return false;
    ARRAY_PUSH(call->arena, &request->artifacts, artifact->id);
    return true;
}

bool api_job_of_artifact(ApiCall *call, Error *err)
{
    JobRequest request = job_request_new();
    JobKind kind = call->endpoint->job;
    bool named = false;
    return api_body(call, &request, err) && name_as_before(call, kind, &request, &named, err) &&
           (named || name_by_path(call, &request, err)) &&
           api_make_ticket(call, kind, &request, err);
}
