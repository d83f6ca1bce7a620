#include "content/check.h"

#include "base/process.h"
#include "content/store_internal.h"

enum { PROGRESS_STEP = 64 };

static bool check_blobs(Store *store, const Tree *tree, DamagedObject *out, Error *err)
{
    for (size_t i = 0; i < tree->count; i++) {
        bool found = false;
        if (!store_has(store, &tree->items[i].hash, &found, err))
            return false;
        if (found)
            continue;
        out->missing = tree->items[i].hash;
        (void)fail(&out->error, ERR_NOT_FOUND, "%.12s, which it lists, is not in the store",
                   hash_hex(&out->missing).text);
        return true;
    }
    return true;
}

/* A failure that is not the object's own stops the check. */
static bool check_one(Store *store, const ObjectInfo *info, DamagedObject *out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Tree tree;
    Str bytes;
    Error failed = {0};
    *out = (DamagedObject){.hash = info->hash, .is_tree = info->kind == OBJECT_TREE};
    if (!out->is_tree && store_get(scratch, store, &info->hash, &bytes, &failed))
        return true;
    if (out->is_tree && store_get_tree(scratch, store, &info->hash, &tree, &failed))
        return check_blobs(store, &tree, out, err);
    if (failed.code == ERR_NOT_FOUND)
        return true; /* somebody collected it meanwhile */
    out->error = failed;
    if (failed.code == ERR_CORRUPT)
        return true;
    *err = failed;
    return false;
}

bool store_check(Arena *arena, Store *store, const StoreCheck *check, size_t *looked_at,
                 DamagedObjects *out, Error *err)
{
    Db *db = NULL;
    ObjectInfos all = {0};
    DamagedObjects list = {0};
    if (!store_db(store, &db, err) || !object_list(arena, db, &all, err))
        return false;
    for (size_t i = 0; i < all.count; i++) {
        DamagedObject one;
        if (i % PROGRESS_STEP == 0) {
            check->progress(check->context, i, all.count);
            if (!interrupt_check(err))
                return false;
        }
        if (!check_one(store, &all.items[i], &one, err))
            return false;
        if (one.error.code)
            ARRAY_PUSH(arena, &list, one);
    }
    *looked_at = all.count;
    *out = list;
    return true;
}

bool store_put_aside(Store *store, const Hash *hash, bool is_tree, Error *err)
{
    Db *db = NULL;
    SCOPED(db_rollback) DbTransaction change = {0};
    return store_db(store, &db, err) && db_begin(db, &change, err) &&
           object_put_aside(db, is_tree ? OBJECT_TREE : OBJECT_BLOB, hash, err) &&
           db_commit(&change, err);
}

bool store_check_database(Arena *arena, Store *store, StrArray *out, Error *err)
{
    Db *db = NULL;
    return store_db(store, &db, err) && db_check(arena, db, out, err);
}
