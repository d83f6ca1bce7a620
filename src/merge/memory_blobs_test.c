#include "testing/test.h"

#include "merge/memory_blobs_internal.h"

#include <string.h>

#include "base/buf.h"

static bool read_blob(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    MemoryBlobs *blobs = context;
    const Str *bytes = map_find(blobs->by_hash, hash_key(hash));
    if (!bytes)
        return fail(err, ERR_NOT_FOUND, "no blob %s", hash_hex(hash).text);
    blobs->reads++;
    *out = arena_copy(arena, *bytes);
    return true;
}

MemoryBlobs *memory_blobs_new(Test *t)
{
    MemoryBlobs *blobs = ARENA_NEW(t->arena, MemoryBlobs);
    *blobs = (MemoryBlobs){.t = t, .by_hash = map_new(t->arena, 64)};
    blobs->reader = (BlobReader){read_blob, blobs};
    return blobs;
}

void memory_blobs_put(MemoryBlobs *blobs, Str bytes)
{
    Arena *arena = blobs->t->arena;
    Hash *hash = ARENA_NEW(arena, Hash);
    Str *copy = ARENA_NEW(arena, Str);
    *hash = hash_of(bytes);
    *copy = arena_copy(arena, bytes);
    map_put(blobs->by_hash, hash_key(hash), copy);
}

Str memory_blobs_get(MemoryBlobs *blobs, const Hash *hash)
{
    Str bytes;
    Test *t = blobs->t;
    CHECK_OK(read_blob(blobs, t->arena, hash, &bytes, &t->err));
    return bytes;
}

void tree_add(MemoryBlobs *blobs, Tree *tree, Str path, Mode mode, Str content)
{
    memory_blobs_put(blobs, content);
    TreeEntry entry = {path, mode, hash_of(content), content.len};
    ARRAY_PUSH(blobs->t->arena, tree, entry);
}

Tree tree_of_text(MemoryBlobs *blobs, const char *text)
{
    Tree tree = {0};
    Str rest = arena_copy(blobs->t->arena, str_of(text));
    Str part;
    while (str_next(&rest, '|', &part)) {
        size_t equals = str_find(part, '=');
        assert_int_not_equal(equals, STR_NONE);
        Str path = str_slice(part, 0, equals);
        char *content = arena_text(blobs->t->arena, str_slice(part, equals + 1, part.len));
        for (char *c = content; *c; c++)
            *c = *c == '~' ? '\n' : *c;
        Mode mode = str_ends(path, STR("*"))   ? MODE_EXEC
                    : str_ends(path, STR("@")) ? MODE_LINK
                                               : MODE_FILE;
        path.len -= mode != MODE_FILE;
        tree_add(blobs, &tree, path, mode, str_of(content));
    }
    tree_sort(&tree);
    return tree;
}

const char *text_of_tree(MemoryBlobs *blobs, const Tree *tree)
{
    Buf buf = buf_new(blobs->t->arena);
    for (size_t i = 0; i < tree->count; i++) {
        const TreeEntry *entry = &tree->items[i];
        if (i > 0)
            buf_add_char(&buf, '|');
        buf_add(&buf, entry->path);
        buf_add_text(&buf, entry->mode == MODE_EXEC ? "*=" : entry->mode == MODE_LINK ? "@=" : "=");
        Str bytes = memory_blobs_get(blobs, &entry->hash);
        for (size_t k = 0; k < bytes.len; k++)
            buf_add_char(&buf, bytes.data[k] == '\n' ? '~' : bytes.data[k]);
    }
    return buf_text(&buf);
}
