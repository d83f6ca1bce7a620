/* Keys and choices of places, shared by what chooses (resolution.c) and what shows (places.c). */
#pragma once

#include "sync/markers.h"
#include "sync/resolution.h"

Str resolution_file_key(Arena *arena, const TreeConflict *conflict);
/* One key per region of the conflict's text, in order. */
Str *resolution_region_keys(Arena *arena, const TreeConflict *conflict);
Str resolution_choice_at(const Resolution *resolution, Str place); /* empty: none */
/* The file with what is chosen, and markers where nothing is. */
Str resolution_text(Draft *draft, const Resolution *resolution, const EdgeInput *input,
                    const TreeConflict *conflict);
/* The texts of base, target and source; empty where a side has none. */
MUST_CHECK bool resolution_side_texts(Draft *draft, const TreeConflict *conflict, Str out[3],
                                      Error *err);
/* False: no choice, or one that cannot be used any more, which is asked again. */
bool resolution_read_take(Draft *draft, Str choice, MergeChoice *out);
