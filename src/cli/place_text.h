/* One place of a waiting merge for a person: its file, and what each tier has there, by the tiers' names. */
#pragma once

#include "cli/output.h"
#include "sync/verbs.h"

/* "collection", "upstream", "project": the tier that is written, and the one that is read. */
const char *place_target(const PendingMerge *pending);
const char *place_source(const PendingMerge *pending);

/* `most` lines of each side; 0: all. */
void place_print(Output *output, const WaitingPlace *place, const PendingMerge *pending,
                 size_t most);
