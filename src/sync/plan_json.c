#include "sync/plan_json.h"

#include "sync/conflict_json.h"

void json_place_members(JsonWriter *json, Str artifact, Edge edge, const char *project)
{
    json_member_bytes(json, "artifact", artifact);
    json_member_text(json, "edge", edge_names[edge]);
    json_member_bytes_or_null(json, "project", str_of(project));
}

void json_member_error_as(JsonWriter *json, const char *key, const ErrorNote *error)
{
    json_key(json, key);
    if (error->code == ERR_NONE) {
        json_null(json);
        return;
    }
    json_begin_object(json);
    json_member_text(json, "code", error_name(error->code));
    json_member_bytes(json, "message", str_of(error->message));
    json_member_bytes(json, "hint", str_of(error->hint));
    json_end_object(json);
}

void json_member_error(JsonWriter *json, const ErrorNote *error)
{
    json_member_error_as(json, "error", error);
}

static void json_files(JsonWriter *json, const PlanItem *item)
{
    for (size_t i = 0; i < item->changes.count; i++) {
        const FileChange *change = &item->changes.items[i];
        json_begin_object(json);
        json_place_members(json, item->artifact, item->edge, item->project);
        json_change_members(json, change, shown_path(change->path, item->path));
        json_end_object(json);
    }
}

static void json_conflicts(JsonWriter *json, const PlanItem *item)
{
    for (size_t i = 0; i < item->conflicts.count; i++) {
        const TreeConflict *conflict = &item->conflicts.items[i];
        json_begin_object(json);
        json_place_members(json, item->artifact, item->edge, item->project);
        json_conflict_members(json, conflict, shown_path(conflict->path, item->path));
        json_end_object(json);
    }
}

static void json_lost(JsonWriter *json, const PlanItem *item)
{
    json_key(json, "lost");
    json_begin_array(json);
    for (size_t i = 0; i < item->lost.count; i++) {
        const FileChange *lost = &item->lost.items[i];
        json_begin_object(json);
        json_change_members(json, lost, shown_path(lost->path, item->path));
        json_end_object(json);
    }
    json_end_array(json);
}

void json_risks(JsonWriter *json, const RiskFindings *risks, Str artifact_path)
{
    json_key(json, "risks");
    json_begin_array(json);
    for (size_t i = 0; i < risks->count; i++) {
        const RiskFinding *finding = &risks->items[i];
        json_begin_object(json);
        json_member_text(json, "kind", risk_words[finding->kind]);
        json_member_text(json, "level", finding->review ? "review" : "notice");
        json_member_bytes(json, "path", shown_path(finding->path, artifact_path));
        if (finding->line)
            json_member_integer(json, "line", (int64_t)finding->line);
        else
            json_member_null(json, "line");
        json_member_text(json, "excerpt", finding->excerpt);
        json_member_text(json, "change", finding->change);
        json_member_integer(json, "more", (int64_t)finding->more);
        json_end_object(json);
    }
    json_end_array(json);
}

static void json_item(JsonWriter *json, const PlanItem *item)
{
    json_begin_object(json);
    json_place_members(json, item->artifact, item->edge, item->project);
    json_member_text(json, "result", item_result_names[item->result]);
    json_member_error(json, &item->error);
    if (item->lost.count)
        json_lost(json, item);
    json_risks(json, &item->risks, item->path);
    json_end_object(json);
}

static void json_each(JsonWriter *json, const char *key, const Plan *plan,
                      void (*write)(JsonWriter *json, const PlanItem *item))
{
    json_key(json, key);
    json_begin_array(json);
    for (size_t i = 0; i < plan->items.count; i++)
        write(json, &plan->items.items[i]);
    json_end_array(json);
}

void json_plan_conflicts(JsonWriter *json, const Plan *plan)
{
    json_begin_array(json);
    for (size_t i = 0; i < plan->items.count; i++)
        json_conflicts(json, &plan->items.items[i]);
    json_end_array(json);
}

static void json_summary(JsonWriter *json, const Plan *plan)
{
    static const ItemResult shown[] = {RESULT_FAST_FORWARD, RESULT_MERGED, RESULT_CONFLICT,
                                       RESULT_ERROR, RESULT_UP_TO_DATE};
    json_key(json, "summary");
    json_begin_object(json);
    for (size_t i = 0; i < COUNT_OF(shown); i++)
        json_member_integer(json, item_result_names[shown[i]], (int64_t)plan_count(plan, shown[i]));
    json_end_object(json);
}

void json_plan_members(JsonWriter *json, const Plan *plan)
{
    json_member_bool(json, "dry_run", plan->dry_run);
    json_member_text(json, "result", item_result_names[plan_result(plan)]);
    json_member_bytes_or_null(json, "operation", plan->operation);
    json_each(json, "files", plan, json_files);
    json_key(json, "conflicts");
    json_plan_conflicts(json, plan);
    json_each(json, "items", plan, json_item);
    json_summary(json, plan);
}
