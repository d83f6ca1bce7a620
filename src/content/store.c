#include "content/store.h"

#include "base/clock.h"
#include "base/limits.h"
#include "content/collect.h"
#include "content/store_internal.h"

struct Store {
    Arena *arena; /* its own: the database is opened while the caller marks and rewinds */
    const char *home;
    Db *db;
    Packer *packer;
    bool in_batch;
    DbTransaction change; /* of the batch, once it has something new */
};

bool store_open(Arena *arena, const char *home, Store **out, Error *err __attribute__((unused)))
{
    Store *store = ARENA_NEW(arena, Store);
    store->arena = arena_open();
    store->home = home;
    *out = store;
    return true;
}

bool store_in_place(const Store *store)
{
    return !store->db || db_in_place(store->db);
}

void store_close(Store **store)
{
    if (!*store)
        return;
    db_rollback(&(*store)->change);
    db_close(&(*store)->db);
    packer_close(&(*store)->packer);
    arena_close(&(*store)->arena);
    *store = NULL;
}

static bool use(Store *store, Error *err)
{
    if (store->db)
        return true;
    if (!db_open(store->arena, store->home, DB_OBJECTS, &store->db, err))
        return false;
    store->packer = packer_open();
    return true;
}

bool store_db(Store *store, Db **out, Error *err)
{
    if (!use(store, err))
        return false;
    *out = store->db;
    return true;
}

Packer *store_packer(Store *store)
{
    return store->packer;
}

bool store_begin(Store *store, StoreBatch *out, Error *err __attribute__((unused)))
{
    ASSERT(!store->in_batch);
    store->in_batch = true;
    out->store = store;
    return true;
}

bool store_commit(StoreBatch *batch, Error *err)
{
    Store *store = batch->store;
    ASSERT(store && store->in_batch);
    if (store->change.db && !db_commit(&store->change, err))
        return false;
    store->in_batch = false;
    batch->store = NULL;
    return true;
}

void store_rollback(StoreBatch *batch)
{
    Store *store = batch->store;
    if (!store)
        return;
    db_rollback(&store->change);
    store->in_batch = false;
    batch->store = NULL;
}

bool store_in_batch(const Store *store)
{
    return store->in_batch;
}

/* Young enough that whoever collects meanwhile leaves it until it is told what it is needed for. */
static bool is_young(Store *store, ObjectKind kind, const Hash *hash, bool *found, bool *young,
                     Error *err)
{
    int64_t kept_ms;
    if (!object_age(store->db, kind, hash, found, &kept_ms, err))
        return false;
    *young = *found && kept_ms >= clock_ms() - COLLECT_GRACE_MS / 2;
    return true;
}

/* Opens the batch's transaction, or one of its own. */
static bool begin_change(Store *store, DbTransaction *own, Error *err)
{
    if (!store->in_batch)
        return db_begin(store->db, own, err);
    return store->change.db || db_begin(store->db, &store->change, err);
}

static bool end_change(DbTransaction *own, Error *err)
{
    return !own->db || db_commit(own, err);
}

static bool touch_or_add(Store *store, ObjectKind kind, const Hash *hash, Str bytes, Error *err)
{
    bool found = false;
    return object_touch(store->db, kind, hash, &found, err) &&
           (found || object_add(store->db, store->packer, kind, hash, bytes, err));
}

static bool add(Store *store, ObjectKind kind, const Hash *hash, Str bytes, Error *err)
{
    bool found;
    bool young;
    SCOPED(db_rollback) DbTransaction own = {0};
    if (!use(store, err) || !is_young(store, kind, hash, &found, &young, err))
        return false;
    return young || (begin_change(store, &own, err) &&
                     touch_or_add(store, kind, hash, bytes, err) && end_change(&own, err));
}

static bool keep(Store *store, ObjectKind kind, const Hash *hash, bool *found, Error *err)
{
    bool young;
    SCOPED(db_rollback) DbTransaction own = {0};
    if (!use(store, err) || !is_young(store, kind, hash, found, &young, err))
        return false;
    return !*found || young ||
           (begin_change(store, &own, err) && object_touch(store->db, kind, hash, found, err) &&
            end_change(&own, err));
}

bool store_keep(Store *store, const Hash *hash, bool *found, Error *err)
{
    return keep(store, OBJECT_BLOB, hash, found, err);
}

bool store_put(Store *store, Str bytes, Hash *out, Error *err)
{
    if (bytes.len > LIMIT_FILE_BYTES)
        return fail(err, ERR_TOO_LARGE, "a file of %zu bytes is too large to keep", bytes.len);
    Hash hash = hash_of(bytes);
    if (!add(store, OBJECT_BLOB, &hash, bytes, err))
        return false;
    *out = hash;
    return true;
}

/* A tree that is kept keeps its blobs: else one that is put again might find them collected. */
static bool keep_blobs(Store *store, const Tree *tree, Error *err)
{
    for (size_t i = 0; i < tree->count; i++) {
        bool found = false;
        if (!keep(store, OBJECT_BLOB, &tree->items[i].hash, &found, err))
            return false;
        if (!found)
            return fail(err, ERR_CHANGED, "content of %.12s is no longer in the store",
                        hash_hex(&tree->items[i].hash).text);
    }
    return true;
}

bool store_put_tree(Store *store, const Tree *tree, Hash *out, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Hash hash = tree_hash(tree);
    bool found;
    bool young;
    if (!use(store, err) || !is_young(store, OBJECT_TREE, &hash, &found, &young, err) ||
        (!young && !keep_blobs(store, tree, err)) ||
        !add(store, OBJECT_TREE, &hash, tree_write(arena, tree), err))
        return false;
    *out = hash;
    return true;
}

bool store_has(Store *store, const Hash *hash, bool *found, Error *err)
{
    return use(store, err) && object_has(store->db, OBJECT_BLOB, hash, found, err);
}

bool store_has_tree(Store *store, const Hash *hash, bool *found, Error *err)
{
    return use(store, err) && object_has(store->db, OBJECT_TREE, hash, found, err);
}

static bool fail_damaged(const Hash *hash, Error *err)
{
    HashHex hex = hash_hex(hash);
    fail_in(err, "stored content %s", hex.text);
    if (err->code == ERR_CORRUPT)
        fail_hint(err, "Restore objects.db from a backup; what still lies in the collection, in a "
                       "project or upstream is not affected.");
    return false;
}

bool store_get(Arena *arena, Store *store, const Hash *hash, Str *out, Error *err)
{
    Str bytes;
    if (!use(store, err))
        return false;
    if (!object_get(arena, store->db, store->packer, OBJECT_BLOB, hash, &bytes, err))
        return fail_damaged(hash, err);
    Hash actual = hash_of(bytes);
    if (!hash_equal(&actual, hash)) {
        fail(err, ERR_CORRUPT, "its bytes have changed");
        return fail_damaged(hash, err);
    }
    *out = bytes;
    return true;
}

static bool read_tree(Arena *arena, Store *store, const Hash *hash, Tree *out, Error *err)
{
    Str text;
    Tree tree;
    SCOPED(arena_close) Arena *scratch = arena_open();
    if (!object_get(scratch, store->db, store->packer, OBJECT_TREE, hash, &text, err) ||
        !tree_read(arena, text, &tree, err))
        return false;
    Hash actual = tree_hash(&tree);
    if (!hash_equal(&actual, hash))
        return fail(err, ERR_CORRUPT, "its bytes have changed");
    *out = tree;
    return true;
}

bool store_get_tree(Arena *arena, Store *store, const Hash *hash, Tree *out, Error *err)
{
    return use(store, err) && (read_tree(arena, store, hash, out, err) || fail_damaged(hash, err));
}
