#include "base/thread.h"
#include "db/writer.h"
#include "jobs/job_store.h"
#include "jobs/retention_store.h"
#include "jobs/takeback_store.h"

enum { READERS_MOST = 8, PRUNE_BATCH = 500 };

/* A handle to read with, of whoever has taken it. */
typedef struct Reader {
    Arena *arena;
    Db *db;
    struct Reader *next;
} Reader;

typedef struct {
    JobStore store;
    JobStoreOptions options;
    Arena *arena;
    DbWriter *writer;
    Monitor monitor; /* of the readers */
    Reader *idle;
    size_t readers;
} Tables;

static Tables *tables_of(JobStore *store)
{
    return (Tables *)(void *)store;
}

/* ---- readers ---- */

static bool reader_open(const Tables *tables, Reader **out, Error *err)
{
    Arena *arena = arena_open();
    Reader *reader = ARENA_NEW(arena, Reader);
    reader->arena = arena;
    if (!db_open(arena, tables->options.folder, DB_RECORDS, &reader->db, err)) {
        arena_close(&arena);
        if (err->code == ERR_NOT_FOUND)
            err->code = ERR_IO; /* the home is gone, which says nothing of a job */
        return false;
    }
    *out = reader;
    return true;
}

static void reader_close(Reader *reader)
{
    Arena *arena = reader->arena;
    db_close(&reader->db);
    arena_close(&arena);
}

/* An idle one, or leave to open one. */
static Reader *reader_await(Tables *tables)
{
    monitor_enter(&tables->monitor);
    while (!tables->idle && tables->readers == READERS_MOST)
        monitor_wait(&tables->monitor);
    Reader *reader = tables->idle;
    if (reader)
        tables->idle = reader->next;
    else
        tables->readers++;
    monitor_leave(&tables->monitor);
    return reader;
}

static void reader_return(Tables *tables, Reader *reader)
{
    monitor_enter(&tables->monitor);
    if (reader) {
        reader->next = tables->idle;
        tables->idle = reader;
    } else {
        tables->readers--;
    }
    monitor_tell(&tables->monitor);
    monitor_leave(&tables->monitor);
}

static bool reader_take(Tables *tables, Reader **out, Error *err)
{
    *out = reader_await(tables);
    if (*out || reader_open(tables, out, err))
        return true;
    reader_return(tables, NULL);
    return false;
}

/* One that has failed is not used again. */
static bool reader_done(Tables *tables, Reader *reader, bool ok)
{
    if (!ok) {
        reader_close(reader);
        reader = NULL;
    }
    reader_return(tables, reader);
    return ok;
}

#define READ(tables, call)                                                                         \
    Reader *reader;                                                                                \
    return reader_take(tables, &reader, err) && reader_done(tables, reader, call)

/* ---- reading ---- */

static bool tables_get(JobStore *store, Arena *arena, Str id, Job *out, Error *err)
{
    Reader *reader;
    JobRow row;
    if (!reader_take(tables_of(store), &reader, err))
        return false;
    bool ok = job_row_get(arena, reader->db, id, &row, err);
    (void)reader_done(tables_of(store), reader, ok || err->code == ERR_NOT_FOUND);
    if (ok)
        *out = row.job;
    return ok;
}

static bool tables_replay(JobStore *store, JobEntry *entry, bool *known, Job *out, Error *err)
{
    Reader *reader;
    if (!reader_take(tables_of(store), &reader, err))
        return false;
    bool ok = job_row_find(entry->arena, reader->db, entry, known, out, err);
    return reader_done(tables_of(store), reader, ok || err->code == ERR_KEY_REUSED) && ok;
}

static bool tables_find_by_key(JobStore *store, Arena *arena, Str scope, Str key, bool *found,
                               Job *out, Error *err)
{
    READ(tables_of(store), job_row_find_by_key(arena, reader->db, scope, key, found, out, err));
}

static bool tables_fence(JobStore *store, int64_t *last, Error *err)
{
    READ(tables_of(store), job_fence_last(reader->db, last, err));
}

static bool tables_list(JobStore *store, Arena *arena, const JobFilter *filter, Jobs *out,
                        bool *more, Error *err)
{
    READ(tables_of(store), job_rows_list(arena, reader->db, filter, out, more, err));
}

static bool tables_counts(JobStore *store, JobCounts *out, Error *err)
{
    READ(tables_of(store), job_rows_count(reader->db, out, err));
}

static bool tables_pick(JobStore *store, Arena *arena, const JobPick *pick, StrArray *ids,
                        Error *err)
{
    READ(tables_of(store), job_rows_pick(arena, reader->db, pick, ids, err));
}

static bool tables_running(JobStore *store, Arena *arena, JobRows *out, Error *err)
{
    READ(tables_of(store), job_rows_running(arena, reader->db, out, err));
}

/* ---- making ---- */

typedef struct {
    Tables *tables;
    JobEntry *entry;
    JobMade made;
    Job job;
} Making;

static bool make_write(void *context, Db *db, Error *err)
{
    Making *making = context;
    return job_row_add(making->entry->arena, db, making->entry, &making->made, &making->job, err);
}

static void make_done(void *context, const Error *err)
{
    Making *making = context;
    const JobStoreOptions *options = &making->tables->options;
    options->made(options->context, making->entry, making->made, &making->job, err);
}

static void tables_create(JobStore *store, JobEntry *entry)
{
    Making *making = ARENA_NEW(entry->arena, Making);
    *making = (Making){.tables = tables_of(store), .entry = entry};
    db_writer_post(making->tables->writer,
                   (DbWrite){.write = make_write, .done = make_done, .context = making});
}

/* ---- changing ---- */

typedef struct {
    Arena *arena;
    Str id;
    const JobChange *change;
    Moved moved;
    JobRow row;
} Changing;

static bool change_write(void *context, Db *db, Error *err)
{
    Changing *changing = context;
    JobRow before;
    int64_t fence = 0;
    if (!job_row_get(changing->arena, db, changing->id, &before, err) ||
        (changing->change->claims && !job_fence_next(db, &fence, err)))
        return false;
    JobRow after = before;
    if (!changing->change->move(changing->change->context, &after, fence, &changing->moved, err))
        return false;
    changing->row = after;
    return changing->moved == MOVED_NOTHING ||
           job_row_save(changing->arena, db, &before, &after, changing->moved, err);
}

static bool tables_change(JobStore *store, Arena *arena, Str id, const JobChange *change,
                          Moved *moved, Job *out, Error *err)
{
    Changing changing = {.arena = arena, .id = id, .change = change};
    DbWrite write = {.write = change_write, .context = &changing};
    if (!db_writer_run(tables_of(store)->writer, write, err))
        return false;
    *moved = changing.moved;
    *out = changing.row.job;
    return true;
}

/* ---- retention ---- */

typedef struct {
    int64_t keep_ms, jobs_before_ms, events_before_ms;
    size_t jobs, events;
} Pruning;

static bool prune_mark(void *context, Db *db, Error *err)
{
    Pruning *pruning = context;
    return retention_mark(db, "jobs", pruning->keep_ms, &pruning->jobs_before_ms, err) &&
           retention_mark(db, "events", pruning->keep_ms, &pruning->events_before_ms, err);
}

static bool prune_batch(void *context, Db *db, Error *err)
{
    Pruning *pruning = context;
    return retention_jobs(db, pruning->jobs_before_ms, PRUNE_BATCH, &pruning->jobs, err) &&
           event_prune(db, pruning->events_before_ms, PRUNE_BATCH, &pruning->events, err);
}

static bool tables_prune(JobStore *store, int64_t keep_ms, size_t *removed, Error *err)
{
    DbWriter *writer = tables_of(store)->writer;
    Pruning pruning = {.keep_ms = keep_ms};
    size_t all = 0;
    if (!db_writer_run(writer, (DbWrite){.write = prune_mark, .context = &pruning}, err))
        return false;
    do {
        if (!db_writer_run(writer, (DbWrite){.write = prune_batch, .context = &pruning}, err))
            return false;
        all += pruning.jobs;
    } while (pruning.jobs == PRUNE_BATCH || pruning.events == PRUNE_BATCH);
    *removed = all;
    return true;
}

/* ---- taking back ---- */

typedef struct {
    Arena *arena;
    JobStore *lines;
    size_t taken;
} TakingBack;

static bool take_back_write(void *context, Db *db, Error *err)
{
    TakingBack *taking = context;
    return job_rows_take_back(taking->arena, db, taking->lines, &taking->taken, err);
}

bool job_tables_take_back(JobStore *tables, JobStore *lines, size_t *taken, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    TakingBack taking = {.arena = arena, .lines = lines};
    DbWrite write = {.write = take_back_write, .context = &taking};
    if (!db_writer_run(tables_of(tables)->writer, write, err))
        return false;
    *taken = taking.taken;
    return true;
}

/* ---- its life ---- */

static void tables_close(JobStore *store)
{
    Tables *tables = tables_of(store);
    db_writer_close(&tables->writer);
    for (Reader *reader = tables->idle, *next; reader; reader = next) {
        next = reader->next;
        reader_close(reader);
    }
    monitor_destroy(&tables->monitor);
    Arena *arena = tables->arena;
    arena_close(&arena);
}

static const JobStoreKind tables_kind = {
    .create = tables_create,
    .replay = tables_replay,
    .fence = tables_fence,
    .get = tables_get,
    .find_by_key = tables_find_by_key,
    .list = tables_list,
    .counts = tables_counts,
    .change = tables_change,
    .pick = tables_pick,
    .running = tables_running,
    .prune = tables_prune,
    .close = tables_close,
};

bool job_tables_open(const JobStoreOptions *options, JobStore **out, Error *err)
{
    Arena *arena = arena_open();
    Tables *tables = ARENA_NEW(arena, Tables);
    *tables = (Tables){.store = {&tables_kind}, .options = *options, .arena = arena};
    monitor_init(&tables->monitor);
    DbWriterOptions writer = {options->folder, options->committed, options->callbacks,
                              options->lock_wait_ms};
    if (!db_writer_open(&writer, &tables->writer, err)) {
        tables_close(&tables->store);
        return false;
    }
    *out = &tables->store;
    return true;
}
