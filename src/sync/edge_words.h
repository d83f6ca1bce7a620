/* Words: what holds between two tiers in plain English, and what to type next. One place for every sentence
 * that status, why, show, the plans and the API share.
 *
 * `arrow` stands between two versions: "→", or what a terminal can show. All text is safe to print.
 */
#pragma once

#include "sync/verbs.h"

const char *project_name(Arena *arena, const char *path); /* its last folder, safe */
const char *edge_version_step(Arena *arena, Str from, Str to,
                              const char *arrow); /* "1.4.2 → 1.5.0" */

/* What holds, and why; ends in a full stop. */
const char *edge_says(Arena *arena, const DriftItem *item, const char *arrow);
/* What to type next about it; NULL when nothing is to do. */
const char *edge_next(Arena *arena, const DriftItem *item);
/* How much it needs a person: 0 synced ... */
int edge_urgency(const DriftItem *item);

bool drift_is_fine(const DriftItem *item); /* synced, nothing missing, no error */
/* The one that needs a person most; NULL when all is fine. */
const DriftItem *drift_worst(const Drift *drift);
