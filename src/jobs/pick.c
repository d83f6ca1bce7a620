#include "jobs/pick_internal.h"

#include "base/map.h"
#include "jobs/moves_internal.h"

/* Of one collection. */
typedef struct {
    bool any, all;
    Map *artifacts;
} Held;

struct Pick {
    Arena *arena;
    int64_t now_ms;
    bool suspect; /* one runs */
    Map *collections;
};

Pick *pick_new(Arena *arena, int64_t now_ms)
{
    Pick *pick = ARENA_NEW(arena, Pick);
    *pick = (Pick){.arena = arena, .now_ms = now_ms, .collections = map_new(arena, 4)};
    return pick;
}

static Held *held_of(Pick *pick, Str collection)
{
    Held *held = map_find(pick->collections, collection);
    if (held)
        return held;
    held = ARENA_NEW(pick->arena, Held);
    held->artifacts = map_new(pick->arena, 16);
    map_put(pick->collections, arena_copy(pick->arena, collection), held);
    return held;
}

static bool is_free(const Held *held, const Job *job)
{
    if (held->all || (job->artifacts.count == 0 && held->any))
        return false;
    for (size_t i = 0; i < job->artifacts.count; i++)
        if (map_find(held->artifacts, job->artifacts.items[i]))
            return false;
    return true;
}

static void hold(Pick *pick, Held *held, const Job *job)
{
    held->any = true;
    held->all |= job->artifacts.count == 0;
    for (size_t i = 0; i < job->artifacts.count; i++) {
        Str artifact = job->artifacts.items[i];
        if (!map_find(held->artifacts, artifact))
            map_put(held->artifacts, arena_copy(pick->arena, artifact), held);
    }
}

void pick_running(Pick *pick, const Job *job)
{
    pick->suspect |= job->suspect;
    if (job_kind_is_exclusive(job->kind))
        hold(pick, held_of(pick, job->collection), job);
}

bool pick_waiting(Pick *pick, const Job *job)
{
    bool may = job_is_runnable(job, pick->now_ms) && !(job->suspect && pick->suspect);
    if (job_kind_is_exclusive(job->kind)) {
        Held *held = held_of(pick, job->collection);
        may = may && is_free(held, job);
        hold(pick, held, job);
    }
    pick->suspect |= may && job->suspect;
    return may;
}
