/* undo: the last operation is taken back. */
#include "sync/history.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"
#include "sync/operation_json.h"

static const Field fields[] = {
    JOB_FIELD_COLLECTION,
    {"without_missing", "a project that is away keeps what it has", FIELD_BOOL,
     .offset = offsetof(JobRequest, without_missing)},
    JOB_FIELD_DRY_RUN,
    JOB_FIELD_ACCEPT_RISK,
    JOB_FIELD_COMMAND_LINE,
    {0},
};
const Record job_request_UNDO = {"UndoRequest", "how the last operation is taken back",
                                 .size = sizeof(JobRequest), .fields = fields};

/* An earlier attempt has done all of it: a second one would go further back. */
static bool tell_done(JobWork *work, const Operation *undone, Error *err)
{
    UndoResult result = {.undone = *undone};
    result.undone.undone_by = (Str){0}; /* as it was told then */
    if (!job_tell_plan(work, &result.plan, err))
        return false;
    json_undo_members(work->json, &result);
    return true;
}

static bool run(JobWork *work, Error *err)
{
    UndoResult result = {0};
    UndoRequest request = {.apply = !work->request.dry_run,
                           .without_missing = work->request.without_missing};
    bool found = false;
    OperationDetail undone = {0};
    work->ws->verb = "undo";
    if (work->again && !operation_find(work->ws->arena, work->ws->db, work->earlier.head.undoes,
                                       &found, &undone, err))
        return false;
    if (found && undone.head.undone_by.len)
        return tell_done(work, &undone.head, err);
    if (!verb_undo_with(work->ws, &request, &result, err) ||
        !job_tell_plan(work, &result.plan, err))
        return false;
    json_undo_members(work->json, &result);
    return true;
}

JOB_BODY(UNDO) = {.request = &job_request_UNDO, .direction = -1, .writes = true, .run = run};
