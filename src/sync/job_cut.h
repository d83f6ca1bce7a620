/* Cutting what a job tells to a size that its row, its reply and its worker's line may have.
 *
 * Lists lose their ends, and what is neither list, number nor short text goes; all else stays as it was.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* An object of well-formed JSON, as our own writer makes it. One that is short enough comes back as it is; of
 * another the member `truncated` tells, by member, how many items there were: {"files": 120000}. */
Str job_result_cut(Arena *arena, Str object, uint64_t most_bytes);
/* The same of an array; nothing tells of it. */
Str job_list_cut(Arena *arena, Str array, uint64_t most_bytes);
