/* Ticket: one running job. Its body tells how far it is and asks whether to stop; its end is
 * written here. */
#pragma once

#include "jobs/queue_internal.h"

struct JobTicket {
    JobQueue *queue;
    const _Atomic bool *parking; /* the daemon ends: no more waiting for the store */
    Job job;
    _Atomic int stop; /* JobStop */
    int64_t told_us;
    int told_percent;
    char told_phase[32];
};

void ticket_stop(JobTicket *ticket, JobStop stop);
/* Writes what came of it, as often as it takes. False: it was no longer ours, or cannot be
 * written. */
bool ticket_end(Arena *arena, JobTicket *ticket, const JobOutcome *outcome, Job *after);
