#include "sync/blob_pool.h"

#include "base/array.h"
#include "base/map.h"

typedef struct {
    Str bytes; /* in memory, or: */
    const Root *root;
    Str path;
    const TreeEntry *entry;
} BlobPlace;

typedef struct {
    const Root *root;
    Str path;
    Snapshot snapshot;
} PoolSnapshot;

struct BlobPool {
    Workspace *ws;
    ARRAY(PoolSnapshot) waiting; /* not indexed: where all is synced nobody asks for content */
    Map *blobs;                  /* hash bytes → BlobPlace */
    Map *trees;                  /* hash bytes → Snapshot */
};

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
    PoolSnapshot waiting = {root, path, *snapshot};
    ARRAY_PUSH(pool->ws->arena, &pool->waiting, waiting);
}

static void index_snapshot(BlobPool *pool, const PoolSnapshot *from)
{
    Arena *arena = pool->ws->arena;
    Snapshot *copy = ARENA_NEW(arena, Snapshot);
    *copy = from->snapshot;
    map_put(pool->trees, hash_key(&copy->hash), copy);
    for (size_t i = 0; i < copy->tree.count; i++) {
        const TreeEntry *entry = &copy->tree.items[i];
        if (map_find(pool->blobs, hash_key(&entry->hash)))
            continue;
        BlobPlace *place = ARENA_NEW(arena, BlobPlace);
        *place = (BlobPlace){.root = from->root, .path = from->path, .entry = entry};
        map_put(pool->blobs, hash_key(&entry->hash), place);
    }
}

static void index_waiting(BlobPool *pool)
{
    for (size_t i = 0; i < pool->waiting.count; i++)
        index_snapshot(pool, &pool->waiting.items[i]);
    pool->waiting.count = 0;
}

void blob_pool_add_bytes(BlobPool *pool, const Hash *hash, Str bytes)
{
    Arena *arena = pool->ws->arena;
    Hash *key = ARENA_NEW(arena, Hash);
    BlobPlace *place = ARENA_NEW(arena, BlobPlace);
    *key = *hash;
    *place = (BlobPlace){.bytes = bytes};
    map_put(pool->blobs, hash_key(key), place);
}

static bool pool_read(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    BlobPool *pool = context;
    index_waiting(pool);
    const BlobPlace *place = map_find(pool->blobs, hash_key(hash));
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
    index_waiting(pool);
    const Snapshot *snapshot = map_find(pool->trees, hash_key(hash));
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
