/* Reading ahead: what a batch will look at on disk, read from several folders at the same time.
 *
 * A folder is one thread's meanwhile, with its stat cache and an arena of its own. draft_snapshot takes
 * what lies ready, so that nothing a planner sees, says or keeps depends on this. What cannot be read is
 * left for draft_snapshot as well, which says why.
 */
#pragma once

#include "sync/draft.h"

/* The artifacts `ids` wherever they are deployed from the collection at hand, and in the collection: those
 * that are deployed, or with `collection` all of them. */
void read_ahead(Draft *draft, const StrArray *ids, bool collection);
