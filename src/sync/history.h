/* History: going back to an older version, and what is known of all of them.
 *
 * Like the verbs of verbs.h: each finishes an interrupted apply first, and without `apply` nothing changes.
 */
#pragma once

#include "sync/verbs.h"

typedef struct {
    const char *artifact;
    const char *project; /* absolute: its deployment; NULL: the collection's version */
    const char *to;      /* a version's hash, or the start of it that only one has */
    bool apply;
} RollbackRequest;
/* The tier gets that version's files as a new version, whose parent is the one it had. Bases stay, so the
 * next update does not bring the newer one back unasked; where the result is what the upper tier has, both
 * are synced. What was never on record is a version first. ERR_NOT_FOUND, ERR_INVALID (more than one
 * version starts so), ERR_VERSION_GONE, ERR_PENDING_MERGE, ERR_MISSING_DEPLOYMENT, ERR_LINEAGE_BROKEN. */
MUST_CHECK bool verb_rollback(Workspace *ws, const RollbackRequest *request, Plan *out, Error *err);

/* ── undo ── */

typedef struct {
    bool apply;
    bool without_missing; /* a project that is away keeps what the operation left there */
} UndoRequest;
typedef struct {
    Operation undone;
    Plan plan;
    StrArray left; /* paths of the projects that were away */
} UndoResult;
/* The last operation not yet undone is taken back. ERR_NOT_FOUND when there is none, ERR_VERSION_GONE where
 * gc has freed what would come back. */
MUST_CHECK bool verb_undo_with(Workspace *ws, const UndoRequest *request, UndoResult *out,
                               Error *err);

/* ── log ── */

typedef struct {
    const char *artifact; /* id, or a bare name that one artifact has; NULL: all */
    const char *verb;     /* "sync"; NULL: all */
    int64_t since_ms;     /* 0: from the beginning */
    Str before;   /* an operation's id: only older ones, page after page; empty: from the newest */
    size_t limit; /* 0: all */
} LogRequest;
/* Newest first; `*more`: there are older ones. */
MUST_CHECK bool operation_log(Workspace *ws, const LogRequest *request, Operations *out, bool *more,
                              Error *err);

/* ── versions ── */

/* The newest `limit` (0: all) versions of an artifact on all tiers, newest first; `*total`: how many there
 * are. */
MUST_CHECK bool version_history(Workspace *ws, Str artifact, size_t limit, Versions *out,
                                size_t *total, Error *err);
/* Is the content of that version still on this machine, in the store? */
MUST_CHECK bool version_is_kept(Workspace *ws, const Hash *hash, bool *out, Error *err);

/* ── gc ── */

#define GC_STANDARD_MS ((int64_t)90 * 24 * 3600 * 1000)

typedef struct {
    int64_t older_than_ms; /* what versions and operations younger than this name stays */
    bool apply;
} GcRequest;

typedef struct {
    int64_t since_ms;
    size_t objects, kept;     /* of the store: that go, that stay */
    uint64_t bytes, in_store; /* packed: of those that go, of all before */
    size_t git_caches, stat_caches;
    uint64_t git_bytes, stat_bytes;
} GcResult;
/* Frees content that nothing names: no record, here or as last written to a project that is away, no version
 * or operation since then, no waiting merge. The log stays whole. Safe beside others at work. */
MUST_CHECK bool verb_gc(Workspace *ws, const GcRequest *request, GcResult *out, Error *err);
