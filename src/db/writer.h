/* Writer: one thread that owns a handle and commits the writes of many threads together.
 *
 * Writes that wait when a transaction begins become part of it, each in a savepoint: one that
 * fails takes only itself back. `done` runs on the writer's thread after the commit, in order;
 * durable then. When the commit itself fails every write of it is told so. It alone moves the
 * write-ahead log into weir.db while it lives, between commits.
 */
#pragma once

#include "db/db.h"

typedef struct DbWriter DbWriter;

typedef struct {
    bool (*write)(void *context, Db *db, Error *err); /* inside the transaction */
    void (*done)(void *context, const Error *err);    /* NULL: committed. Or no function */
    void *context;
} DbWrite;

typedef struct {
    const char *folder;               /* of weir.db */
    void (*committed)(void *context); /* once a commit, after all `done` of it; or NULL */
    void *context;
    int wait_ms; /* for another's lock, the first time; 0: 10,000 */
} DbWriterOptions;

MUST_CHECK bool db_writer_open(const DbWriterOptions *options, DbWriter **out, Error *err);
/* From any thread, also from `done`; never waits. */
void db_writer_post(DbWriter *writer, DbWrite write);
/* Waits until it is durable or has failed; not from `done`. `write.done` is not used. */
MUST_CHECK bool db_writer_run(DbWriter *writer, DbWrite write, Error *err);
void db_writer_close(DbWriter **writer); /* what was posted is written first */
