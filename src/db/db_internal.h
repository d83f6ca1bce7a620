/* What a database driver gives to db.c and migrate.c. Private to the room. */
#pragma once

#include "db/db.h"

typedef struct {
    void (*close)(Db *db);
    /* A statement with its values bound, not yet stepped. */
    bool (*start)(Db *db, const char *sql, DbValues values, DbRows **out, Error *err);
    bool (*step)(DbRows *rows, bool *row, Error *err);
    void (*end)(DbRows *rows);
    DbValue (*cell)(const DbRows *rows, int column);
    /* Several statements without values; for migrations and transactions. */
    bool (*script)(Db *db, const char *sql, Error *err);
    bool (*set_version)(Db *db, int version, Error *err);
} DbDriver;

struct Db {
    const DbDriver *driver;
    Arena *arena;
    DbKind kind;
    int version; /* of its tables, as read when it was opened */
    bool in_transaction;
    int64_t changed;
};

/* A driver's rows begin with this. */
struct DbRows {
    Db *db;
    bool failed; /* and `error` was not asked for yet */
    Error error;
};

typedef struct {
    DbKind kind;
    int number;
    const char *name;
    const char *sql;
} DbMigration;

extern const DbMigration db_migrations[]; /* made by tools/embed-sql; ends with number 0 */

/* Brings the tables up to date; nothing to do costs nothing. */
bool db_migrate(Db *db, Error *err);
