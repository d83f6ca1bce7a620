/* Plan, read back: from what a job has told, for the command line that had it done.
 *
 * A job that stands for a command line has a member `detail` in its result: what a person is shown and
 * --json does not tell, one object an item. Read back, the plan prints as the verb's own would; its trees
 * and blobs stay with the job. ERR_CORRUPT when the result is of another shape.
 */
#pragma once

#include "format/json_read.h"
#include "format/json_write.h"
#include "sync/history.h"
#include "sync/verbs.h"

void json_plan_detail(Arena *arena, JsonWriter *json, const Plan *plan);
MUST_CHECK bool plan_from_json(Arena *arena, const JsonNode *result, Plan *out, Error *err);

/* What these verbs tell beside their plan, and the plan. */
MUST_CHECK bool undo_from_json(Arena *arena, const JsonNode *result, UndoResult *out, Error *err);
MUST_CHECK bool resolve_from_json(Arena *arena, const JsonNode *result, ResolveResult *out,
                                  Error *err);
