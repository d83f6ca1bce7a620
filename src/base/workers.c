#include "base/workers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "base/base.h"

enum { THREADS_MOST = 64, WATCH_MS = 100 };

typedef struct {
    const Work *work;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* a job is done, or a thread is at its end */
    size_t next, done, working;
} Crew;

static bool take_job(Crew *crew, size_t *job)
{
    (void)pthread_mutex_lock(&crew->lock);
    bool any = crew->next < crew->work->jobs;
    if (any)
        *job = crew->next++;
    (void)pthread_mutex_unlock(&crew->lock);
    return any;
}

static void tell_done(Crew *crew)
{
    (void)pthread_mutex_lock(&crew->lock);
    crew->done++;
    (void)pthread_cond_signal(&crew->moved);
    (void)pthread_mutex_unlock(&crew->lock);
}

static void *labour(void *opaque)
{
    Crew *crew = opaque;
    size_t job;
    while (take_job(crew, &job)) {
        crew->work->run(crew->work->context, job);
        tell_done(crew);
    }
    (void)pthread_mutex_lock(&crew->lock);
    crew->working--;
    (void)pthread_cond_signal(&crew->moved);
    (void)pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* With every signal blocked in them, so that the caller's thread gets all. */
static size_t start(Crew *crew, pthread_t *threads)
{
    sigset_t all, before;
    size_t wanted = crew->work->threads < THREADS_MOST ? crew->work->threads : THREADS_MOST;
    if (wanted > crew->work->jobs)
        wanted = crew->work->jobs;
    if (wanted && crew->work->caller_works)
        wanted--;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    size_t started = 0;
    crew->working = wanted;
    while (started < wanted && pthread_create(&threads[started], NULL, labour, crew) == 0)
        started++;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_mutex_lock(&crew->lock);
    crew->working -= wanted - started;
    (void)pthread_mutex_unlock(&crew->lock);
    return started;
}

static void watch(Crew *crew)
{
    (void)pthread_mutex_lock(&crew->lock);
    while (crew->working) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += WATCH_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        (void)pthread_cond_timedwait(&crew->moved, &crew->lock, &until);
        size_t done = crew->done;
        (void)pthread_mutex_unlock(&crew->lock);
        if (crew->work->watch)
            crew->work->watch(crew->work->context, done);
        (void)pthread_mutex_lock(&crew->lock);
    }
    (void)pthread_mutex_unlock(&crew->lock);
}

size_t workers_for(size_t most)
{
    cpu_set_t ours;
    CPU_ZERO(&ours);
    size_t count = sched_getaffinity(0, sizeof ours, &ours) == 0 ? (size_t)CPU_COUNT(&ours) : 1;
    return count < most ? count : most;
}

static void join_in(Crew *crew)
{
    (void)pthread_mutex_lock(&crew->lock);
    crew->working++;
    (void)pthread_mutex_unlock(&crew->lock);
    (void)labour(crew);
}

void work_run(const Work *work)
{
    Crew crew = {.work = work, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS_MOST];
    pthread_condattr_t attributes;
    ASSERT(pthread_condattr_init(&attributes) == 0);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&crew.moved, &attributes);
    size_t started = start(&crew, threads);
    if (started == 0 || work->caller_works)
        join_in(&crew);
    watch(&crew);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    if (work->watch)
        work->watch(work->context, crew.done);
    (void)pthread_cond_destroy(&crew.moved);
    (void)pthread_condattr_destroy(&attributes);
}
