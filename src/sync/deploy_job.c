/* deploy: artifacts from the collection into a project. */
#include "base/name.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"

static const Field fields[] = {
    JOB_FIELD_ARTIFACTS,
    JOB_FIELD_PROJECT,
    JOB_FIELD_COLLECTION,
    {"to", "another place in the project, of one artifact", FIELD_TEXT,
     .offset = offsetof(JobRequest, to), .example = ".claude/skills/pdf"},
    JOB_FIELD_STRATEGY("`overwrite` drops edits of the project that were never pulled"),
    JOB_FIELD_BASE_PACK,
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    JOB_FIELD_COMMAND_LINE,
    {0},
};
const Record job_request_DEPLOY = {"DeployRequest", "what a deploy does",
                                   .size = sizeof(JobRequest), .fields = fields};

static bool check(const JobRequest *request, Error *err)
{
    if (!request->project_path.len)
        return fail(err, ERR_INVALID,
                    "field 'project_path' is missing: deployed into which project?");
    if (request->to.len && !name_check_path(request->to, err))
        return fail_in(err, "field 'to'");
    if (request->to.len && request->artifacts.count != 1)
        return fail(err, ERR_INVALID, "field 'to' is for one artifact");
    return request->strategy <= STRATEGY_OVERWRITE ||
           fail(err, ERR_INVALID, "field 'strategy': '%s' is for resolve",
                job_strategy_names[request->strategy]);
}

static bool run(JobWork *work, Error *err)
{
    ArtifactRequest what;
    Plan plan = {0};
    work->ws->verb = "deploy";
    if (!job_artifacts(work, &what, err))
        return false;
    what.overwrite = work->request.strategy == STRATEGY_OVERWRITE;
    what.base_pack = work->request.base_pack == 0;
    what.no_base_pack = work->request.base_pack == 1;
    what.to = work->request.to.len ? arena_text(work->ws->arena, work->request.to) : NULL;
    return verb_deploy(work->ws, &what, &plan, err) && job_tell_plan(work, &plan, err);
}

JOB_BODY(DEPLOY) = {.request = &job_request_DEPLOY,
                    .direction = DIRECTION_COLLECTION_TO_PROJECT,
                    .writes = true,
                    .check = check,
                    .run = run};
