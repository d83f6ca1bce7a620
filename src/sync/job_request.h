/* What a job is asked to do, as records: who makes the job writes one into Job.request, its body reads it.
 *
 * Written with every default filled in, so that two requests that mean the same are the same bytes.
 */
#pragma once

#include "format/record.h"

typedef enum {
    JOB_UPSTREAM_TO_COLLECTION,
    JOB_COLLECTION_TO_PROJECT,
    JOB_PROJECT_TO_COLLECTION,
    JOB_PROJECT_TO_UPSTREAM, /* a patch for it; nothing is ever written upstream */
} JobDirection;
extern const char *const job_direction_names[]; /* end in NULL */

typedef enum {
    JOB_STRATEGY_AUTO,
    JOB_STRATEGY_PROMPT, /* nobody can be asked: as auto */
    JOB_STRATEGY_OVERWRITE,
    JOB_STRATEGY_OURS,   /* at each clash the side that is written */
    JOB_STRATEGY_THEIRS, /* at each clash the side that comes in */
} JobStrategy;
extern const char *const job_strategy_names[]; /* end in NULL */

typedef struct {
    int direction;
    StrArray artifacts; /* ids; empty: all of the collection */
    Str project_path;   /* absolute; empty: every known project that holds them */
    Str collection;
    int strategy; /* -1: the setting's */
    bool dry_run;
} SyncJobRequest;
extern const Record sync_job_request;
