/* The fence of a job, asked by who is about to change something for it. */
#pragma once

#include "db/db.h"

/* ERR_FENCED when the tables have the job and it no longer runs under that fence. A job that they
 * do not have is the fallback store's, whose one owner ends with those who work for it. */
MUST_CHECK bool job_fence_check(Db *db, Str job, int64_t fence, Error *err);
