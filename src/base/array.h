/* Growable arrays in an arena: typedef ARRAY(Thing) Things; Things list = {0};
 * ARRAY_PUSH(arena, &list, thing);  list.items[i], list.count. Growing moves the items. */
#pragma once

#include "base/arena.h"

#define ARRAY(type)                                                                                \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

#define ARRAY_PUSH(arena, array, ...)                                                              \
    ((array)->items = array_room((arena), (array)->items, (array)->count, &(array)->capacity,      \
                                 sizeof *(array)->items),                                          \
     (void)((array)->items[(array)->count++] = (__VA_ARGS__)))

/* Room for one more item; gives where the items are now. */
void *array_room(Arena *arena, void *items, size_t count, size_t *capacity, size_t item_bytes);

typedef ARRAY(Str) StrArray;

bool str_array_has(const StrArray *texts, Str text);
StrArray str_array_copy(Arena *arena, const StrArray *texts); /* bytes too */
