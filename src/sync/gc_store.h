/* What the database names: hashes that gc must leave, as rows give them. */
#pragma once

#include "sync/workspace.h"

/* `take` is called with each hash or text with hashes in it. `since_ms`: what was told before does not
 * count, save where it is the newest of its kind or waits for a person. */
typedef struct {
    bool (*take)(void *context, Str text, Error *err);
    void *context;
} HashSink;
MUST_CHECK bool gc_named_by_rows(Workspace *ws, int64_t since_ms, const HashSink *sink, Error *err);

typedef struct {
    Str root, path;
    Hash blob; /* the bytes weir last wrote there; zero: the file went */
} LastRecord;
typedef ARRAY(LastRecord) LastRecords;
/* Of every record file of every root that weir ever wrote. */
MUST_CHECK bool gc_last_records(Workspace *ws, LastRecords *out, Error *err);

MUST_CHECK bool gc_upstreams_seen(Workspace *ws, StrArray *urls, Error *err);
