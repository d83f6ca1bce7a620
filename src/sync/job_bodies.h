/* Job bodies: what each kind of job does, as a table. A body turns its request into a verb's and
 * tells the outcome as the command line does with --json; no rule lives in it.
 *
 * What a job writes is one operation, whose id is the job's: done again after a crash it goes on
 * with that operation and tells what all its attempts together did. Its fence is checked before
 * anything changes (Workspace.claim, docs/adr/0022-a-job-is-an-operation.md).
 */
#pragma once

#include "sync/job_request.h"
#include "sync/log_store.h"
#include "sync/workspace.h"

#define JOB_EXPORTS_FOLDER "exports" /* in the home: patches that jobs made, JOB.FORM */

typedef struct {
    Workspace *ws;
    const Job *job;
    const char *exports;        /* absolute folder: where a patch goes */
    int64_t export_keep_ms;     /* how long it stays there */
    int standard_form;          /* of a patch: job_form_names */
    int standard_strategy;      /* of an update: job_strategy_names */
    uint64_t result_most_bytes; /* tests; 0: 24 MiB */
    uint64_t patch_most_bytes;  /* tests; 0: LIMIT_PATCH_BYTES */
} JobOrder;

typedef struct {
    JobState state; /* JOB_SUCCESS, JOB_CONFLICT, JOB_ERROR; JOB_CANCELED: stopped halfway */
    Str result;     /* JSON: what the command line prints with --json; see docs/api.md */
    Str conflicts;  /* JSON array; empty: none */
    Error error;    /* of JOB_ERROR: the first of its items'; of a stop: why */
    bool transient; /* ... worth another try */
} JobReport;

/* Does the job. Fails where nothing was written; what stops after a part of it was written tells that part,
 * as `partial`. The report lives in ws->arena. */
MUST_CHECK bool job_work(const JobOrder *order, JobReport *out, Error *err);
/* May the same succeed after some time? */
bool job_is_transient(ErrorCode code);

/* ── bodies ── */

typedef struct {
    const JobOrder *order;
    Workspace *ws; /* the order's */
    JobRequest request;
    bool again;              /* an earlier attempt has written something: */
    OperationDetail earlier; /* what it was */
    JsonWriter *json;        /* the result, an object that is open */
    JobReport *report;
} JobWork;

typedef struct {
    const Record *request;                                /* over JobRequest: what it takes */
    int direction;                                        /* of one that is not told; -1: none */
    bool writes;                                          /* a dry run is something else */
    bool (*check)(const JobRequest *request, Error *err); /* what its record cannot say; or NULL */
    bool (*run)(JobWork *work, Error *err);
} JobBody;
const JobBody *job_body(JobKind kind);

/* sync_job.c ends in JOB_BODY(SYNC) = {...}; the record is what an endpoint of the API takes as its
 * body. */
#define JOB_BODY(name) const JobBody job_body_##name
#define JOB_KIND(name, word, exclusive, about)                                                     \
    extern const Record job_request_##name;                                                        \
    extern JOB_BODY(name);
#include "jobs/job_kinds.def"
#undef JOB_KIND

/* Members of a plan, with what earlier attempts did; state, conflicts and error of the report. */
MUST_CHECK bool job_tell_plan(JobWork *work, Plan *plan, Error *err);
/* The project's real path; NULL when none is named. */
MUST_CHECK bool job_project(const JobWork *work, const char **out, Error *err);
/* Artifacts and the like, as the verbs take them. */
MUST_CHECK bool job_artifacts(const JobWork *work, ArtifactRequest *out, Error *err);
/* Exactly one artifact: "'rollback' is about one artifact". */
MUST_CHECK bool job_check_one(const JobRequest *request, Error *err);
