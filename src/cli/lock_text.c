#include "cli/lock_text.h"

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
