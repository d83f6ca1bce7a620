/* Checking the store: every object read and hashed again. What is damaged is put aside, never deleted. */
#pragma once

#include "base/array.h"
#include "content/store.h"

typedef struct {
    Hash hash;
    bool is_tree;
    Error
        error; /* ERR_CORRUPT: its bytes; ERR_NOT_FOUND: a tree whose blob `missing` is not there */
    Hash missing;
} DamagedObject;
typedef ARRAY(DamagedObject) DamagedObjects;

/* `progress` is told how many are done, now and then. */
typedef struct {
    void (*progress)(void *context, size_t done, size_t total);
    void *context;
} StoreCheck;
MUST_CHECK bool store_check(Arena *arena, Store *store, const StoreCheck *check, size_t *looked_at,
                            DamagedObjects *out, Error *err);

/* Its rows go to damaged_object: from now on it is absent, and can be put again. */
MUST_CHECK bool store_put_aside(Store *store, const Hash *hash, bool is_tree, Error *err);

/* What the database says of itself; nothing when it is sound. */
MUST_CHECK bool store_check_database(Arena *arena, Store *store, StrArray *out, Error *err);
