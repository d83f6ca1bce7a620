/* Trees and blobs in memory, written and read as one line of text.
 * Only for *_test.c, which include testing/test.h before it. */
#pragma once

#include "base/map.h"
#include "merge/tree_merge.h"

typedef struct {
    Test *t;
    Map *by_hash;
    BlobReader reader;
    size_t reads;
} MemoryBlobs;

MemoryBlobs *memory_blobs_new(Test *t);
void memory_blobs_put(MemoryBlobs *blobs, Str bytes);
Str memory_blobs_get(MemoryBlobs *blobs, const Hash *hash);

/* "a=text|b*=executable|c@=target of a link", '~' stands for a line feed; "=text" is a one-file tree. */
Tree tree_of_text(MemoryBlobs *blobs, const char *text);
const char *text_of_tree(MemoryBlobs *blobs, const Tree *tree);
void tree_add(MemoryBlobs *blobs, Tree *tree, Str path, Mode mode, Str content);
