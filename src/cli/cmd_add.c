#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "cli/change.h"

static bool add(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    AddRequest *request = context;
    request->apply = apply;
    return verb_add(ws, request, out, err);
}

/* What is beneath a folder that only this process is in is told as it lies for everybody. */
static bool as_job(Arena *arena, const void *context, HandoverJob *out)
{
    const AddRequest *request = context;
    Str source = str_of(request->source);
    bool here = str_starts(source, STR("./")) || str_starts(source, STR("../"));
    HandoverJob job = {.kind = JOB_KIND_ADD, .request = job_request_new()};
    job.request.source =
        here ? str_of(path_absolute(arena, request->cwd, request->source)) : source;
    job.request.ref = str_of(request->ref);
    job.request.path = str_of(request->path);
    job.request.type = str_of(request->type);
    job.request.name = str_of(request->name);
    *out = job;
    return here || str_starts(source, STR("/")) || strstr(request->source, "://");
}

static const char *deploy_next(Call *call, const Plan *plan)
{
    if (plan->items.count != 1)
        return "weir deploy TYPE:NAME --project ., or --all";
    return arena_format(call->arena, "weir deploy %s --project .",
                        text_safe(call->arena, plan->items.items[0].artifact));
}

static bool run_add(Call *call, Error *err)
{
    AddRequest request = {
        .source = call_operand(call, 0),
        .ref = option_value(call->options, "ref"),
        .path = option_value(call->options, "path"),
        .type = option_value(call->options, "type"),
        .name = option_value(call->options, "name"),
        .cwd = call->cwd,
    };
    const Change change = {
        .verb = add,
        .request = &request,
        .as_job = as_job,
        .words = {.would = "Would add",
                  .done = "Added",
                  .nothing = "it is in the collection already."},
        .next = deploy_next,
    };
    return change_run(call, &change, err);
}

static const Option options[] = {
    {.name = "ref", .value = "REF", .about = "branch, tag, sha or range; also URL@REF"},
    {.name = "path", .value = "GLOB", .about = "which folders or files of the upstream"},
    {.name = "type",
     .value = "TYPE",
     .words = "skill|command|agent|hook|prompt",
     .about = "skill, command, agent ...; told by the folder otherwise"},
    {.name = "name", .value = "NAME", .about = "another name than the folder's"},
    OPTION_APPLY,
    {0},
};

const Command command_add = {
    .name = "add",
    .summary = "bring artifacts from an upstream into the collection",
    .usage =
        (const char *const[]){"URL[@REF] [--ref REF] [--path GLOB] [--type T] [--name N] [--yes]",
                              NULL},
    .about =
        "URL is https, ssh, git@host:path, file, owner/repo/path, a git bundle or bare repository, "
        "or a\nlocal folder or file (then there is no upstream).",
    .options = options,
    .examples =
        (const char *const[]){"weir add owner/repo/skills/pdf@^1.4 --yes",
                              "weir add https://example.org/kit.git --path 'skills/*' --yes",
                              "weir add ./my-skill --type skill --yes", NULL},
    .min_operands = 1,
    .max_operands = 1,
    .operand = "a source: a URL, owner/repo/path or a path",
    .needs = NEEDS_COLLECTION,
    .run = run_add,
};
