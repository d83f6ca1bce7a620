#include "jobs/takeback_store.h"

#include "base/clock.h"

/* False in *fresh: the file was taken back before, only its removal failed. */
static bool note_file(Db *db, Str file, bool *fresh, Error *err)
{
    if (!db_run(db,
                "INSERT INTO job_takebacks (file, at_ms) VALUES ($1, $2) "
                "ON CONFLICT (file) DO NOTHING",
                DB_VALUES(db_text(file), db_int(clock_ms())), err))
        return false;
    *fresh = db_changed(db) == 1;
    return true;
}

/* The next claim of the tables comes after each one of the file. */
static bool raise_fence(Db *db, int64_t fence, Error *err)
{
    return db_run(db, "UPDATE sequences SET value = $1 WHERE name = 'fence' AND value < $1",
                  DB_VALUES(db_int(fence)), err);
}

/* A key that the tables know already stays the job's it was there. */
static bool take_key(Arena *arena, Db *db, const LineItem *item, Error *err)
{
    return !item->key.len || db_run(db,
                                    "INSERT INTO idempotency_keys (scope, key, request_hash, job) "
                                    "VALUES ($1, $2, $3, $4) ON CONFLICT (scope, key) DO NOTHING",
                                    DB_VALUES(db_text(item->scope), db_text(item->key),
                                              db_text(hash_format(arena, &item->request_hash)),
                                              db_text(item->row.job.id)),
                                    err);
}

/* The row as the tables have it; added when they have none: a commit that was told as failed may
 * have come to the disk after all. */
static bool find_or_add(Arena *arena, Db *db, const LineItem *item, JobRow *out, Error *err)
{
    JobEntry entry = {.arena = arena, .job = item->row.job};
    JobMade made;
    Job job;
    if (job_row_get(arena, db, item->row.job.id, out, err))
        return true;
    if (err->code != ERR_NOT_FOUND)
        return false;
    entry.job.state = JOB_QUEUED;
    return job_row_add(arena, db, &entry, &made, &job, err) &&
           job_row_get(arena, db, item->row.job.id, out, err);
}

/* One move, with what the job is by then. */
static bool step(Arena *arena, Db *db, JobRow *at, const JobRow *wanted, JobState state, Error *err)
{
    JobRow next = *wanted;
    next.job.seq = at->job.seq;
    next.job.state = state;
    if (state != JOB_RUNNING) {
        next.lease_until_ms = 0;
        next.lease_boot = next.worker = (Str){0};
    } else {
        next.job.ended_ms = 0;
        if (!next.lease_boot.len)
            next.lease_boot = STR("taken back");
    }
    Moved moved = at->job.state == state ? MOVED_QUIETLY : MOVED_STATE;
    if (!job_row_save(arena, db, at, &next, moved, err))
        return false;
    *at = next;
    return true;
}

/* Where its artifacts are held meanwhile it waits again; who runs it finds its fence gone. */
static bool take_running(Arena *arena, Db *db, JobRow *at, const JobRow *wanted, Error *err)
{
    JobRow again = *wanted;
    if (step(arena, db, at, wanted, JOB_RUNNING, err))
        return true;
    if (err->code != ERR_CONFLICT)
        return false;
    again.job.suspect = true;
    if (!job_row_get(arena, db, wanted->job.id, at, err))
        return false;
    return at->job.state != JOB_QUEUED || step(arena, db, at, &again, JOB_QUEUED, err);
}

static bool take_item(Arena *arena, Db *db, const LineItem *item, Error *err)
{
    JobRow at;
    const JobRow *wanted = &item->row;
    JobState state = wanted->job.state;
    if (!find_or_add(arena, db, item, &at, err) || !take_key(arena, db, item, err))
        return false;
    if (at.job.state != JOB_QUEUED)
        return true;
    if (state == JOB_QUEUED || (state == JOB_CANCELED && wanted->job.attempts == 0))
        return step(arena, db, &at, wanted, state, err);
    if (state == JOB_RUNNING)
        return take_running(arena, db, &at, wanted, err);
    return step(arena, db, &at, wanted, JOB_RUNNING, err) &&
           step(arena, db, &at, wanted, state, err);
}

bool job_rows_take_back(Arena *arena, Db *db, JobStore *lines, size_t *taken, Error *err)
{
    const LineItems *items = job_lines_items(lines);
    bool fresh = false;
    if (!note_file(db, job_lines_id(lines), &fresh, err) ||
        !raise_fence(db, job_lines_fence(lines), err))
        return false;
    for (size_t i = 0; fresh && i < items->count; i++)
        if (!take_item(arena, db, items->items[i], err))
            return fail_in(err, "job %.*s", STR_ARG(items->items[i]->row.job.id));
    *taken = fresh ? items->count : 0;
    return true;
}
