#include "cli/change.h"

static bool as_job(const ArtifactRequest *request, HandoverJob *out)
{
    *out = artifacts_as_job(request, JOB_KIND_UNDEPLOY);
    out->request.all = request->all;
    return true;
}

static bool run_undeploy(Call *call, Error *err)
{
    const ArtifactChange change = {
        .verb = verb_undeploy,
        .project = call_project_must,
        .as_job = as_job,
        .words = {.would = "Would undeploy",
                  .done = "Undeployed",
                  .nothing = "it is not deployed there.",
                  .into = " from"},
    };
    return change_artifacts(call, &change, err);
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
