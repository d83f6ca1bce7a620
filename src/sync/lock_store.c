#include "sync/lock_store.h"

#include "base/clock.h"

bool lock_list(Workspace *ws, ArtifactLocks *out, Error *err)
{
    ArtifactLocks list = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db,
                  "SELECT artifact, owner, reason, until_ms FROM artifact_locks "
                  "WHERE collection = $1 AND until_ms > $2 ORDER BY artifact",
                  DB_VALUES(db_text_of(ws->collection_name), db_int(clock_ms())), &rows, err))
        return false;
    while (db_next(rows)) {
        ArtifactLock lock = {arena_copy(ws->arena, row_text(rows, 0)),
                             arena_copy(ws->arena, row_text(rows, 1)),
                             arena_copy(ws->arena, row_text(rows, 2)), row_int(rows, 3)};
        ARRAY_PUSH(ws->arena, &list, lock);
    }
    *out = list;
    return db_done(rows, err);
}

bool lock_put(Workspace *ws, const ArtifactLock *lock, Error *err)
{
    return db_run(ws->db,
                  "INSERT INTO artifact_locks (collection, artifact, owner, reason, until_ms) "
                  "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (collection, artifact) DO UPDATE SET "
                  "owner = excluded.owner, reason = excluded.reason, until_ms = excluded.until_ms",
                  DB_VALUES(db_text_of(ws->collection_name), db_text(lock->artifact),
                            db_text(lock->owner), db_text(lock->reason), db_int(lock->until_ms)),
                  err);
}

bool lock_delete(Workspace *ws, Str artifact, Error *err)
{
    return db_run(ws->db, "DELETE FROM artifact_locks WHERE collection = $1 AND artifact = $2",
                  DB_VALUES(db_text_of(ws->collection_name), db_text(artifact)), err);
}

bool locks_clean(Workspace *ws, Error *err)
{
    return db_run(ws->db, "DELETE FROM artifact_locks WHERE until_ms <= $1",
                  DB_VALUES(db_int(clock_ms())), err);
}

bool failures_list(Workspace *ws, Map **out, Error *err)
{
    Map *map = map_new(ws->arena, 0);
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db, "SELECT artifact, in_a_row FROM artifact_failures WHERE collection = $1",
                  DB_VALUES(db_text_of(ws->collection_name)), &rows, err))
        return false;
    while (db_next(rows)) {
        int64_t *count = ARENA_NEW(ws->arena, int64_t);
        *count = row_int(rows, 1);
        map_put(map, arena_copy(ws->arena, row_text(rows, 0)), count);
    }
    *out = map;
    return db_done(rows, err);
}

bool failure_put(Workspace *ws, Str artifact, int64_t count, Error *err)
{
    return db_run(ws->db,
                  "INSERT INTO artifact_failures (collection, artifact, in_a_row) "
                  "VALUES ($1, $2, $3) ON CONFLICT (collection, artifact) DO UPDATE SET "
                  "in_a_row = excluded.in_a_row",
                  DB_VALUES(db_text_of(ws->collection_name), db_text(artifact), db_int(count)),
                  err);
}

bool failure_delete(Workspace *ws, Str artifact, Error *err)
{
    return db_run(ws->db, "DELETE FROM artifact_failures WHERE collection = $1 AND artifact = $2",
                  DB_VALUES(db_text_of(ws->collection_name), db_text(artifact)), err);
}
