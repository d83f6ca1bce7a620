/* Paths of a git index (versions 2 to 4) that a merge left without a resolution.
 *
 * Pure; the bytes are hostile: what does not parse is ERR_CORRUPT, and nothing is read past the end.
 * Objects are named by SHA-1. */
#pragma once

#include "git/repo.h"

typedef struct {
    Str path;  /* from the top of the work tree */
    int stage; /* 1: base, 2: ours, 3: theirs */
    GitSha oid;
} GitUnmerged;
typedef ARRAY(GitUnmerged) GitUnmergedPaths;

MUST_CHECK bool git_index_unmerged(Arena *arena, Str index, GitUnmergedPaths *out, Error *err);
