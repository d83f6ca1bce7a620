/* Artifact locks: nobody writes a locked artifact on any tier, its owner neither, until it is unlocked or
 * the time is over.
 *
 * Set by a person, or by FAILURES_TO_LOCK failures of one artifact in a row in bulk verbs. Every apply
 * looks at them under its folder locks; setting and freeing one waits for the applies at work. A lock
 * whose time is over counts for nothing, and goes with the next write of locks.
 */
#pragma once

#include "sync/plan.h"

enum { FAILURES_TO_LOCK = 3, LOCK_STANDARD_MS = 3600000 };

typedef struct {
    Str artifact, owner, reason;
    int64_t until_ms;
} ArtifactLock;
typedef ARRAY(ArtifactLock) ArtifactLocks;

/* Those that count now, by artifact. */
MUST_CHECK bool lock_list(Workspace *ws, ArtifactLocks *out, Error *err);
const ArtifactLock *lock_of(const ArtifactLocks *locks, Str artifact); /* NULL: not locked */
bool lock_refuse(Arena *arena, const ArtifactLock *lock, Error *err); /* always false: ERR_LOCKED */

typedef struct {
    StrArray artifacts; /* ids or bare names */
    const char *reason; /* NULL: none is given */
    int64_t for_ms;     /* 0: LOCK_STANDARD_MS */
    bool free;          /* the locks are let go instead */
    bool dry_run;       /* nothing is written: what would be locked, or let go */
} LockRequest;
/* Acts at once: all of it or nothing. `out`: what is locked now, or what was let go. ERR_LOCKED names who
 * holds one already; ERR_NOT_FOUND when one to be let go is not locked. */
MUST_CHECK bool verb_lock(Workspace *ws, const LockRequest *request, ArtifactLocks *out,
                          Error *err);

/* After an apply: failures are counted where `bulk`, a success forgets them. A failure to do so is told as
 * a notice: what was applied is applied. */
void lock_note_results(Workspace *ws, const Plan *plan, bool bulk);
