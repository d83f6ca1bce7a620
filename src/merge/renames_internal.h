/* Pairs of a deleted and an added path that are one file moved.
 *
 * In this order, each path used once: names that only fold to each other (any content); equal content;
 * at least half alike. Empty files, the empty path and a link beside a file are never paired by content.
 * Bounds: RENAME_PAIRS comparisons by likeness, files of RENAME_FILE_BYTES, RENAME_BYTES in all.
 */
#pragma once

#include "merge/tree_diff.h"

enum { RENAME_PAIRS = 40000, RENAME_FILE_BYTES = 4 << 20, RENAME_BYTES = 64 << 20 };

typedef struct {
    const TreeEntry *from, *to;
    int similarity; /* percent, rounded down */
} Rename;
typedef ARRAY(Rename) Renames; /* sorted by from->path */

MUST_CHECK bool renames_find(Arena *arena, const Tree *before, const Tree *after,
                             const BlobReader *blobs, Renames *out, Error *err);

const Rename *renames_by_from(const Renames *renames, Str path);
