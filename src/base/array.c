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

bool str_array_has(const StrArray *texts, Str text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (str_equal(texts->items[i], text))
            return true;
    return false;
}

StrArray str_array_copy(Arena *arena, const StrArray *texts)
{
    StrArray copy = {0};
    for (size_t i = 0; i < texts->count; i++)
        ARRAY_PUSH(arena, &copy, arena_copy(arena, texts->items[i]));
    return copy;
}
