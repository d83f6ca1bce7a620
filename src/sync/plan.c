#include "sync/plan.h"

#include "base/path.h"

const char *const item_result_names[5] = {"up_to_date", "fast_forward", "merged", "conflict",
                                          "error"};

PlanItem plan_item_copy(Arena *arena, const PlanItem *item)
{
    PlanItem copy = *item;
    copy.artifact = arena_copy(arena, item->artifact);
    copy.changes = file_changes_copy(arena, &item->changes);
    copy.lost = file_changes_copy(arena, &item->lost);
    copy.untracked = str_array_copy(arena, &item->untracked);
    copy.conflicts = tree_conflicts_copy(arena, &item->conflicts);
    copy.pending_id = arena_copy(arena, item->pending_id);
    copy.path = arena_copy(arena, item->path);
    copy.from_version = arena_copy(arena, item->from_version);
    copy.to_version = arena_copy(arena, item->to_version);
    copy.note = arena_copy(arena, item->note);
    copy.risks = risk_findings_copy(arena, &item->risks);
    copy.error = error_note_copy(arena, &item->error);
    return copy;
}

ItemResult plan_result(const Plan *plan)
{
    ItemResult worst = RESULT_UP_TO_DATE;
    for (size_t i = 0; i < plan->items.count; i++) {
        ItemResult result = plan->items.items[i].result;
        if (result != RESULT_ERROR && result > worst)
            worst = result;
    }
    return worst;
}

size_t plan_count(const Plan *plan, ItemResult result)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->items.count; i++)
        count += plan->items.items[i].result == result;
    return count;
}

Str shown_path(Str path, Str artifact_path)
{
    return path.len ? path : path_base(artifact_path);
}

Str plan_item_digest(Arena *arena, const PlanItem *item)
{
    const Hash *const trees[] = {&item->base, &item->target, &item->source, &item->after};
    Hasher hasher;
    hash_begin(&hasher);
    Str head = str_of(arena_format(arena, "%s %s %zu %.*s %s", edge_names[item->edge],
                                   item_result_names[item->result], item->artifact.len,
                                   STR_ARG(item->artifact), item->project ? item->project : ""));
    hash_add(&hasher, head.data, head.len);
    for (size_t i = 0; i < COUNT_OF(trees); i++)
        hash_add(&hasher, trees[i]->bytes, sizeof trees[i]->bytes);
    Hash hash = hash_end(&hasher);
    return str_of(arena_format(arena, "%.32s", hash_hex(&hash).text));
}

StrArray plan_digests(Arena *arena, const Plan *plan)
{
    StrArray digests = {0};
    for (size_t i = 0; i < plan->items.count; i++)
        ARRAY_PUSH(arena, &digests, plan_item_digest(arena, &plan->items.items[i]));
    return digests;
}
