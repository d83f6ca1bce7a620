/* remove: artifacts leave the collection. undeploy: they leave a project. */
#include "sync/job_bodies.h"
#include "sync/job_earlier.h"
#include "sync/job_fields.h"

static bool check_strategy(const JobRequest *request, Error *err)
{
    return request->strategy < 0 || request->strategy == STRATEGY_OVERWRITE ||
           fail(err, ERR_INVALID, "field 'strategy': it is 'overwrite' here, or absent");
}

/* An attempt before this one has taken some out, and those are no longer found. */
static bool take_out(JobWork *work, Error *err,
                     bool (*verb)(Workspace *ws, const ArtifactRequest *request, Plan *out,
                                  Error *err))
{
    ArtifactRequest what;
    Plan plan = {.dry_run = work->request.dry_run};
    if (!job_artifacts(work, &what, err))
        return false;
    what.all = work->request.all;
    what.artifacts = job_names_left(work);
    what.overwrite = work->request.strategy == STRATEGY_OVERWRITE;
    if ((what.all || what.artifacts.count) && !verb(work->ws, &what, &plan, err))
        return false;
    return job_tell_plan(work, &plan, err);
}

/* ── remove ── */

static const Field remove_fields[] = {
    JOB_FIELD_ARTIFACTS,
    JOB_FIELD_COLLECTION,
    JOB_FIELD_STRATEGY("`overwrite`: also when it has edits that are nowhere else"),
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_COMMAND_LINE,
    {0},
};
const Record job_request_REMOVE = {"RemoveRequest", "what leaves the collection",
                                   .size = sizeof(JobRequest), .fields = remove_fields};

static bool check_remove(const JobRequest *request, Error *err)
{
    if (!request->artifacts.count)
        return fail(err, ERR_INVALID, "field 'artifacts' is missing: which ones leave?");
    return check_strategy(request, err);
}

static bool run_remove(JobWork *work, Error *err)
{
    work->ws->verb = "remove";
    return take_out(work, err, verb_remove);
}

JOB_BODY(REMOVE) = {.request = &job_request_REMOVE,
                    .direction = -1,
                    .writes = true,
                    .check = check_remove,
                    .run = run_remove};

/* ── undeploy ── */

static const Field undeploy_fields[] = {
    JOB_FIELD_ARTIFACTS,
    {"all", "everything that is deployed there, in place of `artifacts`", FIELD_BOOL,
     .offset = offsetof(JobRequest, all)},
    JOB_FIELD_PROJECT,
    JOB_FIELD_COLLECTION,
    JOB_FIELD_STRATEGY("`overwrite`: also when the project has edits that were never pulled"),
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_COMMAND_LINE,
    {0},
};
const Record job_request_UNDEPLOY = {"UndeployRequest", "what leaves a project",
                                     .size = sizeof(JobRequest), .fields = undeploy_fields};

static bool check_undeploy(const JobRequest *request, Error *err)
{
    if (!request->project_path.len)
        return fail(err, ERR_INVALID, "field 'project_path' is missing: out of which project?");
    if (request->all == (request->artifacts.count > 0))
        return fail(err, ERR_INVALID, "field 'artifacts': name some, or say `all`, not both");
    return check_strategy(request, err);
}

static bool run_undeploy(JobWork *work, Error *err)
{
    work->ws->verb = "undeploy";
    return take_out(work, err, verb_undeploy);
}

JOB_BODY(UNDEPLOY) = {.request = &job_request_UNDEPLOY,
                      .direction = -1,
                      .writes = true,
                      .check = check_undeploy,
                      .run = run_undeploy};
