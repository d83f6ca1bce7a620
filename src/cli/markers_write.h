/* --write-markers: behind a sync, pull or update, its conflicts go into the live files with markers. */
#pragma once

#include "cli/command.h"
#include "sync/plan.h"

#define OPTION_WRITE_MARKERS                                                                       \
    {                                                                                              \
        .name = "write-markers",                                                                   \
        .about = "places in conflict go into the live files too, with markers"                     \
    }

/* For each item that waits. Part of the plan's operation, so that one undo takes both back. A file that
 * takes no markers is said. */
MUST_CHECK bool markers_write(Call *call, Plan *plan, Error *err);
