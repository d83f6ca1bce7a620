#include "jobs/job_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "jobs/job_json.h"
#include "jobs/pick_internal.h"

enum { PICK_LOOKS = 20000 }; /* queued jobs that are looked at for those that may run */

/* ---- reading a row ---- */

#define COLUMNS                                                                                    \
    "j.id, j.seq, j.kind, j.state, j.direction, j.project_path, j.collection, j.strategy, "        \
    "j.dry_run, j.artifacts, j.request, j.percent, j.phase, j.attempts, j.crashes, j.io_retries, " \
    "j.suspect, j.run_at_ms, j.created_ms, j.started_ms, j.ended_ms, j.fence, j.lease_until_ms, "  \
    "j.lease_boot, j.worker, j.trace_id, j.parent_id, j.actor, j.cancel_requested, j.result, "     \
    "j.conflicts, j.log_excerpt, j.error_code, j.error_message, j.error_hint"

static StrArray split_lines(Arena *arena, Str text)
{
    StrArray list = {0};
    Str line;
    while (str_next(&text, '\n', &line))
        ARRAY_PUSH(arena, &list, line);
    return list;
}

static Str join_lines(Arena *arena, const StrArray *list)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < list->count; i++) {
        buf_add(&buf, list->items[i]);
        buf_add_char(&buf, '\n');
    }
    return buf_str(&buf);
}

static void read_asked(Arena *arena, const DbRows *rows, Job *job)
{
    Str *const texts[] = {&job->direction, &job->project_path, &job->collection, &job->strategy};
    job->id = arena_copy(arena, row_text(rows, 0));
    job->seq = row_int(rows, 1);
    for (int i = 0; i < 4; i++)
        *texts[i] = arena_copy(arena, row_text(rows, 4 + i));
    job->dry_run = row_int(rows, 8) != 0;
    job->artifacts = split_lines(arena, arena_copy(arena, row_text(rows, 9)));
    job->request = arena_copy(arena, row_text(rows, 10));
}

static void read_course(Arena *arena, const DbRows *rows, JobRow *row)
{
    Job *job = &row->job;
    job->percent = (int)row_int(rows, 11);
    job->phase = arena_copy(arena, row_text(rows, 12));
    job->attempts = (int)row_int(rows, 13);
    job->crashes = (int)row_int(rows, 14);
    job->io_retries = (int)row_int(rows, 15);
    job->suspect = row_int(rows, 16) != 0;
    job->run_at_ms = row_int(rows, 17);
    job->created_ms = row_int(rows, 18);
    job->started_ms = row_int(rows, 19);
    job->ended_ms = row_int(rows, 20);
    job->fence = row_int(rows, 21);
    row->lease_until_ms = row_int(rows, 22);
    row->lease_boot = arena_copy(arena, row_text(rows, 23));
    row->worker = arena_copy(arena, row_text(rows, 24));
    job->cancel_requested = row_int(rows, 28) != 0;
}

/* False: of a kind that a later weir has made. */
static bool read_row(Arena *arena, const DbRows *rows, JobRow *out)
{
    JobRow row = {0};
    Job *job = &row.job;
    if (!job_kind_find(row_text(rows, 2), &job->kind) ||
        !job_state_find(row_text(rows, 3), &job->state))
        return false;
    read_asked(arena, rows, job);
    read_course(arena, rows, &row);
    Str *const who[] = {&job->trace_id, &job->parent_id, &job->actor};
    for (int i = 0; i < 3; i++)
        *who[i] = arena_copy(arena, row_text(rows, 25 + i));
    Str *const end[] = {&job->result,     &job->conflicts,     &job->log_excerpt,
                        &job->error_code, &job->error_message, &job->error_hint};
    for (int i = 0; i < 6; i++)
        *end[i] = arena_copy(arena, row_text(rows, 29 + i));
    *out = row;
    return true;
}

bool job_row_get(Arena *arena, Db *db, Str id, JobRow *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "SELECT " COLUMNS " FROM jobs j WHERE j.id = $1", DB_VALUES(db_text(id)),
                 &rows, err))
        return false;
    if (!rows)
        return fail(err, ERR_NOT_FOUND, "no job '%s'", text_safe(arena, id)) ||
               fail_hint(err, "`weir job list` shows the jobs there are.");
    return read_row(arena, rows, out) ||
           fail(err, ERR_NEWER_FORMAT, "job '%s' is of a kind that this weir does not know",
                text_safe(arena, id));
}

bool job_row_find_by_key(Arena *arena, Db *db, Str scope, Str key, bool *found, Job *out,
                         Error *err)
{
    JobRow row;
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db,
                 "SELECT " COLUMNS " FROM jobs j JOIN idempotency_keys k ON k.job = j.id "
                 "WHERE k.scope = $1 AND k.key = $2",
                 DB_VALUES(db_text(scope), db_text(key)), &rows, err))
        return false;
    *found = rows && read_row(arena, rows, &row);
    if (*found)
        *out = row.job;
    return true;
}

/* ---- making one ---- */

static bool find_key(Db *db, const JobEntry *entry, Arena *arena, Str *job, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    *job = (Str){0};
    if (!entry->key.len)
        return true;
    if (!db_find(db, "SELECT request_hash, job FROM idempotency_keys WHERE scope = $1 AND key = $2",
                 DB_VALUES(db_text(entry->scope), db_text(entry->key)), &rows, err))
        return false;
    if (!rows)
        return true;
    Str hash = hash_format(arena, &entry->request_hash);
    if (!str_equal(row_text(rows, 0), hash))
        return fail_key_reused(arena, entry->key, err);
    *job = arena_copy(arena, row_text(rows, 1));
    return true;
}

static bool add_job(Arena *arena, Db *db, const Job *job, Error *err)
{
    return db_run(
        db,
        "INSERT INTO jobs (id, seq, kind, state, state_before, exclusive, direction, project_path, "
        "collection, strategy, dry_run, artifacts, request, percent, phase, attempts, crashes, "
        "io_retries, suspect, run_at_ms, created_ms, started_ms, ended_ms, fence, lease_until_ms, "
        "lease_boot, worker, trace_id, parent_id, actor, cancel_requested, result, conflicts, "
        "log_excerpt, error_code, error_message, error_hint) VALUES ($1, $2, $3, 'queued', 'none', "
        "$4, $5, $6, $7, $8, $9, $10, $11, 0, '', 0, 0, 0, 0, $12, $13, 0, 0, 0, 0, '', '', $14, "
        "$15, $16, 0, '', '', '', '', '', '')",
        DB_VALUES(db_text(job->id), db_int(job->seq), db_text_of(job_kind_names[job->kind]),
                  db_int(job_kind_is_exclusive(job->kind)), db_text(job->direction),
                  db_text(job->project_path), db_text(job->collection), db_text(job->strategy),
                  db_int(job->dry_run), db_text(join_lines(arena, &job->artifacts)),
                  db_text(job->request), db_int(job->run_at_ms), db_int(job->created_ms),
                  db_text(job->trace_id), db_text(job->parent_id), db_text(job->actor)),
        err);
}

static bool add_artifacts(Db *db, const Job *job, Error *err)
{
    for (size_t i = 0; i < job->artifacts.count; i++)
        if (!db_run(db,
                    "INSERT INTO job_artifacts (job, artifact, job_seq) VALUES ($1, $2, $3) "
                    "ON CONFLICT (job, artifact) DO NOTHING",
                    DB_VALUES(db_text(job->id), db_text(job->artifacts.items[i]), db_int(job->seq)),
                    err))
            return false;
    return true;
}

static bool add_key(Arena *arena, Db *db, const JobEntry *entry, Error *err)
{
    return !entry->key.len || db_run(db,
                                     "INSERT INTO idempotency_keys (scope, key, request_hash, job) "
                                     "VALUES ($1, $2, $3, $4)",
                                     DB_VALUES(db_text(entry->scope), db_text(entry->key),
                                               db_text(hash_format(arena, &entry->request_hash)),
                                               db_text(entry->job.id)),
                                     err);
}

bool job_row_find(Arena *arena, Db *db, const JobEntry *entry, bool *found, Job *out, Error *err)
{
    Str known;
    JobRow row;
    if (!find_key(db, entry, arena, &known, err) ||
        (known.len && !job_row_get(arena, db, known, &row, err)))
        return false;
    *found = known.len > 0;
    if (*found)
        *out = row.job;
    return true;
}

bool job_row_add(Arena *arena, Db *db, const JobEntry *entry, JobMade *made, Job *out, Error *err)
{
    bool found;
    if (!job_row_find(arena, db, entry, &found, out, err))
        return false;
    if (found) {
        *made = JOB_REPLAYED;
        return true;
    }
    Job job = entry->job;
    Event event = job_event(arena, &job, false);
    if (!event_add(db, &event, &job.seq, err) || !add_job(arena, db, &job, err) ||
        !add_artifacts(db, &job, err) || !add_key(arena, db, entry, err))
        return false;
    *out = job;
    *made = JOB_MADE;
    return true;
}

/* ---- changing one ---- */

bool job_fence_last(Db *db, int64_t *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "SELECT value FROM sequences WHERE name = 'fence'", DB_NO_VALUES, &rows, err))
        return false;
    *out = rows ? row_int(rows, 0) : 0;
    return true;
}

bool job_fence_next(Db *db, int64_t *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "UPDATE sequences SET value = value + 1 WHERE name = 'fence' RETURNING value",
                 DB_NO_VALUES, &rows, err))
        return false;
    if (!rows)
        return fail(err, ERR_CORRUPT, "the table of sequences has no row for fences");
    *out = row_int(rows, 0);
    return true;
}

/* The state as it was goes beside the new one: the table of allowed moves is asked for the pair. */
static bool update_row(Db *db, const JobRow *before, const JobRow *after, Error *err)
{
    const Job *job = &after->job;
    if (!db_run(
            db,
            "UPDATE jobs SET state_before = CASE WHEN state = $4 THEN state_before ELSE state "
            "END, state = $4, percent = $5, phase = $6, attempts = $7, crashes = $8, "
            "io_retries = $9, suspect = $10, run_at_ms = $11, started_ms = $12, ended_ms = $13, "
            "fence = $14, lease_until_ms = $15, lease_boot = $16, worker = $17, "
            "cancel_requested = $18, result = $19, conflicts = $20, log_excerpt = $21, "
            "error_code = $22, error_message = $23, error_hint = $24 "
            "WHERE id = $1 AND state = $2 AND fence = $3",
            DB_VALUES(db_text(job->id), db_text_of(job_state_names[before->job.state]),
                      db_int(before->job.fence), db_text_of(job_state_names[job->state]),
                      db_int(job->percent), db_text(job->phase), db_int(job->attempts),
                      db_int(job->crashes), db_int(job->io_retries), db_int(job->suspect),
                      db_int(job->run_at_ms), db_int(job->started_ms), db_int(job->ended_ms),
                      db_int(job->fence), db_int(after->lease_until_ms), db_text(after->lease_boot),
                      db_text(after->worker), db_int(job->cancel_requested), db_text(job->result),
                      db_text(job->conflicts), db_text(job->log_excerpt), db_text(job->error_code),
                      db_text(job->error_message), db_text(job->error_hint)),
            err))
        return false;
    return db_changed(db) == 1 || fail(err, ERR_CHANGED, "the job has moved meanwhile");
}

/* "All" excludes each and each excludes "all"; the same artifact twice is refused by the key of
 * the table. */
static bool collection_is_free(Db *db, const Job *job, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    bool all = job->artifacts.count == 0;
    if (!db_find(db,
                 "SELECT job FROM job_claims WHERE collection = $1 AND (artifact = '' OR $2 = 1) "
                 "LIMIT 1",
                 DB_VALUES(db_text(job->collection), db_int(all)), &rows, err))
        return false;
    return !rows || fail(err, ERR_CONFLICT, "its artifacts are held by another job");
}

static bool claim_one(Db *db, const Job *job, Str artifact, Error *err)
{
    if (!db_run(db,
                "INSERT INTO job_claims (collection, artifact, job) VALUES ($1, $2, $3) "
                "ON CONFLICT (collection, artifact) DO NOTHING",
                DB_VALUES(db_text(job->collection), db_text(artifact), db_text(job->id)), err))
        return false;
    return db_changed(db) == 1 ||
           fail(err, ERR_CONFLICT, "'%.*s' is held by another job", STR_ARG(artifact));
}

static bool already_named(const StrArray *list, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (str_equal(list->items[i], list->items[at]))
            return true;
    return false;
}

static bool claim_artifacts(Db *db, const Job *job, Error *err)
{
    if (!job_kind_is_exclusive(job->kind))
        return true;
    if (!collection_is_free(db, job, err))
        return false;
    if (job->artifacts.count == 0)
        return claim_one(db, job, (Str){0}, err);
    for (size_t i = 0; i < job->artifacts.count; i++)
        if (!already_named(&job->artifacts, i) && !claim_one(db, job, job->artifacts.items[i], err))
            return false;
    return true;
}

static bool free_artifacts(Db *db, const Job *job, Error *err)
{
    return db_run(db, "DELETE FROM job_claims WHERE job = $1", DB_VALUES(db_text(job->id)), err);
}

bool job_row_save(Arena *arena, Db *db, const JobRow *before, const JobRow *after, Moved moved,
                  Error *err)
{
    const Job *job = &after->job;
    bool was = before->job.state == JOB_RUNNING;
    bool is = job->state == JOB_RUNNING;
    int64_t seq;
    if (!update_row(db, before, after, err) || (!was && is && !claim_artifacts(db, job, err)) ||
        (was && !is && !free_artifacts(db, job, err)))
        return false;
    if (moved == MOVED_QUIETLY)
        return true;
    Event event = job_event(arena, job, moved == MOVED_PROGRESS);
    return event_add(db, &event, &seq, err);
}

/* ---- lists ---- */

/* Newest first; each text is one walk of one index. Empty values ask for all. */
#define LIST(from, where)                                                                          \
    "SELECT " COLUMNS " FROM " from " WHERE " where                                                \
    "($1 = '' OR j.state = $1) AND ($2 = '' OR j.kind = $2) AND ($3 = '' OR j.direction = $3) "    \
    "AND j.seq < $4 "

static const char *list_sql(const JobFilter *filter)
{
    if (filter->artifact.len)
        return LIST("job_artifacts a JOIN jobs j ON j.id = a.job",
                    "a.artifact = $5 AND a.job_seq < $4 AND ") "ORDER BY a.job_seq DESC LIMIT $6";
    if (filter->state >= 0)
        return LIST("jobs j", "j.state = $1 AND ") "ORDER BY j.seq DESC LIMIT $6";
    if (filter->kind >= 0)
        return LIST("jobs j", "j.kind = $2 AND ") "ORDER BY j.seq DESC LIMIT $6";
    return LIST("jobs j", "") "ORDER BY j.seq DESC LIMIT $6";
}

static bool place_of(Arena *arena, Db *db, Str id, int64_t *out, Error *err)
{
    JobRow row;
    if (!id.len) {
        *out = INT64_MAX;
        return true;
    }
    if (!job_row_get(arena, db, id, &row, err))
        return false;
    *out = row.job.seq;
    return true;
}

bool job_rows_list(Arena *arena, Db *db, const JobFilter *filter, Jobs *out, bool *more, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    Jobs list = {0};
    int64_t below;
    bool another = false;
    const char *state = filter->state < 0 ? "" : job_state_names[filter->state];
    const char *kind = filter->kind < 0 ? "" : job_kind_names[filter->kind];
    if (!place_of(arena, db, filter->before, &below, err) ||
        !db_query(db, list_sql(filter),
                  DB_VALUES(db_text_of(state), db_text_of(kind), db_text(filter->direction),
                            db_int(below), db_text(filter->artifact),
                            db_int((int64_t)filter->limit + 1)),
                  &rows, err))
        return false;
    while (!another && db_next(rows)) {
        JobRow row;
        another = list.count == filter->limit;
        if (!another && read_row(arena, rows, &row))
            ARRAY_PUSH(arena, &list, row.job);
    }
    if (!db_done(rows, err))
        return false;
    *out = list;
    *more = another;
    return true;
}

bool job_rows_running(Arena *arena, Db *db, JobRows *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    JobRows list = {0};
    JobRow row;
    if (!db_query(db, "SELECT " COLUMNS " FROM jobs j WHERE j.state = 'running' ORDER BY j.seq",
                  DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows))
        if (read_row(arena, rows, &row))
            ARRAY_PUSH(arena, &list, row);
    if (!db_done(rows, err))
        return false;
    *out = list;
    return true;
}

bool job_rows_count(Db *db, JobCounts *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    SCOPED(db_rows_end) DbRows *oldest = NULL;
    JobCounts counts = {0};
    JobState state;
    if (!db_query(db, "SELECT state, count(*) FROM jobs GROUP BY state", DB_NO_VALUES, &rows, err))
        return false;
    while (db_next(rows))
        if (job_state_find(row_text(rows, 0), &state))
            counts.by_state[state] = (size_t)row_int(rows, 1);
    if (!db_done(rows, err) ||
        !db_find(db, "SELECT created_ms FROM jobs WHERE state = 'queued' ORDER BY seq LIMIT 1",
                 DB_NO_VALUES, &oldest, err))
        return false;
    counts.oldest_queued_ms = oldest ? row_int(oldest, 0) : 0;
    *out = counts;
    return true;
}

/* ---- which may run ---- */

static bool read_claim(Arena *arena, const DbRows *rows, Job *out)
{
    Job job = {0};
    if (!job_kind_find(row_text(rows, 1), &job.kind))
        return false;
    job.id = row_text(rows, 0);
    job.collection = row_text(rows, 2);
    job.artifacts = split_lines(arena, row_text(rows, 3));
    job.suspect = row_int(rows, 4) != 0;
    job.run_at_ms = row_int(rows, 5);
    *out = job;
    return true;
}

#define CLAIM_COLUMNS "id, kind, collection, artifacts, suspect, run_at_ms"

static bool see_running(Arena *arena, Db *db, Pick *pick, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    Job job;
    if (!db_query(db, "SELECT " CLAIM_COLUMNS " FROM jobs WHERE state = 'running'", DB_NO_VALUES,
                  &rows, err))
        return false;
    while (db_next(rows))
        if (read_claim(arena, rows, &job))
            pick_running(pick, &job);
    return db_done(rows, err);
}

bool job_rows_pick(Arena *arena, Db *db, const JobPick *wanted, StrArray *ids, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    StrArray list = {0};
    Job job;
    Pick *pick = pick_new(arena, clock_ms());
    for (size_t i = 0; i < wanted->busy->count; i++)
        pick_running(pick, &wanted->busy->items[i]);
    if (!see_running(arena, db, pick, err) ||
        !db_query(db,
                  "SELECT " CLAIM_COLUMNS " FROM jobs WHERE state = 'queued' ORDER BY seq LIMIT $1",
                  DB_VALUES(db_int(PICK_LOOKS)), &rows, err))
        return false;
    while (list.count < wanted->most && db_next(rows)) {
        if (read_claim(arena, rows, &job) && pick_waiting(pick, &job))
            ARRAY_PUSH(arena, &list, arena_copy(arena, job.id));
    }
    if (!db_done(rows, err))
        return false;
    *ids = list;
    return true;
}
