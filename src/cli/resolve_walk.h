/* Walk: a waiting merge settled on a terminal, place by place, by keys.
 *
 * What is chosen is kept at once, so leaving in the middle, Ctrl-C too, loses nothing and the next walk goes
 * on from there; all of a walk is one operation for undo. No file is written: that is the review's.
 */
#pragma once

#include "cli/command.h"
#include "sync/verbs.h"

/* Starts from `waiting`, the merge as shown. `request` names the merge and gets the operation. `*settled`:
 * every place is chosen and the review may follow. */
MUST_CHECK bool resolve_walk(Call *call, const ResolveResult *waiting, ResolveRequest *request,
                             bool *settled, Error *err);
