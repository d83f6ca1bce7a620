#include "sync/gc_store.h"

#include "base/map.h"

static bool take_rows(Workspace *ws, const char *sql, int64_t since_ms, int columns,
                      const HashSink *sink, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db, sql, DB_VALUES(db_int(since_ms)), &rows, err))
        return false;
    while (db_next(rows))
        for (int i = 0; i < columns; i++)
            if (row_text(rows, i).len && !sink->take(sink->context, row_text(rows, i), err))
                return false;
    return db_done(rows, err);
}

#define RECENT                                                                                     \
    " d JOIN operation_transactions x ON x.id = d.transaction_id JOIN operations o ON o.id = "     \
    "x.operation WHERE o.at_ms >= $1"
#define PENDING_THAT_COUNTS                                                                        \
    "(p.state = 'waiting' OR p.created_ms >= $1 OR p.id IN (SELECT d.pending FROM "                \
    "operation_pending" RECENT "))"

bool gc_named_by_rows(Workspace *ws, int64_t since_ms, const HashSink *sink, Error *err)
{
    static const struct {
        const char *sql;
        int columns;
    } named[] = {
        {"SELECT hash, parent, other_parent FROM versions WHERE at_ms >= $1", 3},
        {"SELECT v.hash FROM versions v JOIN (SELECT MAX(seq) AS seq FROM versions WHERE $1 = $1 "
         "GROUP BY collection, artifact, tier, project) newest ON newest.seq = v.seq",
         1},
        {"SELECT d.before_tree, d.after_tree FROM operation_trees" RECENT, 2},
        {"SELECT d.before_blob, d.after_blob FROM operation_records" RECENT, 2},
        {"SELECT d.before_state, d.after_state FROM operation_pending" RECENT, 2},
        {"SELECT p.base, p.target, p.source FROM pending_merges p WHERE " PENDING_THAT_COUNTS, 3},
        {"SELECT c.choice FROM pending_choices c JOIN pending_merges p ON p.id = c.pending "
         "WHERE " PENDING_THAT_COUNTS,
         1},
        {"SELECT tree FROM upstream_seen WHERE $1 = $1", 1},
    };
    for (size_t i = 0; i < COUNT_OF(named); i++)
        if (!take_rows(ws, named[i].sql, since_ms, named[i].columns, sink, err))
            return false;
    return true;
}

bool gc_last_records(Workspace *ws, LastRecords *out, Error *err)
{
    LastRecords list = {0};
    Map *index = map_new(ws->arena, 0);
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db,
                  "SELECT r.root, r.path, r.after_blob FROM operation_records r JOIN "
                  "operation_transactions x ON x.id = r.transaction_id JOIN operations o ON "
                  "o.id = x.operation ORDER BY o.seq DESC, x.id DESC",
                  DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows)) {
        SCOPED(arena_close) Arena *scratch = arena_open();
        Str key = str_of(arena_format(scratch, "%.*s\n%.*s", STR_ARG(row_text(rows, 0)),
                                      STR_ARG(row_text(rows, 1))));
        if (map_find(index, key))
            continue;
        LastRecord record = {arena_copy(ws->arena, row_text(rows, 0)),
                             arena_copy(ws->arena, row_text(rows, 1)),
                             hash_or_none(row_text(rows, 2))};
        map_put(index, arena_copy(ws->arena, key), index);
        ARRAY_PUSH(ws->arena, &list, record);
    }
    *out = list;
    return db_done(rows, err);
}

bool gc_upstreams_seen(Workspace *ws, StrArray *urls, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db, "SELECT DISTINCT source FROM upstream_seen", DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows))
        ARRAY_PUSH(ws->arena, urls, arena_copy(ws->arena, row_text(rows, 0)));
    return db_done(rows, err);
}
