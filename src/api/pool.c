#include "api/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

enum { THREADS_MOST = 64, IDLE_S = 30 };
#define HANDLES_BYTES_MOST ((size_t)32 << 20)

struct PoolHandles {
    Pool *pool;
    pthread_t thread;
    Arena *arena; /* NULL: nothing is open */
    App *app;
};

struct Pool {
    PoolOptions options;
    pthread_mutex_t lock;
    pthread_cond_t more;
    void **line; /* a ring */
    size_t first, count;
    bool stopped;
    PoolHandles handles[THREADS_MOST];
    size_t threads;
};

static void close_handles(PoolHandles *handles)
{
    app_close(&handles->app);
    arena_close(&handles->arena);
}

bool pool_app(PoolHandles *handles, App **out, Error *err)
{
    const PoolOptions *options = &handles->pool->options;
    if (handles->app && arena_bytes(handles->arena) > HANDLES_BYTES_MOST)
        close_handles(handles);
    if (!handles->app) {
        handles->arena = arena_open();
        if (!options->open_app(options->open_context, handles->arena, &handles->app, err)) {
            close_handles(handles);
            return false;
        }
    }
    *out = handles->app;
    return true;
}

/* NULL: nothing came for a while, or the pool has stopped. The lock is held. */
static void *take(Pool *pool)
{
    struct timespec until;
    int failed = 0;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_S;
    while (!pool->count && !pool->stopped && failed != ETIMEDOUT)
        failed = pthread_cond_timedwait(&pool->more, &pool->lock, &until);
    if (!pool->count || pool->stopped)
        return NULL;
    void *work = pool->line[pool->first];
    pool->first = (pool->first + 1) % pool->options.waiting_most;
    pool->count--;
    return work;
}

static void *thread_main(void *context)
{
    PoolHandles *handles = context;
    Pool *pool = handles->pool;
    (void)pthread_mutex_lock(&pool->lock);
    while (!pool->stopped) {
        void *work = take(pool);
        (void)pthread_mutex_unlock(&pool->lock);
        if (work)
            pool->options.run(work, handles);
        else
            close_handles(handles);
        (void)pthread_mutex_lock(&pool->lock);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    close_handles(handles);
    return NULL;
}

static bool start(Pool *pool, Error *err)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = 0;
    while (!failed && pool->threads < pool->options.threads) {
        PoolHandles *handles = &pool->handles[pool->threads];
        handles->pool = pool;
        failed = pthread_create(&handles->thread, NULL, thread_main, handles);
        pool->threads += !failed;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failed;
    return !failed || fail_errno(err, "cannot start a thread");
}

bool pool_open(Arena *arena, const PoolOptions *options, Pool **out, Error *err)
{
    SCOPED(pool_close) Pool *pool = ARENA_NEW(arena, Pool);
    pthread_condattr_t attributes;
    ASSERT(options->threads <= THREADS_MOST && options->waiting_most > 0);
    pool->options = *options;
    pool->line = ARENA_ARRAY(arena, void *, options->waiting_most);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&pool->more, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    if (!start(pool, err))
        return false;
    *out = TAKE(pool);
    return true;
}

bool pool_post(Pool *pool, void *work)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool room = !pool->stopped && pool->count < pool->options.waiting_most;
    if (room) {
        pool->line[(pool->first + pool->count) % pool->options.waiting_most] = work;
        pool->count++;
        (void)pthread_cond_signal(&pool->more);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return room;
}

size_t pool_waiting(Pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    size_t count = pool->count;
    (void)pthread_mutex_unlock(&pool->lock);
    return count;
}

void pool_stop(Pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->stopped = true;
    (void)pthread_cond_broadcast(&pool->more);
    (void)pthread_mutex_unlock(&pool->lock);
    for (; pool->threads > 0; pool->threads--)
        (void)pthread_join(pool->handles[pool->threads - 1].thread, NULL);
    for (; pool->count > 0; pool->count--) {
        pool->options.refuse(pool->line[pool->first]);
        pool->first = (pool->first + 1) % pool->options.waiting_most;
    }
}

void pool_close(Pool **pool)
{
    if (!*pool)
        return;
    pool_stop(*pool);
    (void)pthread_cond_destroy(&(*pool)->more);
    (void)pthread_mutex_destroy(&(*pool)->lock);
    *pool = NULL;
}
