#include "db/writer.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "db/db_internal.h"

enum {
    WRITES_TOGETHER = 256, /* in one transaction: bounds what one waits for the others */
    LOG_PAGES = 4000,      /* in the log before it is moved into the file */
    IDLE_LOG_PAGES = 250,  /* ... when nothing else is to be done */
    IDLE_US = 1000000,
    MOVES_BEFORE = 2, /* the second has little to do, which leaves less still */
    WAIT_MS = 10000,  /* for another's lock */
    AGAIN_MS = 200,   /* ... once that was in vain: who waits for this thread has waited enough */
};

/* Whoever waits for its write, on its own stack. */
typedef struct {
    Monitor monitor;
    bool done, ok;
    Error *err;
} Waiter;

typedef struct Post {
    DbWrite write;
    Waiter *waiter; /* or NULL */
    struct Post *next;
    bool failed;
    Error err;
} Post;

typedef enum { LOG_KEPT, LOG_MOVING, LOG_MOVED } LogState;

struct DbWriter {
    DbWriterOptions options;
    Arena *arena;
    Db *db;
    int wait_ms; /* as `db` has it */
    Thread thread;
    Monitor monitor;
    Post *first, **last;
    bool closing;
    LogState log;
    int move_at; /* pages in the log at which it is moved next */
    Arena *mover_arena;
    Db *mover;
    Thread mover_thread;
};

/* ---- one commit ---- */

/* False: the transaction itself is gone, and with it every write in it. */
static bool write_one(Db *db, Post *post, Error *err)
{
    if (!db_run(db, "SAVEPOINT one", DB_NO_VALUES, err))
        return false;
    post->failed = !post->write.write(post->write.context, db, &post->err);
    if (post->failed && !db_run(db, "ROLLBACK TO one", DB_NO_VALUES, err)) {
        *err = post->err;
        return false;
    }
    return db_run(db, "RELEASE one", DB_NO_VALUES, err);
}

static bool write_all(Db *db, Post *first, Error *err)
{
    SCOPED(db_rollback) DbTransaction change = {0};
    if (!db_begin(db, &change, err))
        return false;
    for (Post *post = first; post; post = post->next)
        if (!write_one(db, post, err))
            return false;
    return db_commit(&change, err);
}

static void tell_waiter(Waiter *waiter, const Error *err)
{
    waiter->ok = !err;
    if (err)
        *waiter->err = *err;
    monitor_raise(&waiter->monitor, &waiter->done);
}

static void tell_all(Post *first, const Error *all_failed)
{
    for (Post *post = first, *next; post; post = next) {
        next = post->next;
        const Error *err = all_failed ? all_failed : post->failed ? &post->err : NULL;
        if (post->waiter)
            tell_waiter(post->waiter, err);
        else if (post->write.done)
            post->write.done(post->write.context, err);
        free(post);
    }
}

static void commit(DbWriter *writer, Post *first)
{
    Error err;
    bool ok = write_all(writer->db, first, &err);
    int wait_ms = ok || err.code != ERR_LOCKED ? writer->options.wait_ms : AGAIN_MS;
    if (wait_ms != writer->wait_ms)
        db_set_wait(writer->db, wait_ms);
    writer->wait_ms = wait_ms;
    tell_all(first, ok ? NULL : &err);
    if (ok && writer->options.committed)
        writer->options.committed(writer->options.context);
}

/* ---- the log ---- */

/* Most of the log is moved by a thread of its own while commits go on. As long as commits go on it
 * never comes to the end, and only a log that was moved to its end is begun anew: the little that
 * is left is the writer's. A failure is met again by a commit, which tells it to somebody. */
static void *move_log(void *opaque)
{
    DbWriter *writer = opaque;
    Error ignored;
    monitor_enter(&writer->monitor);
    while (!writer->closing) {
        if (writer->log != LOG_MOVING) {
            monitor_wait(&writer->monitor);
            continue;
        }
        monitor_leave(&writer->monitor);
        for (int i = 0; i < MOVES_BEFORE; i++)
            (void)writer->mover->driver->empty_log(writer->mover, &ignored);
        monitor_enter(&writer->monitor);
        writer->log = LOG_MOVED;
    }
    monitor_leave(&writer->monitor);
    return NULL;
}

/* Where a reader holds the log up it stays long: the next try waits until as much has come again. */
static void look_at_log(DbWriter *writer)
{
    int pages = writer->db->driver->log_pages(writer->db);
    Error ignored;
    monitor_enter(&writer->monitor);
    LogState state = writer->log;
    if (pages < LOG_PAGES)
        writer->move_at = LOG_PAGES;
    if (state == LOG_MOVED)
        writer->log = LOG_KEPT;
    if (state == LOG_KEPT && pages >= writer->move_at) {
        writer->log = LOG_MOVING;
        writer->move_at = pages + LOG_PAGES;
        monitor_tell(&writer->monitor);
    }
    monitor_leave(&writer->monitor);
    if (state == LOG_MOVED)
        (void)writer->db->driver->empty_log(writer->db, &ignored);
}

static void move_log_when_idle(DbWriter *writer)
{
    Error ignored;
    if (writer->db->driver->log_pages(writer->db) >= IDLE_LOG_PAGES)
        (void)writer->db->driver->empty_log(writer->db, &ignored);
}

/* ---- the thread ---- */

static Post *take_posts(DbWriter *writer)
{
    Post *first = writer->first;
    Post **end = &writer->first;
    for (int i = 0; i < WRITES_TOGETHER && *end; i++)
        end = &(*end)->next;
    writer->first = *end;
    if (!writer->first)
        writer->last = &writer->first;
    *end = NULL;
    return first;
}

/* NULL: it is to end. */
static Post *await_posts(DbWriter *writer)
{
    bool idle = false;
    monitor_enter(&writer->monitor);
    while (!writer->first && !writer->closing) {
        if (idle) {
            monitor_wait(&writer->monitor);
            continue;
        }
        idle = !monitor_wait_until(&writer->monitor, clock_monotonic_us() + IDLE_US);
        if (idle && !writer->first) {
            monitor_leave(&writer->monitor);
            move_log_when_idle(writer);
            monitor_enter(&writer->monitor);
        }
    }
    Post *first = writer->first ? take_posts(writer) : NULL;
    monitor_leave(&writer->monitor);
    return first;
}

static void *write_on(void *opaque)
{
    DbWriter *writer = opaque;
    for (Post *first; (first = await_posts(writer));) {
        commit(writer, first);
        look_at_log(writer);
    }
    return NULL;
}

/* ---- for other threads ---- */

bool db_writer_open(const DbWriterOptions *options, DbWriter **out, Error *err)
{
    Arena *arena = arena_open();
    DbWriter *writer = ARENA_NEW(arena, DbWriter);
    *writer = (DbWriter){.options = *options, .arena = arena, .move_at = LOG_PAGES};
    if (!options->wait_ms)
        writer->options.wait_ms = WAIT_MS;
    writer->last = &writer->first;
    monitor_init(&writer->monitor);
    SCOPED(db_writer_close) DbWriter *opened = writer;
    if (!db_open(arena, options->folder, DB_RECORDS, &writer->db, err))
        return false;
    writer->wait_ms = writer->options.wait_ms;
    db_set_wait(writer->db, writer->wait_ms);
    writer->db->driver->keep_log(writer->db);
    writer->mover_arena = arena_open();
    if (!db_open(writer->mover_arena, options->folder, DB_RECORDS, &writer->mover, err) ||
        !thread_start(&writer->mover_thread, "weir-log", move_log, writer, err))
        return false;
    if (!thread_start(&writer->thread, "weir-writer", write_on, writer, err))
        return false;
    *out = TAKE(opened);
    return true;
}

static void post(DbWriter *writer, const DbWrite *write, Waiter *waiter)
{
    Post *item = malloc(sizeof *item);
    if (!item)
        out_of_memory(sizeof *item);
    item->write = *write;
    item->waiter = waiter;
    item->next = NULL;
    item->failed = false;
    monitor_enter(&writer->monitor);
    if (!writer->first) /* else it has been told, and comes for all */
        monitor_tell(&writer->monitor);
    *writer->last = item;
    writer->last = &item->next;
    monitor_leave(&writer->monitor);
}

void db_writer_post(DbWriter *writer, DbWrite write)
{
    post(writer, &write, NULL);
}

bool db_writer_run(DbWriter *writer, DbWrite write, Error *err)
{
    Waiter waiter = {.err = err};
    monitor_init(&waiter.monitor);
    post(writer, &write, &waiter);
    monitor_await(&waiter.monitor, &waiter.done);
    monitor_destroy(&waiter.monitor);
    return waiter.ok;
}

void db_writer_close(DbWriter **writer)
{
    DbWriter *closing = *writer;
    if (!closing)
        return;
    monitor_raise(&closing->monitor, &closing->closing);
    thread_join(&closing->thread);
    thread_join(&closing->mover_thread);
    db_close(&closing->mover);
    if (closing->mover_arena)
        arena_close(&closing->mover_arena);
    db_close(&closing->db);
    monitor_destroy(&closing->monitor);
    Arena *arena = closing->arena;
    arena_close(&arena);
    *writer = NULL;
}
