/* Notify: what a service manager hears of the daemon (sd_notify's protocol), and the sockets it
 * hands over.
 *
 * Without a service manager all of it does nothing. Source: sd_notify(3), sd_listen_fds(3),
 * sd_watchdog_enabled(3).
 */
#pragma once

#include "base/arena.h"

typedef struct {
    const char *socket;  /* path, or '@' and a name; NULL: nobody listens */
    int64_t watchdog_us; /* to be told at least so often; 0: never */
    int fds[4];          /* sockets handed over; 0: none */
} Notify;

/* Reads the environment and takes what is meant for this process alone out of it. Before any thread. */
Notify notify_take(Arena *arena);
/* "READY=1", "STOPPING=1", "WATCHDOG=1"; several lines in one. What cannot be sent is lost. */
void notify_say(const Notify *notify, const char *text);
