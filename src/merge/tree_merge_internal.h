/* The inside of the tree merge: files followed over the three trees, what becomes of each, and where two
 * of them want one place. */
#pragma once

#include "merge/tree_merge.h"

/* One file in the three trees, through renames; NULL where it is absent. */
typedef struct {
    const TreeEntry *base, *ours, *theirs;
} TreeItem;
typedef ARRAY(TreeItem) TreeItems;

/* What becomes of an item: nothing, an entry of the result, or a conflict. */
typedef struct {
    TreeItem item;
    bool present;
    TreeEntry entry; /* path, mode, hash; in a conflict its path and mode are a proposal */
    bool in_conflict;
    bool reported; /* another outcome's record speaks for it */
    TreeConflict conflict;
} Outcome;
typedef ARRAY(Outcome) Outcomes;

typedef struct {
    Arena *arena; /* of the result */
    const BlobReader *blobs;
    const TreeMergeOptions *options;
    NewBlobs *new_blobs;
} MergeWork;

MUST_CHECK bool tree_items_find(Arena *arena, const Tree *base, const Tree *ours,
                                const Tree *theirs, const BlobReader *blobs, bool renames,
                                TreeItems *out, Error *err);

MUST_CHECK bool outcome_decide(const MergeWork *work, TreeItem item, Outcome *out, Error *err);

/* Turns outcomes that cannot stand beside each other into conflicts: two at one place (also after case
 * folding), or a file where another needs a folder. */
void outcomes_find_clashes(Arena *scratch, Outcomes *outcomes);
