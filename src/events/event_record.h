/* An event as JSON, one shape for the API's stream and `weir events --json`. */
#pragma once

#include "events/event.h"
#include "format/record.h"

extern const Record event_record;
