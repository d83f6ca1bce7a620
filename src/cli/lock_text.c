#include "cli/lock_text.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/text.h"
#include "cli/words.h"

const char *lock_until(Arena *arena, const ArtifactLock *lock)
{
    return arena_format(arena, "%s UTC", time_short(arena, lock->until_ms));
}

void lock_print(Output *output, const Drift *drift)
{
    Arena *arena = output->arena;
    Map *said = map_new(arena, 0);
    for (size_t i = 0; i < drift->items.count; i++) {
        const ArtifactLock *lock = &drift->items.items[i].lock;
        if (!lock->until_ms || map_find(said, lock->artifact))
            continue;
        map_put(said, lock->artifact, said);
        out_line(output, "  %s is locked by %s until %s%s%s", text_safe(arena, lock->artifact),
                 text_safe(arena, lock->owner), lock_until(arena, lock),
                 lock->reason.len ? ": " : "", text_safe(arena, lock->reason));
    }
}

void json_lock_members(JsonWriter *json, const ArtifactLock *lock)
{
    json_member_bytes(json, "owner", lock->owner);
    json_member_bytes(json, "reason", lock->reason);
    json_member_text(json, "until", clock_format(json->buf->arena, lock->until_ms));
}

void json_member_lock(JsonWriter *json, const ArtifactLock *lock)
{
    if (!lock->until_ms) {
        json_member_null(json, "lock");
        return;
    }
    json_key(json, "lock");
    json_begin_object(json);
    json_lock_members(json, lock);
    json_end_object(json);
}
