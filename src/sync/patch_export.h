/* What a patch for the upstream is made of: the upstream's files at a commit, and as they would be. */
#pragma once

#include "sync/draft.h"

typedef struct {
    Str source, sha, path; /* the commit, and the artifact's place in its repository */
} UpstreamPlace;

typedef struct {
    Tree before, after; /* by their paths in the repository */
    Hash base, result;  /* of the artifact there, before and after */
} PatchTrees;

/* Every file of the artifact at that commit, ignored ones too; its content is then in the store. */
MUST_CHECK bool upstream_files(Workspace *ws, const UpstreamPlace *place, Tree *out, Error *err);

/* `mine` is the version that upstream shall take. A file that either side's rules ignore, and `mine` does not
 * hold, stays in the upstream. */
MUST_CHECK bool patch_trees(Workspace *ws, const UpstreamPlace *place, const TreeSide *mine,
                            const BlobReader *blobs, PatchTrees *out, Error *err);
