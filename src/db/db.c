#include "db/db.h"

#include "db/db_internal.h"

DbValue db_null(void)
{
    return (DbValue){.type = DB_NULL};
}

DbValue db_int(int64_t number)
{
    return (DbValue){.type = DB_INT, .number = number};
}

DbValue db_text(Str text)
{
    return (DbValue){.type = DB_TEXT, .bytes = text};
}

DbValue db_text_of(const char *text)
{
    return text ? db_text(str_of(text)) : db_null();
}

DbValue db_blob(Str bytes)
{
    return (DbValue){.type = DB_BLOB, .bytes = bytes};
}

void db_close(Db **db)
{
    if (!*db)
        return;
    (*db)->driver->close(*db);
    *db = NULL;
}

static bool run_to_end(DbRows *rows, Error *err)
{
    for (bool row = true; row;) {
        if (!rows->db->driver->step(rows, &row, err))
            return false;
    }
    return true;
}

bool db_run(Db *db, const char *sql, DbValues values, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db->driver->start(db, sql, values, false, &rows, err) || !run_to_end(rows, err))
        return false;
    db->changed = db->driver->changed(db);
    return true;
}

int64_t db_changed(const Db *db)
{
    return db->changed;
}

bool db_query(Db *db, const char *sql, DbValues values, DbRows **out, Error *err)
{
    DbRows *rows;
    if (!db->driver->start(db, sql, values, true, &rows, err))
        return false;
    rows->failed = false;
    *out = rows;
    return true;
}

bool db_next(DbRows *rows)
{
    bool row = false;
    if (rows->failed)
        return false;
    rows->failed = !rows->db->driver->step(rows, &row, &rows->error);
    return !rows->failed && row;
}

bool db_done(DbRows *rows, Error *err)
{
    if (!rows->failed)
        return true;
    rows->failed = false;
    *err = rows->error;
    return false;
}

void db_rows_end(DbRows **rows)
{
    if (!*rows)
        return;
    ASSERT(!(*rows)->failed);
    (*rows)->db->driver->end(*rows);
    *rows = NULL;
}

bool db_find(Db *db, const char *sql, DbValues values, DbRows **out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db, sql, values, &rows, err))
        return false;
    bool found = db_next(rows);
    if (!db_done(rows, err))
        return false;
    *out = found ? TAKE(rows) : NULL;
    return true;
}

bool row_is_null(const DbRows *rows, int column)
{
    return rows->db->driver->cell(rows, column).type == DB_NULL;
}

int64_t row_int(const DbRows *rows, int column)
{
    return rows->db->driver->cell(rows, column).number;
}

Str row_text(const DbRows *rows, int column)
{
    return rows->db->driver->cell(rows, column).bytes;
}

Str row_blob(const DbRows *rows, int column)
{
    return rows->db->driver->cell(rows, column).bytes;
}

char *row_copy(Arena *arena, const DbRows *rows, int column)
{
    DbValue cell = rows->db->driver->cell(rows, column);
    return cell.type == DB_NULL ? NULL : arena_text(arena, cell.bytes);
}

void db_set_wait(Db *db, int wait_ms)
{
    db->driver->set_wait(db, wait_ms);
}

bool db_in_place(Db *db)
{
    return db->driver->in_place(db);
}

static bool check_place(Db *db, Error *err)
{
    return db_in_place(db) ||
           fail(err, ERR_IO, "database '%s' was moved, removed or replaced while it was open",
                db->name) ||
           fail_hint(err, "What has its name now is another file. Put the right one there, with no "
                          "weir at work, and run the command again.");
}

bool db_begin(Db *db, DbTransaction *out, Error *err)
{
    ASSERT(!db->in_transaction);
    if (!check_place(db, err) || !db_run(db, "BEGIN IMMEDIATE", DB_NO_VALUES, err))
        return false;
    db->in_transaction = true;
    out->db = db;
    return true;
}

/* What went into a file that nobody will find again was not kept. */
bool db_commit(DbTransaction *change, Error *err)
{
    ASSERT(change->db && change->db->in_transaction);
    Db *db = change->db;
    if (!db_run(db, "COMMIT", DB_NO_VALUES, err))
        return false;
    db->in_transaction = false;
    change->db = NULL;
    return check_place(db, err);
}

void db_rollback(DbTransaction *change)
{
    if (!change->db)
        return;
    change->db->in_transaction = false;
    change->db->driver->rollback(change->db);
    change->db = NULL;
}

bool db_in_transaction(const Db *db)
{
    return db->in_transaction;
}

bool db_data_version(Db *db, int64_t *out, Error *err)
{
    return db->driver->data_version(db, out, err);
}
