/* Jobs in the tables of weir.db: the only SQL of the room. What writes runs inside the caller's
 * transaction. */
#pragma once

#include "jobs/store_internal.h"

MUST_CHECK bool job_row_add(Arena *arena, Db *db, const JobEntry *entry, JobMade *made, Job *out,
                            Error *err);
/* The job that was made under the entry's key, if any. ERR_KEY_REUSED. */
MUST_CHECK bool job_row_find(Arena *arena, Db *db, const JobEntry *entry, bool *found, Job *out,
                             Error *err);
MUST_CHECK bool job_row_get(Arena *arena, Db *db, Str id, JobRow *out, Error *err);
MUST_CHECK bool job_row_find_by_key(Arena *arena, Db *db, Str scope, Str key, bool *found, Job *out,
                                    Error *err);
/* Writes what has been moved, with its event, and takes or frees its artifacts. ERR_CONFLICT: not
 * free. */
MUST_CHECK bool job_row_save(Arena *arena, Db *db, const JobRow *before, const JobRow *after,
                             Moved moved, Error *err);
MUST_CHECK bool job_fence_last(Db *db, int64_t *out, Error *err);
MUST_CHECK bool job_fence_next(Db *db, int64_t *out, Error *err);

MUST_CHECK bool job_rows_list(Arena *arena, Db *db, const JobFilter *filter, Jobs *out, bool *more,
                              Error *err);
MUST_CHECK bool job_rows_running(Arena *arena, Db *db, JobRows *out, Error *err);
MUST_CHECK bool job_rows_pick(Arena *arena, Db *db, const JobPick *pick, StrArray *ids, Error *err);
MUST_CHECK bool job_rows_count(Db *db, JobCounts *out, Error *err);
