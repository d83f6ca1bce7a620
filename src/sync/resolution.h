/* Resolution: choices for the places of a waiting merge, and the tree they make.
 *
 * A place of a text is known by its own three texts, a whole file by its three hashes (hex, as stored), so a
 * choice outlives a new plan as long as what it was made for is still there. "target" and "source" stand
 * for the tiers: a choice means the same whatever the tiers are called.
 */
#pragma once

#include "base/map.h"
#include "sync/draft.h"
#include "sync/verbs.h"

typedef struct {
    const ResolveRequest *request;
    PendingMerge pending;
    Map *choices; /* place in hex → Str, as text */
} Resolution;

/* Records what the request chooses, as facts of the draft. ERR_USAGE for a side that takes no part,
 * ERR_INVALID for a resolution that still has markers, ERR_NOT_FOUND for a file without a conflict. */
MUST_CHECK bool resolution_choose(Draft *draft, Resolution *resolution, const PlanItem *item,
                                  const TreeConflicts *conflicts, Error *err);

/* Every place of the conflicts with what each side has there, and which have a choice that can be used. */
MUST_CHECK bool resolution_places(Draft *draft, const Resolution *resolution,
                                  const EdgeInput *input, const TreeConflicts *conflicts,
                                  WaitingPlaces *out, Error *err);

/* The merge's clean part and every conflict that has its choice, as one tree; the others go to `left`. Gives
 * how many were settled. */
size_t resolution_settle(Draft *draft, const Resolution *resolution, const EdgeInput *input,
                         const EdgeResult *merge, Tree *after, TreeConflicts *left);
