#include "sync/item_log.h"

#include "base/text.h"

static const char *direction_of(const PlanItem *item)
{
    return item->upward ? "project_to_collection" : edge_names[item->edge];
}

static const char *message_of(Arena *arena, const Workspace *ws, const Plan *plan,
                              const PlanItem *item)
{
    if (item->result == RESULT_ERROR)
        return item->error.message;
    return arena_format(arena, "%s%s %s: %s", plan->dry_run ? "would " : "", ws->verb,
                        text_safe(arena, item->artifact), item_result_names[item->result]);
}

static void log_one(Arena *arena, const Workspace *ws, const Plan *plan, const PlanItem *item)
{
    LogEvent event = {
        .level = item->result == RESULT_ERROR      ? LEVEL_ERROR
                 : item->result == RESULT_CONFLICT ? LEVEL_WARN
                                                   : LEVEL_INFO,
        .span = "artifact",
        .message = message_of(arena, ws, plan, item),
        .artifact_id = item->artifact,
        .direction = direction_of(item),
        .result = item_result_names[item->result],
        .duration_us = item->took_us,
        .has_merge = true,
        .auto_merge = item->result == RESULT_MERGED,
        .operation = plan->operation,
    };
    for (size_t i = 0; i < item->conflicts.count; i++)
        ARRAY_PUSH(arena, &event.conflict_files, item->conflicts.items[i].path);
    if (item->result == RESULT_ERROR) {
        event.error_code = error_name(item->error.code);
        event.error_message = item->error.message;
    }
    tracer_tell(ws->tracer, event);
}

void item_log(const Workspace *ws, const Plan *plan)
{
    if (!ws->tracer)
        return;
    for (size_t i = 0; i < plan->items.count; i++) {
        SCOPED(arena_close) Arena *arena = NULL;
        if (plan->items.items[i].result == RESULT_UP_TO_DATE)
            continue;
        arena = arena_open();
        log_one(arena, ws, plan, &plan->items.items[i]);
    }
}
