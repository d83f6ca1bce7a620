#include "base/thread.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"

bool thread_start(Thread *thread, const char *name, void *(*run)(void *), void *context, Error *err)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int result = pthread_create(&thread->id, NULL, run, context);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = result;
    if (result != 0)
        return fail_errno(err, "cannot start a thread");
    (void)pthread_setname_np(thread->id, name);
    thread->started = true;
    return true;
}

void thread_join(Thread *thread)
{
    if (!thread->started)
        return;
    (void)pthread_join(thread->id, NULL);
    thread->started = false;
}

void monitor_init(Monitor *monitor)
{
    pthread_condattr_t attributes;
    ASSERT(pthread_mutex_init(&monitor->lock, NULL) == 0);
    ASSERT(pthread_condattr_init(&attributes) == 0);
    ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    ASSERT(pthread_cond_init(&monitor->changed, &attributes) == 0);
    (void)pthread_condattr_destroy(&attributes);
}

void monitor_destroy(Monitor *monitor)
{
    (void)pthread_cond_destroy(&monitor->changed);
    (void)pthread_mutex_destroy(&monitor->lock);
}

void monitor_enter(Monitor *monitor)
{
    (void)pthread_mutex_lock(&monitor->lock);
}

void monitor_leave(Monitor *monitor)
{
    (void)pthread_mutex_unlock(&monitor->lock);
}

void monitor_tell(Monitor *monitor)
{
    (void)pthread_cond_broadcast(&monitor->changed);
}

void monitor_tell_one(Monitor *monitor)
{
    (void)pthread_cond_signal(&monitor->changed);
}

void monitor_wait(Monitor *monitor)
{
    (void)pthread_cond_wait(&monitor->changed, &monitor->lock);
}

bool monitor_wait_until(Monitor *monitor, int64_t until_us)
{
    if (clock_monotonic_us() >= until_us)
        return false;
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    return pthread_cond_timedwait(&monitor->changed, &monitor->lock, &until) != ETIMEDOUT;
}

void monitor_raise(Monitor *monitor, bool *flag)
{
    monitor_enter(monitor);
    *flag = true;
    monitor_tell(monitor);
    monitor_leave(monitor);
}

void monitor_await(Monitor *monitor, const bool *flag)
{
    monitor_enter(monitor);
    while (!*flag)
        monitor_wait(monitor);
    monitor_leave(monitor);
}
