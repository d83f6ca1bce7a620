#include "model/lineage.h"

size_t lineage_find(const Hashes *list, const Hash *hash)
{
    for (size_t i = 0; i < list->count; i++) {
        if (hash_equal(&list->items[i], hash))
            return i;
    }
    return SIZE_MAX;
}

bool lineage_is_ancestor(const Hashes *list, const Hash *older, const Hash *newer)
{
    size_t older_at = lineage_find(list, older);
    size_t newer_at = lineage_find(list, newer);
    return older_at != SIZE_MAX && newer_at != SIZE_MAX && newer_at < older_at;
}

Hashes lineage_push(Arena *arena, const Hashes *list, const Hash *newest)
{
    Hashes pushed = {0};
    if (!hash_is_zero(newest))
        ARRAY_PUSH(arena, &pushed, *newest);
    for (size_t i = 0; i < list->count && pushed.count < LIMIT_LINEAGE_SHOWN; i++) {
        if (lineage_find(&pushed, &list->items[i]) == SIZE_MAX)
            ARRAY_PUSH(arena, &pushed, list->items[i]);
    }
    return pushed;
}
