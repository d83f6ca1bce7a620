/* One place of a waiting merge for a person: its file, and what each tier has there, by the tiers' names. */
#pragma once

#include "cli/output.h"
#include "sync/verbs.h"

/* `most` lines of each side; 0: all. Of a whole file its kind and sizes. */
void place_print(Output *output, const WaitingPlace *place, const PendingMerge *pending,
                 size_t most);
/* The same, with every line, of whole files too. */
void place_print_all(Output *output, const WaitingPlace *place, const PendingMerge *pending);
