/* Store of jobs: what the queue asks of it, whichever it is. Tables (tables.c) or lines of a file
 * (lines.c).
 *
 * Calls from any thread. What writes returns when it is durable, or has changed nothing. Events of
 * a change are there exactly when the change is.
 */
#pragma once

#include "jobs/moves_internal.h"

typedef struct JobStore JobStore;

/* A job about to be made, with an arena of its own: id, times, everything but its seq is set. */
typedef struct JobEntry {
    Arena *arena;
    Job job;
    Str scope, key; /* key empty: none */
    Hash request_hash;
    int tries; /* stores that could not make it */
    JobDone done;
    void *context;
} JobEntry;
JobEntry *job_entry_new(const JobDraft *draft);
void job_entry_end(JobEntry **entry);
bool fail_key_reused(Arena *arena, Str key, Error *err);

/* Moves the job it is given, or says why it does not. May be called again with the job as it is by
 * then. `fence`: a new one when the change claims, else 0. */
typedef struct {
    bool (*move)(void *context, JobRow *row, int64_t fence, Moved *moved, Error *err);
    void *context;
    bool claims; /* it may make the job running */
} JobChange;

typedef struct {
    size_t most;
    const Jobs *busy; /* that run in this process, whatever the store says */
} JobPick;

typedef ARRAY(JobRow) JobRows;

typedef struct {
    /* Takes the entry over; `made` is called once with it, before or after the return. */
    void (*create)(JobStore *store, JobEntry *entry);
    /* Whether the entry's key has its job already. ERR_KEY_REUSED. Of tables alone. */
    bool (*replay)(JobStore *store, JobEntry *entry, bool *known, Job *out, Error *err);
    bool (*fence)(JobStore *store, int64_t *last, Error *err); /* of tables alone */
    bool (*get)(JobStore *store, Arena *arena, Str id, Job *out, Error *err);
    bool (*find_by_key)(JobStore *store, Arena *arena, Str scope, Str key, bool *found, Job *out,
                        Error *err);
    bool (*list)(JobStore *store, Arena *arena, const JobFilter *filter, Jobs *out, bool *more,
                 Error *err);
    bool (*counts)(JobStore *store, JobCounts *out, Error *err);
    /* *out is the job afterwards. ERR_NOT_FOUND; ERR_CONFLICT: its artifacts are not free. */
    bool (*change)(JobStore *store, Arena *arena, Str id, const JobChange *change, Moved *moved,
                   Job *out, Error *err);
    /* Queued jobs that may run now, oldest first, none in the way of another. */
    bool (*pick)(JobStore *store, Arena *arena, const JobPick *pick, StrArray *ids, Error *err);
    bool (*running)(JobStore *store, Arena *arena, JobRows *out, Error *err);
    bool (*prune)(JobStore *store, int64_t keep_ms, size_t *removed, Error *err);
    void (*close)(JobStore *store);
} JobStoreKind;

struct JobStore {
    const JobStoreKind *kind;
};

typedef struct {
    const char *folder;
    int lock_wait_ms;
    int64_t fence_least; /* of lines: theirs come after it */
    void (*committed)(void *context);
    void (*told)(void *context, const Event *event);
    void *callbacks; /* context of these two */
    /* An entry is made or has failed; the owner of the entry again ends it. */
    void (*made)(void *context, JobEntry *entry, JobMade made, const Job *job, const Error *err);
    void *context;
} JobStoreOptions;
MUST_CHECK bool job_tables_open(const JobStoreOptions *options, JobStore **out, Error *err);
