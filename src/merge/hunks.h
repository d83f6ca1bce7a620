/* Hunks of one text against another, as data: what a unified diff shows, and what changed inside its lines.
 *
 * Lines as diff_lines_readable finds them. Texts point into the inputs. Pure and deterministic.
 */
#pragma once

#include "base/array.h"
#include "base/buf.h"

typedef enum { LINE_SAME, LINE_REMOVED, LINE_ADDED } LineKind;

/* Unicode characters of a line, from 0. */
typedef struct {
    size_t start, count;
} CharRange;
typedef ARRAY(CharRange) CharRanges;

typedef struct {
    LineKind kind;
    Str text;           /* with its line end, when it has one */
    CharRanges changed; /* of a removed or added line that has its counterpart; see hunks_mark */
} HunkLine;
typedef ARRAY(HunkLine) HunkLines;

/* Lines from 1; with count 0, `start` is the line before, as in a hunk's head. */
typedef struct {
    size_t old_start, old_count, new_start, new_count;
    HunkLines lines;
} Hunk;
typedef ARRAY(Hunk) Hunks;

/* Both at most LIMIT_MERGE_BYTES. */
void hunks_of(Arena *arena, Str before, Str after, size_t context_lines, Hunks *out);

/* Pairs removed lines with the added ones behind them, in order, and finds what differs inside each pair by
 * words. Lines that have little in common, are long or are no UTF-8 stay without ranges. */
void hunks_mark(Arena *arena, Hunks *hunks);

/* As a unified diff has it, from "@@". */
void hunks_write(Buf *buf, const Hunks *hunks);
