#include "sync/conflict_json.h"

static void json_range(JsonWriter *json, const char *key, LineRange range)
{
    json_key(json, key);
    json_begin_object(json);
    json_member_integer(json, "start", (int64_t)range.start);
    json_member_integer(json, "count", (int64_t)range.count);
    json_end_object(json);
}

void json_regions(JsonWriter *json, const LineMerge *merge)
{
    json_key(json, "regions");
    json_begin_array(json);
    for (size_t i = 0; i < merge->regions.count; i++) {
        const MergeRegion *region = &merge->regions.items[i];
        json_begin_object(json);
        json_range(json, "base", region->base);
        json_range(json, "ours", region->ours);
        json_range(json, "theirs", region->theirs);
        json_end_object(json);
    }
    json_end_array(json);
}

void json_member_hash(JsonWriter *json, const char *key, const Hash *hash)
{
    HashHex hex = hash_hex(hash);
    json_member_text(json, key, hash_is_zero(hash) ? NULL : hex.text);
}

void json_conflict_members(JsonWriter *json, const TreeConflict *conflict, Str path)
{
    json_member_bytes(json, "path", path);
    json_member_text(json, "kind", conflict_kind_name(conflict->kind));
    json_regions(json, &conflict->merge);
    json_key(json, "hashes");
    json_begin_object(json);
    json_member_hash(json, "base", &conflict->base.hash);
    json_member_hash(json, "ours", &conflict->ours.hash);
    json_member_hash(json, "theirs", &conflict->theirs.hash);
    json_end_object(json);
}

void json_change_members(JsonWriter *json, const FileChange *change, Str path)
{
    json_member_bytes(json, "path", path);
    json_member_text(json, "action", file_action_name(change->action));
    if (change->action == FILE_RENAME)
        json_member_bytes(json, "from_path", change->from_path);
    json_member_integer(json, "added", (int64_t)change->added);
    json_member_integer(json, "removed", (int64_t)change->removed);
}
