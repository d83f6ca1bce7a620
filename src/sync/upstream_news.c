#include "sync/upstream_news.h"

#include "events/event.h"
#include "format/json_write.h"
#include "sync/conflict_json.h"

typedef struct {
    Hash tree;
    Str sha, version;
} KnownVersion;

static Str event_data(Arena *arena, const Workspace *ws, const UpstreamSeen *now,
                      const KnownVersion *old)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    json_member_bytes(&json, "collection", str_of(ws->collection_name));
    json_member_bytes(&json, "source", now->source);
    json_member_bytes(&json, "path", now->source_path);
    json_member_bytes(&json, "pin", now->pin);
    json_member_bytes(&json, "ref", now->ref);
    json_member_bytes_or_null(&json, "old_version", old->version);
    json_member_bytes_or_null(&json, "new_version", now->version);
    json_member_bytes_or_null(&json, "old_sha", old->sha);
    json_member_bytes_or_null(&json, "new_sha", now->sha);
    json_member_hash(&json, "old_hash", &old->tree);
    json_member_hash(&json, "new_hash", &now->tree);
    json_end_object(&json);
    return buf_str(&buf);
}

/* What was known before: as it was last seen, else as it was last merged. */
static KnownVersion known_before(const Artifact *artifact, const UpstreamSeen *seen)
{
    if (seen)
        return (KnownVersion){seen->tree, seen->sha, seen->version};
    return (KnownVersion){artifact->base_hash, artifact->upstream_sha, artifact->upstream_version};
}

static bool is_of(const UpstreamSeen *seen, const UpstreamSeen *now)
{
    return str_equal(seen->source, now->source) && str_equal(seen->source_path, now->source_path) &&
           str_equal(seen->pin, now->pin);
}

bool upstream_tell_news(Workspace *ws, const Artifact *artifact, const UpstreamSeen *now,
                        Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    UpstreamSeen seen;
    bool found = false;
    int64_t seq;
    if (hash_is_zero(&now->tree)) /* gone: no version */
        return true;
    if (!upstream_seen_find(arena, ws, artifact->id, &found, &seen, err))
        return false;
    found = found && is_of(&seen, now);
    KnownVersion old = known_before(artifact, found ? &seen : NULL);
    bool first = !found && hash_is_zero(&old.tree);
    if (first || hash_equal(&old.tree, &now->tree))
        return true;
    const Event event = {
        .kind = STR("upstream.changed"),
        .subject = ws->claim.job,
        .artifact = artifact->id,
        .trace_id = str_of(ws->trace_id),
        .data = event_data(arena, ws, now, &old),
    };
    return event_add(ws->db, &event, &seq, err);
}
