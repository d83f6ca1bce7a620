/* The fallback store: jobs in memory, each change a line of jobs.jsonl. */
#pragma once

#include "jobs/store_internal.h"

/* A job of the file, with the key it was asked for under. */
typedef struct {
    Arena *arena; /* the item's own */
    JobRow row;
    Str scope, key;
    Hash request_hash;
} LineItem;
typedef ARRAY(LineItem *) LineItems;

MUST_CHECK bool job_lines_open(const JobStoreOptions *options, JobStore **out, Error *err);
/* For taking back, while nobody else calls: what it has, and what the file is known by. */
const LineItems *job_lines_items(JobStore *store);
Str job_lines_id(JobStore *store);
int64_t job_lines_fence(JobStore *store); /* the last one given */
MUST_CHECK bool job_lines_remove(JobStore *store, Error *err);
