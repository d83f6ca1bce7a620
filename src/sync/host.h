/* What apply asks of its host: content from the store, old objects into it, the database's transaction,
 * and record files without the artifacts that did not get there. */
#pragma once

#include "sync/workspace.h"

typedef struct {
    Workspace *ws;
    StoreBatch batch; /* open while old objects are being kept */
} SyncHost;

/* `out` borrows `host`, which borrows `ws`. */
void sync_host_init(SyncHost *host, Workspace *ws, ApplyHost *out);

/* Says what a person wrote to a file in the very moment it was replaced, and where that is now. */
void sync_tell_late(Workspace *ws, const ApplyResult *result, const StrArray *roots);
