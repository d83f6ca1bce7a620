/* update: what upstream has comes into the collection. */
#include "sync/job_bodies.h"
#include "sync/job_fields.h"
#include "sync/update.h"

static const Field fields[] = {
    JOB_FIELD_ARTIFACTS,
    JOB_FIELD_COLLECTION,
    JOB_FIELD_STRATEGY(
        "`auto` and `prompt` merge, what clashes waits; `overwrite` takes upstream's"),
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    JOB_FIELD_COMMAND_LINE,
    {0},
};
const Record job_request_UPDATE = {"UpdateRequest", "what an update does",
                                   .size = sizeof(JobRequest), .fields = fields};

static bool check(const JobRequest *request, Error *err)
{
    return request->strategy <= STRATEGY_OVERWRITE ||
           fail(err, ERR_INVALID, "field 'strategy': '%s' is for resolve",
                job_strategy_names[request->strategy]);
}

static bool run(JobWork *work, Error *err)
{
    UpdateRequest update = {0};
    Plan plan = {0};
    work->ws->verb = "update";
    int strategy =
        work->request.strategy >= 0 ? work->request.strategy : work->order->standard_strategy;
    if (strategy == STRATEGY_OVERWRITE)
        update.policy = POLICY_TAKE;
    return job_artifacts(work, &update.what, err) && verb_update(work->ws, &update, &plan, err) &&
           job_tell_plan(work, &plan, err);
}

JOB_BODY(UPDATE) = {.request = &job_request_UPDATE,
                    .direction = DIRECTION_UPSTREAM_TO_COLLECTION,
                    .writes = true,
                    .check = check,
                    .run = run};
