/* Private to the room: the daemon's parts, and what it does by the clock. */
#pragma once

#include <sys/types.h>

#include "api/api.h"
#include "base/thread.h"
#include "daemon/daemon.h"
#include "daemon/notify.h"
#include "daemon/observe.h"
#include "daemon/serve_lock.h"
#include "daemon/spawn.h"
#include "daemon/token.h"

typedef struct {
    App *app;
    Arena *arena;
    int64_t since_ms;      /* when it began to answer */
    Arena *settings_arena; /* of the settings as read again; NULL: they are the app's */
    const DaemonOptions *options;
    Notify notify;
    DaemonPlace place;
    Hash token;
    TokenSource token_source;
    Spawner spawner;
    Observer *observer;
    int home_fd, lock, signals;
    mode_t umask; /* as it was started with */
    JobQueue *queue;
    Api *api;
    Monitor parts; /* of the next three: the main thread alone sets them */
    HttpServer *server;
    Hub *hub;
    Runner *runner;
    int64_t prune_us, exports_us, check_us; /* monotonic: when next */
} Daemon;

void daemon_notice(Daemon *daemon, const char *text);

/* Runs jobs, or no longer, as SYNC_ASYNC_ENABLED says now. */
MUST_CHECK bool daemon_switch_runner(Daemon *daemon, Error *err);

/* tick.c: called about once a second */
void daemon_tick_begin(Daemon *daemon);
void daemon_tick(Daemon *daemon);
/* Settings and token anew; on failure all is as before. */
MUST_CHECK bool daemon_reload(Daemon *daemon, Error *err);
