#include "base/text.h"
#include "cli/command.h"
#include "cli/patch_text.h"
#include "cli/risk_text.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "sync/conflict_json.h"
#include "sync/plan_json.h"

static void diff_json(Call *call, const DiffRequest *request, const DiffResult *result)
{
    JsonWriter json = out_json_begin(call->output);
    json_member_bytes(&json, "artifact", str_of(request->artifact));
    json_member_bytes(&json, "from", str_of(request->from));
    json_member_bytes(&json, "to", str_of(request->to));
    json_key(&json, "files");
    json_begin_array(&json);
    for (size_t i = 0; i < result->changes.count; i++) {
        const FileChange *change = &result->changes.items[i];
        json_begin_object(&json);
        json_change_members(&json, change, change->path);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_key(&json, "totals");
    json_begin_object(&json);
    json_member_integer(&json, "files", (int64_t)result->totals.files);
    json_member_integer(&json, "added", (int64_t)result->totals.added);
    json_member_integer(&json, "removed", (int64_t)result->totals.removed);
    json_end_object(&json);
    json_member_bytes(&json, "patch", result->patch);
    json_risks(&json, &result->risks, result->path);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static void diff_stat(Output *output, const DiffResult *result)
{
    Rows rows = {0};
    for (size_t i = 0; i < result->changes.count; i++) {
        const FileChange *change = &result->changes.items[i];
        const char *lines =
            change->binary ? "binary" : count_lines(output, change->added, change->removed);
        ARRAY_PUSH(output->arena, &rows,
                   ROW({file_action_name(change->action), INK_NONE},
                       {text_safe(output->arena, change->path), INK_NONE}, {lines, INK_NONE}));
    }
    out_line(output, "%s changed %s", count_files(output->arena, result->totals.files),
             count_lines(output, result->totals.added, result->totals.removed));
    rows_print(output, &rows, "  ");
    risk_print_findings(output, &result->risks, result->path);
}

/* On a terminal; what a pipe gets is the patch alone. */
static void diff_shown(Output *output, const DiffResult *result)
{
    patch_print(output, result->patch);
    risk_print_findings(output, &result->risks, result->path);
}

/* Only for eyes: what goes into a file or a pipe is always whole. */
static bool is_too_long(const Call *call, const DiffResult *result)
{
    int64_t most = setting_number(&call->app->settings, SETTING_SYNC_DIFF_PREVIEW_MAX);
    return result->patch.len > (uint64_t)most;
}

static void diff_brief(Call *call, const DiffResult *result)
{
    diff_stat(call->output, result);
    out_line(call->output, "The patch has %s, more than SYNC_DIFF_PREVIEW_MAX.",
             text_size(call->arena, result->patch.len));
    out_next(call->output, "%s --set SYNC_DIFF_PREVIEW_MAX=1GB",
             text_safe(call->arena, str_of(call->typed)));
}

static bool run_diff(Call *call, Error *err)
{
    DiffRequest request = {.artifact = call_operand(call, 0)};
    DiffResult result = {0};
    if (!call_project_around(call, &request.project, err))
        return false;
    bool projects = option_given(call->options, "project");
    request.from = option_value(call->options, "from");
    request.to = option_value(call->options, "to");
    if (!request.from)
        request.from = projects ? "collection" : "upstream";
    if (!request.to)
        request.to = projects ? "project" : "collection";
    if (!verb_diff(&call->app->workspace, &request, &result, err))
        return false;
    if (call->output->options.json)
        diff_json(call, &request, &result);
    else if (option_given(call->options, "stat"))
        diff_stat(call->output, &result);
    else if (call->output->columns && is_too_long(call, &result))
        diff_brief(call, &result);
    else if (call->output->columns)
        diff_shown(call->output, &result);
    else
        out_bytes(call->output, result.patch);
    return true;
}

static const Option options[] = {
    {.name = "from",
     .value = "SIDE",
     .words = "upstream|collection|project",
     .about = "upstream, collection, project or a version's hash"},
    {.name = "to", .value = "SIDE", .words = "upstream|collection|project", .about = "the same"},
    OPTION_PROJECT,
    {.name = "stat", .about = "only which files, and how much"},
    {0},
};

const Command command_diff = {
    .name = "diff",
    .summary = "show what differs between two tiers or versions, as a patch",
    .usage =
        (const char *const[]){"TYPE:NAME [--from SIDE] [--to SIDE] [--project DIR] [--stat]", NULL},
    .about = "The patch is one that `git apply` takes. Without --from and --to: upstream to "
             "collection, or "
             "with\n--project collection to project.",
    .options = options,
    .examples = (const char *const[]){"weir diff skill:pdf --from upstream --to collection",
                                      "weir diff skill:pdf --project . | git apply --stat",
                                      "weir diff skill:pdf --from 9f1c2ab4 --to collection", NULL},
    .min_operands = 1,
    .max_operands = 1,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .pages = true,
    .run = run_diff,
};
