/* Retention: what is old goes, in batches, after it was due at two passes a day apart.
 *
 * A wall clock that jumps ahead marks things for removal, but nothing goes before it was right for
 * a day.
 */
#pragma once

#include "jobs/job_store.h"

/* Sets the mark for the next pass and gives what may go now: all that ended before it. 0: nothing.
 * In a transaction. */
MUST_CHECK bool retention_mark(Db *db, const char *what, int64_t keep_ms, int64_t *before_ms,
                               Error *err);
/* Removes at most `limit` ended jobs, their keys and artifacts. In a transaction. */
MUST_CHECK bool retention_jobs(Db *db, int64_t before_ms, size_t limit, size_t *removed,
                               Error *err);
