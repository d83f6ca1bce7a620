/* An operation of the log as JSON, for log and undo. */
#pragma once

#include "format/json_write.h"
#include "sync/history.h"

void json_operation(JsonWriter *json, const Operation *operation);
/* What undo tells beside its plan: undone, left. */
void json_undo_members(JsonWriter *json, const UndoResult *result);
