/* What a gc has freed, or would, as JSON: for `weir gc --json` and jobs. */
#pragma once

#include "format/json_write.h"
#include "sync/history.h"

/* Members: dry_run, since, objects, bytes, kept, in_store, and the caches. */
void json_gc(JsonWriter *json, const GcResult *result, bool applied);
