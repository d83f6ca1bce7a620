/* Hub: tells listeners of new events, each exactly once and in order, whoever wrote them.
 *
 * One thread reads the table from where it was: at once when hub_wake is called, and within 250 ms
 * when another process has written (the database says so cheaply). A listener joins at a seq: what
 * is between that and now is read from the table first. The frame of an event is built once for
 * all listeners.
 */
#pragma once

#include "events/event.h"

typedef struct Hub Hub;

enum { HUB_FROM_NOW = -1 }; /* as filter.after: all that is committed once hub_join is back */

typedef struct {
    EventFilter filter; /* copied */
    /* On the hub's thread; must not block. False: leaves. `event` NULL: a heartbeat is due.
     * `*shared` is one pointer for this event over all listeners (an encoded frame), given to
     * `forget` at its end. */
    bool (*hear)(void *context, const Event *event, void **shared);
    /* Events behind filter.after are gone, or the store has changed: read the resources anew; what
     * follows begins behind `last_seq`. False: leaves. */
    bool (*gap)(void *context, int64_t last_seq);
    void (*left)(void *context); /* once, after the last call; also at hub_close */
    void *context;
} ListenerSpec;

typedef struct {
    const char *folder; /* of weir.db; while it cannot be opened, events come by hub_tell alone */
    int heartbeat_ms;   /* 0: 5000 */
    size_t listeners_most;        /* 0: 20,000 */
    void (*forget)(void *shared); /* or NULL */
} HubOptions;
MUST_CHECK bool hub_open(const HubOptions *options, Hub **out, Error *err);
void hub_wake(Hub *hub); /* something was committed here; from any thread, never waits */
/* ERR_RATE_LIMITED: too many listeners; then `left` is not called. From any thread but the hub's. */
MUST_CHECK bool hub_join(Hub *hub, const ListenerSpec *spec, Error *err);
void hub_tell(Hub *hub, const Event *event); /* an event that no table holds; copied */
void hub_resync(Hub *hub);                   /* tells every listener of a gap */
size_t hub_listeners(Hub *hub);
void hub_close(Hub **hub);
