/* Daemon: `weir serve`: the queue, its runner, live events and the API, put together and kept
 * alive.
 *
 * One per home (serve_lock.h). SIGTERM or SIGINT drains: jobs at work may end for a while, then
 * they are parked; a second signal parks at once. SIGHUP reads the settings and the token anew. No
 * job is done in this process: each has a worker of its own (spawn.h), so that none can take the
 * daemon with it.
 */
#pragma once

#include "app/app.h"
#include "base/str.h"

typedef struct {
    const char *address;    /* "127.0.0.1:7330"; NULL: no TCP */
    const char *socket;     /* absolute path; NULL: none */
    const char *token_file; /* absolute path; NULL: it is WEIR_TOKEN */
} DaemonPlace;

typedef struct {
    const char *listen; /* NULL: the setting; "none": no TCP */
    const char *socket; /* absolute; NULL: the setting */
    StrArray set;       /* --set, for its workers too */
    const char *trace_id;
    void (*ready)(void *context, const DaemonPlace *place); /* once, when it answers */
    void (*notice)(void *context, const char *text);        /* from any thread */
    void *context;
} DaemonOptions;

/* Opens at NEEDS_SETTINGS. Returns when it was told to end and has. */
MUST_CHECK bool daemon_run(App *app, const DaemonOptions *options, Error *err);
