/* Patch text in git's format, which `git apply` takes: forward and, with -R, backward.
 *
 * Texts as unified diff, binary as `GIT binary patch` literals in both directions, modes, links,
 * renames, odd names quoted as git does. Index lines carry full git object ids (SHA-1 of the blob). A
 * one-file tree's empty path is written as `file_name`. Deterministic.
 */
#pragma once

#include "base/buf.h"
#include "merge/tree_diff.h"

typedef struct {
    int context_lines; /* 0: 3; negative: none */
    Str prefix;        /* put before every path, "skills/pdf/" for instance; may be empty */
    Str file_name;     /* stands for the empty path of a one-file tree, `prefix` before it */
    bool no_binary;    /* for people: "Binary files a/x and b/x differ" instead of the data */
    bool for_mail;     /* lines that end in CR LF go as binary: `git am` would take their CR off */
} PatchOptions;

MUST_CHECK bool patch_write(Arena *arena, const FileChanges *changes, const BlobReader *blobs,
                            const PatchOptions *options, Str *out, Error *err);

/* One text against another, as a unified diff with "--- a/..." and "+++ b/..." heads; "" when equal. */
Str patch_of_texts(Arena *arena, Str before_name, Str before, Str after_name, Str after,
                   int context_lines);

/* The name as git writes it in a patch: as it is, or "quoted" with C escapes. */
Str patch_quote(Arena *arena, Str name);
