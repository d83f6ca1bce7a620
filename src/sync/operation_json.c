#include "sync/operation_json.h"

#include "base/clock.h"
#include "sync/conflict_json.h"

static void json_accepted(JsonWriter *json, const Operation *operation)
{
    json_key(json, "accepted");
    json_begin_array(json);
    for (size_t i = 0; i < operation->accepted.count; i++) {
        const AcceptedRisk *accepted = &operation->accepted.items[i];
        json_begin_object(json);
        json_member(json, "artifact", accepted->artifact);
        json_member(json, "tree", accepted->tree);
        json_member(json, "findings", accepted->findings);
        json_end_object(json);
    }
    json_end_array(json);
}

static void json_operation_members(JsonWriter *json, const Operation *operation)
{
    json_member(json, "id", operation->id);
    json_member_text(json, "at", clock_format(json->buf->arena, operation->at_ms));
    json_member(json, "verb", operation->verb);
    json_member_bytes(json, "command", operation->command);
    json_member_bytes(json, "actor", operation->actor);
    json_member(json, "result", operation->result);
    json_member(json, "collection", operation->collection);
    json_member_strings(json, "artifacts", &operation->artifacts);
    json_member_integer(json, "files", (int64_t)operation->files);
    json_accepted(json, operation);
    json_member_bytes_or_null(json, "undone_by", operation->undone_by);
    json_member_bytes_or_null(json, "undoes", operation->undoes);
    json_member_bool(json, "is_half_undone", operation->is_half_undone);
    json_member(json, "trace_id", operation->trace_id);
}

void json_operation(JsonWriter *json, const Operation *operation)
{
    json_begin_object(json);
    json_operation_members(json, operation);
    json_end_object(json);
}

void json_operation_detail(JsonWriter *json, const OperationDetail *detail)
{
    json_operation_members(json, &detail->head);
    json_key(json, "changes");
    json_begin_array(json);
    for (size_t i = 0; i < detail->trees.count; i++) {
        const OperationTree *tree = &detail->trees.items[i];
        bool in_project = str_is(tree->tier, tier_names[TIER_PROJECT]);
        json_begin_object(json);
        json_member_bytes(json, "artifact", tree->artifact);
        json_member(json, "tier", tree->tier);
        json_member_bytes_or_null(json, "project", in_project ? tree->root : (Str){0});
        json_member_bytes(json, "path", tree->path);
        json_member_hash(json, "before", &tree->before);
        json_member_hash(json, "after", &tree->after);
        json_end_object(json);
    }
    json_end_array(json);
}

void json_undo_members(JsonWriter *json, const UndoResult *result)
{
    json_key(json, "undone");
    json_operation(json, &result->undone);
    json_member_strings(json, "left", &result->left);
}
