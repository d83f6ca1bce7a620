#include "jobs/retention_store.h"

#include "base/clock.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* A mark that was set later than now is of a clock that has gone back since: it says nothing. */
bool retention_mark(Db *db, const char *what, int64_t keep_ms, int64_t *before_ms, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    int64_t now = clock_ms();
    int64_t due = 0;
    if (!db_find(db, "SELECT cutoff_ms, marked_ms FROM retention_marks WHERE what = $1",
                 DB_VALUES(db_text_of(what)), &rows, err))
        return false;
    if (rows && row_int(rows, 1) <= now) {
        bool young = row_int(rows, 1) > now - DAY_MS;
        due = young ? 0 : row_int(rows, 0);
        if (young) {
            *before_ms = 0;
            return true;
        }
    }
    if (!db_run(db,
                "INSERT INTO retention_marks (what, cutoff_ms, marked_ms) VALUES ($1, $2, $3) "
                "ON CONFLICT (what) DO UPDATE SET cutoff_ms = excluded.cutoff_ms, "
                "marked_ms = excluded.marked_ms",
                DB_VALUES(db_text_of(what), db_int(now - keep_ms), db_int(now)), err))
        return false;
    *before_ms = due < now - keep_ms ? due : now - keep_ms;
    return true;
}

#define OLD_JOBS                                                                                   \
    "(SELECT id FROM jobs WHERE state IN ('success', 'conflict', 'error', 'canceled') AND "        \
    "ended_ms < $1 ORDER BY seq LIMIT $2)"

bool retention_jobs(Db *db, int64_t before_ms, size_t limit, size_t *removed, Error *err)
{
    DbValues values = DB_VALUES(db_int(before_ms), db_int((int64_t)limit));
    if (!db_run(db, "DELETE FROM idempotency_keys WHERE job IN " OLD_JOBS, values, err) ||
        !db_run(db, "DELETE FROM job_artifacts WHERE job IN " OLD_JOBS, values, err) ||
        !db_run(db, "DELETE FROM jobs WHERE id IN " OLD_JOBS, values, err))
        return false;
    *removed = (size_t)db_changed(db);
    return true;
}
