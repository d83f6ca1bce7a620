#include "cli/place_json.h"

#include "cli/conflict_json.h"
#include "cli/place_text.h"

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
