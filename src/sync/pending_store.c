#include "sync/pending_store.h"

#include "base/clock.h"
#include "base/ids.h"

#define PENDING_COLUMNS "id, artifact, edge, upward, project, created_ms, base, target, source"

static void read_pending(Arena *arena, const DbRows *rows, PendingMerge *out)
{
    bool on_project = str_is(row_text(rows, 2), edge_names[EDGE_PROJECT]);
    *out = (PendingMerge){
        .id = arena_copy(arena, row_text(rows, 0)),
        .artifact = arena_copy(arena, row_text(rows, 1)),
        .edge = on_project ? EDGE_PROJECT : EDGE_UPSTREAM,
        .upward = row_int(rows, 3) != 0,
        .project = on_project ? row_copy(arena, rows, 4) : NULL,
        .created_ms = row_int(rows, 5),
        .base = hash_or_none(row_text(rows, 6)),
        .target = hash_or_none(row_text(rows, 7)),
        .source = hash_or_none(row_text(rows, 8)),
    };
}

bool pending_list(Workspace *ws, PendingMerges *out, Error *err)
{
    PendingMerges list = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db,
                  "SELECT " PENDING_COLUMNS " FROM pending_merges WHERE collection = $1 AND "
                  "state = 'waiting' ORDER BY created_ms, id",
                  DB_VALUES(db_text_of(ws->collection_name)), &rows, err))
        return false;
    while (db_next(rows)) {
        PendingMerge pending;
        read_pending(ws->arena, rows, &pending);
        ARRAY_PUSH(ws->arena, &list, pending);
    }
    *out = list;
    return db_done(rows, err);
}

bool pending_find(Workspace *ws, Str artifact, Edge edge, Str project, bool *found,
                  PendingMerge *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(ws->db,
                 "SELECT " PENDING_COLUMNS " FROM pending_merges WHERE collection = $1 AND "
                 "artifact = $2 AND edge = $3 AND project = $4 AND state = 'waiting'",
                 DB_VALUES(db_text_of(ws->collection_name), db_text(artifact),
                           db_text_of(edge_names[edge]), db_text(project)),
                 &rows, err))
        return false;
    *found = rows != NULL;
    if (rows)
        read_pending(ws->arena, rows, out);
    return true;
}

bool pending_choices(Workspace *ws, Str pending, PlaceChoices *out, Error *err)
{
    PlaceChoices list = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db, "SELECT place, choice FROM pending_choices WHERE pending = $1",
                  DB_VALUES(db_text(pending)), &rows, err))
        return false;
    while (db_next(rows)) {
        PlaceChoice choice = {arena_copy(ws->arena, row_text(rows, 0)),
                              arena_copy(ws->arena, row_text(rows, 1))};
        ARRAY_PUSH(ws->arena, &list, choice);
    }
    *out = list;
    return db_done(rows, err);
}

bool pending_marked(Workspace *ws, Str place, MarkedMerges *out, Error *err)
{
    MarkedMerges list = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db,
                  "SELECT " PENDING_COLUMNS ", choice FROM pending_merges JOIN pending_choices ON "
                  "pending = id WHERE collection = $1 AND state = 'waiting' AND place = $2",
                  DB_VALUES(db_text_of(ws->collection_name), db_text(place)), &rows, err))
        return false;
    while (db_next(rows)) {
        MarkedMerge one;
        read_pending(ws->arena, rows, &one.merge);
        one.choice = arena_copy(ws->arena, row_text(rows, 9));
        ARRAY_PUSH(ws->arena, &list, one);
    }
    *out = list;
    return db_done(rows, err);
}

#define SEEN_COLUMNS                                                                               \
    "SELECT source, source_path, pin, lock_sha, sha, ref, version, note, tree, checked_ms, "       \
    "artifact FROM upstream_seen WHERE collection = $1"

static UpstreamSeen read_seen(Arena *arena, DbRows *rows)
{
    return (UpstreamSeen){
        .source = arena_copy(arena, row_text(rows, 0)),
        .source_path = arena_copy(arena, row_text(rows, 1)),
        .pin = arena_copy(arena, row_text(rows, 2)),
        .lock_sha = arena_copy(arena, row_text(rows, 3)),
        .sha = arena_copy(arena, row_text(rows, 4)),
        .ref = arena_copy(arena, row_text(rows, 5)),
        .version = arena_copy(arena, row_text(rows, 6)),
        .note = arena_copy(arena, row_text(rows, 7)),
        .tree = hash_or_none(row_text(rows, 8)),
        .checked_ms = row_int(rows, 9),
    };
}

bool upstream_seen_find(Arena *arena, Workspace *ws, Str artifact, bool *found, UpstreamSeen *out,
                        Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(ws->db, SEEN_COLUMNS " AND artifact = $2",
                 DB_VALUES(db_text_of(ws->collection_name), db_text(artifact)), &rows, err))
        return false;
    *found = rows != NULL;
    if (rows)
        *out = read_seen(arena, rows);
    return true;
}

bool upstream_seen_list(Workspace *ws, Str first, Str last, Map **out, Error *err)
{
    Map *all = map_new(ws->arena, 0);
    Arena *arena = ws->arena;
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db, SEEN_COLUMNS " AND artifact BETWEEN $2 AND $3",
                  DB_VALUES(db_text_of(ws->collection_name), db_text(first), db_text(last)), &rows,
                  err))
        return false;
    while (db_next(rows)) {
        UpstreamSeen *seen = ARENA_NEW(arena, UpstreamSeen);
        *seen = read_seen(arena, rows);
        map_put(all, arena_copy(arena, row_text(rows, 10)), seen);
    }
    *out = all;
    return db_done(rows, err);
}

bool upstream_seen_put(Workspace *ws, Str artifact, const UpstreamSeen *seen, Error *err)
{
    return db_run(
        ws->db,
        "INSERT INTO upstream_seen (collection, artifact, source, source_path, pin, lock_sha, sha, "
        "ref, version, note, tree, checked_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
        "$11, $12) ON CONFLICT (collection, artifact) DO UPDATE SET source = excluded.source, "
        "source_path = excluded.source_path, pin = excluded.pin, lock_sha = excluded.lock_sha, "
        "sha = excluded.sha, ref = excluded.ref, version = excluded.version, note = "
        "excluded.note, tree = excluded.tree, checked_ms = excluded.checked_ms",
        DB_VALUES(db_text_of(ws->collection_name), db_text(artifact), db_text(seen->source),
                  db_text(seen->source_path), db_text(seen->pin), db_text(seen->lock_sha),
                  db_text(seen->sha), db_text(seen->ref), db_text(seen->version),
                  db_text(seen->note), db_text(hash_format(ws->arena, &seen->tree)),
                  db_int(seen->checked_ms)),
        err);
}

bool project_paths(Workspace *ws, StrArray *out, Error *err)
{
    StrArray list = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db, "SELECT path FROM projects ORDER BY path", DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows))
        ARRAY_PUSH(ws->arena, &list, arena_copy(ws->arena, row_text(rows, 0)));
    *out = list;
    return db_done(rows, err);
}

bool project_put(Workspace *ws, const char *path, Error *err)
{
    return db_run(ws->db,
                  "INSERT INTO projects (id, path, added_ms) VALUES ($1, $2, $3) "
                  "ON CONFLICT (path) DO NOTHING",
                  DB_VALUES(db_text_of(id_new(ws->arena)), db_text_of(path), db_int(clock_ms())),
                  err);
}

bool project_forget(Workspace *ws, const char *path, Error *err)
{
    if (!workspace_check_writes(ws, err) ||
        !db_run(ws->db, "DELETE FROM projects WHERE path = $1", DB_VALUES(db_text_of(path)), err))
        return false;
    return db_changed(ws->db) ? true
                              : fail(err, ERR_NOT_FOUND, "no project is known at '%s'", path);
}
