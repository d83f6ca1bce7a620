#include "base/array.h"

void *array_room(Arena *arena, void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return items;
    size_t wanted = *capacity ? *capacity * 2 : 8;
    items = arena_grow(arena, items, *capacity * item_bytes, wanted * item_bytes, 16);
    *capacity = wanted;
    return items;
}
