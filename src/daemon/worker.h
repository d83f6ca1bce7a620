/* Worker: one job, in a process of its own (the hidden command `weir worker`).
 *
 * Its order comes as one JSON object on stdin; what it has to say goes out as a line of JSON each,
 * the last one being the outcome. It ends with its daemon, and holds workers.lock meanwhile: who
 * gets that lock alone knows that no worker of a dead daemon is left.
 */
#pragma once

#include "format/json_read.h"
#include "format/json_write.h"
#include "jobs/runner.h"
#include "obs/event.h"

/* ── the order ── */

typedef struct {
    int64_t parent; /* process id of the daemon */
    int64_t umask;  /* of who started it: projects are written as the command line writes them */
    StrArray set;   /* --set of the daemon */
    Job job;
} WorkerOrder;
Str worker_order_write(Arena *arena, const WorkerOrder *order);
MUST_CHECK bool worker_order_read(Arena *arena, Str text, WorkerOrder *out, Error *err);

/* ── what it says ── */

typedef enum { WORKER_PROGRESS, WORKER_NOTICE, WORKER_SPAN, WORKER_DONE } WorkerWord;
typedef struct {
    WorkerWord word;
    Str phase;
    int percent;
    Str notice;
    LogEvent span; /* has ended; with its phases when it is the whole job */
    Phases phases;
    JobOutcome outcome;
} WorkerLine;
Str worker_line_write(Arena *arena, const WorkerLine *line); /* with its line feed */
MUST_CHECK bool worker_line_read(Arena *arena, Str text, WorkerLine *out, Error *err);

/* worker_span.c: the value of {"span":...} */
void worker_span_write(JsonWriter *json, const LogEvent *span);
void worker_span_read(Arena *arena, const JsonNode *node, LogEvent *out, Phases *phases);

/* ── the process ── */

#define WORKERS_LOCK "workers.lock"

/* Reads the order from `in`, does it, says how it went on `out`. Fails only when there is nobody to
 * say it to, or no order. */
MUST_CHECK bool worker_run(Arena *arena, int in, int out, Error *err);
