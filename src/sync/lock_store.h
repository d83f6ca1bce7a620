/* Artifact locks and failures in a row, in the database. */
#pragma once

#include "base/map.h"
#include "sync/locks.h"

MUST_CHECK bool lock_put(Workspace *ws, const ArtifactLock *lock, Error *err);
MUST_CHECK bool lock_delete(Workspace *ws, Str artifact, Error *err);
MUST_CHECK bool locks_clean(Workspace *ws, Error *err); /* those whose time is over */

/* Artifact → its count of failures in a row (int64_t). */
MUST_CHECK bool failures_list(Workspace *ws, Map **out, Error *err);
MUST_CHECK bool failure_put(Workspace *ws, Str artifact, int64_t count, Error *err);
MUST_CHECK bool failure_delete(Workspace *ws, Str artifact, Error *err);
