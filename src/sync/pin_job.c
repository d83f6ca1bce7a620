/* pin: which version of its upstream an artifact follows. */
#include "git/source.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"

static const Field fields[] = {
    JOB_FIELD_ARTIFACTS,
    {"all", "every artifact that has an upstream, in place of `artifacts`", FIELD_BOOL,
     .offset = offsetof(JobRequest, all)},
    JOB_FIELD_PIN,
    JOB_FIELD_COLLECTION,
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_COMMAND_LINE,
    {0},
};
const Record job_request_PIN = {"PinRequest", "which version is followed",
                                .size = sizeof(JobRequest), .fields = fields};

static bool check(const JobRequest *request, Error *err)
{
    if (request->all == (request->artifacts.count > 0))
        return fail(err, ERR_INVALID, "field 'artifacts': name some, or say `all`, not both");
    return git_pin_check(request->pin, err) || fail_in(err, "field 'pin'");
}

static bool run(JobWork *work, Error *err)
{
    ArtifactRequest what;
    Plan plan = {0};
    const char *pin = arena_text(work->ws->arena, work->request.pin);
    work->ws->verb = "pin";
    if (!job_artifacts(work, &what, err) || !verb_pin(work->ws, &what, pin, &plan, err))
        return false;
    json_member(work->json, "pin", work->request.pin);
    return job_tell_plan(work, &plan, err);
}

JOB_BODY(PIN) = {
    .request = &job_request_PIN, .direction = -1, .writes = true, .check = check, .run = run};
