#include "base/map.h"

#include <stdatomic.h>
#include <string.h>

#include "base/ids.h"

typedef struct {
    Str key;
    uint64_t hash;
    void *value;
} Slot;

struct Map {
    Arena *arena;
    Slot *slots;
    size_t size; /* a power of two */
    size_t count;
    uint64_t seed;
};

/* wyhash-like mixing: fast, and unpredictable without the seed. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t key_hash(const Map *map, Str key)
{
    uint64_t h = map->seed ^ (key.len * 0x9E3779B97F4A7C15U);
    const char *p = key.data;
    size_t left = key.len;
    while (left) {
        uint64_t word = 0;
        size_t step = left < 8 ? left : 8;
        memcpy(&word, p, step);
        h = mix(h ^ word ^ 0xA0761D6478BD642FU, map->seed | 0xE7037ED1A0B428DBU);
        p += step;
        left -= step;
    }
    return mix(h ^ 0x8EBC6AF09C88C6E3U, map->seed ^ 0x589965CC75374CC3U) | 1U;
}

static void slot_put(Map *map, Str key, uint64_t hash, void *value)
{
    size_t at = hash & (map->size - 1);
    while (map->slots[at].hash &&
           !(map->slots[at].hash == hash && str_equal(map->slots[at].key, key)))
        at = (at + 1) & (map->size - 1);
    if (!map->slots[at].hash)
        map->count++;
    map->slots[at] = (Slot){key, hash, value};
}

static void map_resize(Map *map, size_t size)
{
    Slot *old = map->slots;
    size_t old_size = map->size;
    map->slots = ARENA_ARRAY(map->arena, Slot, size);
    map->size = size;
    map->count = 0;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].hash)
            slot_put(map, old[i].key, old[i].hash, old[i].value);
}

/* One seed a process: what matters is that nobody outside can know it. */
static uint64_t process_seed(void)
{
    static _Atomic uint64_t seed;
    uint64_t value = atomic_load(&seed);
    if (!value) {
        random_bytes(&value, sizeof value);
        value |= 1U;
        atomic_store(&seed, value);
    }
    return value;
}

Map *map_new(Arena *arena, size_t expected)
{
    Map *map = ARENA_NEW(arena, Map);
    map->arena = arena;
    map->seed = process_seed();
    size_t size = 16;
    while (size < expected * 2)
        size *= 2;
    map_resize(map, size);
    return map;
}

void *map_find(const Map *map, Str key)
{
    uint64_t hash = key_hash(map, key);
    size_t at = hash & (map->size - 1);
    while (map->slots[at].hash) {
        if (map->slots[at].hash == hash && str_equal(map->slots[at].key, key))
            return map->slots[at].value;
        at = (at + 1) & (map->size - 1);
    }
    return NULL;
}

void map_put(Map *map, Str key, void *value)
{
    ASSERT(value != NULL);
    if ((map->count + 1) * 2 > map->size)
        map_resize(map, map->size * 2);
    slot_put(map, key, key_hash(map, key), value);
}

size_t map_count(const Map *map)
{
    return map->count;
}
