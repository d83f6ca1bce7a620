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
