/* An operation of the log as JSON, for log and undo. */
#pragma once

#include "format/json_write.h"
#include "sync/history.h"
#include "sync/log_store.h"

void json_operation(JsonWriter *json, const Operation *operation);
/* Its members, and `changes`: artifact, tier, project, path, before, after. */
void json_operation_detail(JsonWriter *json, const OperationDetail *detail);
/* What undo tells beside its plan: undone, left. */
void json_undo_members(JsonWriter *json, const UndoResult *result);
