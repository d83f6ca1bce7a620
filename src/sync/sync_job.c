/* sync: from one tier to the next, in any direction. */
#include "sync/job_bodies.h"
#include "sync/job_fields.h"
#include "sync/update.h"

static const Field fields[] = {
    {"direction", "from which tier to which", FIELD_WORD, .offset = offsetof(JobRequest, direction),
     .required = true, .words = job_direction_names},
    JOB_FIELD_ARTIFACTS,
    JOB_FIELD_PROJECT,
    JOB_FIELD_COLLECTION,
    JOB_FIELD_STRATEGY(
        "`auto` and `prompt` merge, what clashes waits; `overwrite` takes the source"),
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    JOB_FIELD_TWO_WAY,
    JOB_FIELD_COMMAND_LINE,
    {0},
};
const Record job_request_SYNC = {"SyncRequest", "what a sync does", .size = sizeof(JobRequest),
                                 .fields = fields};

static bool check(const JobRequest *request, Error *err)
{
    bool overwrites = request->strategy == STRATEGY_OVERWRITE;
    if (request->strategy > STRATEGY_OVERWRITE)
        return fail(err, ERR_INVALID, "field 'strategy': '%s' is for resolve",
                    job_strategy_names[request->strategy]);
    if (request->direction == DIRECTION_PROJECT_TO_COLLECTION && !request->project_path.len)
        return fail(err, ERR_INVALID,
                    "field 'project_path' is missing: pulled from which project?");
    if (request->direction == DIRECTION_PROJECT_TO_UPSTREAM)
        return job_check_one(request, err);
    if (overwrites && request->direction == DIRECTION_COLLECTION_TO_PROJECT &&
        !request->project_path.len)
        return fail(err, ERR_INVALID,
                    "field 'project_path' is missing: overwritten in which project?");
    return !overwrites || request->direction == DIRECTION_UPSTREAM_TO_COLLECTION ||
           request->direction == DIRECTION_COLLECTION_TO_PROJECT ||
           fail(err, ERR_INVALID,
                "field 'strategy': 'overwrite' goes downward, one edge at a time");
}

static bool run_overwrite(JobWork *work, ArtifactRequest *what, Plan *plan, Error *err)
{
    if (work->request.direction == DIRECTION_UPSTREAM_TO_COLLECTION) {
        UpdateRequest update = {.what = *what, .policy = POLICY_TAKE};
        return verb_update(work->ws, &update, plan, err);
    }
    what->overwrite = true;
    return verb_deploy(work->ws, what, plan, err);
}

static bool run_verb(JobWork *work, ArtifactRequest *what, Plan *plan, Error *err)
{
    if (work->request.strategy == STRATEGY_OVERWRITE)
        return run_overwrite(work, what, plan, err);
    if (work->request.direction == DIRECTION_PROJECT_TO_COLLECTION)
        return verb_pull(work->ws, what, plan, err);
    SyncRequest sync = {.what = *what,
                        .direction = work->request.direction == DIRECTION_UPSTREAM_TO_COLLECTION
                                         ? SYNC_UPSTREAM
                                     : work->request.direction == DIRECTION_BOTH ? SYNC_BOTH
                                                                                 : SYNC_PROJECT};
    return verb_sync(work->ws, &sync, plan, err);
}

static bool run(JobWork *work, Error *err)
{
    ArtifactRequest what;
    Plan plan = {0};
    if (work->request.direction == DIRECTION_PROJECT_TO_UPSTREAM)
        return job_body_PATCH.run(work, err);
    work->ws->verb = work->request.direction == DIRECTION_PROJECT_TO_COLLECTION ? "pull" : "sync";
    return job_artifacts(work, &what, err) && run_verb(work, &what, &plan, err) &&
           job_tell_plan(work, &plan, err);
}

JOB_BODY(SYNC) = {
    .request = &job_request_SYNC, .direction = -1, .writes = true, .check = check, .run = run};
