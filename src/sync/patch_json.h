/* A patch that was written, as JSON: what docs/schema/patch.json describes. */
#pragma once

#include "format/json_write.h"
#include "sync/verbs.h"

/* `out`: the file as it was named. */
void json_patch_members(JsonWriter *json, const PatchExport *patch, Str out);
