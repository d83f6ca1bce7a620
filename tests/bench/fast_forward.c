/* Measures a fast-forward in memory: 100 files of 4 kB, all changed on one side.
 * Prints `fast_forward_ms N`, the median of 101 merges. No file is read or written.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "merge/tree_merge.h"

enum { FILES = 100, ROUNDS = 101, FILE_BYTES = 4096 };

static bool read_blob(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    (void)context;
    (void)err;
    char *bytes = arena_alloc(arena, FILE_BYTES, 1);
    for (size_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = i % 64 == 63 ? '\n' : (char)('a' + (hash->bytes[i % 32] + i / 64) % 26);
    *out = (Str){bytes, FILE_BYTES};
    return true;
}

static Tree tree_of(Arena *arena, const char *version)
{
    Tree tree = {0};
    for (int i = 0; i < FILES; i++) {
        Str path = str_of(arena_format(arena, "reference/%03d.md", i));
        Hash hash = hash_of(str_of(arena_format(arena, "%s %d", version, i)));
        ARRAY_PUSH(arena, &tree, (TreeEntry){path, MODE_FILE, hash, FILE_BYTES});
    }
    return tree;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    Arena *arena = arena_open();
    Tree base = tree_of(arena, "old");
    Tree theirs = tree_of(arena, "new");
    const BlobReader blobs = {.read = read_blob};
    const TreeMergeOptions options = {.no_counts = true};
    int64_t spent_us[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        TreeMerge merge;
        Error err;
        int64_t start = clock_monotonic_us();
        if (!tree_merge(arena, &base, &base, &theirs, &blobs, &options, &merge, &err) ||
            merge.kind != TREE_FAST_FORWARD || merge.tree.count != FILES) {
            (void)fprintf(stderr, "not a fast-forward: %s\n", err.message);
            return 1;
        }
        spent_us[i] = clock_monotonic_us() - start;
    }
    qsort(spent_us, ROUNDS, sizeof spent_us[0], compare);
    (void)printf("fast_forward_ms %.3f\n", (double)spent_us[ROUNDS / 2] / 1000);
    arena_close(&arena);
    return 0;
}
