#include "content/collect.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/process.h"
#include "content/store_internal.h"

enum { BATCH = 256, HEX_DIGITS = 64 };

struct Needed {
    Arena *arena;
    Store *store;
    Map *hashes; /* blobs and trees */
    Map *
        trees; /* whose blobs are among them: a blob may well be some tree's text, and have its hash */
};

Needed *needed_new(Arena *arena, Store *store)
{
    Needed *needed = ARENA_NEW(arena, Needed);
    *needed = (Needed){arena, store, map_new(arena, 0), map_new(arena, 0)};
    return needed;
}

static bool is_needed(const Needed *needed, const Hash *hash)
{
    return map_find(needed->hashes, hash_key(hash)) != NULL;
}

static void mark(Arena *arena, Map *map, const Hash *hash)
{
    if (map_find(map, hash_key(hash)))
        return;
    Hash *copy = ARENA_NEW(arena, Hash);
    *copy = *hash;
    map_put(map, hash_key(copy), copy);
}

static bool mark_blobs(Needed *needed, const Hash *tree_of, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Tree tree;
    if (!store_get_tree(scratch, needed->store, tree_of, &tree, err))
        return err->code == ERR_CORRUPT
                   ? fail_hint(err, "Nothing was freed: `weir verify --repair` first.")
                   : false;
    for (size_t i = 0; i < tree.count; i++)
        mark(needed->arena, needed->hashes, &tree.items[i].hash);
    return true;
}

bool needed_add(Needed *needed, const Hash *hash, Error *err)
{
    bool is_tree = false;
    if (hash_is_zero(hash) || map_find(needed->trees, hash_key(hash)))
        return true;
    mark(needed->arena, needed->hashes, hash);
    if (!store_has_tree(needed->store, hash, &is_tree, err))
        return false;
    if (!is_tree)
        return true;
    mark(needed->arena, needed->trees, hash);
    return mark_blobs(needed, hash, err);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool needed_add_text(Needed *needed, Str text, Error *err)
{
    size_t run = 0;
    for (size_t i = 0; i < text.len; i++) {
        Hash hash;
        run = is_hex(text.data[i]) ? run + 1 : 0;
        if (run >= HEX_DIGITS && hash_parse(str_slice(text, i + 1 - HEX_DIGITS, i + 1), &hash) &&
            !needed_add(needed, &hash, err))
            return false;
    }
    return true;
}

/* What the blobs of a young tree are needed for is about to be told. */
static bool add_young_trees(Needed *needed, const ObjectInfos *all, int64_t young_ms, Error *err)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].kind == OBJECT_TREE && all->items[i].kept_ms >= young_ms &&
            !needed_add(needed, &all->items[i].hash, err))
            return false;
    return true;
}

static bool goes(const Needed *needed, const ObjectInfo *object, int64_t young_ms)
{
    return object->kept_ms < young_ms && !is_needed(needed, &object->hash);
}

static bool delete_batch(Needed *needed, Db *db, const ObjectInfos *all, ObjectKind kind,
                         int64_t young_ms, size_t *at, Collected *out, Error *err)
{
    SCOPED(db_rollback) DbTransaction change = {0};
    size_t deleted = 0;
    Collected sum = *out;
    if (!db_begin(db, &change, err))
        return false;
    for (; *at < all->count && deleted < BATCH; ++*at) {
        const ObjectInfo *object = &all->items[*at];
        bool gone = false;
        if (object->kind != kind || !goes(needed, object, young_ms))
            continue;
        if (!object_remove_old(db, object, young_ms, &gone, err))
            return false;
        sum.objects += gone;
        sum.bytes += gone ? object->packed_bytes : 0;
        deleted++;
    }
    if (!db_commit(&change, err))
        return false;
    *out = sum;
    return true;
}

static bool delete_all(Needed *needed, Db *db, const ObjectInfos *all, int64_t young_ms,
                       Collected *out, Error *err)
{
    static const ObjectKind order[] = {OBJECT_TREE, OBJECT_BLOB};
    for (size_t i = 0; i < COUNT_OF(order); i++)
        for (size_t at = 0; at < all->count;)
            if (!interrupt_check(err) ||
                !delete_batch(needed, db, all, order[i], young_ms, &at, out, err))
                return false;
    return true;
}

bool store_collect(Needed *needed, bool apply, Collected *out, Error *err)
{
    Db *db = NULL;
    ObjectInfos all = {0};
    Collected sum = {0};
    int64_t young_ms = clock_ms() - COLLECT_GRACE_MS;
    if (!store_db(needed->store, &db, err) || !object_list(needed->arena, db, &all, err) ||
        !add_young_trees(needed, &all, young_ms, err))
        return false;
    for (size_t i = 0; i < all.count; i++) {
        bool went = goes(needed, &all.items[i], young_ms);
        sum.in_store += all.items[i].packed_bytes;
        sum.objects += went;
        sum.bytes += went ? all.items[i].packed_bytes : 0;
    }
    if (apply && sum.objects) {
        sum.objects = 0;
        sum.bytes = 0;
        if (!delete_all(needed, db, &all, young_ms, &sum, err))
            return false;
        object_compact(db);
    }
    sum.kept = all.count - sum.objects;
    *out = sum;
    return true;
}
