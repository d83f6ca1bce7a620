/* Job: a piece of work that survives its process: stored before anybody is told of it, done at
 * most once.
 *
 * States: queued, running, then success, conflict, error or canceled; back from running to queued
 * when its worker died, for one retry on transient I/O, or parked. Every move writes an event in
 * the same transaction. A running job has a fence, a number no other claim ever had: who holds an
 * older one can change nothing.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"

typedef enum {
    JOB_QUEUED,
    JOB_RUNNING,
    JOB_SUCCESS,
    JOB_CONFLICT,
    JOB_ERROR,
    JOB_CANCELED,
    JOB_STATES,
} JobState;
extern const char *const job_state_names[JOB_STATES + 1]; /* ends in NULL */
bool job_state_find(Str word, JobState *out);
bool job_state_may(JobState from, JobState to);
bool job_state_is_final(JobState state);

/* JOB_KIND(SYNC, "sync", exclusive, "what it does"): jobs/job_kinds.def. The body of each is in
 * sync/. */
typedef enum {
#define JOB_KIND(name, word, exclusive, about) JOB_KIND_##name,
#include "jobs/job_kinds.def"
#undef JOB_KIND
    JOB_KINDS,
} JobKind;
extern const char *const job_kind_names[JOB_KINDS + 1]; /* ends in NULL */
bool job_kind_find(Str word, JobKind *out);
bool job_kind_is_exclusive(JobKind kind);
const char *job_kind_about(JobKind kind);

enum { JOB_CRASHES_MOST = 3, JOB_IO_RETRIES_MOST = 1, JOB_LOG_BYTES = 4096 };

typedef struct {
    Str id;      /* ULID */
    int64_t seq; /* its place in the queue and in lists; clocks jump, so ids do not tell it */
    JobKind kind;
    JobState state;
    Str direction;      /* "upstream_to_collection" ...; empty: the kind has none */
    StrArray artifacts; /* ids; empty: all of the collection */
    Str project_path;   /* empty: none */
    Str collection;
    Str strategy; /* "auto" "prompt" "overwrite" "ours" "theirs", or empty */
    bool dry_run;
    Str request; /* the whole request as canonical JSON: what the body of the kind reads */
    int percent;
    Str phase; /* "fetch" "merge" "apply"; empty: none yet */
    int attempts, crashes,
        io_retries; /* times claimed; times its worker died; retries on transient I/O */
    bool suspect;   /* was running when its daemon died: such jobs run one at a time */
    int64_t run_at_ms, created_ms, started_ms, ended_ms; /* 0: not yet */
    int64_t fence;
    Str trace_id, parent_id; /* of who asked */
    Str actor;
    bool cancel_requested;
    Str result;      /* JSON object, what the command line prints with --json; empty: none */
    Str conflicts;   /* JSON array of conflicts; empty: none */
    Str log_excerpt; /* its notices, the last 4 KiB */
    Str error_code, error_message, error_hint;
} Job;
typedef ARRAY(Job) Jobs;

Job job_copy(Arena *arena, const Job *job); /* bytes too */
/* Both exclusive, of one collection, and with an artifact in common ("all" has every one). */
bool job_excludes(const Job *a, const Job *b);
