/* Writes the jobs, keys, claims and events of FOLDER/weir.db as records of a history (README.md
 * beside it), and what the database says of its own file. --daemon: also when jobs ran, as events
 * tell it, and what their operations wrote.
 *
 * dump [--daemon] FOLDER
 */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "db/db.h"
#include "format/json_read.h"
#include "format/json_write.h"

typedef struct {
    const char *what, *sql;
    const char *names[8]; /* of its columns; "#x" is a number */
} Table;

static const Table tables[] = {
    {"job",
     "SELECT id, state, attempts, crashes, io_retries, fence, error_code FROM jobs ORDER BY seq",
     {"job", "state", "#attempts", "#crashes", "#io_retries", "#fence", "error"}},
    {"key", "SELECT key, job FROM idempotency_keys", {"key", "job"}},
    {"claim", "SELECT job, artifact FROM job_claims", {"job", "artifact"}},
    {"event",
     "SELECT seq, kind, subject, data FROM events ORDER BY seq",
     {"#seq", "kind", "job", "data"}},
    {"wrote",
     "SELECT t.job, MAX(j.state), COUNT(*) FROM operation_transactions t "
     "JOIN operation_trees x ON x.transaction_id = t.id JOIN jobs j ON j.id = t.job "
     "GROUP BY t.job, x.artifact, x.tier, x.root, x.path, x.before_tree, x.after_tree",
     {"job", "state", "#times"}},
};

static Str text_in(const JsonNode *object, const char *name)
{
    const JsonNode *node = json_find(object, str_of(name));
    return node && node->kind == JSON_STRING ? node->text : (Str){0};
}

static int64_t number_in(const JsonNode *object, const char *name)
{
    int64_t value = 0;
    const JsonNode *node = json_find(object, str_of(name));
    return node && json_to_i64(node, &value) ? value : 0;
}

/* The fence of an event is in its data. */
static void write_fence(JsonWriter *json, Arena *arena, Str data)
{
    const JsonNode *node;
    Error ignored;
    int64_t fence = 0;
    if (json_parse(arena, data, 0, &node, &ignored) && (node = json_find(node, STR("fence"))) &&
        json_to_i64(node, &fence))
        json_member_integer(json, "fence", fence);
}

static bool dump_table(Arena *arena, Db *db, const Table *table, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db, table->sql, DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows)) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        Buf buf = buf_new(arena);
        JsonWriter json = json_writer(&buf, false);
        json_begin_object(&json);
        json_member_text(&json, "do", table->what);
        for (int i = 0; table->names[i]; i++) {
            const char *name = table->names[i];
            if (str_is(str_of(name), "data"))
                write_fence(&json, arena, row_text(rows, i));
            else if (name[0] == '#')
                json_member_integer(&json, name + 1, row_int(rows, i));
            else
                json_member(&json, name, row_text(rows, i));
        }
        json_end_object(&json);
        (void)puts(buf_text(&buf));
    }
    return db_done(rows, err);
}

/* From its event on, until the next one of the same job: numbers of events are the time here. */
static void write_span(Map *fences, Arena *arena, DbRows *rows)
{
    Buf buf = buf_new(arena);
    const JsonNode *data = NULL;
    const JsonNode *list;
    Error ignored;
    Str kind = row_text(rows, 1), job = row_text(rows, 2);
    int64_t *fence = map_find(fences, job);
    if (!json_parse(arena, arena_copy(arena, row_text(rows, 3)), 0, &data, &ignored) ||
        str_is(kind, "job.progress"))
        return;
    if (fence && *fence) {
        (void)printf("{\"do\":\"end\",\"t\":%lld,\"who\":\"events\",\"fence\":%lld}\n",
                     (long long)row_int(rows, 0), (long long)*fence);
        *fence = 0;
    }
    if (!str_is(kind, "job.running"))
        return;
    fence = fence ? fence : ARENA_NEW(arena, int64_t);
    *fence = number_in(data, "fence");
    map_put(fences, arena_copy(arena, job), fence);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    json_member_text(&json, "do", "begin");
    json_member_integer(&json, "t", row_int(rows, 0));
    json_member_text(&json, "who", "events");
    json_member(&json, "job", job);
    json_member_integer(&json, "fence", *fence);
    json_member_bool(&json, "exclusive", row_int(rows, 4) != 0);
    json_member(&json, "collection", text_in(data, "collection"));
    json_key(&json, "artifacts");
    json_begin_array(&json);
    for (list = json_find(data, STR("artifacts")), list = list ? list->first : NULL; list;
         list = list->next)
        json_string(&json, list->text);
    json_end_array(&json);
    json_end_object(&json);
    (void)puts(buf_text(&buf));
}

static bool dump_spans(Arena *arena, Db *db, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    Map *fences = map_new(arena, 1000);
    if (!db_query(db,
                  "SELECT e.seq, e.kind, e.subject, e.data, j.exclusive FROM events e "
                  "JOIN jobs j ON j.id = e.subject WHERE e.kind LIKE 'job.%' ORDER BY e.seq",
                  DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows))
        write_span(fences, arena, rows);
    return db_done(rows, err);
}

/* What a job says it wrote must be told by the history of operations. */
static bool dump_told(Arena *arena, Db *db, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db,
                  "SELECT j.id, j.result, o.id FROM jobs j LEFT JOIN operations o ON o.id = j.id "
                  "WHERE j.result <> ''",
                  DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows)) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        const JsonNode *result;
        Error ignored;
        if (json_parse(arena, row_text(rows, 1), 0, &result, &ignored) &&
            text_in(result, "operation").len)
            (void)printf("{\"do\":\"told\",\"job\":\"%.*s\",\"found\":%s}\n",
                         STR_ARG(row_text(rows, 0)), row_text(rows, 2).len ? "true" : "false");
    }
    return db_done(rows, err);
}

static bool dump_integrity(Arena *arena, Db *db, Error *err)
{
    StrArray wrong;
    if (!db_check(arena, db, &wrong, err))
        return false;
    for (size_t i = 0; i < wrong.count || i == 0; i++) {
        Buf buf = buf_new(arena);
        JsonWriter json = json_writer(&buf, false);
        json_begin_object(&json);
        json_member_text(&json, "do", "integrity");
        json_member(&json, "text", wrong.count ? wrong.items[i] : (Str){0});
        json_end_object(&json);
        (void)puts(buf_text(&buf));
    }
    return true;
}

int main(int count, char **arguments)
{
    Arena *arena = arena_open();
    SCOPED(db_close) Db *db = NULL;
    Error err;
    bool more = count == 3 && strcmp(arguments[1], "--daemon") == 0;
    if (count != 2 && !more) {
        (void)fprintf(stderr, "dump [--daemon] FOLDER\n");
        return 2;
    }
    bool ok = db_open(arena, arguments[count - 1], DB_RECORDS, &db, &err);
    for (size_t i = 0; ok && i < COUNT_OF(tables); i++)
        ok = dump_table(arena, db, &tables[i], &err);
    ok = ok && (!more || (dump_spans(arena, db, &err) && dump_told(arena, db, &err))) &&
         dump_integrity(arena, db, &err);
    if (!ok)
        (void)fprintf(stderr, "dump: %s\n", err.message);
    db_close(&db);
    arena_close(&arena);
    return !ok;
}
