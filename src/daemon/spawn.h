/* Spawn: a job done by a worker process (daemon/worker.h), seen from the daemon: what a runner
 * calls.
 *
 * The worker leads a process group of its own, has a temporary folder of its own, and none of
 * weir's secrets. A worker that dies without a word is a crash of its job, never of the daemon.
 * When the job shall stop it hears SIGTERM, and has a while to finish what is past its commit mark.
 *
 */
#pragma once

#include <sys/types.h>

#include "daemon/observe.h"
#include "jobs/runner.h"

typedef struct {
    const char *program; /* this program's file */
    int home_fd;         /* borrowed */
    const char *home;    /* absolute */
    mode_t umask;        /* of what is written for others: projects, the collection */
    StrArray set;        /* --set of the daemon, borrowed */
    Observer *observer;  /* NULL: nobody counts */
    void (*notice)(void *context,
                   const char *text); /* of what may be tried again; from any thread */
    void *notice_context;
} Spawner;

/* RunnerOptions.run; the context is a Spawner. */
void spawn_job(void *context, Arena *arena, const Job *job, JobTicket *ticket, JobOutcome *out);

/* RunnerOptions.ended; likewise. */
void spawn_ended(void *context, const Job *before, const Job *after);

#define JOBS_FOLDER "jobs" /* of temporary folders, one a job */
/* What jobs of a dead daemon left there. */
MUST_CHECK bool spawn_clean(const Spawner *spawner, Error *err);
