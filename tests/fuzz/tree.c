/* What tree_read accepts, tree_write gives back byte for byte; and the hash of a tree is not of its sizes. */
#include "base/tree.h"

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str text = {(const char *)data, size};
    Tree tree;
    Tree again;
    Error err;
    if (!tree_read(arena, text, &tree, &err)) {
        ASSERT(err.code != ERR_NONE);
        return 0;
    }
    Str written = tree_write(arena, &tree);
    ASSERT(str_equal(written, text));
    ASSERT(tree_read(arena, written, &again, &err) && tree_equal(&tree, &again));
    Hash before = tree_hash(&tree);
    for (size_t i = 0; i < tree.count; i++) {
        ASSERT(tree_find(&tree, tree.items[i].path) == &tree.items[i]);
        tree.items[i].size_bytes++;
    }
    Hash after = tree_hash(&tree);
    ASSERT(hash_equal(&before, &after));
    return 0;
}
