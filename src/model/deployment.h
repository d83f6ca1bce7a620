/* Deployment records of a project, <project>/.weir/deployed.toml: a block per deployment.
 *
 * Committed with the project, so: sorted by id, no absolute path, and nothing that changes without content
 * (sync_status, last_upstream_check and pending_conflicts alone never change a block). Comments, unknown
 * keys and blocks that weir does not touch keep their bytes. Git's conflict markers are read through, and
 * the next write cleans them. Writing unchanged records gives the bytes that were read.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"
#include "model/lineage.h"

typedef struct {
    Str artifact;           /* "skill:pdf": the key */
    Str path;               /* below the project, with its extension */
    Str collection;         /* absent: "default" */
    Hash content_hash;      /* the tree as weir last wrote it */
    Hash parent_hash;       /* merge base of the collection -> project edge; zero: none */
    Hashes version_lineage; /* newest first */
    Str upstream_url, upstream_path, upstream_ref, upstream_version, upstream_sha;
    Str sync_status;                /* as of the last write; absent: "synced" */
    int64_t last_upstream_check_ms; /* likewise; 0: never */
    StrArray pending_conflicts;     /* likewise */
    Str legacy_hash;                /* of an old record, by that system's rule */
    bool needs_review; /* two bases met in a git conflict and neither is the other's ancestor;
                                       parent_hash is then zero: look at both sides */
} Deployment;
typedef ARRAY(Deployment *) DeploymentList;

typedef struct DeploymentRecords DeploymentRecords; /* private: the document */
typedef struct {
    DeploymentList items; /* sorted by artifact; change them only through deployments_put */
    bool had_markers;
    Arena *arena;
    DeploymentRecords *records;
} Deployments;

/* An empty text is a project without deployments. `ancestry` may be NULL. Borrows the text. Errors as in
 * collection_read. */
MUST_CHECK bool deployments_read(Arena *arena, Str text, const Ancestry *ancestry,
                                 Deployments **out, Error *err);

Deployment *deployments_find(const Deployments *deployments, Str artifact); /* NULL when absent */

/* Adds or replaces by artifact, and keeps a copy of all of it. ERR_EXISTS when its path lies on, in or
 * around another's. */
MUST_CHECK bool deployments_put(Deployments *deployments, const Deployment *deployment, Error *err);
bool deployments_remove(Deployments *deployments, Str artifact); /* false when absent */

/* The text of the whole file. */
Str deployments_write(Arena *arena, const Deployments *deployments);
