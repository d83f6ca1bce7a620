/* Ancestry: what holds of every artifact's lineage, and the check of it before it is relied on.
 *
 * A version's parents are versions of the same artifact that were told before it; the first of a tier has
 * none. Hashes may come back (a rollback), so it is rows and not hashes that have an order.
 */
#pragma once

#include "sync/draft.h"

/* Called once before a draft's facts are told: a parent that was never on record (an edit nobody pulled, a
 * version another machine made) is told as a version first, so that no lineage gets a gap. */
MUST_CHECK bool ancestry_complete(Draft *draft, Error *err);

/* Before the lineage of one artifact is relied on: ERR_LINEAGE_BROKEN names the first gap or cycle. */
MUST_CHECK bool ancestry_check(Workspace *ws, Str artifact, Error *err);
