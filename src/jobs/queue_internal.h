/* What the runner asks of the queue beside what everybody may. */
#pragma once

#include "jobs/store_internal.h"

bool job_queue_is_owner(const JobQueue *queue);
MUST_CHECK bool job_queue_change(JobQueue *queue, Arena *arena, Str id, const JobChange *change,
                                 Moved *moved, Job *out, Error *err);
MUST_CHECK bool job_queue_pick(JobQueue *queue, Arena *arena, const JobPick *pick, StrArray *ids,
                               Error *err);
MUST_CHECK bool job_queue_running(JobQueue *queue, Arena *arena, JobRows *out, Error *err);
bool job_queue_is_unusable(const Error *err); /* of its store, not of what was asked for */
void job_queue_notice(JobQueue *queue, const char *text);
