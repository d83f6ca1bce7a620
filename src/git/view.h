/* The git repository that a folder on this machine lies in, read without git ever opening it.
 *
 * Its objects are borrowed by a bare repository of our own in the cache folder (objects/info/alternates), and
 * its refs are read as files: configuration, hooks, filters, attributes and the index of the repository are
 * never looked at by git, and nothing is written to it. Commits are bounded by LIMIT_HISTORY_COMMITS.
 * A repository that keeps its refs in another form (reftable) has no versions to offer.
 */
#pragma once

#include "git/index.h"

typedef struct {
    GitRepo *repo;        /* ours: git_tree and git_blobs work on what is found */
    Str prefix;           /* the folder, from the top of its work tree; empty: it is the top */
    const char *git_path; /* absolute: of this work tree (HEAD, index) */
    const char *common_path;
} GitView;

/* Where it is; view->repo is NULL until git_view_borrow. Starts nothing. */
bool git_view_find(Arena *arena, const char *folder, GitView *out, bool *found);
MUST_CHECK bool git_view_borrow(Git *git, GitView *view, Error *err);
/* Both. `folder` is an absolute path. *found false: it lies in no repository. */
MUST_CHECK bool git_view_open(Git *git, const char *folder, GitView *out, bool *found, Error *err);

/* One state of a path in history: read it with git_tree(repo, ..., &tree, sub_path). */
typedef struct {
    GitSha tree; /* of the folder itself, or of the one the file lies in */
    Str sub_path;
} GitPlace;
typedef ARRAY(GitPlace) GitPlaces;

/* Every state that `path` (beneath the folder) ever had in any branch, tag, remote-tracking branch or merge
 * in progress, newest first, each once. */
MUST_CHECK bool git_view_versions(GitView *view, Arena *arena, Str path, GitPlaces *out,
                                  Error *err);
/* The same for a fetched upstream, from all its branches and tags. */
MUST_CHECK bool git_path_versions(GitRepo *repo, Arena *arena, Str tips, Str path, GitPlaces *out,
                                  Error *err);

/* The address of the remote that the repository calls `origin`, or of its only one; empty: none. Read from
 * its configuration file alone, as text: nothing of it takes effect. */
MUST_CHECK bool git_view_remote(GitView *view, Arena *arena, Str *out, Error *err);

/* What a merge, rebase, cherry-pick or stash left without a resolution beneath the folder; paths from there.
 * None unless one of them is under way, which costs a few stats to tell, or when the index cannot be read. */
MUST_CHECK bool git_view_unmerged(GitView *view, Arena *arena, GitUnmergedPaths *out, Error *err);
/* A merge proper: what it started from, both sides come from. */
bool git_view_is_merging(const GitView *view);
/* The content of one of its entries, of a borrowed view. */
MUST_CHECK bool git_view_object(GitView *view, Arena *arena, const GitSha *oid, bool *found,
                                Str *out, Error *err);
