#include "sync/blob_pool.h"

#include "base/map.h"

typedef struct {
    Str bytes; /* in memory, or: */
    const Root *root;
    Str path;
    const TreeEntry *entry;
} BlobPlace;

struct BlobPool {
    Workspace *ws;
    Map *blobs; /* hash bytes → BlobPlace */
    Map *trees; /* hash bytes → Snapshot */
};

static Str key_of(const Hash *hash)
{
    return (Str){(const char *)hash->bytes, sizeof hash->bytes};
}

BlobPool *blob_pool_new(Workspace *ws)
{
    BlobPool *pool = ARENA_NEW(ws->arena, BlobPool);
    pool->ws = ws;
    pool->blobs = map_new(ws->arena, 0);
    pool->trees = map_new(ws->arena, 0);
    return pool;
}

void blob_pool_add_snapshot(BlobPool *pool, const Root *root, Str path, const Snapshot *snapshot)
{
    Arena *arena = pool->ws->arena;
    Snapshot *copy = ARENA_NEW(arena, Snapshot);
    *copy = *snapshot;
    map_put(pool->trees, key_of(&copy->hash), copy);
    for (size_t i = 0; i < snapshot->tree.count; i++) {
        const TreeEntry *entry = &snapshot->tree.items[i];
        if (map_find(pool->blobs, key_of(&entry->hash)))
            continue;
        BlobPlace *place = ARENA_NEW(arena, BlobPlace);
        *place = (BlobPlace){.root = root, .path = path, .entry = entry};
        map_put(pool->blobs, key_of(&entry->hash), place);
    }
}

void blob_pool_add_bytes(BlobPool *pool, const Hash *hash, Str bytes)
{
    Arena *arena = pool->ws->arena;
    Hash *key = ARENA_NEW(arena, Hash);
    BlobPlace *place = ARENA_NEW(arena, BlobPlace);
    *key = *hash;
    *place = (BlobPlace){.bytes = bytes};
    map_put(pool->blobs, key_of(key), place);
}

static bool pool_read(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    BlobPool *pool = context;
    const BlobPlace *place = map_find(pool->blobs, key_of(hash));
    if (!place)
        return store_get(arena, pool->ws->store, hash, out, err);
    if (!place->root) {
        *out = place->bytes;
        return true;
    }
    return snapshot_blob(arena, place->root->fd, place->path, place->entry, out, err);
}

BlobReader blob_pool_reader(BlobPool *pool)
{
    return (BlobReader){.read = pool_read, .context = pool};
}

bool blob_pool_tree(BlobPool *pool, const Hash *hash, Tree *out, Error *err)
{
    const Snapshot *snapshot = map_find(pool->trees, key_of(hash));
    if (snapshot) {
        *out = snapshot->tree;
        return true;
    }
    if (store_get_tree(pool->ws->arena, pool->ws->store, hash, out, err))
        return true;
    if (err->code != ERR_NOT_FOUND)
        return false;
    HashHex hex = hash_hex(hash);
    return fail(err, ERR_BASE_NOT_FOUND, "the content of version %.12s is not on this machine",
                hex.text);
}
