#include <string.h>

#include "base/text.h"
#include "cli/change.h"
#include "cli/markers_write.h"

static bool sync_verb(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    SyncRequest *request = context;
    request->what.apply = apply;
    return verb_sync(ws, request, out, err);
}

/* The edges' own names are understood too, as the API has them. */
static bool parse_direction(Arena *arena, const char *text, SyncDirection *out, Error *err)
{
    static const struct {
        const char *name;
        SyncDirection direction;
    } names[] = {
        {"upstream", SYNC_UPSTREAM},
        {"project", SYNC_PROJECT},
        {"both", SYNC_BOTH},
        {"upstream_to_collection", SYNC_UPSTREAM},
        {"collection_to_project", SYNC_PROJECT},
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(text, names[i].name) == 0) {
            *out = names[i].direction;
            return true;
        }
    }
    if (strcmp(text, "project_to_collection") == 0)
        return fail(err, ERR_USAGE, "'weir sync' goes downward; 'weir pull' goes up") ||
               fail_hint(err, "weir help pull");
    return fail(err, ERR_USAGE, "--direction is upstream, project or both, not '%s'",
                text_safe(arena, str_of(text)));
}

static bool as_job(Arena *arena, const void *context, HandoverJob *out)
{
    static const JobDirection directions[] = {[SYNC_UPSTREAM] = DIRECTION_UPSTREAM_TO_COLLECTION,
                                              [SYNC_PROJECT] = DIRECTION_COLLECTION_TO_PROJECT,
                                              [SYNC_BOTH] = DIRECTION_BOTH};
    const SyncRequest *request = context;
    (void)arena;
    *out = artifacts_as_job(&request->what, JOB_KIND_SYNC);
    out->request.direction = (int)directions[request->direction];
    return true;
}

static bool read_direction(const Call *call, SyncDirection *out, Error *err)
{
    const char *text = option_value(call->options, "direction");
    return parse_direction(call->arena, text ? text : "upstream", out, err);
}

static bool check_sync(const Call *call, Error *err)
{
    SyncDirection direction;
    return check_artifacts(call, err) && read_direction(call, &direction, err);
}

static bool run_sync(Call *call, Error *err)
{
    SyncRequest request;
    if (!read_direction(call, &request.direction, err) || !call_request(call, &request.what, err))
        return false;
    const Change change = {
        .verb = sync_verb,
        .request = &request,
        .as_job = as_job,
        .words = {.would = "Would sync",
                  .done = "Synced",
                  .nothing = "nothing new to bring in.",
                  .into = " into",
                  .by_edge = true},
    };
    return change_run(call, &change, err);
}

static const Option options[] = {
    {.name = "all", .about = "every artifact of the collection"},
    {.name = "direction",
     .value = "WHICH",
     .words = "upstream|project|both",
     .about = "upstream (the default), project or both"},
    OPTION_PROJECT,
    OPTION_TWO_WAY,
    OPTION_WRITE_MARKERS,
    OPTION_APPLY,
    {0},
};

const Command command_sync = {
    .name = "sync",
    .summary = "bring what is new upstream into the collection, and on into projects",
    .usage = (const char *const[]){"TYPE:NAME...|--all [--direction upstream|project|both] "
                                   "[--project DIR] [--write-markers] [--apply] [--json]",
                                   NULL},
    .about =
        "upstream: upstream to collection. project: collection to projects. both: one after the "
        "other.\nEdits on both sides are merged; what clashes waits for `weir resolve`, and the "
        "live files stay as they were.\nWithout --project every known project that holds it.",
    .options = options,
    .examples = (const char *const[]){"weir sync pdf", "weir sync pdf --apply",
                                      "weir sync --all --direction both --apply", NULL},
    .max_operands = OPERANDS_ANY,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .check = check_sync,
    .run = run_sync,
};
