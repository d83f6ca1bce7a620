/* Line diff: which lines of `a` became which lines of `b`.
 *
 * Equals git's default algorithm (Myers in linear space with xdiff's heuristics and its sliding of
 * changes), so that merges built on it equal git's. A line is its bytes with the ending. Deterministic;
 * the cost is capped, never quadratic: past the cap the script is valid but may be longer. Sources:
 * Myers, "An O(ND) Difference Algorithm" (1986); the behaviour of git 2.39. Limits: docs/merging.md.
 */
#pragma once

#include "base/array.h"

/* Lines counted from 0: a[a_start, a_start + a_count) became b[b_start, b_start + b_count). */
typedef struct {
    size_t a_start, a_count;
    size_t b_start, b_count;
} DiffChange;
typedef ARRAY(DiffChange) DiffChanges;

typedef struct {
    size_t added;
    size_t removed;
} DiffCounts;

/* Both at most LIMIT_MERGE_BYTES. Changes come in order, with at least one equal line between two. */
void diff_lines(Arena *arena, Str a, Str b, DiffChanges *out);

/* As diff_lines, and an insertion or deletion that could stand in several places is put where
 * indentation and blank lines make it read best: git's default for what people look at. */
void diff_lines_readable(Arena *arena, Str a, Str b, DiffChanges *out);

DiffCounts diff_counts(const DiffChanges *changes);

/* A NUL in the first 8,000 bytes (git's rule), or more than LIMIT_MERGE_BYTES. */
bool diff_is_binary(Str bytes);

/* Lines in `text`; a last one without line feed counts. */
size_t diff_line_count(Str text);
