/* Moves: what happens to a job, on the job alone. Every store reads a job, has it moved here and
 * writes it.
 *
 * A move looks at the state and the fence it finds, so that who comes too late changes nothing.
 */
#pragma once

#include "jobs/runner.h"

/* A job as it is stored: with who works on it, and until when that holds without a word from
 * there. */
typedef struct {
    Job job;
    int64_t lease_until_ms; /* clock_boot_ms */
    Str lease_boot, worker; /* empty: nobody */
} JobRow;

typedef enum {
    MOVED_NOTHING,
    MOVED_QUIETLY,  /* told to nobody */
    MOVED_PROGRESS, /* told, but may be forgotten by a crash */
    MOVED_STATE,
} Moved;

/* All that a move needs to know of the world. */
typedef struct {
    int64_t now_ms, boot_ms;
    const char *boot_id;
    int lease_ms;
    uint32_t chance; /* for jitter */
} Moment;
Moment moment_now(void);

bool job_is_runnable(const Job *job, int64_t now_ms);
bool lease_is_void(const JobRow *row, const Moment *moment);

Moved move_claim(JobRow *row, int64_t fence, Str worker, const Moment *moment);
Moved move_renew(JobRow *row, int64_t fence, const Moment *moment);
Moved move_progress(JobRow *row, int64_t fence, Str phase, int percent);
/* Its worker is gone: `fence` 0 for whoever it was. */
Moved move_lose(JobRow *row, int64_t fence, const Moment *moment);
Moved move_cancel(JobRow *row, const Moment *moment);
Moved move_end(JobRow *row, int64_t fence, const JobOutcome *outcome, JobStop stop,
               const Moment *moment);
