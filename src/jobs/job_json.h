/* A job as JSON: whole, for the fallback store's lines; and in short, as the data of its events. */
#pragma once

#include "events/event.h"
#include "format/json_read.h"
#include "format/json_write.h"
#include "jobs/job.h"

void job_write(JsonWriter *json, const Job *job);
/* ERR_INVALID names the member. Texts are in `arena` or in what the node was read from. */
MUST_CHECK bool job_read(Arena *arena, const JsonNode *node, Job *out, Error *err);

/* That a job has come into its state; or that it has come on. */
Event job_event(Arena *arena, const Job *job, bool progress);
