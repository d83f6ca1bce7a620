#include "cli/change.h"
#include "cli/markers_write.h"

static bool as_job(const ArtifactRequest *request, HandoverJob *out)
{
    *out = artifacts_as_job(request, JOB_KIND_SYNC);
    out->request.direction = DIRECTION_PROJECT_TO_COLLECTION;
    return true;
}

static bool run_pull(Call *call, Error *err)
{
    const ArtifactChange change = {
        .verb = verb_pull,
        .project = call_project_must,
        .as_job = as_job,
        .words = {.would = "Would pull",
                  .done = "Pulled",
                  .nothing = "the collection has what the project has.",
                  .into = " into"},
    };
    return change_artifacts(call, &change, err);
}

static const Option options[] = {
    OPTION_PROJECT, {.name = "all", .about = "everything that is deployed there"},
    OPTION_TWO_WAY, OPTION_WRITE_MARKERS,
    OPTION_APPLY,   {0},
};

const Command command_pull = {
    .name = "pull",
    .summary = "take a project's edits into the collection",
    .usage =
        (const char *const[]){
            "TYPE:NAME...|--all [--project DIR] [--write-markers] [--apply] [--json]", NULL},
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
