#include "sync/gc_json.h"

#include "base/clock.h"

void json_gc(JsonWriter *json, const GcResult *result, bool applied)
{
    json_member_bool(json, "dry_run", !applied);
    json_member_text(json, "since", clock_format(json->buf->arena, result->since_ms));
    json_member_integer(json, "objects", (int64_t)result->objects);
    json_member_integer(json, "bytes", (int64_t)result->bytes);
    json_member_integer(json, "kept", (int64_t)result->kept);
    json_member_integer(json, "in_store", (int64_t)result->in_store);
    json_member_integer(json, "git_caches", (int64_t)result->git_caches);
    json_member_integer(json, "git_bytes", (int64_t)result->git_bytes);
    json_member_integer(json, "stat_caches", (int64_t)result->stat_caches);
    json_member_integer(json, "stat_bytes", (int64_t)result->stat_bytes);
}
