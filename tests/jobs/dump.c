/* Writes the jobs, keys, claims and events of FOLDER/weir.db as records of a history (README.md
 * beside it), and what the database says of its own file.
 *
 * dump FOLDER
 */
#include <stdio.h>

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
};

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
    bool ok = count == 2 && db_open(arena, arguments[1], DB_RECORDS, &db, &err);
    for (size_t i = 0; ok && i < COUNT_OF(tables); i++)
        ok = dump_table(arena, db, &tables[i], &err);
    ok = ok && dump_integrity(arena, db, &err);
    if (!ok)
        (void)fprintf(stderr, "dump: %s\n", count == 2 ? err.message : "dump FOLDER");
    db_close(&db);
    arena_close(&arena);
    return !ok;
}
