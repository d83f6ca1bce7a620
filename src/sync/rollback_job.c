/* rollback: an older version comes back, as a new one. */
#include "sync/history.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"

static const Field fields[] = {
    JOB_FIELD_ARTIFACTS, JOB_FIELD_PROJECT,     JOB_FIELD_COLLECTION,   JOB_FIELD_TO_VERSION,
    JOB_FIELD_DRY_RUN,   JOB_FIELD_ACCEPT_RISK, JOB_FIELD_COMMAND_LINE, {0},
};
const Record job_request_ROLLBACK = {"RollbackRequest", "which version comes back",
                                     .size = sizeof(JobRequest), .fields = fields};

static bool run(JobWork *work, Error *err)
{
    Arena *arena = work->ws->arena;
    Plan plan = {0};
    RollbackRequest request = {
        .artifact = arena_text(arena, work->request.artifacts.items[0]),
        .to = arena_text(arena, work->request.to),
        .apply = !work->request.dry_run,
    };
    work->ws->verb = "rollback";
    return job_project(work, &request.project, err) &&
           verb_rollback(work->ws, &request, &plan, err) && job_tell_plan(work, &plan, err);
}

JOB_BODY(ROLLBACK) = {.request = &job_request_ROLLBACK,
                      .direction = -1,
                      .writes = true,
                      .check = job_check_one,
                      .run = run};
