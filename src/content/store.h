/* Store: content-addressed blobs and trees, in objects.db of weir's home.
 *
 * A blob's key is the SHA-256 of its bytes, a tree's is tree_hash. Puts are durable once the batch is
 * committed (or at once, outside a batch); putting what is there changes nothing. Every get is verified:
 * a flipped byte is ERR_CORRUPT and names the hash. The database is opened at first use. A handle
 * belongs to one thread; other threads and processes may have their own.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/tree.h"

typedef struct Store Store;

/* `home` is kept. Opens nothing yet. */
MUST_CHECK bool store_open(Arena *arena, const char *home, Store **out, Error *err);
bool store_in_place(const Store *store); /* as db_in_place */
void store_close(Store **store);         /* an unfinished batch is dropped */

/* A batch takes the write lock at its first new object; a batch that adds nothing costs nothing.
 *     SCOPED(store_rollback) StoreBatch batch = {0};
 *     return store_begin(store, &batch, err) && ... && store_commit(&batch, err); */
typedef struct {
    Store *store;
} StoreBatch;

MUST_CHECK bool store_begin(Store *store, StoreBatch *out, Error *err);
MUST_CHECK bool store_commit(StoreBatch *batch, Error *err);
void store_rollback(StoreBatch *batch); /* fine after a commit */
bool store_in_batch(const Store *store);

MUST_CHECK bool store_put(Store *store, Str bytes, Hash *out, Error *err);
/* The tree's list only; its blobs are put before it, one by one. ERR_CHANGED when one is not there. */
MUST_CHECK bool store_put_tree(Store *store, const Tree *tree, Hash *out, Error *err);

MUST_CHECK bool store_has(Store *store, const Hash *hash, bool *found, Error *err);
/* As store_has, and what is there is as good as put now. */
MUST_CHECK bool store_keep(Store *store, const Hash *hash, bool *found, Error *err);
MUST_CHECK bool store_has_tree(Store *store, const Hash *hash, bool *found, Error *err);

/* Absent is ERR_NOT_FOUND. */
MUST_CHECK bool store_get(Arena *arena, Store *store, const Hash *hash, Str *out, Error *err);
MUST_CHECK bool store_get_tree(Arena *arena, Store *store, const Hash *hash, Tree *out, Error *err);
