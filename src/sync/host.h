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
