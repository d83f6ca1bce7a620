/* Job queue: the store of jobs, behind one interface whichever store is in use, and its one
 * writer.
 *
 * Store: tables in weir.db. When these cannot be used (ERR_IO, ERR_CORRUPT, ERR_DISK_FULL,
 * ERR_PERMISSION, ERR_LOCKED for longer than 10 s) and this queue is the owner's, an append-only
 * file jobs.jsonl in the same folder takes over, loudly, and its jobs are taken back later. Calls
 * from any thread. A write returns, or calls done, when it is durable.
 */
#pragma once

#include "base/hash.h"
#include "events/event.h"
#include "jobs/job.h"

typedef struct JobQueue JobQueue;

typedef enum { JOB_STORE_AUTO, JOB_STORE_SQLITE, JOB_STORE_JSONL } JobStoreChoice;
typedef struct {
    const char *folder; /* the home */
    JobStoreChoice store;
    /* Holds the lock of the daemon: may fall back, take back, and queue again what was running. */
    bool owner;
    int lock_wait_ms;                                /* for another's lock on weir.db; 0: 10,000 */
    void (*committed)(void *context);                /* after each commit: wake hub and runner */
    void (*told)(void *context, const Event *event); /* events that no table holds (JSONL) */
    void (*notice)(void *context, const char *text); /* the store has changed */
    void *context;                                   /* callbacks come from threads of the queue */
} JobQueueOptions;
MUST_CHECK bool job_queue_open(const JobQueueOptions *options, JobQueue **out, Error *err);
void job_queue_close(JobQueue **queue);

typedef struct {
    JobKind kind;
    Str direction, project_path, collection, strategy, request, trace_id, parent_id, actor;
    StrArray artifacts;
    bool dry_run;
    Str idempotency_scope, idempotency_key; /* key empty: none. Scope: "POST /api/v1/sync/jobs" */
    Hash request_hash;                      /* of the canonical request */
} JobDraft;

typedef enum { JOB_MADE, JOB_REPLAYED } JobMade;
/* ERR_KEY_REUSED: the key was used with another request. Everything in `draft` is copied. */
MUST_CHECK bool job_create(JobQueue *queue, Arena *arena, const JobDraft *draft, JobMade *made,
                           Job *out, Error *err);
/* The same without waiting: `done` runs on a thread of the queue after the commit; `job` lives for
 * that call. */
typedef void (*JobDone)(void *context, JobMade made, const Job *job, const Error *err);
void job_create_async(JobQueue *queue, const JobDraft *draft, JobDone done, void *context);

/* ERR_NOT_FOUND */
MUST_CHECK bool job_get(JobQueue *queue, Arena *arena, Str id, Job *out, Error *err);
/* The job that a request with that key has made; *found false: none was made. */
MUST_CHECK bool job_find_by_key(JobQueue *queue, Arena *arena, Str scope, Str key, bool *found,
                                Job *out, Error *err);
typedef struct {
    int state, kind; /* -1: any */
    Str artifact, direction;
    Str before; /* id: only older ones; empty: from the newest */
    size_t limit;
} JobFilter;
/* Newest first. */
MUST_CHECK bool job_list(JobQueue *queue, Arena *arena, const JobFilter *filter, Jobs *out,
                         bool *more, Error *err);
typedef struct {
    size_t by_state[JOB_STATES];
    int64_t oldest_queued_ms; /* 0: none is queued */
    bool fallback;            /* the JSONL store is in use */
    bool stuck;               /* neither can be used: jobs are refused */
} JobCounts;
MUST_CHECK bool job_counts(JobQueue *queue, JobCounts *out, Error *err);
/* Queued: canceled at once. Running: asked to stop; it ends as canceled unless past its commit
 * mark. ERR_JOB_FINAL when it has ended; ERR_NOT_FOUND. */
MUST_CHECK bool job_cancel(JobQueue *queue, Arena *arena, Str id, Job *out, Error *err);
/* Removes ended jobs (and their keys) and events that are older than `keep_ms`, in batches. A
 * clock that jumps removes nothing: what goes was due at an earlier call too, a day or longer ago. */
MUST_CHECK bool job_prune(JobQueue *queue, int64_t keep_ms, size_t *removed, Error *err);
