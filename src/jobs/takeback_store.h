/* Takes the jobs of the fallback store into the tables: all in one transaction with a note of the
 * file, so that doing it again does nothing. */
#pragma once

#include "jobs/job_store.h"
#include "jobs/lines_internal.h"

/* Inside a transaction. */
MUST_CHECK bool job_rows_take_back(Arena *arena, Db *db, JobStore *lines, size_t *taken,
                                   Error *err);
/* tables.c: the same through its writer. */
MUST_CHECK bool job_tables_take_back(JobStore *tables, JobStore *lines, size_t *taken, Error *err);
