/* Blob pool: where a plan reads content from before anything is stored: memory, live folders, the store.
 * Lives in an arena; borrows the roots' descriptors. Reads of live files verify the hash. */
#pragma once

#include "content/snapshot.h"
#include "merge/tree_diff.h"
#include "sync/session.h"

typedef struct BlobPool BlobPool;

BlobPool *blob_pool_new(Workspace *ws);
void blob_pool_add_snapshot(BlobPool *pool, const Root *root, Str path, const Snapshot *snapshot);
void blob_pool_add_bytes(BlobPool *pool, const Hash *hash, Str bytes);
BlobReader blob_pool_reader(BlobPool *pool);

/* A version by its tree hash: an added snapshot, else the store. ERR_BASE_NOT_FOUND. */
MUST_CHECK bool blob_pool_tree(BlobPool *pool, const Hash *hash, Tree *out, Error *err);
