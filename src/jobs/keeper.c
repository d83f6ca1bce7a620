#include "jobs/keeper_internal.h"

#include "base/clock.h"
#include "base/thread.h"
#include "jobs/journal.h"
#include "jobs/lines_internal.h"
#include "jobs/takeback_store.h"

enum {
    PROBE_FIRST_MS = 1000,
    PROBE_MOST_MS = 15000,
    PROBE_WAIT_MS = 100, /* for another's lock: as long as that is held, so long lines are in use */
    PROVED_US = 60000000, /* tables that were in use for so long are looked at soon again */
};

/* An entry whose store was unusable. */
typedef struct Orphan {
    JobEntry *entry;
    struct Orphan *next;
} Orphan;

struct Keeper {
    JobQueueOptions queue;
    JobStoreOptions options; /* of stores */
    void (*made)(void *context, JobEntry *entry, JobMade made, const Job *job, const Error *err);
    void *context;
    Arena *arena;
    Thread thread;
    Monitor monitor; /* of everything below */
    JobStore *tables, *lines;
    bool fallback;  /* lines are in use */
    bool stuck;     /* neither can be used */
    bool turning;   /* nobody may take a store */
    size_t taken;   /* calls that have one */
    uint64_t turns; /* changes of store so far */
    bool turn_failed;
    bool wanted; /* somebody found the tables unusable */
    Error cause;
    bool suspect; /* the file may be damaged or another one */
    Orphan *orphans;
    bool closing;
    int64_t probe_us;
    int probe_ms;
    int64_t back_us; /* since then the tables are in use */
};

bool keeper_is_unusable(const Error *err)
{
    return err->code == ERR_IO || err->code == ERR_CORRUPT || err->code == ERR_DISK_FULL ||
           err->code == ERR_PERMISSION || err->code == ERR_LOCKED;
}

static bool may_fall_back(const Keeper *keeper)
{
    return keeper->queue.owner && keeper->queue.store == JOB_STORE_AUTO;
}

PRINTF_LIKE(2, 3) static void notice(Keeper *keeper, const char *format, ...)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    va_list arguments;
    if (!keeper->queue.notice)
        return;
    va_start(arguments, format);
    keeper->queue.notice(keeper->queue.context, arena_format_list(arena, format, arguments));
    va_end(arguments);
}

/* ---- taking a store ---- */

JobStore *keeper_take(Keeper *keeper, JobStore **other)
{
    monitor_enter(&keeper->monitor);
    while (keeper->turning)
        monitor_wait(&keeper->monitor);
    keeper->taken++;
    JobStore *store = keeper->fallback ? keeper->lines : keeper->tables;
    if (other)
        *other = keeper->fallback ? keeper->tables : NULL;
    monitor_leave(&keeper->monitor);
    return store;
}

void keeper_give(Keeper *keeper)
{
    monitor_enter(&keeper->monitor);
    keeper->taken--;
    if (keeper->turning && !keeper->taken)
        monitor_tell(&keeper->monitor);
    monitor_leave(&keeper->monitor);
}

bool keeper_turn(Keeper *keeper, const Error *err)
{
    if (!keeper_is_unusable(err) || !may_fall_back(keeper))
        return false;
    monitor_enter(&keeper->monitor);
    uint64_t turns = keeper->turns;
    bool turned = keeper->fallback;
    if (!turned) {
        keeper->wanted = true;
        keeper->cause = *err;
        keeper->turn_failed = false;
        monitor_tell(&keeper->monitor);
        while (keeper->turns == turns && !keeper->turn_failed && !keeper->closing)
            monitor_wait(&keeper->monitor);
        turned = keeper->turns != turns;
    }
    monitor_leave(&keeper->monitor);
    return turned;
}

bool keeper_turn_unread(Keeper *keeper, const Error *err)
{
    return err->code == ERR_CORRUPT && keeper_turn(keeper, err);
}

bool keeper_is_stuck(Keeper *keeper)
{
    monitor_enter(&keeper->monitor);
    bool stuck = keeper->stuck;
    monitor_leave(&keeper->monitor);
    return stuck;
}

/* ---- making ---- */

/* A key that the tables know stays their job's, as long as they can be read. */
static bool is_replay(Keeper *keeper, JobStore *other, JobEntry *entry)
{
    Job job;
    bool known = false;
    Error err;
    bool ok = other->kind->replay(other, entry, &known, &job, &err);
    if (ok && known)
        keeper->made(keeper->context, entry, JOB_REPLAYED, &job, NULL);
    else if (!ok && err.code == ERR_KEY_REUSED)
        keeper->made(keeper->context, entry, JOB_REPLAYED, NULL, &err);
    else
        return false;
    return true;
}

void keeper_create(Keeper *keeper, JobEntry *entry)
{
    JobStore *other;
    JobStore *store = keeper_take(keeper, &other);
    if (!other || !entry->key.len || !is_replay(keeper, other, entry))
        store->kind->create(store, entry);
    keeper_give(keeper);
}

/* On the writer's thread, which must not wait for a change of the store. */
static void take_made(void *context, JobEntry *entry, JobMade made, const Job *job,
                      const Error *err)
{
    Keeper *keeper = context;
    if (!err || !keeper_is_unusable(err) || !may_fall_back(keeper) || entry->tries++ > 0) {
        keeper->made(keeper->context, entry, made, job, err);
        return;
    }
    Orphan *orphan = ARENA_NEW(entry->arena, Orphan);
    orphan->entry = entry;
    monitor_enter(&keeper->monitor);
    orphan->next = keeper->orphans;
    keeper->orphans = orphan;
    if (!keeper->fallback) {
        keeper->wanted = true;
        keeper->cause = *err;
    }
    monitor_tell(&keeper->monitor);
    monitor_leave(&keeper->monitor);
}

/* ---- falling back ---- */

static bool is_suspect(const Error *err)
{
    return err->code == ERR_CORRUPT || err->code == ERR_IO;
}

static void probe_later(Keeper *keeper)
{
    keeper->probe_us = clock_monotonic_us() + (int64_t)keeper->probe_ms * 1000;
}

/* Nobody has to wait for it: who has taken the tables goes on with them, and they stay open. */
static void end_fall(Keeper *keeper, JobStore *lines, bool ok)
{
    monitor_enter(&keeper->monitor);
    if (ok) {
        keeper->lines = lines;
        keeper->fallback = true;
        keeper->suspect = is_suspect(&keeper->cause);
        keeper->turns++;
    }
    keeper->wanted = false;
    keeper->turn_failed = keeper->stuck = !ok;
    if (clock_monotonic_us() - keeper->back_us >= PROVED_US)
        keeper->probe_ms = PROBE_FIRST_MS;
    probe_later(keeper);
    monitor_tell(&keeper->monitor);
    monitor_leave(&keeper->monitor);
}

static void fall_back(Keeper *keeper)
{
    JobStore *lines = NULL;
    Error err;
    monitor_enter(&keeper->monitor);
    Error cause = keeper->cause;
    bool was_stuck = keeper->stuck;
    monitor_leave(&keeper->monitor);
    if (keeper->tables)
        (void)!keeper->tables->kind->fence(keeper->tables, &keeper->options.fence_least, &err);
    bool ok = job_lines_open(&keeper->options, &lines, &err);
    if (ok)
        notice(keeper, "the job database cannot be used (%s): new jobs are kept in jobs.jsonl",
               cause.message);
    else if (!was_stuck)
        notice(keeper,
               "neither the job database (%s) nor jobs.jsonl can be used (%s): jobs are refused",
               cause.message, err.message);
    end_fall(keeper, lines, ok);
}

/* ---- coming back ---- */

static void begin_turn(Keeper *keeper)
{
    monitor_enter(&keeper->monitor);
    keeper->turning = true;
    while (keeper->taken)
        monitor_wait(&keeper->monitor);
    monitor_leave(&keeper->monitor);
}

static void end_turn(Keeper *keeper, bool ok)
{
    monitor_enter(&keeper->monitor);
    keeper->turning = false;
    keeper->turns += ok;
    if (ok) {
        keeper->fallback = keeper->wanted = false;
        keeper->back_us = clock_monotonic_us();
    }
    monitor_tell(&keeper->monitor);
    monitor_leave(&keeper->monitor);
}

static bool is_sound(Arena *arena, Db *db, Error *err)
{
    StrArray wrong = {0};
    return db_check(arena, db, &wrong, err) &&
           (wrong.count == 0 ||
            fail(err, ERR_CORRUPT, "the job database is damaged: %.*s", STR_ARG(wrong.items[0])));
}

/* While everybody goes on with the lines. A file that was damaged is looked at by a connection that has
 * nothing of it in memory: what has would go on writing beside the damage. */
static bool probe(const Keeper *keeper, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(db_close) Db *db = NULL;
    SCOPED(db_rollback) DbTransaction change = {0};
    return db_open_within(arena, keeper->queue.folder, DB_RECORDS, PROBE_WAIT_MS, &db, err) &&
           (!keeper->suspect || is_sound(arena, db, err)) && db_begin(db, &change, err);
}

/* Opened anew where they could not be read; what is only full or locked is good to read meanwhile. */
static bool take_back(Keeper *keeper, size_t *taken, Error *err)
{
    if (keeper->tables && keeper->suspect)
        keeper->tables->kind->close(TAKE(keeper->tables));
    return (keeper->tables || job_tables_open(&keeper->options, &keeper->tables, err)) &&
           job_tables_take_back(keeper->tables, keeper->lines, taken, err);
}

static bool turn_back(Keeper *keeper, Error *err)
{
    size_t taken = 0;
    Error removal;
    begin_turn(keeper);
    bool ok = take_back(keeper, &taken, err);
    if (ok) {
        if (!job_lines_remove(keeper->lines, &removal))
            notice(keeper, "jobs.jsonl was taken back but cannot be removed: %s", removal.message);
        keeper->lines->kind->close(TAKE(keeper->lines));
        notice(keeper, "the job database is in use again, with %zu jobs of jobs.jsonl", taken);
    }
    end_turn(keeper, ok);
    return ok;
}

/* Handles on a file that is gone keep this process from opening the one that has its name now, and
 * those on a log that is gone keep its index, on which everybody fails. The last of them moves what is
 * in the log into its file. */
static void let_go(Keeper *keeper)
{
    if (!keeper->tables)
        return;
    begin_turn(keeper);
    keeper->tables->kind->close(TAKE(keeper->tables));
    end_turn(keeper, false);
}

static bool come_back(Keeper *keeper, Error *err)
{
    if (keeper->cause.code == ERR_IO)
        let_go(keeper);
    if (probe(keeper, err) && turn_back(keeper, err))
        return true;
    keeper->suspect |= is_suspect(err);
    if (keeper->probe_ms < PROBE_MOST_MS)
        keeper->probe_ms *= 2;
    probe_later(keeper);
    return false;
}

static Orphan *take_orphans(Keeper *keeper)
{
    Orphan *orphans = keeper->orphans;
    keeper->orphans = NULL;
    return orphans;
}

/* In the order they came, which is the other way round than they lie. */
static void make_orphans(Keeper *keeper, Orphan *orphans)
{
    Orphan *ordered = NULL;
    for (Orphan *next; orphans; orphans = next) {
        next = orphans->next;
        orphans->next = ordered;
        ordered = orphans;
    }
    for (Orphan *next; ordered; ordered = next) {
        next = ordered->next;
        keeper_create(keeper, ordered->entry);
    }
}

/* What the tables had still to write comes back before they are gone; then it is kept in lines, or
 * not at all. */
static void close_stores(Keeper *keeper)
{
    if (keeper->tables)
        keeper->tables->kind->close(TAKE(keeper->tables));
    for (Orphan *orphan = take_orphans(keeper), *next; orphan; orphan = next) {
        next = orphan->next;
        if (keeper->lines)
            keeper->lines->kind->create(keeper->lines, orphan->entry);
        else
            keeper->made(keeper->context, orphan->entry, JOB_MADE, NULL, &keeper->cause);
    }
    if (keeper->lines)
        keeper->lines->kind->close(TAKE(keeper->lines));
}

static bool comes_back(const Keeper *keeper)
{
    return keeper->fallback && keeper->queue.store != JOB_STORE_JSONL;
}

/* Who is stuck tries by itself, too: nobody may ask it for jobs as long as it says that it is not ready. */
static bool must_probe(const Keeper *keeper)
{
    return (comes_back(keeper) || keeper->stuck) && clock_monotonic_us() >= keeper->probe_us;
}

static void *keep(void *opaque)
{
    Keeper *keeper = opaque;
    Error ignored;
    monitor_enter(&keeper->monitor);
    while (!keeper->closing) {
        bool due = must_probe(keeper);
        bool down = (keeper->wanted || due) && !keeper->fallback;
        bool up = due && keeper->fallback;
        Orphan *orphans = down ? NULL : take_orphans(keeper);
        if (!down && !up && !orphans) {
            if (comes_back(keeper) || keeper->stuck)
                (void)monitor_wait_until(&keeper->monitor, keeper->probe_us);
            else
                monitor_wait(&keeper->monitor);
            continue;
        }
        keeper->wanted &= down;
        monitor_leave(&keeper->monitor);
        if (down)
            fall_back(keeper);
        else if (up)
            (void)come_back(keeper, &ignored);
        make_orphans(keeper, orphans);
        monitor_enter(&keeper->monitor);
    }
    monitor_leave(&keeper->monitor);
    close_stores(keeper);
    return NULL;
}

/* ---- its life ---- */

/* A file of jobs that was left: of a time when the tables could not be used, or by another
 * setting. */
static void take_what_was_left(Keeper *keeper)
{
    Error err;
    if (!keeper->queue.owner || !journal_exists(keeper->queue.folder))
        return;
    if (!job_lines_open(&keeper->options, &keeper->lines, &err)) {
        notice(keeper, "the jobs in jobs.jsonl are not taken back: %s", err.message);
        return;
    }
    keeper->fallback = true;
    if (!come_back(keeper, &err))
        notice(keeper, "the jobs in jobs.jsonl are not taken back yet: %s", err.message);
}

static bool open_stores(Keeper *keeper, Error *err)
{
    Error lines_err;
    keeper->probe_ms = PROBE_FIRST_MS;
    keeper->back_us = clock_monotonic_us();
    if (keeper->queue.store == JOB_STORE_JSONL) {
        keeper->fallback = true;
        return job_lines_open(&keeper->options, &keeper->lines, err);
    }
    if (job_tables_open(&keeper->options, &keeper->tables, err)) {
        take_what_was_left(keeper);
        return true;
    }
    if (!keeper_is_unusable(err) || !may_fall_back(keeper) ||
        !job_lines_open(&keeper->options, &keeper->lines, &lines_err))
        return false;
    notice(keeper, "the job database cannot be used (%s): jobs are kept in jobs.jsonl",
           err->message);
    keeper->cause = *err;
    keeper->suspect = is_suspect(err);
    keeper->fallback = true;
    probe_later(keeper);
    return true;
}

bool keeper_open(const JobQueueOptions *queue,
                 void (*made)(void *context, JobEntry *, JobMade, const Job *, const Error *),
                 void *context, Keeper **out, Error *err)
{
    Arena *arena = arena_open();
    Keeper *keeper = ARENA_NEW(arena, Keeper);
    *keeper = (Keeper){.queue = *queue, .made = made, .context = context, .arena = arena};
    keeper->queue.folder = arena_text(arena, str_of(queue->folder));
    keeper->options = (JobStoreOptions){
        .folder = keeper->queue.folder,
        .lock_wait_ms = queue->lock_wait_ms,
        .committed = queue->committed,
        .told = queue->told,
        .callbacks = queue->context,
        .made = take_made,
        .context = keeper,
    };
    monitor_init(&keeper->monitor);
    if (!open_stores(keeper, err) ||
        !thread_start(&keeper->thread, "weir-queue", keep, keeper, err)) {
        keeper_close(&keeper);
        return false;
    }
    *out = keeper;
    return true;
}

void keeper_close(Keeper **keeper)
{
    Keeper *closing = *keeper;
    if (!closing)
        return;
    monitor_raise(&closing->monitor, &closing->closing);
    thread_join(&closing->thread);
    close_stores(closing);
    monitor_destroy(&closing->monitor);
    Arena *arena = closing->arena;
    *keeper = NULL;
    arena_close(&arena);
}
