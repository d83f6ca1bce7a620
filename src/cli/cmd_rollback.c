#include "cli/change.h"
#include "sync/history.h"

static bool rollback(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    RollbackRequest *request = context;
    request->apply = apply;
    return verb_rollback(ws, request, out, err);
}

static bool as_job(Arena *arena, const void *context, HandoverJob *out)
{
    const RollbackRequest *request = context;
    HandoverJob job = {.kind = JOB_KIND_ROLLBACK, .request = job_request_new()};
    ARRAY_PUSH(arena, &job.request.artifacts, str_of(request->artifact));
    job.request.project_path = str_of(request->project);
    job.request.to = str_of(request->to);
    *out = job;
    return true;
}

static bool check_rollback(const Call *call, Error *err)
{
    if (option_value(call->options, "to"))
        return true;
    (void)fail(err, ERR_USAGE, "say which version: --to HASH");
    return fail_hint(err, "`weir show %s --versions` lists them.", call_operand(call, 0));
}

static bool run_rollback(Call *call, Error *err)
{
    RollbackRequest request = {
        .artifact = call_operand(call, 0),
        .to = option_value(call->options, "to"),
    };
    const Change change = {
        .verb = rollback,
        .request = &request,
        .as_job = as_job,
        .words = {.would = "Would roll back",
                  .done = "Rolled back",
                  .nothing = "it holds just this version.",
                  .into = " in",
                  .by_place = true},
    };
    return call_project(call, &request.project, err) && change_run(call, &change, err);
}

static const Option options[] = {
    {.name = "to", .value = "HASH", .about = "the version, or the start of its hash"},
    OPTION_PROJECT,
    OPTION_APPLY,
    {0},
};

const Command command_rollback = {
    .name = "rollback",
    .summary = "go back to an older version",
    .usage = (const char *const[]){"TYPE:NAME --to HASH [--project DIR] [--apply]", NULL},
    .about = "The collection's version, or with --project that project's, gets the files of an "
             "older one as a new\nversion. What is there now is kept as a version too, and the "
             "next sync does not bring it back\nunasked: the artifact is modified until "
             "it is.",
    .options = options,
    .examples =
        (const char *const[]){"weir show skill:pdf --versions",
                              "weir rollback skill:pdf --to 5e71b8cb",
                              "weir rollback skill:pdf --to 5e71 --project . --apply", NULL},
    .min_operands = 1,
    .max_operands = 1,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .check = check_rollback,
    .run = run_rollback,
};
