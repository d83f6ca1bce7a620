/* Missing versions: content that only the network still has, asked for while no lock is held.
 *
 * A planner that misses one notes it here and fails. draft_run then lets go of its folders, asks the
 * upstreams of all that were noted, side by side, and plans again. What was asked for is not asked for
 * twice: noting it again tells why it could not be had.
 */
#pragma once

#include "sync/base_find.h"

struct Missing {
    Arena *arena;            /* of what is kept here: it outlives the drafts */
    ARRAY(BaseWanted) noted; /* not asked for yet */
    Map *asked;              /* key → ErrorNote, code ERR_NONE when it was had */
};

/* Always false: ERR_BASE_NOT_FOUND, and it is noted unless it was asked for before. A zero hash: the
 * upstream's commit is what is wanted. */
bool missing_note(Draft *draft, const BaseWanted *wanted, Error *err);

/* Asks for all that are noted; then none is. Fails only on interruption, or where git cannot be run. */
MUST_CHECK bool missing_ask(Workspace *ws, Missing *missing, Error *err);
