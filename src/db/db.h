/* Database: handle, statement, transaction. Which database it is, only the driver's one file knows.
 *
 * SQL is one portable dialect with $1 parameters, and lives only in *_store.c and db/migrations. A
 * commit is durable when db_commit returns. One handle belongs to one thread; several handles and
 * processes may write: a writer waits up to 10 s for the other, then ERR_LOCKED. A taken key is
 * ERR_EXISTS, another broken constraint ERR_INVALID, a damaged file ERR_CORRUPT, one that was moved or
 * replaced under the handle ERR_IO, a file of a later weir ERR_NEWER_FORMAT. Texts of SQL must outlive
 * the handle (literals): prepared statements are kept.
 */
#pragma once

#include "base/arena.h"
#include "base/array.h"
#include "base/error.h"

typedef struct Db Db;
typedef struct DbRows DbRows;

typedef enum {
    DB_RECORDS, /* weir.db: migrations/NNNN_name.sql */
    DB_OBJECTS, /* objects.db: migrations/objects/NNNN_name.sql */
} DbKind;

/* Opens the database of that kind in `folder`, makes it (0600) when absent, brings it up to date.
 * It lives in `arena` but must be closed. */
MUST_CHECK bool db_open(Arena *arena, const char *folder, DbKind kind, Db **out, Error *err);
/* The same by somebody who must not wait long for another's lock, neither here nor later. */
MUST_CHECK bool db_open_within(Arena *arena, const char *folder, DbKind kind, int wait_ms, Db **out,
                               Error *err);
void db_set_wait(Db *db, int wait_ms);
void db_close(Db **db);

/* False: the file of that name is not the one that is open, or its log is not. What would be written
 * now nobody would find again, so a transaction neither begins nor ends well then. */
bool db_in_place(Db *db);

/* Values to bind: DB_VALUES(db_text(name), db_int(7)) for $1 and $2, or DB_NO_VALUES. */
typedef enum { DB_NULL, DB_INT, DB_TEXT, DB_BLOB } DbType;
typedef struct {
    DbType type;
    int64_t number;
    Str bytes;
} DbValue;
typedef struct {
    const DbValue *items;
    size_t count;
} DbValues;

#define DB_VALUES(...)                                                                             \
    ((DbValues){(const DbValue[]){__VA_ARGS__},                                                    \
                sizeof((const DbValue[]){__VA_ARGS__}) / sizeof(DbValue)})
#define DB_NO_VALUES ((DbValues){NULL, 0})

DbValue db_null(void);
DbValue db_int(int64_t number);
DbValue db_text(Str text);
DbValue db_text_of(const char *text); /* NULL binds null */
DbValue db_blob(Str bytes);

/* Runs a statement to its end; rows it gives are dropped. */
MUST_CHECK bool db_run(Db *db, const char *sql, DbValues values, Error *err);
int64_t db_changed(const Db *db); /* rows changed by the last db_run */

/* Rows, read one after the other:
 *     SCOPED(db_rows_end) DbRows *rows = NULL;
 *     if (!db_query(db, "SELECT ...", DB_VALUES(...), &rows, err)) return false;
 *     while (db_next(rows)) ...
 *     return db_done(rows, err);
 * db_next is false at the end and on a failure; db_done tells which. A failure that nobody asked for
 * ends the process. Reading others or writing inside the loop is fine. */
MUST_CHECK bool db_query(Db *db, const char *sql, DbValues values, DbRows **out, Error *err);
bool db_next(DbRows *rows);
MUST_CHECK bool db_done(DbRows *rows, Error *err);
void db_rows_end(DbRows **rows);

/* The first row alone, ready to read; *out is NULL when there is none. Ends with db_rows_end. */
MUST_CHECK bool db_find(Db *db, const char *sql, DbValues values, DbRows **out, Error *err);

/* Columns from 0. Null reads as 0 and as the empty span. Spans hold until db_next or db_rows_end. */
bool row_is_null(const DbRows *rows, int column);
int64_t row_int(const DbRows *rows, int column);
Str row_text(const DbRows *rows, int column);
Str row_blob(const DbRows *rows, int column);
char *row_copy(Arena *arena, const DbRows *rows, int column); /* text; NULL for null */

/* A transaction that writes; what is not committed when its block ends is rolled back. Not nested.
 *     SCOPED(db_rollback) DbTransaction change = {0};
 *     return db_begin(db, &change, err) && ... && db_commit(&change, err); */
typedef struct {
    Db *db;
} DbTransaction;

MUST_CHECK bool db_begin(Db *db, DbTransaction *out, Error *err);
MUST_CHECK bool db_commit(DbTransaction *change, Error *err);
void db_rollback(DbTransaction *change); /* fine after a commit */
bool db_in_transaction(const Db *db);

/* A number that changes when another handle, of any process, has committed since it was last asked. */
MUST_CHECK bool db_data_version(Db *db, int64_t *out, Error *err);

/* What is wrong with the file itself, in the database's own words; nothing when it is sound. */
MUST_CHECK bool db_check(Arena *arena, Db *db, StrArray *out, Error *err);
