/* Finding the content of a recorded base again, on a machine or at a time that does not have it at hand.
 *
 * Looked for in: the live tiers and the store; the upstream's cache at the recorded commit; the history of
 * the git repository that the collection lies in; the project's base pack. Then, where the network may be
 * asked: the upstream, and the remote of that repository. What turns up counts only when its tree has the
 * hash that was asked for; it then lies in the store. Else ERR_BASE_NOT_FOUND: a base is never invented.
 */
#pragma once

#include "sync/draft.h"

typedef struct {
    Str artifact;
    Hash hash;
    Str url, sha, path;  /* upstream, as the record has it; may be empty */
    Str collection_path; /* of the artifact beneath the collection; empty: it is not in there */
    const Root *project; /* whose base pack may hold it; NULL: none */
} BaseWanted;

/* Without network; fine under locks. */
MUST_CHECK bool base_find_here(Draft *draft, const BaseWanted *wanted, TreeSide *out, Error *err);

/* Asks the network and brings what it finds into the store; then base_find_here has it. No session needed. */
MUST_CHECK bool base_fetch(Workspace *ws, const BaseWanted *wanted, Error *err);
