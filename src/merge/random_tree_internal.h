/* Trees that are hard on a merge, for tests: odd names, links, binary files, moves, changed modes.
 * Only for *_test.c, which include testing/test.h before it. */
#pragma once

#include "merge/memory_blobs_internal.h"

Tree random_tree(MemoryBlobs *blobs, size_t files_max);

/* A tree made from `tree` by some edits. No two names fold to each other, no file is also a folder. */
Tree random_tree_edit(MemoryBlobs *blobs, const Tree *tree, size_t edits_max);
