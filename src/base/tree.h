/* Tree: the content of an artifact as a sorted list of path, mode class and blob hash.
 *
 * Paths are relative, '/'-separated bytes, sorted by memcmp, without duplicates; folders are implied.
 * An artifact that is one file has one entry whose path is empty. The canonical hash is specified byte
 * by byte in docs/content-hash.md and is the same on every machine.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"
#include "base/hash.h"

typedef enum {
    MODE_NONE, /* absent */
    MODE_FILE,
    MODE_EXEC,
    MODE_LINK, /* its blob is the link's target */
} Mode;

typedef struct {
    Str path;
    Mode mode;
    Hash hash;
    uint64_t size_bytes; /* of the blob; for display, not part of the hash */
} TreeEntry;

typedef ARRAY(TreeEntry) Tree;

Hash tree_hash(const Tree *tree);
void tree_sort(Tree *tree);
const TreeEntry *tree_find(const Tree *tree, Str path); /* NULL when absent */
bool tree_equal(const Tree *a, const Tree *b);
bool tree_entry_equal(const TreeEntry *a, const TreeEntry *b); /* mode and hash; NULL equals NULL */
bool tree_is_file(const Tree *tree);                           /* a one-file artifact */
uint64_t tree_bytes(const Tree *tree);

const char *mode_name(Mode mode); /* "none" "file" "exec" "link" */

/* A tree is stored as its canonical text (docs/content-hash.md) plus sizes; tree_read checks it all:
 * order, duplicates, names, modes. */
Str tree_write(Arena *arena, const Tree *tree);
MUST_CHECK bool tree_read(Arena *arena, Str text, Tree *out, Error *err);
