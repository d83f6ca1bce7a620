/* lock, unlock: nobody writes an artifact for a while; they wait for no job that is queued before. */
#include "sync/drift_json.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"
#include "sync/locks.h"

static const Field lock_fields[] = {
    JOB_FIELD_ARTIFACTS, JOB_FIELDS_LOCK, JOB_FIELD_COLLECTION, JOB_FIELD_DRY_RUN, {0}};
const Record job_request_LOCK = {"LockRequest", "what is locked, why and how long",
                                 .size = sizeof(JobRequest), .fields = lock_fields};

static const Field unlock_fields[] = {
    JOB_FIELD_ARTIFACTS, JOB_FIELD_COLLECTION, JOB_FIELD_DRY_RUN, {0}};
const Record job_request_UNLOCK = {"UnlockRequest", "what is let go", .size = sizeof(JobRequest),
                                   .fields = unlock_fields};

static bool check(const JobRequest *request, Error *err)
{
    return request->artifacts.count > 0 ||
           fail(err, ERR_INVALID, "field 'artifacts' is missing: which ones?");
}

/* All are let go in one step: after a crash, that none is locked any more says that it was done. */
static bool was_freed(const JobWork *work, const ErrorCode code)
{
    return work->order->job->kind == JOB_KIND_UNLOCK && work->order->job->attempts > 1 &&
           code == ERR_NOT_FOUND;
}

static bool run(JobWork *work, Error *err)
{
    ArtifactLocks locks = {0};
    const JobRequest *request = &work->request;
    bool free = work->order->job->kind == JOB_KIND_UNLOCK;
    LockRequest lock = {.artifacts = request->artifacts,
                        .for_ms = request->for_seconds * 1000,
                        .free = free,
                        .dry_run = request->dry_run};
    if (request->reason.len)
        lock.reason = arena_text(work->ws->arena, request->reason);
    work->ws->verb = free ? "unlock" : "lock";
    if (!verb_lock(work->ws, &lock, &locks, err) && !was_freed(work, err->code))
        return false;
    json_member_bool(work->json, "dry_run", request->dry_run);
    json_key(work->json, "locks");
    json_locks(work->json, &locks);
    return true;
}

JOB_BODY(LOCK) = {
    .request = &job_request_LOCK, .direction = -1, .writes = true, .check = check, .run = run};
JOB_BODY(UNLOCK) = {
    .request = &job_request_UNLOCK, .direction = -1, .writes = true, .check = check, .run = run};
