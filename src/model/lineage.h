/* Lineage lists: the last version hashes of an artifact on one tier, newest first, without duplicates.
 *
 * They are a hint for display and ancestry; the database keeps the full lineage. Pure.
 */
#pragma once

#include "base/array.h"
#include "base/hash.h"
#include "base/limits.h"

typedef ARRAY(Hash) Hashes;

/* What decides between two records that name different bases. `is_ancestor` may be NULL. */
typedef struct {
    bool (*is_ancestor)(void *context, const Hash *older, const Hash *newer);
    void *context;
    /* Record files as git's merge base has them, where a merge of git is under way: the first file, and the
     * second one of a collection. Empty: not known. */
    Str common[2];
} Ancestry;

/* Index of `hash`, or SIZE_MAX. */
size_t lineage_find(const Hashes *list, const Hash *hash);

/* True when both are in the list and `older` stands behind `newer`. No version is its own ancestor. */
bool lineage_is_ancestor(const Hashes *list, const Hash *older, const Hash *newer);

/* A new list with `newest` in front, at most LIMIT_LINEAGE_SHOWN long. The list itself is not changed.
 * A version that comes back (an undo) moves to the front. The zero hash is never put in. */
Hashes lineage_push(Arena *arena, const Hashes *list, const Hash *newest);
