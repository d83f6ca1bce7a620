#include "sync/log_store.h"

#include "sync/history.h"
#include "sync/select.h"

static void read_operation(Arena *arena, const DbRows *rows, Operation *out)
{
    *out = (Operation){
        .id = arena_copy(arena, row_text(rows, 0)),
        .verb = arena_copy(arena, row_text(rows, 1)),
        .command = arena_copy(arena, row_text(rows, 2)),
        .actor = arena_copy(arena, row_text(rows, 3)),
        .trace_id = arena_copy(arena, row_text(rows, 4)),
        .at_ms = row_int(rows, 5),
        .result = arena_copy(arena, row_text(rows, 6)),
        .undoes = arena_copy(arena, row_text(rows, 7)),
        .undone_by = arena_copy(arena, row_text(rows, 8)),
        .collection = arena_copy(arena, row_text(rows, 9)),
        .is_half_undone = row_int(rows, 10) > 0,
    };
}

/* The last: has an undo begun that is not over, of it, or as which it was made? */
#define OPERATION_COLUMNS                                                                          \
    "o.id, o.verb, o.command, o.actor, o.trace_id, o.at_ms, o.result, o.undoes, o.undone_by, "     \
    "o.collection, "                                                                               \
    "(SELECT COUNT(*) FROM operations u WHERE u.undoes = o.id AND o.undone_by IS NULL) + "         \
    "(SELECT COUNT(*) FROM operations d WHERE d.id = o.undoes AND d.undone_by IS NULL)"

static bool read_touched(Arena *arena, Db *db, Operation *operation, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(
            db,
            "SELECT a.artifact, COALESCE(SUM((SELECT SUM(t.files) FROM operation_trees t WHERE "
            "t.transaction_id = a.transaction_id AND t.artifact = a.artifact)), 0) "
            "FROM operation_artifacts a JOIN operation_transactions x ON x.id = "
            "a.transaction_id WHERE x.operation = $1 GROUP BY a.artifact ORDER BY a.artifact",
            DB_VALUES(db_text(operation->id)), &rows, err))
        return false;
    while (db_next(rows)) {
        ARRAY_PUSH(arena, &operation->artifacts, arena_copy(arena, row_text(rows, 0)));
        operation->files += (size_t)row_int(rows, 1);
    }
    return db_done(rows, err);
}

static bool read_accepted(Arena *arena, Db *db, Operation *operation, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db,
                  "SELECT r.artifact, r.tree, r.findings FROM risk_acceptances r "
                  "JOIN operation_transactions x ON x.id = r.transaction_id "
                  "WHERE x.operation = $1 ORDER BY r.artifact, r.transaction_id, r.seq",
                  DB_VALUES(db_text(operation->id)), &rows, err))
        return false;
    while (db_next(rows)) {
        AcceptedRisk accepted = {arena_copy(arena, row_text(rows, 0)),
                                 arena_copy(arena, row_text(rows, 1)),
                                 arena_copy(arena, row_text(rows, 2))};
        ARRAY_PUSH(arena, &operation->accepted, accepted);
    }
    return db_done(rows, err);
}

#define LIMITS "o.seq < $1 AND o.seq >= $2 AND o.at_ms >= $3 "
#define NEWEST "ORDER BY o.seq DESC LIMIT $4"
#define OF_ARTIFACT                                                                                \
    "SELECT DISTINCT " OPERATION_COLUMNS ", a.operation_seq FROM operation_artifacts a JOIN "      \
    "operations o ON o.seq = a.operation_seq WHERE a.artifact = $5 AND a.operation_seq < $1 AND "  \
    "a.operation_seq >= $2 AND o.at_ms >= $3 "
#define NEWEST_OF_ARTIFACT "ORDER BY a.operation_seq DESC LIMIT $4"

/* Each is one walk of one index, from the newest on. */
static const char *log_sql(const LogRequest *request)
{
    static const char all[] = "SELECT " OPERATION_COLUMNS " FROM operations o WHERE " LIMITS NEWEST;
    static const char of_verb[] =
        "SELECT " OPERATION_COLUMNS " FROM operations o WHERE o.verb = $5 AND " LIMITS NEWEST;
    static const char of_artifact[] = OF_ARTIFACT NEWEST_OF_ARTIFACT;
    static const char of_both[] = OF_ARTIFACT "AND o.verb = $6 " NEWEST_OF_ARTIFACT;
    if (request->artifact)
        return request->verb ? of_both : of_artifact;
    return request->verb ? of_verb : all;
}

/* The sequence that `id` has: what is asked for is older. */
static bool read_before(Db *db, Str id, int64_t *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    *out = INT64_MAX;
    if (!id.len)
        return true;
    if (!db_find(db, "SELECT seq FROM operations WHERE id = $1", DB_VALUES(db_text(id)), &rows,
                 err))
        return false;
    if (!rows)
        return fail(err, ERR_NOT_FOUND, "no operation has the id '%.*s'", STR_ARG(id)) ||
               fail_hint(err, "`weir log --verbose` shows the ids.");
    *out = row_int(rows, 0);
    return true;
}

/* Clocks jump, so nothing before the first operation of that time is asked, and the others are looked at. */
static bool read_since(Db *db, int64_t since_ms, int64_t *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    *out = 0;
    if (!since_ms)
        return true;
    if (!db_find(db, "SELECT MIN(seq) FROM operations WHERE at_ms >= $1",
                 DB_VALUES(db_int(since_ms)), &rows, err))
        return false;
    *out = rows && !row_is_null(rows, 0) ? row_int(rows, 0) : INT64_MAX;
    return true;
}

/* The full ids that a bare name stands for, by skipping from one id to the next. */
static bool ids_named(Workspace *ws, Str name, StrArray *out, Error *err)
{
    Str id = {0};
    for (;;) {
        SCOPED(db_rows_end) DbRows *rows = NULL;
        if (!db_find(ws->db, "SELECT MIN(artifact) FROM operation_artifacts WHERE artifact > $1",
                     DB_VALUES(db_text(id)), &rows, err))
            return false;
        if (!rows || row_is_null(rows, 0))
            return true;
        id = arena_copy(ws->arena, row_text(rows, 0));
        if (artifact_is_named(id, name))
            ARRAY_PUSH(ws->arena, out, id);
    }
}

static bool full_id(Workspace *ws, const char *artifact, Str *out, Error *err)
{
    StrArray ids = {0};
    *out = str_of(artifact);
    if (!artifact || str_find(*out, ':') != STR_NONE)
        return true;
    if (!ids_named(ws, *out, &ids, err))
        return false;
    if (ids.count > 1)
        return fail(err, ERR_INVALID, "'%s' is the name of %zu artifacts: %.*s, %.*s%s", artifact,
                    ids.count, STR_ARG(ids.items[0]), STR_ARG(ids.items[1]),
                    ids.count > 2 ? ", ..." : "");
    if (ids.count)
        *out = ids.items[0];
    return true;
}

static bool read_log(Workspace *ws, const LogRequest *request, const DbValue *values, size_t count,
                     Operations *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(ws->db, log_sql(request), (DbValues){values, count}, &rows, err))
        return false;
    while (db_next(rows)) {
        Operation operation;
        read_operation(ws->arena, rows, &operation);
        if (!read_touched(ws->arena, ws->db, &operation, err) ||
            !read_accepted(ws->arena, ws->db, &operation, err))
            return false;
        ARRAY_PUSH(ws->arena, out, operation);
    }
    return db_done(rows, err);
}

bool operation_log(Workspace *ws, const LogRequest *request, Operations *out, bool *more,
                   Error *err)
{
    Operations list = {0};
    Str artifact;
    int64_t before;
    int64_t since;
    int64_t limit = request->limit ? (int64_t)request->limit + 1 : INT64_MAX;
    if (!full_id(ws, request->artifact, &artifact, err) ||
        !read_before(ws->db, request->before, &before, err) ||
        !read_since(ws->db, request->since_ms, &since, err))
        return false;
    DbValue values[6] = {db_int(before), db_int(since), db_int(request->since_ms), db_int(limit)};
    size_t count = 4;
    if (request->artifact)
        values[count++] = db_text(artifact);
    if (request->verb)
        values[count++] = db_text_of(request->verb);
    if (!read_log(ws, request, values, count, &list, err))
        return false;
    *more = request->limit && list.count > request->limit;
    list.count -= *more;
    *out = list;
    return true;
}

#define OF_OPERATION                                                                               \
    " d JOIN operation_transactions x ON x.id = d.transaction_id WHERE x.operation = $1 "          \
    "ORDER BY x.id DESC"

/* Row after row names the same root. */
static Str copy_unless(Arena *arena, Str text, Str last)
{
    return str_equal(text, last) ? last : arena_copy(arena, text);
}

static bool read_trees(Arena *arena, Db *db, OperationDetail *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db,
                  "SELECT d.artifact, d.tier, d.root, d.path, d.before_tree, d.after_tree "
                  "FROM operation_trees" OF_OPERATION ", d.seq DESC",
                  DB_VALUES(db_text(out->head.id)), &rows, err))
        return false;
    OperationTree last = {0};
    while (db_next(rows)) {
        last = (OperationTree){arena_copy(arena, row_text(rows, 0)),
                               copy_unless(arena, row_text(rows, 1), last.tier),
                               copy_unless(arena, row_text(rows, 2), last.root),
                               arena_copy(arena, row_text(rows, 3)),
                               hash_or_none(row_text(rows, 4)),
                               hash_or_none(row_text(rows, 5))};
        ARRAY_PUSH(arena, &out->trees, last);
    }
    return db_done(rows, err);
}

bool operation_records(Arena *arena, Db *db, Str operation, OperationRecords *out, Error *err)
{
    OperationRecords records = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db,
                  "SELECT d.tier, d.root, d.path, d.before_blob, d.after_blob "
                  "FROM operation_records" OF_OPERATION,
                  DB_VALUES(db_text(operation)), &rows, err))
        return false;
    while (db_next(rows)) {
        OperationRecord record = {arena_copy(arena, row_text(rows, 0)),
                                  arena_copy(arena, row_text(rows, 1)),
                                  arena_copy(arena, row_text(rows, 2)),
                                  hash_or_none(row_text(rows, 3)), hash_or_none(row_text(rows, 4))};
        ARRAY_PUSH(arena, &records, record);
    }
    if (!db_done(rows, err))
        return false;
    *out = records;
    return true;
}

static bool read_folders(Arena *arena, Db *db, OperationDetail *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db, "SELECT d.root, d.path FROM operation_folders" OF_OPERATION,
                  DB_VALUES(db_text(out->head.id)), &rows, err))
        return false;
    OperationFolder last = {0};
    while (db_next(rows)) {
        last = (OperationFolder){copy_unless(arena, row_text(rows, 0), last.root),
                                 arena_copy(arena, row_text(rows, 1))};
        ARRAY_PUSH(arena, &out->folders, last);
    }
    return db_done(rows, err);
}

static bool read_pendings(Arena *arena, Db *db, OperationDetail *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db,
                  "SELECT d.pending, d.place, d.before_state, d.after_state "
                  "FROM operation_pending" OF_OPERATION ", d.seq DESC",
                  DB_VALUES(db_text(out->head.id)), &rows, err))
        return false;
    while (db_next(rows)) {
        OperationPending pending = {
            arena_copy(arena, row_text(rows, 0)), arena_copy(arena, row_text(rows, 1)),
            arena_copy(arena, row_text(rows, 2)), arena_copy(arena, row_text(rows, 3))};
        ARRAY_PUSH(arena, &out->pendings, pending);
    }
    return db_done(rows, err);
}

static bool read_undo(Arena *arena, Db *db, OperationDetail *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "SELECT id FROM operations WHERE undoes = $1 ORDER BY seq DESC LIMIT 1",
                 DB_VALUES(db_text(out->head.id)), &rows, err))
        return false;
    if (rows)
        out->undo = arena_copy(arena, row_text(rows, 0));
    return true;
}

static bool find_open(Arena *arena, Db *db, const char *collection, bool *found, Operation *out,
                      Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db,
                 "SELECT " OPERATION_COLUMNS " FROM operations o WHERE o.undone_by IS NULL AND "
                 "o.undoes IS NULL AND o.collection = $1 ORDER BY o.seq DESC LIMIT 1",
                 DB_VALUES(db_text_of(collection)), &rows, err))
        return false;
    *found = rows != NULL;
    if (rows)
        read_operation(arena, rows, out);
    return true;
}

static bool find_by_id(Arena *arena, Db *db, Str id, bool *found, Operation *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "SELECT " OPERATION_COLUMNS " FROM operations o WHERE o.id = $1",
                 DB_VALUES(db_text(id)), &rows, err))
        return false;
    *found = rows != NULL;
    if (rows)
        read_operation(arena, rows, out);
    return true;
}

static bool read_detail(Arena *arena, Db *db, const Operation *head, OperationDetail *out,
                        Error *err)
{
    OperationDetail detail = {.head = *head};
    if (!read_touched(arena, db, &detail.head, err) ||
        !read_accepted(arena, db, &detail.head, err) || !read_trees(arena, db, &detail, err) ||
        !operation_records(arena, db, detail.head.id, &detail.records, err) ||
        !read_folders(arena, db, &detail, err) || !read_pendings(arena, db, &detail, err) ||
        !read_undo(arena, db, &detail, err))
        return false;
    *out = detail;
    return true;
}

bool operation_find(Arena *arena, Db *db, Str id, bool *found, OperationDetail *out, Error *err)
{
    Operation head;
    return find_by_id(arena, db, id, found, &head, err) &&
           (!*found || read_detail(arena, db, &head, out, err));
}

bool operation_of_job(Arena *arena, Db *db, Str job, bool *found, OperationDetail *out, Error *err)
{
    Str id = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    *found = false;
    if (!db_find(db,
                 "SELECT operation FROM operation_transactions WHERE job = $1 AND job <> '' "
                 "ORDER BY id DESC LIMIT 1",
                 DB_VALUES(db_text(job)), &rows, err))
        return false;
    if (rows)
        id = arena_copy(arena, row_text(rows, 0));
    return !id.len || operation_find(arena, db, id, found, out, err);
}

bool operation_last_open(Arena *arena, Db *db, const char *collection, bool *found,
                         OperationDetail *out, Error *err)
{
    Operation head;
    return find_open(arena, db, collection, found, &head, err) &&
           (!*found || read_detail(arena, db, &head, out, err));
}

bool operation_merged(Db *db, const Operation *operation, const OperationTree *tree, bool *out,
                      Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db,
                 "SELECT 1 FROM versions WHERE collection = $1 AND hash = $2 AND artifact = $3 AND "
                 "operation = $4 AND source IN ('merge', 'resolve') LIMIT 1",
                 DB_VALUES(db_text(operation->collection),
                           db_text(hash_format(arena, &tree->after)), db_text(tree->artifact),
                           db_text(operation->id)),
                 &rows, err))
        return false;
    *out = rows != NULL;
    return true;
}
