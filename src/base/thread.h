/* Thread: a long-lived one, with every signal blocked; and Monitor: a lock with a condition to
 * wait for.
 *
 * Waits are measured by the monotonic clock, so that a set clock neither ends nor prolongs one.
 * For a function over many jobs see base/workers.h.
 */
#pragma once

#include <pthread.h>

#include "base/error.h"

typedef struct {
    pthread_t id;
    bool started;
} Thread;

/* `name`: at most 15 bytes, as tools show it. */
MUST_CHECK bool thread_start(Thread *thread, const char *name, void *(*run)(void *), void *context,
                             Error *err);
void thread_join(Thread *thread); /* fine when it was never started */

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
} Monitor;

void monitor_init(Monitor *monitor);
void monitor_destroy(Monitor *monitor);
void monitor_enter(Monitor *monitor);
void monitor_leave(Monitor *monitor);
void monitor_tell(Monitor *monitor);     /* wakes all who wait; inside or outside */
void monitor_tell_one(Monitor *monitor); /* ... one of them: where any of them will do */
void monitor_wait(Monitor *monitor);     /* inside; may wake for nothing */
/* The same until clock_monotonic_us() is `until_us` at the latest: false when it is. */
bool monitor_wait_until(Monitor *monitor, int64_t until_us);

/* A flag that the monitor guards: raise sets it and wakes all who wait; await waits for it. What
 * was written before the one is seen after the other. Both from outside. */
void monitor_raise(Monitor *monitor, bool *flag);
void monitor_await(Monitor *monitor, const bool *flag);
