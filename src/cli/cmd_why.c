#include "base/text.h"
#include "cli/drift_look.h"
#include "cli/lock_text.h"
#include "cli/words.h"
#include "sync/drift_json.h"

static const char *against_base(const DriftItem *item, const Hash *side)
{
    if (hash_is_zero(side))
        return "absent";
    if (hash_is_zero(&item->base))
        return "no base to compare with";
    return hash_equal(side, &item->base) ? "same as the base" : "changed since the base";
}

static void print_edge(Output *output, const DriftItem *item, bool said)
{
    Arena *arena = output->arena;
    bool up = item->edge == EDGE_UPSTREAM;
    bool known = item->error.code == ERR_NONE;
    const char *where = up ? "" : arena_format(arena, " %s", project_name(arena, item->project));
    out_line(output, "\n%s%s  %s", edge_mark(output, item->edge), where,
             known ? ink(output, status_ink(&item->status), status_mark(output, &item->status))
                   : ink(output, INK_BAD, "x error"));
    if (!said)
        out_line(output, "  %s", edge_sentence(output, item));
    if (!known)
        return;
    out_line(output, "  base        %-8s  the last version both had in common",
             hash_brief(arena, &item->base));
    out_line(output, "  %-10s  %-8s  %s", up ? "upstream" : "collection",
             hash_brief(arena, &item->upper), against_base(item, &item->upper));
    out_line(output, "  %-10s  %-8s  %s", up ? "collection" : "project",
             hash_brief(arena, &item->lower), against_base(item, &item->lower));
    for (size_t i = 0; i < item->changes.count && i < 20; i++)
        out_line(output, "    %-7s %s", file_action_name(item->changes.items[i].action),
                 text_safe(arena, shown_path(item->changes.items[i].path, item->path)));
    if (item->changes.count > 20)
        out_line(output, "    and %zu more", item->changes.count - 20);
    if (item->pending_id.len)
        out_line(output, "  The merge waits since %s.", time_short(arena, item->pending_since_ms));
}

/* An unreadable project is an item of no artifact. */
static Str asked_id(const Call *call, const Drift *drift)
{
    for (size_t i = 0; i < drift->items.count; i++)
        if (drift->items.items[i].artifact.len)
            return drift->items.items[i].artifact;
    return str_of(call_operand(call, 0));
}

static void why_text(Output *output, const Drift *drift, Str artifact)
{
    const DriftItem *worst = drift_worst(drift);
    const char *id = text_safe(output->arena, artifact);
    const char *next = worst ? edge_next(output->arena, worst) : NULL;
    if (worst)
        out_line(output, "%s: %s", ink(output, INK_STRONG, id), edge_sentence(output, worst));
    else
        out_line(output, "%s: all tiers are identical.", ink(output, INK_STRONG, id));
    for (size_t i = 0; i < drift->items.count; i++)
        print_edge(output, &drift->items.items[i], &drift->items.items[i] == worst);
    lock_print(output, drift);
    out_line(output, "%s", "");
    if (next)
        out_next(output, "%s", next);
    else
        out_next(output, "nothing to do");
}

static void why_json(Output *output, const Drift *drift, Str artifact)
{
    JsonWriter json = out_json_begin(output);
    json_why(&json, drift, artifact, arrow(output));
    json_member_text(&json, "trace_id", out_trace_id(output));
    out_json_end(output, &json);
}

static bool run_why(Call *call, Error *err)
{
    Drift drift = {0};
    if (!drift_ask(call, call_operand(call, 0), &drift, err))
        return false;
    Str artifact = asked_id(call, &drift);
    if (call->output->options.json) {
        why_json(call->output, &drift, artifact);
        return true;
    }
    if (drift.items.count == 0) {
        out_line(call->output,
                 "%s has no upstream and is deployed nowhere: there is nothing to compare.",
                 text_safe(call->arena, str_of(call_operand(call, 0))));
        out_next(call->output, "weir deploy %s --project .",
                 text_safe(call->arena, str_of(call_operand(call, 0))));
        return true;
    }
    why_text(call->output, &drift, artifact);
    return true;
}

static const Option options[] = {OPTION_PROJECT, {0}};

const Command command_why = {
    .name = "why",
    .summary = "explain a status in plain words, and say what to type next",
    .usage = (const char *const[]){"TYPE:NAME [--project DIR] [--json]", NULL},
    .options = options,
    .examples = (const char *const[]){"weir why skill:pdf", "weir why pdf --project ~/atlas", NULL},
    .min_operands = 1,
    .max_operands = 1,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .run = run_why,
};
