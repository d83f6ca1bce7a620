#include "base/text.h"
#include "cli/drift_look.h"
#include "cli/lock_text.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "sync/conflict_json.h"
#include "sync/drift_json.h"

/* ── JSON: items gathered by artifact ── */

static bool is_first(const Drift *drift, size_t index)
{
    for (size_t i = index; i-- > 0;)
        if (str_equal(drift->items.items[i].artifact, drift->items.items[index].artifact))
            return false;
    return true;
}

static void edge_json(JsonWriter *json, const DriftItem *item)
{
    bool up = item->edge == EDGE_UPSTREAM;
    json_begin_object(json);
    json_member_text(json, "from", tier_names[up ? TIER_UPSTREAM : TIER_COLLECTION]);
    json_member_text(json, "to", tier_names[up ? TIER_COLLECTION : TIER_PROJECT]);
    json_drift_members(json, item);
    json_member_hash(json, "base", &item->base);
    json_end_object(json);
}

static void artifact_json(JsonWriter *json, const Drift *drift, Str id)
{
    const DriftItem *worst = NULL;
    json_begin_object(json);
    json_member_bytes(json, "id", id);
    json_key(json, "edges");
    json_begin_array(json);
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        if (!str_equal(item->artifact, id))
            continue;
        edge_json(json, item);
        if (!worst || edge_urgency(item) > edge_urgency(worst))
            worst = item;
    }
    json_end_array(json);
    bool known = worst && worst->error.code == ERR_NONE;
    json_member_text(json, "status", known ? sync_status_names[worst->status.status] : NULL);
    json_end_object(json);
}

static void status_json(Output *output, const Drift *drift)
{
    JsonWriter json = out_json_begin(output);
    json_member_text(&json, "schema", "weir.status/1");
    json_member_text(&json, "trace_id", out_trace_id(output));
    json_key(&json, "artifacts");
    json_begin_array(&json);
    for (size_t i = 0; i < drift->items.count; i++)
        if (is_first(drift, i))
            artifact_json(&json, drift, drift->items.items[i].artifact);
    json_end_array(&json);
    json_member_null(&json, "error");
    out_json_end(output, &json);
}

/* ── text ── */

static const char *detail(Output *output, const DriftItem *item)
{
    Arena *arena = output->arena;
    if (item->error.code != ERR_NONE)
        return item->error.message;
    if (item->edge == EDGE_UPSTREAM)
        return version_step(output, item->lower_version, item->upper_version);
    return arena_format(arena, "%s, %s", project_name(arena, item->project),
                        count_files(arena, item->changes.count));
}

static Row status_row(Output *output, const DriftItem *item, bool named)
{
    Arena *arena = output->arena;
    bool known = item->error.code == ERR_NONE;
    const char *pin =
        item->edge == EDGE_UPSTREAM
            ? arena_format(arena, "@%s", item->pin.len ? text_safe(arena, item->pin) : "latest")
            : "";
    return ROW({named ? text_safe(arena, item->artifact) : "", INK_STRONG},
               {known ? status_mark(output, &item->status) : "x error",
                known ? status_ink(&item->status) : INK_BAD},
               {edge_mark(output, item->edge), INK_FAINT},
               {drift_with_age(output, item, detail(output, item)), INK_NONE}, {pin, INK_FAINT});
}

/* The oldest, and 0 when one was never asked: a status is no fresher than that. */
static int64_t oldest_check(const Drift *drift, bool *any)
{
    int64_t oldest = INT64_MAX;
    *any = false;
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        if (item->edge != EDGE_UPSTREAM || item->error.code != ERR_NONE)
            continue;
        *any = true;
        if (item->checked_ms < oldest)
            oldest = item->checked_ms;
    }
    return oldest;
}

/* What is fine is quiet. */
static void print_fine(Output *output, const Drift *drift, bool others)
{
    size_t fine = drift_fine_artifacts(drift);
    bool any = false;
    int64_t checked = oldest_check(drift, &any);
    const char *when = !any      ? ""
                       : checked ? arena_format(output->arena, " Upstreams checked %s.",
                                                time_ago(output->arena, checked))
                                 : " Not all upstreams were ever checked.";
    if (fine && others)
        out_line(output, "  %zu more %s synced.%s", fine, fine == 1 ? "is" : "are", when);
    else if (fine)
        out_line(output, "%s %s synced.%s",
                 fine == 1 ? "The one artifact here"
                           : arena_format(output->arena, "All %zu artifacts", fine),
                 fine == 1 ? "is" : "are", when);
    else if (*when)
        out_line(output, " %s", when);
}

static void status_text(Output *output, const Drift *drift)
{
    Rows rows = {0};
    Str last = {0};
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        bool answered = !item->stale.code || item->stale.code == ERR_OFFLINE;
        if (drift_is_fine(item) && answered && !output->options.verbose)
            continue;
        ARRAY_PUSH(output->arena, &rows,
                   status_row(output, item, !str_equal(item->artifact, last)));
        last = item->artifact;
    }
    rows_print(output, &rows, "  ");
    drift_print_age(output, drift);
    const DriftItem *worst = drift_worst(drift);
    if (drift->items.count == 0)
        out_line(output, "Nothing is here to compare: no artifact has an upstream or is deployed.");
    else
        print_fine(output, drift, rows.count > 0);
    lock_print(output, drift);
    if (worst)
        out_next(output, "%s", edge_next(output->arena, worst));
    else if (drift->items.count == 0)
        out_next(output, "weir list");
}

static bool run_status(Call *call, Error *err)
{
    Drift drift = {0};
    if (!drift_ask(call, call_operand(call, 0), &drift, err))
        return false;
    call->exit_code = drift_exit(call, &drift);
    if (call->output->options.json)
        status_json(call->output, &drift);
    else
        status_text(call->output, &drift);
    return true;
}

static const Option options[] = {
    OPTION_PROJECT,
    {.name = "check-all", .about = "every known project, and ask the upstreams"},
    {.name = "check", .about = "exit 4 when anything differs"},
    {0},
};

const Command command_status = {
    .name = "status",
    .summary = "what needs you: artifacts that are not in step",
    .usage = (const char *const[]){"[TYPE:NAME] [--project DIR] [--check] [--json]", NULL},
    .about = "Quiet about what is synced; --verbose shows that too.",
    .options = options,
    .examples = (const char *const[]){"weir status", "weir status --project ~/atlas --json", NULL},
    .max_operands = 1,
    .needs = NEEDS_COLLECTION,
    .run = run_status,
};
