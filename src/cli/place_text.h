/* One place of a waiting merge for a person: its file, and what each tier has there, by the tiers' names. */
#pragma once

#include "cli/output.h"
#include "sync/verbs.h"

/* "collection", "upstream", "project": the tier that is written, and the one that is read. */
const char *place_target(const PendingMerge *pending);
const char *place_source(const PendingMerge *pending);

/* What was chosen: a tier's name, "base", "both", "both-reversed", "text" or "absent"; NULL: nothing. */
const char *place_choice(Arena *arena, const WaitingPlace *place, const PendingMerge *pending);

/* `most` lines of each side; 0: all. Of a whole file its kind and sizes. */
void place_print(Output *output, const WaitingPlace *place, const PendingMerge *pending,
                 size_t most);
/* The same, with every line, of whole files too. */
void place_print_all(Output *output, const WaitingPlace *place, const PendingMerge *pending);
