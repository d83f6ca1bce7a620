/* Git's own unfinished merges in a root: what they left without a resolution is not read as anybody's
 * content, and what both sides of one come from helps to unite their records. Costs a few stats where
 * nothing is under way. */
#pragma once

#include "git/view.h"
#include "sync/session.h"

/* Fills root->unmerged. */
MUST_CHECK bool unmerged_read(Workspace *ws, Root *root, Error *err);

/* ERR_GIT_UNMERGED when something at or beneath `path` waits for a resolution. */
MUST_CHECK bool unmerged_check(const Root *root, Str path, Error *err);

/* The record file as git's merge base has it; empty when no merge of git left it in conflict. */
MUST_CHECK bool unmerged_common(Workspace *ws, const Root *root, const char *record, Str *out,
                                Error *err);
