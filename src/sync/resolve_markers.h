/* Resolving in the live files: markers go in, what became of them comes back, or they go away again. */
#pragma once

#include "sync/resolution.h"

bool resolve_has_markers(const Resolution *resolution);

/* The open places of the request's file, or of all, as markers in the target. ERR_EXISTS when they stand
 * there already, ERR_INVALID when no file takes any. */
MUST_CHECK bool resolve_write_markers(Draft *draft, Resolution *resolution, PlanItem *item,
                                      const EdgeInput *input, const TreeConflicts *conflicts,
                                      size_t *written, Error *err);

/* Each file that got markers is chosen as it lies there. ERR_INVALID while one still has a marker. */
MUST_CHECK bool resolve_from_live(Draft *draft, Resolution *resolution, const PlanItem *item,
                                  const EdgeInput *input, const TreeConflicts *conflicts,
                                  Error *err);

/* The artifact's files become what they were before. */
MUST_CHECK bool resolve_remove_markers(Draft *draft, PlanItem *item, Root *root, Str path,
                                       Error *err);
/* Says in item->note when a file with markers was edited since, and what is chosen replaces it. */
MUST_CHECK bool resolve_note_edits(Draft *draft, PlanItem *item, const EdgeInput *input,
                                   const TreeSide *after, Error *err);
/* With the merge's end: a fact, so that its undo knows them again. */
void resolve_forget_markers(Draft *draft, Resolution *resolution);
