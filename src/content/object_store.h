/* Objects: the rows of objects.db, chunk by chunk. Private to the room; store.h is what others use. */
#pragma once

#include "base/array.h"
#include "base/hash.h"
#include "content/blob.h"
#include "db/db.h"

typedef enum { OBJECT_BLOB = 1, OBJECT_TREE = 2 } ObjectKind;

MUST_CHECK bool object_has(Db *db, ObjectKind kind, const Hash *hash, bool *found, Error *err);

/* Inside a transaction. What is there stays as it is. */
MUST_CHECK bool object_add(Db *db, Packer *packer, ObjectKind kind, const Hash *hash, Str bytes,
                           Error *err);

/* Sizes are checked, the hash is not. */
MUST_CHECK bool object_get(Arena *arena, Db *db, Packer *packer, ObjectKind kind, const Hash *hash,
                           Str *out, Error *err);

/* When it was put, or last found there by a put. */
MUST_CHECK bool object_age(Db *db, ObjectKind kind, const Hash *hash, bool *found, int64_t *kept_ms,
                           Error *err);
/* It is put now; *found false when it is not there. */
MUST_CHECK bool object_touch(Db *db, ObjectKind kind, const Hash *hash, bool *found, Error *err);

typedef struct {
    Hash hash;
    ObjectKind kind;
    int64_t kept_ms;
    uint64_t packed_bytes;
} ObjectInfo;
typedef ARRAY(ObjectInfo) ObjectInfos;
MUST_CHECK bool object_list(Arena *arena, Db *db, ObjectInfos *out, Error *err);

/* Inside a transaction: removes it, unless it was put at `young_ms` or later. */
MUST_CHECK bool object_remove_old(Db *db, const ObjectInfo *object, int64_t young_ms, bool *removed,
                                  Error *err);
/* Gives freed space back, where nobody else is at work; else a later one does. */
void object_compact(Db *db);

/* Inside a transaction: its rows go to damaged_object, as they are. */
MUST_CHECK bool object_put_aside(Db *db, ObjectKind kind, const Hash *hash, Error *err);
