/* Event: something that happened, numbered without gaps in the order of commits; for live streams
 * and audit.
 *
 * Added in the transaction of what it tells, so it is there exactly when that is. Kept 30 days.
 * What is told while the fallback store is in use has seq 0: it is heard live but cannot be asked
 * for again.
 */
#pragma once

#include "db/db.h"

typedef struct {
    int64_t seq; /* from 1; the id of the stream */
    int64_t at_ms;
    Str kind;     /* a word of events/event_kinds.def: "job.queued" "operation.applied" ... */
    Str subject;  /* id of the job, bundle, run */
    Str artifact; /* "skill:pdf"; empty: none or several */
    Str trace_id;
    Str data; /* one JSON object; empty is {} */
} Event;
typedef ARRAY(Event) Events;

bool event_kind_is_known(Str kind);
/* A kind, or "job.*" for all that begin with "job."; what a filter may name. */
bool event_pattern_is_known(Str pattern);

/* Inside a transaction. at_ms 0: now. ERR_INVALID: no such kind. */
MUST_CHECK bool event_add(Db *db, const Event *event, int64_t *seq, Error *err);

typedef struct {
    int64_t after;      /* only with a greater seq */
    StrArray kinds;     /* "job.success", "job.*"; empty: all */
    StrArray artifacts; /* empty: all; events of no single artifact pass */
    StrArray subjects;  /* empty: all */
} EventFilter;
bool event_passes(const EventFilter *filter, const Event *event);
/* Oldest first. `*gap`: events behind `after` are gone by retention, or `after` was never there. */
MUST_CHECK bool event_list(Arena *arena, Db *db, const EventFilter *filter, size_t limit,
                           Events *out, bool *gap, Error *err);
MUST_CHECK bool event_last(Db *db, int64_t *seq, Error *err); /* 0: none yet */
/* Removes at most `limit` of the oldest, those before `before_ms` only. Inside a transaction. */
MUST_CHECK bool event_prune(Db *db, int64_t before_ms, size_t limit, size_t *removed, Error *err);
