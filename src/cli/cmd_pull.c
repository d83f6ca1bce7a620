#include "cli/change.h"

static bool pull(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    ArtifactRequest *request = context;
    request->apply = apply;
    return verb_pull(ws, request, out, err);
}

static bool run_pull(Call *call, Error *err)
{
    ArtifactRequest request;
    if (!call_request(call, &request, err))
        return false;
    if (!request.project && !call_project_must(call, &request.project, err))
        return false;
    const Change change = {
        .verb = pull,
        .request = &request,
        .words = {.would = "Would pull",
                  .done = "Pulled",
                  .nothing = "the collection has what the project has.",
                  .into = " into"},
        .drops_edits = request.overwrite,
    };
    return change_run(call, &change, err);
}

static const Option options[] = {
    OPTION_PROJECT,
    {.name = "all", .about = "everything that is deployed there"},
    OPTION_APPLY,
    {0},
};

const Command command_pull = {
    .name = "pull",
    .summary = "take a project's edits into the collection",
    .usage = (const char *const[]){"TYPE:NAME...|--all [--project DIR] [--apply] [--json]", NULL},
    .about = "What changed in the collection meanwhile is merged; no edit of either side is lost.",
    .options = options,
    .examples = (const char *const[]){"weir pull skill:pdf --project .",
                                      "weir pull skill:pdf --project . --apply", NULL},
    .max_operands = OPERANDS_ANY,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .check = check_artifacts,
    .run = run_pull,
};
