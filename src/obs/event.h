/* What a span or an artifact's outcome says to whoever listens. Absent is NULL, an empty Str, or false. */
#pragma once

#include "base/array.h"

typedef enum { LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR } LogLevel;

typedef struct {
    const char *name;
    int64_t self_us; /* without the phases inside it */
    size_t count;
} Phase;

enum { PHASES_MOST = 16 };
typedef struct {
    Phase items[PHASES_MOST];
    size_t count;
} Phases;

typedef struct {
    LogLevel level;
    const char *span;    /* "command" "fetch" "artifact" ... */
    const char *message; /* for a person */
    const char *operation_type;
    Str artifact_id;
    const char *direction; /* "upstream_to_collection" ... */
    const char *result;
    int64_t duration_us;
    int64_t ended_us; /* since 1970; 0: now */
    bool has_merge;   /* auto_merge is known */
    bool auto_merge;
    StrArray conflict_files;
    Str operation; /* id */
    Str job_id;
    const char *request_id; /* of a request over HTTP */
    const char *error_code; /* "CONFLICT" */
    const char *error_message;
    const Phases *phases; /* of the whole command */
    const char *trace_id, *span_id, *parent_id;
} LogEvent;
