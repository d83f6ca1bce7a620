/* Places of a waiting merge as JSON: what docs/schema/resolve.json calls "places". */
#pragma once

#include "format/json_write.h"
#include "sync/verbs.h"

/* "collection", "upstream", "project": the tier that is written, and the one that is read. */
const char *place_target(const PendingMerge *pending);
const char *place_source(const PendingMerge *pending);

/* What was chosen: a tier's name, "base", "both", "both-reversed", "text" or "absent"; NULL: nothing. */
const char *place_choice(Arena *arena, const WaitingPlace *place, const PendingMerge *pending);

void json_places(Arena *arena, JsonWriter *json, const ResolveResult *result);
/* What resolve tells beside its plan: places, resolved, finished, pending. */
void json_resolve_members(Arena *arena, JsonWriter *json, const ResolveResult *result);
