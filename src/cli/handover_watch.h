/* Watch: a job that was handed over, and the daemon that has it, until one of them ends.
 *
 * A job that nobody has begun when its daemon ends, or that is not begun though nothing else is at work, is
 * canceled from here. One that was begun is left to the next daemon, which is waited for as long as for a
 * lock.
 */
#pragma once

#include "cli/command.h"
#include "jobs/queue.h"

typedef struct {
    Job job;                /* as it ended */
    const char *taken_back; /* why it was canceled from here; NULL: it was not */
} Watched;

/* ERR_INTERRUPTED: the job goes on. ERR_DAEMON_GONE: it was begun, and no daemon goes on with it. */
MUST_CHECK bool handover_watch(Call *call, JobQueue *queue, Str id, Watched *out, Error *err);
