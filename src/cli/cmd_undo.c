#include "base/text.h"
#include "cli/change.h"
#include "cli/words.h"
#include "sync/history.h"
#include "sync/operation_json.h"
#include "sync/plan_read.h"

typedef struct {
    UndoRequest request;
    UndoResult result;
} UndoCall;

static bool undo(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    UndoCall *undo_call = context;
    undo_call->request.apply = apply;
    if (!verb_undo_with(ws, &undo_call->request, &undo_call->result, err))
        return false;
    *out = undo_call->result.plan;
    return true;
}

static bool as_job(Arena *arena, const void *context, HandoverJob *out)
{
    const UndoCall *undo_call = context;
    (void)arena;
    *out = (HandoverJob){.kind = JOB_KIND_UNDO, .request = job_request_new()};
    out->request.without_missing = undo_call->request.without_missing;
    return true;
}

static bool from_job(Arena *arena, const JsonNode *told, void *context, Plan *out, Error *err)
{
    UndoCall *undo_call = context;
    if (!undo_from_json(arena, told, &undo_call->result, err))
        return false;
    *out = undo_call->result.plan;
    return true;
}

/* All or nothing: newer edits in the way keep the whole operation where it is. */
static void print_blocked(Call *call, const Plan *plan, const Operation *operation)
{
    Output *output = call->output;
    out_line(output, "%s \"%s\" of %s cannot be taken back: newer edits are in the way. %s",
             ink(output, INK_BAD, "!"), text_safe(call->arena, operation->command),
             time_short(call->arena, operation->at_ms), "Nothing was written.");
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        if (item->result == RESULT_CONFLICT)
            out_line(output, "  %s  %s  %s", text_safe(call->arena, item->artifact),
                     item->project ? text_safe(call->arena, str_of(item->project)) : "collection",
                     conflicts_text(output, item));
    }
}

static void undo_print(Call *call, const Plan *plan, void *context)
{
    const Operation *operation = &((UndoCall *)context)->result.undone;
    const StrArray *left = &((UndoCall *)context)->result.left;
    Output *output = call->output;
    if (plan_count(plan, RESULT_CONFLICT)) {
        print_blocked(call, plan, operation);
        return;
    }
    out_line(output, "%s \"%s\" of %s, %s.",
             plan->dry_run ? "Would take back"
                           : arena_format(call->arena, "%s Took back",
                                          ink(output, INK_GOOD, glyph(output, "✓", "="))),
             text_safe(call->arena, operation->command), time_short(call->arena, operation->at_ms),
             text_count(call->arena, operation->artifacts.count, "artifact", "artifacts"));
    if (operation->is_half_undone)
        out_line(output, "  A part of it was taken back before.");
    if (plan->items.count)
        plan_print(output, plan,
                   &(PlanWords){.would = "Would restore",
                                .done = "Restored",
                                .nothing = "its files stay as they are.",
                                .by_place = true});
    for (size_t i = 0; i < left->count; i++)
        out_line(output, "  %s is away and keeps what it has.",
                 text_safe(call->arena, left->items[i]));
}

/* What was edited since, where that is in the way. */
static const char *undo_next(Call *call, const Plan *plan)
{
    Arena *arena = call->arena;
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        if (item->result != RESULT_CONFLICT)
            continue;
        const char *where = item->project ? arena_format(arena, "project --project %s",
                                                         text_word(arena, str_of(item->project)))
                                          : "collection";
        return arena_format(arena, "weir diff %s --from %.8s --to %s",
                            text_safe(arena, item->artifact), hash_hex(&item->base).text, where);
    }
    return "weir status";
}

static void undo_json(JsonWriter *json, void *context)
{
    json_undo_members(json, &((UndoCall *)context)->result);
}

static bool run_undo(Call *call, Error *err)
{
    UndoCall request = {.request.without_missing = option_given(call->options, "without-missing")};
    const Change change = {.verb = undo,
                           .next = undo_next,
                           .all_or_nothing = true,
                           .acts_without_files = true,
                           .request = &request,
                           .as_job = as_job,
                           .from_job = from_job,
                           .print = undo_print,
                           .more_json = undo_json};
    return change_run(call, &change, err);
}

static const Option options[] = {
    {.name = "without-missing", .about = "a project that is away keeps what it has"},
    OPTION_APPLY,
    {0},
};

const Command command_undo = {
    .name = "undo",
    .summary = "take back the last write",
    .usage = (const char *const[]){"[--without-missing] [--apply]", NULL},
    .about =
        "Files and records go back to what they were before it. Edits made since then are "
        "kept; where\nthey cannot be merged, nothing is taken back. Again goes further back. It is "
        "all or nothing, unless a\nproject that was moved away shall keep what it has.",
    .options = options,
    .examples = (const char *const[]){"weir undo", "weir undo --apply", NULL},
    .needs = NEEDS_COLLECTION,
    .run = run_undo,
};
