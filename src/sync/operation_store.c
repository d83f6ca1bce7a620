#include "sync/operation_store.h"

#include "base/clock.h"
#include "base/ids.h"
#include "events/event.h"
#include "format/json_write.h"
#include "sync/review_store.h"

static bool is_failed(const ApplyGroups *failed, int64_t group)
{
    for (size_t i = 0; failed && i < failed->count; i++)
        if (group >= 0 && failed->items[i] == (size_t)group)
            return true;
    return false;
}

static int64_t number_of(Str text)
{
    uint64_t value = 0;
    return str_to_u64(text, &value) ? (int64_t)value : 0;
}

#define RANK(row)                                                                                  \
    "CASE " row ".result WHEN 'conflict' THEN 3 WHEN 'merged' THEN 2 WHEN 'fast_forward' THEN 1 "  \
    "ELSE 0 END"

/* The result of several batches is the worst of them; a sitting of resolve ends as its last step does. */
static bool add_operation(Db *db, const Fact *fact, Error *err)
{
    const Str *f = fact->field;
    return db_run(
        db,
        "INSERT INTO operations (id, seq, verb, command, actor, trace_id, at_ms, result, undoes, "
        "collection) "
        "VALUES ($1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM operations), $2, $3, $4, $5, $6, $7, "
        "$8, $9) "
        "ON CONFLICT (id) DO UPDATE SET result = excluded.result "
        "WHERE operations.verb = 'resolve' OR " RANK("excluded") " > " RANK("operations"),
        DB_VALUES(db_text(f[0]), db_text(f[1]), db_text(f[2]), db_text(f[3]), db_text(f[4]),
                  db_int(number_of(f[5])), db_text(f[6]), f[7].len ? db_text(f[7]) : db_null(),
                  db_text(f[8].len ? f[8] : STR("default"))),
        err);
}

static bool add_artifact(Db *db, Str transaction, const Fact *fact, Error *err)
{
    return db_run(
        db,
        "INSERT INTO operation_artifacts (transaction_id, artifact, operation_seq) "
        "VALUES ($1, $2, (SELECT o.seq FROM operation_transactions x JOIN operations o "
        "ON o.id = x.operation WHERE x.id = $1)) ON CONFLICT (transaction_id, artifact) DO NOTHING",
        DB_VALUES(db_text(transaction), db_text(fact->field[0])), err);
}

static bool add_tree(Db *db, Str transaction, size_t seq, const Fact *fact, Error *err)
{
    const Str *f = fact->field;
    return db_run(db,
                  "INSERT INTO operation_trees (transaction_id, seq, artifact, tier, root, path, "
                  "before_tree, after_tree, files) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  DB_VALUES(db_text(transaction), db_int((int64_t)seq), db_text(f[1]),
                            db_text(f[2]), db_text(f[3]), db_text(f[4]), db_text(f[5]),
                            db_text(f[6]), db_int(number_of(f[7]))),
                  err);
}

static bool add_record(Db *db, Str transaction, const Fact *fact, Error *err)
{
    const Str *f = fact->field;
    return db_run(db,
                  "INSERT INTO operation_records (transaction_id, tier, root, path, before_blob, "
                  "after_blob) VALUES ($1, $2, $3, $4, $5, $6)",
                  DB_VALUES(db_text(transaction), db_text(f[0]), db_text(f[1]), db_text(f[2]),
                            db_text(f[3]), db_text(f[4])),
                  err);
}

static bool add_folder(Db *db, Str transaction, const Fact *fact, Error *err)
{
    return db_run(db,
                  "INSERT INTO operation_folders (transaction_id, root, path) VALUES ($1, $2, $3) "
                  "ON CONFLICT (transaction_id, root, path) DO NOTHING",
                  DB_VALUES(db_text(transaction), db_text(fact->field[0]), db_text(fact->field[1])),
                  err);
}

static bool add_version(Db *db, Str operation, Str actor, const Fact *fact, Error *err)
{
    const Str *f = fact->field;
    return db_run(db,
                  "INSERT INTO versions (seq, collection, artifact, tier, project, hash, parent, "
                  "other_parent, source, author, message, at_ms, operation) "
                  "VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM versions), $1, $2, $3, $4, $5, "
                  "$6, $7, $8, $9, $10, $11, $12)",
                  DB_VALUES(db_text(f[0]), db_text(f[1]), db_text(f[2]), db_text(f[3]),
                            db_text(f[4]), db_text(f[5]), db_text(f[6]), db_text(f[7]),
                            db_text(actor), db_text(f[8]), db_int(clock_ms()), db_text(operation)),
                  err);
}

/* Where a waiting merge was replaced by a new one of its edge, the old one is dropped. */
static bool add_pending(Db *db, const Str f[FACT_FIELDS], Error *err)
{
    return db_run(
               db,
               "UPDATE pending_merges SET state = 'dropped' WHERE collection = $1 AND artifact = "
               "$2 AND edge = $3 AND project = $4 AND state = 'waiting' AND id <> $5",
               DB_VALUES(db_text(f[1]), db_text(f[2]), db_text(f[3]), db_text(f[5]), db_text(f[0])),
               err) &&
           db_run(db,
                  "INSERT INTO pending_merges (id, collection, artifact, edge, upward, project, "
                  "base, target, source, state, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, "
                  "$8, $9, 'waiting', $10) ON CONFLICT (id) DO UPDATE SET base = excluded.base, "
                  "target = excluded.target, source = excluded.source",
                  DB_VALUES(db_text(f[0]), db_text(f[1]), db_text(f[2]), db_text(f[3]),
                            db_int(str_is(f[4], "1")), db_text(f[5]), db_text(f[6]), db_text(f[7]),
                            db_text(f[8]), db_int(number_of(f[9]))),
                  err);
}

static bool log_pending(Db *db, Str transaction, size_t seq, Str pending, Str place, Str before,
                        Str after, Error *err)
{
    return db_run(db,
                  "INSERT INTO operation_pending (transaction_id, seq, pending, place, "
                  "before_state, after_state) VALUES ($1, $2, $3, $4, $5, $6)",
                  DB_VALUES(db_text(transaction), db_int((int64_t)seq), db_text(pending),
                            db_text(place), db_text(before), db_text(after)),
                  err);
}

/* At most one merge waits per edge: one that comes back takes the place of a later one. */
static bool make_room(Db *db, Str id, Error *err)
{
    return db_run(
        db,
        "UPDATE pending_merges SET state = 'dropped' WHERE state = 'waiting' AND id <> $1 "
        "AND EXISTS (SELECT 1 FROM pending_merges p WHERE p.id = $1 AND p.collection = "
        "pending_merges.collection AND p.artifact = pending_merges.artifact AND p.edge = "
        "pending_merges.edge AND p.project = pending_merges.project)",
        DB_VALUES(db_text(id)), err);
}

static bool set_state(Db *db, Str transaction, size_t seq, const Fact *fact, Error *err)
{
    const Str *f = fact->field;
    if (str_is(f[2], "waiting") && !make_room(db, f[0], err))
        return false;
    return db_run(db, "UPDATE pending_merges SET state = $2 WHERE id = $1",
                  DB_VALUES(db_text(f[0]), db_text(f[2])), err) &&
           log_pending(db, transaction, seq, f[0], (Str){0}, f[1], f[2], err);
}

static bool set_choice(Db *db, Str transaction, size_t seq, const Fact *fact, Error *err)
{
    const Str *f = fact->field;
    bool done =
        f[3].len
            ? db_run(db,
                     "INSERT INTO pending_choices (pending, place, choice) VALUES ($1, $2, $3) "
                     "ON CONFLICT (pending, place) DO UPDATE SET choice = excluded.choice",
                     DB_VALUES(db_text(f[0]), db_text(f[1]), db_text(f[3])), err)
            : db_run(db, "DELETE FROM pending_choices WHERE pending = $1 AND place = $2",
                     DB_VALUES(db_text(f[0]), db_text(f[1])), err);
    return done && log_pending(db, transaction, seq, f[0], f[1], f[2], f[3], err);
}

static bool set_undone(Db *db, const Fact *fact, Error *err)
{
    return db_run(db, "UPDATE operations SET undone_by = $2 WHERE id = $1",
                  DB_VALUES(db_text(fact->field[0]), db_text(fact->field[1])), err);
}

static bool add_project(Db *db, const Fact *fact, Error *err)
{
    return db_run(db,
                  "INSERT INTO projects (id, path, added_ms) VALUES ($1, $2, $3) "
                  "ON CONFLICT (path) DO NOTHING",
                  DB_VALUES(db_text(fact->field[0]), db_text(fact->field[1]),
                            db_int(number_of(fact->field[2]))),
                  err);
}

/* An artifact that did not get there waits as a merge of old, new and live. */
static bool add_failed_tree(Db *db, Str transaction, size_t seq, const Fact *fact, Error *err)
{
    const Str *f = fact->field;
    SCOPED(arena_close) Arena *arena = arena_open();
    Str id = str_of(id_new(arena));
    Str at = str_of(arena_format(arena, "%lld", (long long)clock_ms()));
    Str project = str_is(f[2], "project") ? f[3] : (Str){0};
    Str pending[FACT_FIELDS] = {id, f[0], f[1], f[8], STR("0"), project, f[9], (Str){0}, f[6], at};
    return add_pending(db, pending, err) &&
           log_pending(db, transaction, seq, id, (Str){0}, (Str){0}, STR("waiting"), err);
}

typedef struct {
    Db *db;
    Str transaction, operation, actor;
    const ApplyGroups *failed;
} Telling;

static bool tell(const Telling *telling, size_t seq, const Fact *fact, Error *err)
{
    Db *db = telling->db;
    Str id = telling->transaction;
    if (is_failed(telling->failed, fact->group))
        return fact->kind != FACT_TREE || add_failed_tree(db, id, seq, fact, err);
    switch (fact->kind) {
    case FACT_OPERATION:
    case FACT_JOB:
        return true; /* told first */
    case FACT_ARTIFACT:
        return add_artifact(db, id, fact, err);
    case FACT_TREE:
        return add_tree(db, id, seq, fact, err);
    case FACT_RECORD:
        return add_record(db, id, fact, err);
    case FACT_FOLDER:
        return add_folder(db, id, fact, err);
    case FACT_VERSION:
        return add_version(db, telling->operation, telling->actor, fact, err);
    case FACT_PENDING:
        return add_pending(db, fact->field, err) &&
               log_pending(db, id, seq, fact->field[0], (Str){0}, (Str){0}, STR("waiting"), err);
    case FACT_PENDING_STATE:
        return set_state(db, id, seq, fact, err);
    case FACT_CHOICE:
        return set_choice(db, id, seq, fact, err);
    case FACT_UNDONE:
        return set_undone(db, fact, err);
    case FACT_PROJECT:
        return add_project(db, fact, err);
    case FACT_RISK:
        return risk_acceptance_put(db, id, seq, fact, err);
    case FACT_KINDS:
        break;
    }
    return fail(err, ERR_CORRUPT, "a transaction tells an unknown fact");
}

static bool is_told(Db *db, Str transaction, bool *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "SELECT 1 FROM operation_transactions WHERE id = $1",
                 DB_VALUES(db_text(transaction)), &rows, err))
        return false;
    *out = rows != NULL;
    return true;
}

static const Fact *fact_of(const Facts *facts, FactKind kind)
{
    for (size_t i = 0; i < facts->count; i++)
        if (facts->items[i].kind == kind)
            return &facts->items[i];
    return NULL;
}

static bool add_transaction(Db *db, Str transaction, const Fact *head, const Fact *job, Error *err)
{
    return db_run(db,
                  "INSERT INTO operation_transactions (id, operation, at_ms, job, fence) VALUES "
                  "($1, $2, $3, $4, $5)",
                  DB_VALUES(db_text(transaction), db_text(head->field[0]), db_int(clock_ms()),
                            db_text(job ? job->field[0] : STR("")),
                            db_int(job ? number_of(job->field[1]) : 0)),
                  err);
}

static Str event_data(Arena *arena, const Fact *head, const Fact *job, const StrArray *artifacts)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    json_member(&json, "operation", head->field[0]);
    json_member(&json, "verb", head->field[1]);
    json_member(&json, "actor", json_bytes_text(arena, head->field[3]));
    json_member(&json, "result", head->field[6]);
    json_member(&json, "collection", json_bytes_text(arena, head->field[8]));
    json_member_strings(&json, "artifacts", artifacts);
    json_member_text(&json, "job", job ? arena_text(arena, job->field[0]) : NULL);
    json_end_object(&json);
    return buf_str(&buf);
}

/* Who listens hears of each transaction, whoever made it: a command, a job, a recovery. */
static bool add_event(Db *db, const Facts *facts, const Fact *head, const Fact *job, Error *err)
{
    enum { NAMED_MOST = 20 };
    SCOPED(arena_close) Arena *arena = arena_open();
    StrArray artifacts = {0};
    int64_t seq;
    for (size_t i = 0; i < facts->count && artifacts.count < NAMED_MOST; i++)
        if (facts->items[i].kind == FACT_ARTIFACT &&
            !str_array_has(&artifacts, facts->items[i].field[0]))
            ARRAY_PUSH(arena, &artifacts, facts->items[i].field[0]);
    const Event event = {
        .kind = STR("operation.applied"),
        .subject = head->field[0],
        .artifact = artifacts.count == 1 ? artifacts.items[0] : (Str){0},
        .trace_id = head->field[4],
        .data = event_data(arena, head, job, &artifacts),
    };
    return event_add(db, &event, &seq, err);
}

bool operation_record(Db *db, Str transaction, const Facts *facts, const ApplyGroups *failed,
                      const Workspace *claimant, Error *err)
{
    const Fact *head = fact_of(facts, FACT_OPERATION);
    if (!head)
        return fail(err, ERR_CORRUPT, "a transaction names no operation");
    Telling telling = {db, transaction, head->field[0], head->field[3], failed};
    SCOPED(db_rollback) DbTransaction change = {0};
    bool told = false;
    if (!db_begin(db, &change, err) || !is_told(db, transaction, &told, err))
        return false;
    if (told)
        return true;
    if ((claimant && !job_claim_holds(claimant, err)) || !add_operation(db, head, err) ||
        !add_transaction(db, transaction, head, fact_of(facts, FACT_JOB), err))
        return false;
    for (size_t i = 0; i < facts->count; i++)
        if (!tell(&telling, i, &facts->items[i], err))
            return false;
    return add_event(db, facts, head, fact_of(facts, FACT_JOB), err) && db_commit(&change, err);
}

bool operation_made_folder(Workspace *ws, Str root, Str path, bool *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(ws->db, "SELECT 1 FROM operation_folders WHERE root = $1 AND path = $2 LIMIT 1",
                 DB_VALUES(db_text(root), db_text(path)), &rows, err))
        return false;
    *out = rows != NULL;
    return true;
}
