/* What comes into the collection and leaves it, where it is deployed, which version it follows, and who
 * holds it: each a job. */
#include "api/api_internal.h"
#include "api/shapes.h"
#include "sync/drift_json.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"
#include "sync/locks.h"

/* ── bodies of what is about one artifact, named by the path ── */

static const Field deploy_fields[] = {
    JOB_FIELD_PROJECT,
    {"to", "another place in the project", FIELD_TEXT, .offset = offsetof(JobRequest, to),
     .nullable = true, .example = ".claude/skills/pdf"},
    JOB_FIELD_STRATEGY("`overwrite` drops edits of the project that were never pulled"),
    JOB_FIELD_BASE_PACK,
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    {0},
};
static const Record deploy_record = {"ArtifactDeployRequest", "where one artifact is deployed",
                                     sizeof(JobRequest), deploy_fields, false};

static const Field undeploy_fields[] = {
    JOB_FIELD_PROJECT,
    JOB_FIELD_STRATEGY("`overwrite`: also when the project has edits that were never pulled"),
    JOB_FIELD_DRY_RUN,
    {0},
};
static const Record undeploy_record = {"ArtifactUndeployRequest", "which project it leaves",
                                       sizeof(JobRequest), undeploy_fields, false};

static const Field remove_fields[] = {
    JOB_FIELD_STRATEGY("`overwrite`: also when it has edits that are nowhere else"),
    JOB_FIELD_DRY_RUN,
    {0},
};
static const Record remove_record = {"ArtifactRemoveRequest", "how it leaves the collection",
                                     sizeof(JobRequest), remove_fields, false};

static const Field pin_fields[] = {JOB_FIELD_PIN, JOB_FIELD_DRY_RUN, {0}};
static const Record pin_record = {"ArtifactPinRequest", "which version one artifact follows",
                                  sizeof(JobRequest), pin_fields, false};

static const Field lock_fields[] = {JOB_FIELDS_LOCK, JOB_FIELD_DRY_RUN, {0}};
static const Record lock_record = {"ArtifactLockRequest", "why and how long it is locked",
                                   sizeof(JobRequest), lock_fields, false};

static const Field unlock_fields[] = {JOB_FIELD_DRY_RUN, {0}};
static const Record unlock_record = {"ArtifactUnlockRequest", "that it is let go",
                                     sizeof(JobRequest), unlock_fields, false};

/* By the project's records: the collection need no longer have it. */
static bool undeploy(ApiCall *call, Error *err)
{
    JobRequest request = job_request_new();
    ARRAY_PUSH(call->arena, &request.artifacts, api_text(call, "id"));
    return api_body(call, &request, err) && api_make_ticket(call, JOB_KIND_UNDEPLOY, &request, err);
}

/* ── GET /api/v1/locks ── */

static const Field held_fields[] = {
    {"artifact", "its id", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"artifact_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,
     .required = false},
    {"owner", "who holds it", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"owner_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,
     .required = false},
    {"reason", "why", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"reason_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,
     .required = false},
    {"until", "when it ends by itself", FIELD_TIME, RECORD_NOWHERE, .required = true},
    {0},
};
static const Record held_record = {"HeldArtifact", "an artifact that nobody writes until then", 0,
                                   held_fields, false};
static const Field locks_fields[] = {
    {"items", "by artifact", FIELD_RECORDS, RECORD_NOWHERE, .required = true, .most = 1 << 20,
     .of = &held_record},
    {0},
};
static const Record locks_record = {"Locks", "what is locked now", 0, locks_fields, false};

static bool list_locks(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    ArtifactLocks locks;
    if (!api_workspace(call, &ws, err) || !lock_list(ws, &locks, err))
        return false;
    JsonWriter *json = api_object_begin(call);
    json_key(json, "items");
    json_locks(json, &locks);
    return api_object_end(call);
}

/* ── the table ── */

#define OF_BODY API_MAKES_JOB, .tag = "artifacts", .place = ON_SERVER, .fails = {ERR_KEY_REUSED}
#define DRY_RUN "A dry run unless `dry_run` is false."

const Endpoint collection_endpoints[] = {
    {"POST", "/api/v1/artifacts", api_job_of_body, .job = JOB_KIND_ADD,
     .summary = "Add artifacts from an upstream, as a job",
     .about = "The upstream is asked by the job. " DRY_RUN, .operation = "addArtifacts",
     .body = &job_request_ADD, OF_BODY},
    {"POST", "/api/v1/artifacts/batch-deploy", api_job_of_body, .job = JOB_KIND_DEPLOY,
     .summary = "Deploy several artifacts into a project, as one job",
     .about = "Without `artifacts`: all of the collection. " DRY_RUN, .operation = "batchDeploy",
     .body = &job_request_DEPLOY, OF_BODY},
    {"POST", "/api/v1/artifacts/batch-undeploy", api_job_of_body, .job = JOB_KIND_UNDEPLOY,
     .summary = "Take several artifacts out of a project, as one job",
     .about = "Only files that weir wrote go. " DRY_RUN, .operation = "batchUndeploy",
     .body = &job_request_UNDEPLOY, OF_BODY},
    {"POST", "/api/v1/artifacts/batch-remove", api_job_of_body, .job = JOB_KIND_REMOVE,
     .summary = "Take several artifacts out of the collection, as one job",
     .about = "Projects keep what was deployed. " DRY_RUN, .operation = "batchRemove",
     .body = &job_request_REMOVE, OF_BODY},
    {"POST", "/api/v1/artifacts/batch-pin", api_job_of_body, .job = JOB_KIND_PIN,
     .summary = "Say which version several artifacts follow, as one job",
     .about = "Files change with the next sync. " DRY_RUN, .operation = "batchPin",
     .body = &job_request_PIN, OF_BODY},
    {"POST", "/api/v1/artifacts/batch-lock", api_job_of_body, .job = JOB_KIND_LOCK,
     .summary = "Let nobody write several artifacts for a while, as one job",
     .about = "All of them or none. It waits for no job that is queued before. " DRY_RUN,
     .operation = "batchLock", .body = &job_request_LOCK, OF_BODY},
    {"POST", "/api/v1/artifacts/batch-unlock", api_job_of_body, .job = JOB_KIND_UNLOCK,
     .summary = "Let several artifacts be written again, as one job",
     .about = "All of them or none; anybody's lock. " DRY_RUN, .operation = "batchUnlock",
     .body = &job_request_UNLOCK, OF_BODY},
    {"POST", "/api/v1/artifacts/{id}/deploy", api_job_of_artifact, .job = JOB_KIND_DEPLOY,
     .summary = "Deploy an artifact into a project, as a job", .about = DRY_RUN,
     .operation = "deployArtifact", .body = &deploy_record, API_OF_ARTIFACT},
    {"POST", "/api/v1/artifacts/{id}/undeploy", undeploy,
     .summary = "Take an artifact out of a project, as a job",
     .about = "Only files that weir wrote go. The collection need no longer have it. " DRY_RUN,
     .operation = "undeployArtifact", .body = &undeploy_record, API_MAKES_JOB, .tag = "artifacts",
     .place = ON_SERVER, .parameters = shape_id_parameters, .fails = {ERR_KEY_REUSED}},
    {"POST", "/api/v1/artifacts/{id}/remove", api_job_of_artifact, .job = JOB_KIND_REMOVE,
     .summary = "Take an artifact out of the collection, as a job",
     .about = "Projects keep what was deployed. " DRY_RUN, .operation = "removeArtifact",
     .body = &remove_record, API_OF_ARTIFACT},
    {"POST", "/api/v1/artifacts/{id}/pin", api_job_of_artifact, .job = JOB_KIND_PIN,
     .summary = "Say which version an artifact follows, as a job",
     .about = "`latest` takes a pin back. Files change with the next sync. " DRY_RUN,
     .operation = "pinArtifact", .body = &pin_record, API_OF_ARTIFACT},
    {"POST", "/api/v1/artifacts/{id}/lock", api_job_of_artifact, .job = JOB_KIND_LOCK,
     .summary = "Let nobody write an artifact for a while, as a job",
     .about = "It waits for no job that is queued before. " DRY_RUN, .operation = "lockArtifact",
     .body = &lock_record, API_OF_ARTIFACT},
    {"POST", "/api/v1/artifacts/{id}/unlock", api_job_of_artifact, .job = JOB_KIND_UNLOCK,
     .summary = "Let an artifact be written again, as a job", .about = "Anybody's lock. " DRY_RUN,
     .operation = "unlockArtifact", .body = &unlock_record, API_OF_ARTIFACT},
    {"GET", "/api/v1/locks", list_locks, .summary = "List what is locked", .tag = "artifacts",
     .operation = "listLocks", .place = ON_POOL, .limit = LIMIT_READ, .etag = true,
     .reply = &locks_record},
    {0},
};
