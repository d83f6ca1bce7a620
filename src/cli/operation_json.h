/* An operation of the log as JSON, for log and undo. */
#pragma once

#include "format/json_write.h"
#include "sync/verbs.h"

void json_operation(JsonWriter *json, const Operation *operation);
