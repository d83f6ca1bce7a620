#include "cli/change.h"

static bool as_job(const ArtifactRequest *request, HandoverJob *out)
{
    *out = artifacts_as_job(request, JOB_KIND_REMOVE);
    return true;
}

static bool run_remove(Call *call, Error *err)
{
    const ArtifactChange change = {
        .verb = verb_remove,
        .as_job = as_job,
        .words = {.would = "Would remove", .done = "Removed", .nothing = "nothing to remove."},
    };
    return change_artifacts(call, &change, err);
}

static const Option options[] = {
    {.name = "overwrite", .about = "also when it has edits that are nowhere else"},
    OPTION_APPLY,
    {0},
};

const Command command_remove = {
    .name = "remove",
    .summary = "take artifacts out of the collection",
    .usage = (const char *const[]){"TYPE:NAME... [--yes]", NULL},
    .about = "Projects keep what was deployed; their status then says `removed`. `weir undo` "
             "brings it back.",
    .options = options,
    .examples = (const char *const[]){"weir remove skill:pdf", "weir remove skill:pdf --yes", NULL},
    .min_operands = 1,
    .max_operands = OPERANDS_ANY,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .check = check_artifacts,
    .run = run_remove,
};
