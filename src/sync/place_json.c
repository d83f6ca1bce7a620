#include "sync/place_json.h"

#include "sync/conflict_json.h"

const char *place_target(const PendingMerge *pending)
{
    return pending->edge == EDGE_UPSTREAM || pending->upward ? "collection" : "project";
}

const char *place_source(const PendingMerge *pending)
{
    if (pending->edge == EDGE_UPSTREAM)
        return "upstream";
    return pending->upward ? "project" : "collection";
}

const char *place_choice(Arena *arena, const WaitingPlace *place, const PendingMerge *pending)
{
    if (!place->choice.len)
        return NULL;
    if (str_is(place->choice, "target"))
        return place_target(pending);
    if (str_is(place->choice, "source"))
        return place_source(pending);
    if (str_starts(place->choice, STR("text ")))
        return "text";
    return arena_text(arena, place->choice);
}

static void json_side(JsonWriter *json, const char *key, const char *tier, const PlaceSide *side,
                      const ConflictSide *file, bool region)
{
    json_key(json, key);
    json_begin_object(json);
    json_member_text(json, "tier", tier);
    json_member_hash(json, "hash", &file->hash);
    if (region) {
        json_member_integer(json, "start", (int64_t)side->lines.start);
        json_member_integer(json, "count", (int64_t)side->lines.count);
    } else {
        json_member_null(json, "start");
        json_member_null(json, "count");
    }
    if (side->there && side->is_text)
        json_member_bytes(json, "text", side->text);
    else
        json_member_null(json, "text");
    json_end_object(json);
}

static void json_place(Arena *arena, JsonWriter *json, const WaitingPlace *place,
                       const PendingMerge *pending)
{
    const TreeConflict *conflict = place->conflict;
    bool region = place->region != NULL;
    json_begin_object(json);
    json_member_bytes(json, "path", place->file);
    json_member_text(json, "kind", conflict_kind_name(conflict->kind));
    json_member(json, "key", place->key);
    json_member_integer(json, "number", (int64_t)place->number);
    json_member_integer(json, "count", (int64_t)place->count);
    json_member_text(json, "chosen", place_choice(arena, place, pending));
    json_side(json, "base", "base", &place->base, &conflict->base, region);
    json_side(json, "ours", place_target(pending), &place->target, &conflict->ours, region);
    json_side(json, "theirs", place_source(pending), &place->source, &conflict->theirs, region);
    json_end_object(json);
}

void json_places(Arena *arena, JsonWriter *json, const ResolveResult *result)
{
    json_key(json, "places");
    json_begin_array(json);
    for (size_t i = 0; i < result->places.count; i++)
        json_place(arena, json, &result->places.items[i], &result->pending);
    json_end_array(json);
}

void json_resolve_members(Arena *arena, JsonWriter *json, const ResolveResult *result)
{
    json_places(arena, json, result);
    json_member_integer(json, "resolved", (int64_t)result->resolved);
    json_member_bool(json, "finished", result->finished);
    json_member(json, "pending", result->pending.id);
}
