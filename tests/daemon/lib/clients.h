/* Clients of a daemon that is killed again and again: those who make jobs until each is
 * acknowledged, and those who listen to its events; both write what they learn into a history
 * (tests/jobs/README.md). */
#pragma once

#include <stdatomic.h>

#include "base/ids.h"
#include "base/thread.h"
#include "served.h"

enum { MAKERS = 6, LISTENERS = 2 };

typedef struct {
    Served *served;
    const char *folder; /* of projects: p0, p1, ... */
    int history;
    _Atomic bool no_more_jobs, stop;
    _Atomic int64_t acks, replays, cancels, breaks;
    _Atomic int64_t heard[LISTENERS];
} Clients;

typedef struct {
    Clients *all;
    int index;
} Client;

void *client_make(void *client);   /* until no_more_jobs */
void *client_listen(void *client); /* until stop */

uint32_t chance(uint32_t below);
/* A record of the history: one write at its end. */
PRINTF_LIKE(4, 5)
void tell(Clients *all, const char *who, const char *what, const char *format, ...);
