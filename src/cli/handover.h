/* Handover: a verb that would wait for a folder in use becomes a job of the daemon that serves this home,
 * and is watched to its end (docs/adr/0024-a-wait-becomes-a-job.md).
 *
 * Only what a job can be told goes over: with the options, settings and answers of this call it does the
 * same. Otherwise, and where no daemon of this weir, this user and these settings answers, the verb waits
 * here as it always did. Nothing is done twice: a job that nobody has begun is canceled before that.
 */
#pragma once

#include "cli/command.h"
#include "sync/job_request.h"

typedef struct {
    JobKind kind;
    JobRequest request; /* what the verb is asked; the rest is filled in by handover_run */
} HandoverJob;

/* May this call hand anything over? Asks nobody yet. */
bool handover_may(const Call *call);
/* `held`: why the verb would wait. `*out` without a job: the verb is to be done here, and to wait. Fails as
 * the verb would have; with ERR_INTERRUPTED the job goes on, ERR_DAEMON_GONE when it cannot for now. */
MUST_CHECK bool handover_run(Call *call, HandoverJob *job, const Error *held, Handed *out,
                             Error *err);
/* The job's result as this command's --json, with `job_id`. */
void handover_json(Call *call, const Handed *handed);
