#include "base/name.h"
#include "cli/change.h"

static bool as_job(const ArtifactRequest *request, HandoverJob *out)
{
    *out = artifacts_as_job(request, JOB_KIND_DEPLOY);
    out->request.to = str_of(request->to);
    out->request.base_pack = request->base_pack ? 0 : request->no_base_pack ? 1 : -1;
    if (request->overwrite)
        out->request.strategy = STRATEGY_OVERWRITE;
    return true;
}

static bool run_deploy(Call *call, Error *err)
{
    const ArtifactChange change = {
        .verb = verb_deploy,
        .project = call_project_or_here,
        .as_job = as_job,
        .words = {.would = "Would deploy",
                  .done = "Deployed",
                  .nothing = "it is deployed as it stands in the collection.",
                  .into = " to"},
    };
    return change_artifacts(call, &change, err);
}

static bool check_deploy(const Call *call, Error *err)
{
    const char *to = option_value(call->options, "to");
    if (!check_artifacts(call, err))
        return false;
    if (option_given(call->options, "base-pack") && option_given(call->options, "no-base-pack"))
        return fail(err, ERR_USAGE, "--base-pack and --no-base-pack are one or the other");
    if (!to || name_check_path(str_of(to), err))
        return true;
    (void)fail_in(err, "--to");
    return fail_hint(err, "--to takes a path inside the project, .claude/skills/NAME for one.");
}

static const Option options[] = {
    OPTION_PROJECT,
    {.name = "to", .value = "PATH", .about = "another place in the project"},
    {.name = "all", .about = "every artifact of the collection"},
    {.name = "base-pack", .about = "keep what merges start from in .weir/base, to be committed"},
    {.name = "no-base-pack", .about = "take .weir/base out again"},
    {.name = "overwrite", .about = "drop edits of the project that were never pulled"},
    OPTION_APPLY,
    {0},
};

const Command command_deploy = {
    .name = "deploy",
    .summary = "copy artifacts from the collection into a project",
    .usage = (const char *const[]){"TYPE:NAME...|--all [--project DIR] [--to PATH] [--yes]", NULL},
    .about = "Without --project: the project around the current folder, else the current folder.",
    .options = options,
    .examples = (const char *const[]){"weir deploy skill:pdf --project . --yes",
                                      "weir deploy skill:pdf skill:docx --project ~/atlas --yes",
                                      "weir deploy command:fix --to tools/fix.md --yes",
                                      "weir deploy --all --base-pack --yes", NULL},
    .max_operands = OPERANDS_ANY,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .check = check_deploy,
    .run = run_deploy,
};
