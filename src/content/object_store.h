/* Objects: the rows of objects.db, chunk by chunk. Private to the room; store.h is what others use. */
#pragma once

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
