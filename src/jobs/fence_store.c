#include "jobs/fence_store.h"

bool job_fence_check(Db *db, Str job, int64_t fence, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    if (!db_find(db, "SELECT fence, state FROM jobs WHERE id = $1", DB_VALUES(db_text(job)), &rows,
                 err))
        return false;
    return !rows || (row_int(rows, 0) == fence && str_is(row_text(rows, 1), "running")) ||
           fail(err, ERR_FENCED,
                "this attempt of the job is no longer the one that counts; nothing was changed");
}
