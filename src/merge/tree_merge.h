/* Three-way merge of whole trees. The truth table is in docs/merging.md.
 *
 * "ours" is the target, "theirs" the source; actions are relative to ours. Reads blobs through a
 * callback, writes nothing: what the merge made comes back as new blobs. No ignore rules here. Fast
 * forwards read no blob unless counts are asked for. Symmetric up to labels, deterministic, stable:
 * merge(b,b,x) = x, merge(b,x,x) = x, and merging again with either side changes nothing.
 */
#pragma once

#include "merge/lines.h"
#include "merge/tree_diff.h"

typedef enum {
    CONFLICT_CONTENT,       /* both changed the same lines */
    CONFLICT_MODIFY_DELETE, /* ours changed it, theirs deleted it */
    CONFLICT_DELETE_MODIFY, /* ours deleted it, theirs changed it */
    CONFLICT_ADD_ADD,       /* both added a different file under one (folded) name */
    CONFLICT_BINARY,        /* both changed a file that is not merged by lines */
    CONFLICT_MODE,          /* content is settled, the executable bit is not */
    CONFLICT_RENAME,        /* renamed to two names, or two files to one name */
    CONFLICT_TYPE,          /* file against folder, or file against link */
    CONFLICT_SYMLINK,       /* both changed a link's target */
} ConflictKind;

/* One side of a conflict; mode MODE_NONE when it has no such file. */
typedef struct {
    Str path; /* differs between the sides when one renamed, or when names only fold to each other */
    Mode mode;
    Hash hash;
} ConflictSide;

/* A conflict speaks for every path it names: taking one side gives all of them the state they have on
 * that side. Files in it are neither in the merged tree nor in its changes. */
typedef struct {
    ConflictKind kind;
    Str path;  /* where the result would stand */
    Mode mode; /* that it would have */
    ConflictSide base, ours, theirs;
    Str other_path;  /* what it clashes with, when that is none of the above; else empty */
    bool has_text;   /* of CONTENT and ADD_ADD, when all sides are text: `merge` is set */
    LineMerge merge; /* its regions, and its text with markers */
} TreeConflict;
typedef ARRAY(TreeConflict) TreeConflicts; /* sorted by path */

typedef struct {
    Hash hash;
    Str bytes;
} NewBlob;
typedef ARRAY(NewBlob) NewBlobs;

typedef enum { TREE_SAME, TREE_FAST_FORWARD, TREE_MERGED, TREE_CONFLICT } TreeMergeKind;

typedef struct {
    TreeMergeKind kind; /* SAME: the result is ours; FAST_FORWARD: it is theirs as it stands */
    bool clean;
    Tree tree;           /* the cleanly merged part; paths in conflict are absent */
    NewBlobs blobs;      /* content in neither side that `tree` names */
    FileChanges changes; /* from ours to `tree`; paths in conflict are left out */
    TreeConflicts conflicts;
} TreeMerge;

/* The seam for merging that understands a format: may improve the merge of a text whose lines are in
 * conflict (`merge` holds that), or of a clean one it finds unsound. It leaves `merge` as it is, or
 * replaces it; merge->note may say why not. It must keep the laws above. */
typedef struct {
    void (*improve)(void *context, Arena *arena, Str path, Str base, Str ours, Str theirs,
                    const MergeOptions *options, LineMerge *merge);
    void *context;
} MergeContent;

typedef struct {
    MergeOptions lines;          /* labels and style of markers; favor settles text conflicts */
    const MergeContent *content; /* NULL: lines only */
    bool no_counts;              /* changes without added and removed: reads less */
    bool no_renames;
    bool whole_files; /* what both sides changed is never merged by lines: BINARY, ADD_ADD */
} TreeMergeOptions;

MUST_CHECK bool tree_merge(Arena *arena, const Tree *base, const Tree *ours, const Tree *theirs,
                           const BlobReader *blobs, const TreeMergeOptions *options, TreeMerge *out,
                           Error *err);

TreeConflicts tree_conflicts_copy(Arena *arena, const TreeConflicts *conflicts);
const char *conflict_kind_name(ConflictKind kind); /* "content" "modify_delete" ... */
