/* One edge, one artifact: three trees and their ignore rules in, what the target becomes out. No writes.
 *
 * "target" is the tier that is written, "source" the one that is read. Beyond merge/tree_merge.h this
 * keeps the promises about ignored and untracked files: a path that any of the rule sets ignores is
 * never deleted or overwritten, and an addition onto a file that is there but untracked is a conflict.
 */
#pragma once

#include "sync/blob_pool.h"
#include "sync/plan.h"

typedef struct {
    bool exists;
    Tree tree;
    Hash hash; /* zero when absent */
    const Ignore *ignore;
} TreeSide;

TreeSide side_of_snapshot(const Snapshot *snapshot);
/* A tree with the rules of its own .weirignore, filtered by them. */
MUST_CHECK bool side_of_tree(Workspace *ws, const Tree *tree, const BlobReader *blobs,
                             TreeSide *out, Error *err);
/* The version with that hash. Zero: an absent side. */
MUST_CHECK bool side_of_version(Workspace *ws, BlobPool *pool, const Hash *hash, TreeSide *out,
                                Error *err);

typedef struct {
    TreeSide base, target, source;
    const char *target_label, *base_label, *source_label; /* of markers: "collection 3f2a…" */
    const Root *root;                                     /* where the target lies */
    Str path;
    TreeSide live;      /* the target as it lies on disk, where markers stand in it; else absent */
    bool over_markers;  /* it may be written over: what was in them is resolved */
    bool statuses_only; /* no counts */
    bool two_way;       /* there is no base: `base` is empty, and every difference is a conflict */
} EdgeInput;

typedef struct {
    TreeMergeKind kind;
    TreeSide after; /* the target as it would be; only the clean part when there are conflicts */
    NewBlobs blobs;
    FileChanges changes;
    TreeConflicts conflicts;
    StrArray untracked; /* of the target, ignored from now on: they stay on disk */
    StrArray adopted;   /* additions that lie on disk already, untracked, with these very bytes */
    bool rules_changed;
} EdgeResult;

MUST_CHECK bool edge_merge(Workspace *ws, BlobPool *pool, const EdgeInput *input, EdgeResult *out,
                           Error *err);

/* The same for a result that is given (a resolution): what writing `after` over the target means. */
MUST_CHECK bool edge_replace(Workspace *ws, BlobPool *pool, const EdgeInput *input,
                             const Tree *after, EdgeResult *out, Error *err);

/* Fills the item's fields that come from an input and its result. */
void item_fill(PlanItem *item, const EdgeInput *input, const EdgeResult *result);
