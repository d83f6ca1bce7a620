#include "content/object_store.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"

static DbValue hash_value(const Hash *hash)
{
    return db_blob(hash_key(hash));
}

bool object_has(Db *db, ObjectKind kind, const Hash *hash, bool *found, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "SELECT 1 FROM object WHERE hash = $1 AND kind = $2 AND chunk = 0",
                 DB_VALUES(hash_value(hash), db_int(kind)), &rows, err))
        return false;
    *found = rows != NULL;
    return true;
}

static size_t chunk_at(uint64_t size, uint64_t from)
{
    return size - from < CHUNK_BYTES ? (size_t)(size - from) : CHUNK_BYTES;
}

bool object_add(Db *db, Packer *packer, ObjectKind kind, const Hash *hash, Str bytes, Error *err)
{
    int64_t now_ms = clock_ms();
    size_t from = 0;
    int64_t number = 0;
    do {
        Packing packing;
        Str chunk = str_slice(bytes, from, from + chunk_at(bytes.len, from));
        Str packed = packer_pack(packer, chunk, &packing);
        if (!db_run(db,
                    "INSERT INTO object (hash, kind, chunk, size_bytes, packing, bytes, kept_ms) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                    DB_VALUES(hash_value(hash), db_int(kind), db_int(number),
                              db_int((int64_t)bytes.len), db_int(packing), db_blob(packed),
                              db_int(now_ms)),
                    err))
            return false;
        from += chunk.len;
        number++;
    } while (from < bytes.len);
    return true;
}

typedef struct {
    char *data;
    uint64_t size;
    uint64_t filled;
} Whole;

static bool take_chunk(Packer *packer, const DbRows *rows, Whole *whole, Error *err)
{
    size_t size = chunk_at(whole->size, whole->filled);
    Packing packing = row_int(rows, 1) == PACKING_ZSTD ? PACKING_ZSTD : PACKING_RAW;
    if (!packer_unpack(packer, row_blob(rows, 2), packing, whole->data + whole->filled, size, err))
        return false;
    whole->filled += size;
    return true;
}

bool object_get(Arena *arena, Db *db, Packer *packer, ObjectKind kind, const Hash *hash, Str *out,
                Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    Whole whole = {0};
    if (!db_query(db,
                  "SELECT size_bytes, packing, bytes FROM object WHERE hash = $1 AND kind = $2 "
                  "ORDER BY chunk",
                  DB_VALUES(hash_value(hash), db_int(kind)), &rows, err))
        return false;
    while (db_next(rows)) {
        if (!whole.data) {
            whole.size = (uint64_t)row_int(rows, 0);
            if (whole.size > LIMIT_FILE_BYTES)
                return fail(err, ERR_CORRUPT, "its size is out of bounds");
            whole.data = arena_alloc(arena, whole.size + 1, 1);
        }
        if (!take_chunk(packer, rows, &whole, err))
            return false;
    }
    if (!db_done(rows, err))
        return false;
    if (!whole.data)
        return fail(err, ERR_NOT_FOUND, "is not in the store");
    if (whole.filled != whole.size)
        return fail(err, ERR_CORRUPT, "a chunk is missing");
    *out = (Str){whole.data, whole.size};
    return true;
}

bool object_age(Db *db, ObjectKind kind, const Hash *hash, bool *found, int64_t *kept_ms,
                Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "SELECT kept_ms FROM object WHERE hash = $1 AND kind = $2 AND chunk = 0",
                 DB_VALUES(hash_value(hash), db_int(kind)), &rows, err))
        return false;
    *found = rows != NULL;
    *kept_ms = rows ? row_int(rows, 0) : 0;
    return true;
}

bool object_touch(Db *db, ObjectKind kind, const Hash *hash, bool *found, Error *err)
{
    if (!db_run(db, "UPDATE object SET kept_ms = $3 WHERE hash = $1 AND kind = $2 AND chunk = 0",
                DB_VALUES(hash_value(hash), db_int(kind), db_int(clock_ms())), err))
        return false;
    *found = db_changed(db) > 0;
    return true;
}

bool object_list(Arena *arena, Db *db, ObjectInfos *out, Error *err)
{
    ObjectInfos list = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db,
                  "SELECT hash, kind, MAX(kept_ms), SUM(length(bytes)) FROM object "
                  "GROUP BY hash, kind",
                  DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows)) {
        ObjectInfo info = {.kind = row_int(rows, 1) == OBJECT_TREE ? OBJECT_TREE : OBJECT_BLOB,
                           .kept_ms = row_int(rows, 2),
                           .packed_bytes = (uint64_t)row_int(rows, 3)};
        Str hash = row_blob(rows, 0);
        if (hash.len != sizeof info.hash.bytes)
            continue;
        memcpy(info.hash.bytes, hash.data, hash.len);
        ARRAY_PUSH(arena, &list, info);
    }
    *out = list;
    return db_done(rows, err);
}

bool object_remove_old(Db *db, const ObjectInfo *object, int64_t young_ms, bool *removed,
                       Error *err)
{
    if (!db_run(db,
                "DELETE FROM object WHERE hash = $1 AND kind = $2 AND NOT EXISTS (SELECT 1 FROM "
                "object o WHERE o.hash = $1 AND o.kind = $2 AND o.kept_ms >= $3)",
                DB_VALUES(hash_value(&object->hash), db_int(object->kind), db_int(young_ms)), err))
        return false;
    *removed = db_changed(db) > 0;
    return true;
}

void object_compact(Db *db)
{
    Error ignored = {0};
    (void)!db_run(db, "VACUUM", DB_NO_VALUES, &ignored);
}

bool object_put_aside(Db *db, ObjectKind kind, const Hash *hash, Error *err)
{
    DbValues one = DB_VALUES(hash_value(hash), db_int(kind), db_int(clock_ms()));
    return db_run(db,
                  "INSERT INTO damaged_object (hash, kind, chunk, size_bytes, packing, bytes, "
                  "kept_ms, aside_ms) SELECT hash, kind, chunk, size_bytes, packing, bytes, "
                  "kept_ms, $3 FROM object WHERE hash = $1 AND kind = $2",
                  one, err) &&
           db_run(db, "DELETE FROM object WHERE hash = $1 AND kind = $2",
                  DB_VALUES(hash_value(hash), db_int(kind)), err);
}
