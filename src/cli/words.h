/* Words: states in plain English, with the next command to type. One place for every sentence that
 * status, why, show and the plans share.
 */
#pragma once

#include "cli/output.h"
#include "sync/verbs.h"

/* "✓ synced", "? missing": glyph and word of an edge. */
const char *status_mark(const Output *output, const EdgeStatus *status);
const char *status_word(const EdgeStatus *status); /* "missing" where it is */
Ink status_ink(const EdgeStatus *status);

const char *edge_mark(const Output *output, Edge edge);   /* "U→C" */
const char *project_name(Arena *arena, const char *path); /* its last folder, safe */
const char *hash_brief(Arena *arena, const Hash *hash);   /* 8 digits, "none" */
const char *arrow(const Output *output);                  /* "→" */
const char *time_short(Arena *arena, int64_t wall_ms);    /* "2026-11-21 08:00" UTC */
const char *time_ago(Arena *arena, int64_t wall_ms);      /* "4 min ago" */
const char *count_files(Arena *arena, size_t count);      /* "3 files" */
const char *count_lines(const Output *output, size_t added, size_t removed); /* "+3 −2" */
const char *version_step(const Output *output, Str from, Str to);            /* "1.4.2 → 1.5.0" */

/* What holds between the two tiers, and why; ends in a full stop. */
const char *edge_sentence(const Output *output, const DriftItem *item);
/* What to type next about it; NULL when nothing is to do. */
const char *edge_next(Arena *arena, const DriftItem *item);
/* How much it needs a person: 0 synced ... */
int edge_urgency(const DriftItem *item);
