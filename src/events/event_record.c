#include "events/event_record.h"

#include <stddef.h>

static const Field event_fields[] = {
    {"seq", "the id of the event in the stream; 0: it cannot be asked for again", FIELD_INTEGER,
     offsetof(Event, seq), .required = true},
    {"at", "when it happened", FIELD_TIME, offsetof(Event, at_ms), .required = true},
    {"kind", "what happened", FIELD_TEXT, offsetof(Event, kind), .required = true,
     .example = "job.success"},
    {"subject", "id of the job or the operation; empty: of none", FIELD_TEXT,
     offsetof(Event, subject), .required = true},
    {"artifact", "id; null: none or several", FIELD_TEXT, offsetof(Event, artifact),
     .required = true, .nullable = true},
    {"trace_id", "of the request that led to it", FIELD_TEXT, offsetof(Event, trace_id),
     .required = true, .nullable = true},
    {"data", "more of it, by kind", FIELD_JSON, offsetof(Event, data), .required = true,
     .nullable = true},
    {0},
};
const Record event_record = {"Event", "something that happened: the `data:` of a stream",
                             sizeof(Event), event_fields, false};
