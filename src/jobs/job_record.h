/* A job as JSON, one shape for the API and `weir job --json`. */
#pragma once

#include "format/record.h"
#include "jobs/job.h"

extern const Record job_record;         /* all of a job */
extern const Record job_summary_record; /* without result, conflicts and log: for lists */

void job_write_record(JsonWriter *json, const Job *job);
void job_write_summary(JsonWriter *json, const Job *job);
