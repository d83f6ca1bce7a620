/* Serve lock: at most one daemon per home, and how clients find it.
 *
 * An advisory lock on serve.lock in the home, held for the daemon's life; the file says as JSON who
 * holds it and where it answers. The kernel frees it when the daemon dies; the file stays, so that
 * nobody locks two inodes.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

typedef struct {
    int64_t pid;
    Str address; /* "127.0.0.1:7330"; empty: no TCP */
    Str socket;  /* absolute path; empty: none */
    Str version;
    int64_t since_ms;
    int64_t user;  /* whose process it is */
    Str overrides; /* settings_overrides() of its own */
    bool runs_jobs;
} ServeHolder;

/* ERR_LOCKED names who serves already. *out_fd holds the lock until it is closed. */
MUST_CHECK bool serve_lock_acquire(int home_fd, int *out_fd, Error *err);
MUST_CHECK bool serve_lock_tell(int fd, const ServeHolder *holder, Error *err);
void serve_lock_clear(int fd); /* at an orderly end: nobody is left to speak of */
/* Whether a daemon serves this home now, and which; asked by clients. `*found` false also when the
 * file speaks of one that is gone (`*stale`). */
MUST_CHECK bool serve_lock_look(Arena *arena, int home_fd, bool *found, bool *stale,
                                ServeHolder *out, Error *err);
/* Waits until no worker of a dead daemon is left; the caller holds the serve lock. */
MUST_CHECK bool serve_lock_await_workers(int home_fd, int timeout_ms, Error *err);
