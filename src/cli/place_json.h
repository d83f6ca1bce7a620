/* Places of a waiting merge as JSON: what docs/schema/resolve.json calls "places". */
#pragma once

#include "format/json_write.h"
#include "sync/verbs.h"

void json_places(Arena *arena, JsonWriter *json, const ResolveResult *result);
