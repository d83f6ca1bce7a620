/* Map: a hash map from a span of bytes to a pointer, in an arena. Keys are borrowed, not copied.
 *
 * The hash is seeded per process, so that hostile keys cannot pile up. Nothing is ever removed.
 * Iterate over your own array, never over the map: its order says nothing.
 */
#pragma once

#include "base/arena.h"

typedef struct Map Map;

Map *map_new(Arena *arena, size_t expected);
void *map_find(const Map *map, Str key); /* NULL when absent */
void map_put(Map *map, Str key, void *value);
size_t map_count(const Map *map);
