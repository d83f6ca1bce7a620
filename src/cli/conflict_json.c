#include "cli/conflict_json.h"

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
