#include "db/db_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/map.h"
#include "db/beside_internal.h"

enum {
    OLDEST_SQLITE = 3051003, /* earlier ones can lose commits when a WAL is reset */
    BUSY_TIMEOUT_MS = 10000,
    RETRY_MS = 5,
    MAX_PARAMETERS = 64,
    MAX_VALUE_BYTES = 64 << 20,
    MAX_SQL_BYTES = 1 << 20,
    ID_RECORDS = 0x77656972, /* "weir" */
    ID_OBJECTS = 0x7765696f, /* "weio" */
};

typedef struct SqliteRows {
    DbRows rows;
    sqlite3_stmt *statement;
    uint8_t value_of[MAX_PARAMETERS]; /* which value each of SQLite's own numbers stands for */
    int parameters;
    bool busy;
    struct SqliteRows *next; /* of the same text: for use inside its own loop */
} SqliteRows;

typedef struct {
    Db db;
    sqlite3 *handle;
    Map *statements; /* text -> SqliteRows */
    int log_pages;   /* known when it keeps its log itself */
    int wait_ms;
    Beside beside;
} Sqlite;

static Sqlite *sqlite_of(const Db *db)
{
    return (Sqlite *)(uintptr_t)db;
}

static SqliteRows *rows_of(const DbRows *rows)
{
    return (SqliteRows *)(uintptr_t)rows;
}

static ErrorCode code_of_constraint(int extended)
{
    bool taken = extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY;
    return taken ? ERR_EXISTS : ERR_INVALID;
}

static ErrorCode code_of(sqlite3 *handle, int extended)
{
    ErrorCode code = error_of_errno(handle ? sqlite3_system_errno(handle) : 0);
    switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_LOCKED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_FULL:
        return ERR_DISK_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return ERR_PERMISSION;
    case SQLITE_TOOBIG:
        return ERR_TOO_LARGE;
    case SQLITE_CONSTRAINT:
        return code_of_constraint(extended);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return code == ERR_DISK_FULL || code == ERR_PERMISSION ? code : ERR_IO;
    default:
        return ERR_INTERNAL;
    }
}

static bool fail_sqlite(Sqlite *sqlite, Error *err)
{
    int extended = sqlite3_extended_errcode(sqlite->handle);
    if (extended == SQLITE_NOMEM)
        out_of_memory(0);
    ErrorCode code = code_of(sqlite->handle, extended);
    fail(err, code, "database '%s': %s", sqlite->db.name, sqlite3_errmsg(sqlite->handle));
    if (code == ERR_CORRUPT)
        fail_hint(err,
                  "Restore '%s' from a backup. weir never deletes it; `sqlite3 FILE .recover` "
                  "may save what is still readable.",
                  sqlite->db.name);
    return false;
}

/* ---- statements ---- */

static void number_parameters(SqliteRows *rows)
{
    rows->parameters = sqlite3_bind_parameter_count(rows->statement);
    ASSERT(rows->parameters <= MAX_PARAMETERS);
    for (int i = 0; i < rows->parameters; i++) {
        const char *name = sqlite3_bind_parameter_name(rows->statement, i + 1);
        uint64_t number = 0;
        ASSERT(name && name[0] == '$' && str_to_u64(str_of(name + 1), &number));
        ASSERT(number >= 1 && number <= MAX_PARAMETERS);
        rows->value_of[i] = (uint8_t)(number - 1);
    }
}

static SqliteRows *idle_statement(SqliteRows *first)
{
    while (first && first->busy)
        first = first->next;
    return first;
}

static bool prepare(Sqlite *sqlite, const char *sql, SqliteRows **out, Error *err)
{
    SqliteRows *first = map_find(sqlite->statements, str_of(sql));
    SqliteRows *rows = idle_statement(first);
    if (!rows) {
        sqlite3_stmt *statement = NULL;
        if (sqlite3_prepare_v3(sqlite->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                               NULL) != SQLITE_OK)
            return fail_sqlite(sqlite, err);
        rows = ARENA_NEW(sqlite->db.arena, SqliteRows);
        rows->rows.db = &sqlite->db;
        rows->statement = statement;
        rows->next = first;
        number_parameters(rows);
        map_put(sqlite->statements, str_of(sql), rows);
    }
    *out = rows;
    return true;
}

static int bind(sqlite3_stmt *statement, int at, const DbValue *value, bool copy)
{
    const char *data = value->bytes.len ? value->bytes.data : "";
    sqlite3_destructor_type life = copy ? SQLITE_TRANSIENT : SQLITE_STATIC;
    switch (value->type) {
    case DB_INT:
        return sqlite3_bind_int64(statement, at, value->number);
    case DB_TEXT:
        return sqlite3_bind_text64(statement, at, data, value->bytes.len, life, SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(statement, at, data, value->bytes.len, life);
    case DB_NULL:
    default:
        return sqlite3_bind_null(statement, at);
    }
}

static void sqlite_end(DbRows *base)
{
    SqliteRows *rows = rows_of(base);
    (void)sqlite3_reset(rows->statement);
    (void)sqlite3_clear_bindings(rows->statement);
    rows->busy = false;
}

static bool sqlite_start(Db *db, const char *sql, DbValues values, bool copy, DbRows **out,
                         Error *err)
{
    Sqlite *sqlite = sqlite_of(db);
    SqliteRows *rows = NULL;
    /* After a full disk SQLite ends the transaction by itself; what follows must not commit alone. */
    if (db->in_transaction && sqlite3_get_autocommit(sqlite->handle))
        return fail(err, ERR_IO, "database '%s': the transaction was rolled back", db->name);
    if (!prepare(sqlite, sql, &rows, err))
        return false;
    for (int i = 0; i < rows->parameters; i++) {
        ASSERT(rows->value_of[i] < values.count);
        if (bind(rows->statement, i + 1, &values.items[rows->value_of[i]], copy) != SQLITE_OK) {
            (void)fail_sqlite(sqlite, err);
            sqlite_end(&rows->rows);
            return false;
        }
    }
    rows->busy = true;
    *out = &rows->rows;
    return true;
}

static bool sqlite_step(DbRows *base, bool *row, Error *err)
{
    int result = sqlite3_step(rows_of(base)->statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return fail_sqlite(sqlite_of(base->db), err);
    *row = result == SQLITE_ROW;
    return true;
}

static Str span_of(sqlite3_stmt *statement, int column, const void *data)
{
    return (Str){data, data ? (size_t)sqlite3_column_bytes(statement, column) : 0};
}

static DbValue sqlite_cell(const DbRows *base, int column)
{
    sqlite3_stmt *statement = rows_of(base)->statement;
    ASSERT(column >= 0 && column < sqlite3_column_count(statement));
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        return db_int(sqlite3_column_int64(statement, column));
    case SQLITE_BLOB:
        return db_blob(span_of(statement, column, sqlite3_column_blob(statement, column)));
    case SQLITE_NULL:
        return db_null();
    default:
        return db_text(span_of(statement, column, sqlite3_column_text(statement, column)));
    }
}

static int64_t sqlite_changed(const Db *db)
{
    return sqlite3_changes64(sqlite_of(db)->handle);
}

static bool sqlite_script(Db *db, const char *sql, Error *err)
{
    Sqlite *sqlite = sqlite_of(db);
    return sqlite3_exec(sqlite->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
           fail_sqlite(sqlite, err);
}

static void sqlite_rollback(Db *db)
{
    Sqlite *sqlite = sqlite_of(db);
    if (!sqlite3_get_autocommit(sqlite->handle))
        (void)sqlite3_exec(sqlite->handle, "ROLLBACK", NULL, NULL, NULL);
}

static void sqlite_set_wait(Db *db, int wait_ms)
{
    Sqlite *sqlite = sqlite_of(db);
    sqlite->wait_ms = wait_ms;
    (void)sqlite3_busy_timeout(sqlite->handle, wait_ms);
}

/* What its name stands for is what is open. */
static bool is_the_file(const Sqlite *sqlite)
{
    int moved = 0;
    int result = sqlite3_file_control(sqlite->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return result == SQLITE_OK && !moved;
}

static bool sqlite_in_place(Db *db)
{
    const Sqlite *sqlite = sqlite_of(db);
    return is_the_file(sqlite) && beside_holds(&sqlite->beside);
}

static void finalize_all(Sqlite *sqlite)
{
    for (sqlite3_stmt *at; (at = sqlite3_next_stmt(sqlite->handle, NULL));)
        (void)sqlite3_finalize(at);
}

static void sqlite_close_handle(Db *db)
{
    Sqlite *sqlite = sqlite_of(db);
    if (sqlite->handle)
        finalize_all(sqlite);
    int result = sqlite3_close(sqlite->handle);
    ASSERT(result == SQLITE_OK);
    sqlite->handle = NULL;
    beside_leave(&sqlite->beside);
    arena_close(&sqlite->db.arena);
}

/* ---- opening ---- */

static bool read_number(Sqlite *sqlite, const char *sql, int64_t *out, Error *err)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(sqlite->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    if (ok)
        *out = sqlite3_column_int64(statement, 0);
    else
        (void)fail_sqlite(sqlite, err);
    (void)sqlite3_finalize(statement);
    return ok;
}

static bool sqlite_version(Db *db, int *out, Error *err)
{
    int64_t version;
    if (!read_number(sqlite_of(db), "PRAGMA user_version", &version, err))
        return false;
    *out = (int)version;
    return true;
}

static int application_id(DbKind kind)
{
    return kind == DB_RECORDS ? ID_RECORDS : ID_OBJECTS;
}

static bool sqlite_set_version(Db *db, int version, Error *err)
{
    char sql[96];
    (void)snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                   application_id(db->kind), version);
    return sqlite_script(db, sql, err);
}

static bool sqlite_data_version(Db *db, int64_t *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "PRAGMA data_version", DB_NO_VALUES, &rows, err))
        return false;
    *out = row_int(rows, 0);
    return true;
}

static int count_log(void *opaque, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    Sqlite *sqlite = opaque;
    sqlite->log_pages = pages;
    return SQLITE_OK;
}

static void sqlite_keep_log(Db *db)
{
    Sqlite *sqlite = sqlite_of(db);
    (void)sqlite3_wal_hook(sqlite->handle, count_log, sqlite);
}

static int sqlite_log_pages(const Db *db)
{
    return sqlite_of(db)->log_pages;
}

static bool sqlite_empty_log(Db *db, Error *err)
{
    Sqlite *sqlite = sqlite_of(db);
    int result =
        sqlite3_wal_checkpoint_v2(sqlite->handle, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return result == SQLITE_OK || result == SQLITE_BUSY || fail_sqlite(sqlite, err);
}

static const DbDriver sqlite_driver = {
    .close = sqlite_close_handle,
    .set_wait = sqlite_set_wait,
    .in_place = sqlite_in_place,
    .start = sqlite_start,
    .step = sqlite_step,
    .end = sqlite_end,
    .cell = sqlite_cell,
    .changed = sqlite_changed,
    .script = sqlite_script,
    .rollback = sqlite_rollback,
    .version = sqlite_version,
    .set_version = sqlite_set_version,
    .data_version = sqlite_data_version,
    .keep_log = sqlite_keep_log,
    .log_pages = sqlite_log_pages,
    .empty_log = sqlite_empty_log,
};

/* SQLite would make it readable for all; its WAL inherits the mode. */
static bool make_private(const char *folder, const char *file, Error *err)
{
    SCOPED(fd_close) int folder_fd = -1;
    if (!fs_open_root(folder, &folder_fd, err))
        return false;
    SCOPED(fd_close) int fd = fs_open_at(folder_fd, str_of(file), O_RDWR | O_CREAT, 0600);
    return fd >= 0 || fail_errno(err, "cannot create '%s/%s'", folder, file);
}

static void set_limits(sqlite3 *handle)
{
    (void)sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES);
    (void)sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES);
    (void)sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_limit(handle, SQLITE_LIMIT_VARIABLE_NUMBER, MAX_PARAMETERS);
    (void)sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 200);
}

static bool configure(Sqlite *sqlite, Error *err)
{
    sqlite3 *handle = sqlite->handle;
    int keep_wal =
        1; /* emptied at the last close but not removed: making it anew costs half a start */
    (void)sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep_wal);
    (void)sqlite3_busy_timeout(handle, sqlite->wait_ms);
    (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    set_limits(handle);
    if (sqlite3_db_readonly(handle, "main") == 1)
        return fail(err, ERR_PERMISSION, "cannot write to '%s'", sqlite->db.name);
    return sqlite_script(&sqlite->db,
                         "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
                         "PRAGMA journal_size_limit = 67108864",
                         err);
}

/* Two that make the file at once: SQLite does not wait here by itself. */
static bool use_wal(Sqlite *sqlite, Error *err)
{
    int64_t deadline_us = clock_monotonic_us() + (int64_t)sqlite->wait_ms * 1000;
    for (;;) {
        if (sqlite_script(&sqlite->db, "PRAGMA journal_mode = WAL", err))
            return true;
        if (err->code != ERR_LOCKED || clock_monotonic_us() > deadline_us)
            return false;
        clock_sleep_ms(RETRY_MS);
    }
}

/* The id is read again after the schema, for another process may have made the tables in between. */
static bool check_identity(Sqlite *sqlite, bool *fresh, Error *err)
{
    int64_t id;
    int64_t tables = 0;
    if (!read_number(sqlite, "PRAGMA application_id", &id, err))
        return false;
    if (id == 0 && !(read_number(sqlite, "PRAGMA schema_version", &tables, err) &&
                     read_number(sqlite, "PRAGMA application_id", &id, err)))
        return false;
    if (id != application_id(sqlite->db.kind) && (id != 0 || tables > 0))
        return fail(err, ERR_CORRUPT, "'%s' is another program's database", sqlite->db.name);
    *fresh = id == 0;
    return true;
}

static bool open_handle(Sqlite *sqlite, Error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    bool fresh;
    int version;
    if (!beside_enter(&sqlite->beside, sqlite->db.name, err))
        return false;
    if (sqlite3_open_v2(sqlite->db.name, &sqlite->handle, flags, NULL) != SQLITE_OK)
        return fail_sqlite(sqlite, err);
    if (!is_the_file(sqlite) || !beside_is_entered(&sqlite->beside, sqlite->db.name))
        return fail(err, ERR_IO, "database '%s' was replaced meanwhile", sqlite->db.name);
    if (!configure(sqlite, err) || !check_identity(sqlite, &fresh, err) ||
        (fresh && !use_wal(sqlite, err)) || !sqlite_version(&sqlite->db, &version, err))
        return false;
    beside_note(&sqlite->beside);
    return db_migrate(&sqlite->db, version, db_migrations, err);
}

bool db_open(Arena *arena, const char *folder, DbKind kind, Db **out, Error *err)
{
    return db_open_within(arena, folder, kind, BUSY_TIMEOUT_MS, out, err);
}

bool db_open_within(Arena *arena, const char *folder, DbKind kind, int wait_ms, Db **out,
                    Error *err)
{
    const char *file = kind == DB_RECORDS ? "weir.db" : "objects.db";
    const char *path = arena_format(arena, "%s/%s", folder, file);
    if (sqlite3_libversion_number() < OLDEST_SQLITE)
        return fail(err, ERR_UNSUPPORTED, "SQLite %s can lose data, 3.51.3 or newer is needed",
                    sqlite3_libversion());
    if (!fs_exists(path) && !make_private(folder, file, err))
        return false;
    Sqlite *sqlite = ARENA_NEW(arena, Sqlite);
    sqlite->db = (Db){.driver = &sqlite_driver, .arena = arena_open(), .kind = kind, .name = path};
    sqlite->wait_ms = wait_ms;
    sqlite->beside = beside_of(arena, path);
    sqlite->statements = map_new(sqlite->db.arena, 32);
    SCOPED(db_close) Db *opened = &sqlite->db;
    if (!open_handle(sqlite, err))
        return false;
    *out = TAKE(opened);
    return true;
}

bool db_check(Arena *arena, Db *db, StrArray *out, Error *err)
{
    StrArray list = {0};
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_query(db, "PRAGMA integrity_check(20)", DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows))
        if (!str_is(row_text(rows, 0), "ok"))
            ARRAY_PUSH(arena, &list, arena_copy(arena, row_text(rows, 0)));
    *out = list;
    return db_done(rows, err);
}
