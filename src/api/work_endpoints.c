/* What weir does, one endpoint for each kind of job: the same bodies as a job's request, under the
 * names of what is asked. Those of one artifact look it up first, so that a wrong name is a 404 and
 * not a failed job. */
#include "api/api_internal.h"
#include "api/shapes.h"
#include "base/text.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"

/* ── of the whole collection, or of those that the body names ── */

/* All of them are meant by no list elsewhere; here an empty one is a mistake. */
static bool batch_sync(ApiCall *call, Error *err)
{
    JobRequest request = job_request_new();
    if (!api_body(call, &request, err))
        return false;
    if (!request.artifacts.count && !request.artifact_ids.count) {
        call->reply->field = "artifacts";
        return fail(err, ERR_INVALID, "field 'artifacts' is missing: which ones?") ||
               fail_hint(err, "POST /api/v1/sync/jobs without it means all there are.");
    }
    return api_make_ticket(call, JOB_KIND_SYNC, &request, err);
}

/* ── POST /api/v1/sync/resolve ── */

typedef struct {
    JobRequest request; /* first: the fields' offsets are those of a JobRequest */
    Str job_id, artifact_id;
} ResolveBody;
_Static_assert(offsetof(ResolveBody, request) == 0, "fields of a JobRequest are read in place");

#define RESOLVE_STRATEGY                                                                           \
    JOB_FIELD_STRATEGY("of what has no choice: `ours` keeps what is there, `theirs` takes what "   \
                       "comes in, `auto` leaves it open")

static const Field resolve_fields[] = {
    {"job_id", "a job that ended in conflict: its artifacts, in its project", FIELD_TEXT,
     .offset = offsetof(ResolveBody, job_id), .nullable = true, .most = 64,
     .example = "01KAJ3ZV4E8Q2W6N5T7R9XBCDF"},
    {"artifact_id", "an artifact with a waiting merge, in place of a job", FIELD_TEXT,
     .offset = offsetof(ResolveBody, artifact_id), .nullable = true, .example = "skill:pdf"},
    JOB_FIELD_ARTIFACTS,
    JOB_FIELD_PROJECT,
    JOB_FIELD_COLLECTION,
    RESOLVE_STRATEGY,
    JOB_FIELD_CHOICES,
    JOB_FIELD_ABORT,
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    {0},
};
static const Record resolve_record = {"ResolveJobRequest",
                                      "how the conflicts of a job are resolved",
                                      sizeof(ResolveBody), resolve_fields, false};

static bool bad_job(ApiCall *call, Error *err, const char *says)
{
    call->reply->field = "job_id";
    return fail(err, ERR_INVALID, "field 'job_id': that job %s", says) ||
           fail_hint(err, "GET /api/v1/conflicts lists what waits.");
}

/* A merge waits on one edge: the upstream's, which no project names, or that of one project. */
static bool take_conflicts(ApiCall *call, const JsonNode *conflicts, JobRequest *request,
                           Error *err)
{
    Str project = {0};
    for (const JsonNode *one = conflicts->first; one; one = one->next) {
        const JsonNode *artifact = json_find(one, STR("artifact"));
        const JsonNode *place = json_find(one, STR("project"));
        Str there = place && place->kind == JSON_STRING ? place->text : STR("");
        if (request->project_path.len && !str_equal(there, request->project_path))
            continue;
        if (request->artifacts.count && !str_equal(there, project))
            return bad_job(call, err, "has conflicts in several places: name a `project_path`");
        project = there;
        if (artifact && !str_array_has(&request->artifacts, artifact->text))
            ARRAY_PUSH(call->arena, &request->artifacts, artifact->text);
    }
    request->project_path = project;
    return request->artifacts.count > 0 || bad_job(call, err, "has no conflict in that project");
}

static bool take_job(ApiCall *call, ResolveBody *body, Error *err)
{
    Job job;
    const JsonNode *conflicts = NULL;
    if (!job_get(call->api->jobs, call->arena, body->job_id, &job, err)) {
        call->reply->field = "job_id";
        return false;
    }
    if (job.state != JOB_CONFLICT)
        return bad_job(call, err,
                       arena_format(call->arena, "is '%s': it has left no conflict",
                                    job_state_names[job.state]));
    if (job.dry_run)
        return bad_job(call, err, "was a dry run: nothing waits for a choice");
    if (!body->request.collection.len)
        body->request.collection = job.collection;
    return json_parse(call->arena, job.conflicts, 0, &conflicts, err) &&
           take_conflicts(call, conflicts, &body->request, err);
}

static bool resolve(ApiCall *call, Error *err)
{
    ResolveBody body = {.request = job_request_new()};
    if (!api_body(call, &body, err))
        return false;
    StrArray *artifacts = &body.request.artifacts;
    bool named = artifacts->count || body.request.artifact_ids.count;
    if ((body.job_id.len != 0) + (body.artifact_id.len != 0) + named != 1) {
        call->reply->field = "artifact_id";
        return fail(err, ERR_INVALID,
                    "one of 'job_id', 'artifact_id' and 'artifacts' says whose merge it is");
    }
    if (body.job_id.len && !take_job(call, &body, err))
        return false;
    if (body.artifact_id.len)
        ARRAY_PUSH(call->arena, artifacts, body.artifact_id);
    return api_make_ticket(call, JOB_KIND_RESOLVE, &body.request, err);
}

/* ── of one artifact, named by the path ── */

static const Field sync_fields[] = {
    {"direction", "from which tier to which", FIELD_WORD, .offset = offsetof(JobRequest, direction),
     .required = true, .words = job_direction_names},
    JOB_FIELD_PROJECT,
    JOB_FIELD_STRATEGY(
        "`auto` and `prompt` merge, what clashes waits; `overwrite` takes the source"),
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    JOB_FIELD_TWO_WAY,
    {0},
};
static const Record sync_record = {"ArtifactSyncRequest", "what a sync of one artifact does",
                                   sizeof(JobRequest), sync_fields, false};

static const Field conflicts_fields[] = {
    JOB_FIELD_PROJECT,
    RESOLVE_STRATEGY,
    JOB_FIELD_CHOICES,
    JOB_FIELD_ABORT,
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    {0},
};
static const Record conflicts_record = {"ArtifactResolveRequest",
                                        "how the waiting merge of one artifact is resolved",
                                        sizeof(JobRequest), conflicts_fields, false};

static const Field rollback_fields[] = {
    JOB_FIELD_TO_VERSION, JOB_FIELD_PROJECT, JOB_FIELD_DRY_RUN, JOB_FIELD_ACCEPT_RISK, {0},
};
static const Record rollback_record = {"ArtifactRollbackRequest", "which version comes back",
                                       sizeof(JobRequest), rollback_fields, false};

/* ── the table ── */

const Endpoint work_endpoints[] = {
    {"POST", "/api/v1/sync/resolve", resolve, .summary = "Resolve waiting merges, as a job",
     .about = "Choices are per artifact, per file or per place; the job's result lists what is "
              "still open. Content with conflict markers in it is refused. "
              "A dry run unless `dry_run` is false.",
     .tag = "jobs", .operation = "resolveConflicts", .place = ON_POOL, .body = &resolve_record,
     .body_size_bytes = LIMIT_JOB_REQUEST_BYTES, API_MAKES_JOB,
     .fails = {ERR_NOT_FOUND, ERR_KEY_REUSED}},
    {"POST", "/api/v1/drift/check", api_job_of_body, .job = JOB_KIND_DRIFT,
     .summary = "Look what differs, as a job",
     .about = "Its result is that of GET /api/v1/drift; with `check_upstream` upstreams are asked.",
     .tag = "jobs", .operation = "checkDrift", .place = ON_SERVER, .body = &job_request_DRIFT,
     API_MAKES_JOB, .fails = {ERR_KEY_REUSED}},
    {"POST", "/api/v1/upstreams/check", api_job_of_body, .job = JOB_KIND_UPSTREAM_CHECK,
     .summary = "Ask upstreams for new versions, as a job", .tag = "jobs",
     .operation = "checkUpstreams", .place = ON_SERVER, .body = &job_request_UPSTREAM_CHECK,
     API_MAKES_JOB, .fails = {ERR_KEY_REUSED}},
    {"POST", "/api/v1/undo", api_job_of_body, .job = JOB_KIND_UNDO,
     .summary = "Take the last operation back, as a job",
     .about = "A dry run unless `dry_run` is false.", .tag = "history",
     .operation = "undoOperation", .place = ON_SERVER, .body = &job_request_UNDO, API_MAKES_JOB,
     .fails = {ERR_KEY_REUSED}},
    {"POST", "/api/v1/gc", api_job_of_body, .job = JOB_KIND_GC,
     .summary = "Free what nothing names any more, as a job",
     .about = "A dry run unless `dry_run` is false.", .tag = "service",
     .operation = "collectGarbage", .place = ON_SERVER, .body = &job_request_GC, API_MAKES_JOB,
     .fails = {ERR_KEY_REUSED}},
    {"POST", "/api/v1/artifacts/batch-sync", batch_sync,
     .summary = "Sync several artifacts, as one job",
     .about = "One that fails stops no other; the result has an item for each. "
              "A dry run unless `dry_run` is false.",
     .tag = "artifacts", .operation = "batchSync", .place = ON_SERVER, .body = &job_request_SYNC,
     API_MAKES_JOB, .fails = {ERR_KEY_REUSED}},
    {"POST", "/api/v1/artifacts/update-all", api_job_of_body, .job = JOB_KIND_UPDATE,
     .summary = "Update artifacts from their upstreams, as a job",
     .about = "All there are, or those that are named. A dry run unless `dry_run` is false.",
     .tag = "artifacts", .operation = "updateAll", .place = ON_SERVER, .body = &job_request_UPDATE,
     API_MAKES_JOB, .fails = {ERR_KEY_REUSED}},
    {"POST", "/api/v1/artifacts/{id}/sync", api_job_of_artifact, .job = JOB_KIND_SYNC,
     .summary = "Sync an artifact, as a job", .about = "A dry run unless `dry_run` is false.",
     .operation = "syncArtifact", .body = &sync_record, API_OF_ARTIFACT},
    {"POST", "/api/v1/artifacts/{id}/resolve-conflicts", api_job_of_artifact,
     .job = JOB_KIND_RESOLVE, .summary = "Resolve the waiting merge of an artifact, as a job",
     .about = "The upstream's, or with `project_path` that of a project. "
              "A dry run unless `dry_run` is false.",
     .operation = "resolveArtifact", .body = &conflicts_record,
     .body_size_bytes = LIMIT_JOB_REQUEST_BYTES, API_OF_ARTIFACT},
    {"POST", "/api/v1/artifacts/{id}/rollback", api_job_of_artifact, .job = JOB_KIND_ROLLBACK,
     .summary = "Bring an older version of an artifact back, as a job",
     .about = "As a new version: what came after it stays in the lineage. "
              "A dry run unless `dry_run` is false.",
     .operation = "rollbackArtifact", .body = &rollback_record, API_OF_ARTIFACT},
    {0},
};
