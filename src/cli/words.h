/* Words: states in plain English, with the next command to type. One place for every sentence that
 * status, why, show and the plans share.
 */
#pragma once

#include "cli/output.h"
#include "sync/edge_words.h"

/* "✓ synced", "? missing": glyph and word of an edge. */
const char *status_mark(const Output *output, const EdgeStatus *status);
const char *status_word(const EdgeStatus *status); /* "missing" where it is */
Ink status_ink(const EdgeStatus *status);

const char *edge_mark(const Output *output, Edge edge); /* "U→C" */
const char *hash_brief(Arena *arena, const Hash *hash); /* 8 digits, "none" */
const char *arrow(const Output *output);                /* "→" */
const char *time_short(Arena *arena, int64_t wall_ms);  /* "2026-11-21 08:00" UTC */
const char *time_ago(Arena *arena, int64_t wall_ms);    /* "4 min ago" */
const char *count_files(Arena *arena, size_t count);    /* "3 files" */
const char *count_lines(const Output *output, size_t added, size_t removed); /* "+3 −2" */
const char *version_step(const Output *output, Str from, Str to);            /* "1.4.2 → 1.5.0" */

/* sync/edge_words.h, with this output's arrow. */
const char *edge_sentence(const Output *output, const DriftItem *item);
