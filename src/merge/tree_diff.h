/* What changed between two trees, file by file, with renames and counts of lines.
 *
 * Blobs are read through a callback, and only where needed: for counts and for similarity. A rename is
 * an added path paired with a deleted one: equal content first, then at least 50 % similar (git's
 * measure: bytes in common lines), within a bound on pairs and bytes (docs/merging.md). Deterministic.
 */
#pragma once

#include "base/tree.h"

typedef struct {
    bool (*read)(void *context, Arena *arena, const Hash *hash, Str *out, Error *err);
    void *context;
} BlobReader;

typedef enum { FILE_ADD, FILE_MODIFY, FILE_DELETE, FILE_RENAME, FILE_MODE } FileAction;

/* A file that became a link, or the reverse, is FILE_MODIFY with both modes. A renamed file may have
 * changed in content and mode too. FILE_MODE: nothing but the executable bit. */
typedef struct {
    FileAction action;
    Str path;
    Str from_path; /* of a rename, else empty */
    Mode old_mode, new_mode;
    Hash old_hash, new_hash; /* zero where absent */
    size_t added, removed;   /* lines; 0 for binary and when counts were not asked for */
    bool binary;
    int similarity; /* percent, of a rename */
} FileChange;
typedef ARRAY(FileChange) FileChanges; /* sorted by path */

typedef struct {
    size_t files;
    size_t added, removed;
} FileTotals;

typedef struct {
    bool no_counts;  /* leaves added, removed and binary alone: nothing is read for them */
    bool no_renames; /* a rename shows as delete and add */
} TreeDiffOptions;

MUST_CHECK bool tree_diff(Arena *arena, const Tree *before, const Tree *after,
                          const BlobReader *blobs, const TreeDiffOptions *options, FileChanges *out,
                          Error *err);

FileChanges file_changes_copy(Arena *arena, const FileChanges *changes);
FileTotals file_changes_totals(const FileChanges *changes);
const char *file_action_name(FileAction action); /* "add" "modify" "delete" "rename" "mode" */
