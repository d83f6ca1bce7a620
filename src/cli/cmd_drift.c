#include "base/clock.h"
#include "base/text.h"
#include "cli/drift_look.h"
#include "cli/lock_text.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "sync/drift_json.h"

static void drift_json(Output *output, const Drift *drift)
{
    JsonWriter json = out_json_begin(output);
    json_drift(&json, drift);
    out_json_end(output, &json);
}

/* In this line a missing deployment counts as missing alone, so that the parts add up. */
static const char *summary(Output *output, const Drift *drift)
{
    size_t counts[STATUS_COUNT] = {0}, missing = 0, errors = 0;
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        if (item->error.code != ERR_NONE)
            errors++;
        else if (item->status.missing && item->status.status != STATUS_CONFLICT)
            missing++;
        else
            counts[item->status.status]++;
    }
    Buf buf = buf_new(output->arena);
    const char *between = glyph(output, " · ", ", ");
    for (size_t i = 0; i < STATUS_COUNT; i++)
        if (counts[i])
            buf_format(&buf, "%s%zu %s", buf.len ? between : "", counts[i], sync_status_names[i]);
    if (missing)
        buf_format(&buf, "%s%zu missing", buf.len ? between : "", missing);
    if (errors)
        buf_format(&buf, "%s%zu not readable", buf.len ? between : "", errors);
    return buf_text(&buf);
}

static const char *detail(Output *output, const DriftItem *item)
{
    if (item->error.code != ERR_NONE)
        return item->error.message;
    const char *files = count_files(output->arena, item->changes.count);
    if (item->edge == EDGE_UPSTREAM && item->upper_version.len)
        return arena_format(output->arena, "%s, %s",
                            version_step(output, item->lower_version, item->upper_version), files);
    return item->project ? arena_format(output->arena, "%s, %s",
                                        project_name(output->arena, item->project), files)
                         : files;
}

static void drift_text(Call *call, const Drift *drift, int64_t took_us)
{
    Output *output = call->output;
    Rows rows = {0};
    if (drift->items.count == 0) {
        out_line(output, "Nothing is deployed here, and no artifact has an upstream.");
        out_next(output, "weir list");
        return;
    }
    out_line(output, "%s: %s  (%lld ms)",
             text_count(call->arena, drift->items.count, "edge", "edges"), summary(output, drift),
             (long long)(took_us / 1000));
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        if (drift_is_fine(item) && (!item->stale.code || item->stale.code == ERR_OFFLINE))
            continue;
        bool known = item->error.code == ERR_NONE;
        ARRAY_PUSH(call->arena, &rows,
                   ROW({text_safe(call->arena, item->artifact), INK_STRONG},
                       {known ? status_mark(output, &item->status) : "x error",
                        known ? status_ink(&item->status) : INK_BAD},
                       {edge_mark(output, item->edge), INK_FAINT},
                       {drift_with_age(output, item, detail(output, item)), INK_NONE}));
    }
    rows_print(output, &rows, "  ");
    lock_print(output, drift);
    drift_print_age(output, drift);
    const DriftItem *worst = drift_worst(drift);
    if (worst && !worst->artifact.len) /* a whole project that could not be read */
        out_next(output, "%s", worst->error.hint);
    else if (worst)
        out_next(output, "weir why %s", text_safe(call->arena, worst->artifact));
}

static bool run_drift(Call *call, Error *err)
{
    Drift drift = {0};
    int64_t began_us = clock_monotonic_us();
    if (!drift_ask(call, call_operand(call, 0), &drift, err))
        return false;
    call->exit_code = drift_exit(call, &drift);
    if (call->output->options.json)
        drift_json(call->output, &drift);
    else
        drift_text(call, &drift, clock_monotonic_us() - began_us);
    return true;
}

static const Option options[] = {
    OPTION_PROJECT,
    {.name = "check-all", .about = "every known project, and ask the upstreams"},
    {.name = "check", .about = "exit 4 when anything differs"},
    {0},
};

const Command command_drift = {
    .name = "drift",
    .summary = "what differs between the tiers, by content",
    .usage =
        (const char *const[]){"[TYPE:NAME] [--project DIR | --check-all] [--check] [--json]", NULL},
    .about = "Without --project: the project around the current folder, else every known one.",
    .options = options,
    .examples = (const char *const[]){"weir drift", "weir drift --check-all --check",
                                      "weir drift --project . --json", NULL},
    .max_operands = 1,
    .needs = NEEDS_COLLECTION,
    .run = run_drift,
};
