/* Snapshot: a folder or file beneath a root as a tree of hashes, exactly as it lies on disk.
 *
 * Nothing is followed, nothing is written, nothing is guessed: an unreadable file, a fifo, a socket, a
 * device, a link that leaves the artifact, a refused name, two names that clash on a case-folding file
 * system, a folder on another device, or more than base/limits.h allows is a typed error that names it.
 * A file that changes while it is read is read again. Ignored paths (content/ignore.h) are left out.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/tree.h"
#include "content/ignore.h"
#include "content/stat_cache.h"
#include "content/store.h"

typedef struct {
    bool exists;  /* false: nothing lies there; the tree is empty */
    bool is_file; /* a one-file artifact: one entry with an empty path */
    Tree tree;
    Hash hash;            /* tree_hash of it; zero when nothing is there */
    const Ignore *ignore; /* the rules it was read by; never NULL */
} Snapshot;

/* `path` is relative to the root, "" is the root itself. `cache`, of the same root, may be NULL. */
MUST_CHECK bool snapshot_read(Arena *arena, int root_fd, Str path, StatCache *cache, Snapshot *out,
                              Error *err);

/* The same, ignoring nothing: neither rules nor built-ins. For merging folders that are no artifacts. */
MUST_CHECK bool snapshot_read_raw(Arena *arena, int root_fd, Str path, Snapshot *out, Error *err);

/* Would `path`, relative to the artifact, be left out? */
bool snapshot_is_ignored(const Snapshot *snapshot, Str path, bool folder);

/* The bytes of one entry of the artifact at `path`: a file's content, a link's target. ERR_CHANGED when
 * they no longer have the entry's hash. */
MUST_CHECK bool snapshot_blob(Arena *arena, int root_fd, Str path, const TreeEntry *entry, Str *out,
                              Error *err);

/* Puts the tree and those of its blobs that the store lacks into the store. Joins the store's open batch
 * or makes its own. */
MUST_CHECK bool snapshot_keep(Store *store, int root_fd, Str path, const Snapshot *snapshot,
                              Error *err);
