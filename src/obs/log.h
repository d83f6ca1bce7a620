/* Log: a file of JSON lines, one event each (docs/logs.md, docs/schema/log-line.json).
 *
 * Appended to, made with 0600, one write a line. What cannot be written is told once through `notice`, and
 * the work goes on. No secret gets into a line (obs/redact.h).
 */
#pragma once

#include "base/error.h"
#include "obs/event.h"

typedef struct Log Log;

typedef struct {
    const char *path;
    StrArray secrets; /* values that may appear in no line */
    void (*notice)(void *context, const char *text);
    void *context;
} LogOptions;

/* Never fails: a file that cannot be opened is told about, and nothing is written. */
Log *log_open(Arena *arena, const LogOptions *options);
void log_close(Log **log);

void log_event(void *log, const LogEvent *event); /* a SpanSink */
/* The line alone, with its line feed. */
Str log_line(Arena *arena, const LogEvent *event, const StrArray *secrets);
