#include "cli/change.h"

static bool undeploy(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    ArtifactRequest *request = context;
    request->apply = apply;
    return verb_undeploy(ws, request, out, err);
}

static bool run_undeploy(Call *call, Error *err)
{
    ArtifactRequest request;
    if (!call_request(call, &request, err))
        return false;
    if (!request.project && !call_project_must(call, &request.project, err))
        return false;
    const Change change = {
        .verb = undeploy,
        .request = &request,
        .words = {.would = "Would undeploy",
                  .done = "Undeployed",
                  .nothing = "it is not deployed there.",
                  .into = " from"},
        .drops_edits = request.overwrite,
    };
    return change_run(call, &change, err);
}

static const Option options[] = {
    OPTION_PROJECT,
    {.name = "all", .about = "everything that is deployed there"},
    {.name = "overwrite", .about = "also when the project has edits that were never pulled"},
    OPTION_APPLY,
    {0},
};

const Command command_undeploy = {
    .name = "undeploy",
    .summary = "take artifacts out of a project",
    .usage = (const char *const[]){"TYPE:NAME...|--all [--project DIR] [--yes]", NULL},
    .about = "Only files that weir wrote go; what else lies in the folder stays.",
    .options = options,
    .examples = (const char *const[]){"weir undeploy skill:pdf --project . --yes", NULL},
    .max_operands = OPERANDS_ANY,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .check = check_artifacts,
    .run = run_undeploy,
};
