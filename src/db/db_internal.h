/* What a database driver gives to db.c and migrate.c. Private to the room. */
#pragma once

#include "db/db.h"

typedef struct {
    void (*close)(Db *db);
    void (*set_wait)(Db *db, int wait_ms);
    bool (*in_place)(Db *db);
    /* A statement with its values bound, not yet stepped. `copy`: the values go before the rows do. */
    bool (*start)(Db *db, const char *sql, DbValues values, bool copy, DbRows **out, Error *err);
    bool (*step)(DbRows *rows, bool *row, Error *err);
    void (*end)(DbRows *rows);
    DbValue (*cell)(const DbRows *rows, int column);
    int64_t (*changed)(const Db *db);
    /* Several statements without values. */
    bool (*script)(Db *db, const char *sql, Error *err);
    void (*rollback)(Db *db);
    bool (*version)(Db *db, int *out, Error *err);
    bool (*set_version)(Db *db, int version, Error *err); /* inside a transaction */
    bool (*data_version)(Db *db, int64_t *out, Error *err);
    /* From now on this handle never moves the log into the file by itself. */
    void (*keep_log)(Db *db);
    int (*log_pages)(const Db *db);        /* in the log after the last commit of this handle */
    bool (*empty_log)(Db *db, Error *err); /* as far as nobody reads it; waits for nobody */
} DbDriver;

/* A driver's handle begins with this. */
struct Db {
    const DbDriver *driver;
    Arena *arena; /* its own: statements are made while the caller marks and rewinds */
    DbKind kind;
    const char *name; /* for messages: its path */
    bool in_transaction;
    int64_t changed;
};

/* A driver's rows begin with this. */
struct DbRows {
    Db *db;
    bool failed; /* and nobody has asked for `error` yet */
    Error error;
};

typedef struct {
    DbKind kind;
    int number;
    const char *name;
    const char *sql;
} DbMigration;

extern const DbMigration db_migrations[]; /* made by tools/embed-sql; ends with number 0 */

/* Brings the tables from `version` up to date by `migrations`; nothing to do costs nothing. */
bool db_migrate(Db *db, int version, const DbMigration *migrations, Error *err);
