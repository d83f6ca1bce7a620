#include "api/pool.h"

#include "base/clock.h"
#include "base/thread.h"

enum { THREADS_MOST = 64, IDLE_US = 30000000, LOOK_US = 1000000 };
#define HANDLES_BYTES_MOST ((size_t)32 << 20)

struct PoolHandles {
    Pool *pool;
    Thread thread;
    Arena *arena; /* NULL: nothing is open */
    App *app;
};

struct Pool {
    PoolOptions options;
    Monitor monitor; /* of what follows */
    void **line;     /* a ring */
    size_t first, count;
    bool stopped;
    PoolHandles handles[THREADS_MOST];
};

static void close_handles(PoolHandles *handles)
{
    app_close(&handles->app);
    arena_close(&handles->arena);
}

bool pool_app(PoolHandles *handles, App **out, Error *err)
{
    const PoolOptions *options = &handles->pool->options;
    if (handles->app &&
        (arena_bytes(handles->arena) > HANDLES_BYTES_MOST || !app_in_place(handles->app)))
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

/* Handles on a database that was replaced would keep everybody else from the new one. */
static bool may_keep(const PoolHandles *handles, int64_t until_us)
{
    return clock_monotonic_us() < until_us && (!handles->app || app_in_place(handles->app));
}

/* Inside the monitor. NULL: nothing came for a while, or the pool has stopped. */
static void *take(PoolHandles *handles)
{
    Pool *pool = handles->pool;
    int64_t until_us = clock_monotonic_us() + IDLE_US;
    while (!pool->count && !pool->stopped && may_keep(handles, until_us)) {
        int64_t look_us = clock_monotonic_us() + LOOK_US;
        (void)monitor_wait_until(&pool->monitor,
                                 handles->app && look_us < until_us ? look_us : until_us);
    }
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
    monitor_enter(&pool->monitor);
    while (!pool->stopped) {
        void *work = take(handles);
        monitor_leave(&pool->monitor);
        if (work)
            pool->options.run(work, handles);
        else
            close_handles(handles);
        monitor_enter(&pool->monitor);
    }
    monitor_leave(&pool->monitor);
    close_handles(handles);
    return NULL;
}

bool pool_open(Arena *arena, const PoolOptions *options, Pool **out, Error *err)
{
    SCOPED(pool_close) Pool *pool = ARENA_NEW(arena, Pool);
    ASSERT(options->threads <= THREADS_MOST && options->waiting_most > 0);
    pool->options = *options;
    pool->line = ARENA_ARRAY(arena, void *, options->waiting_most);
    monitor_init(&pool->monitor);
    for (size_t i = 0; i < options->threads; i++) {
        PoolHandles *handles = &pool->handles[i];
        handles->pool = pool;
        if (!thread_start(&handles->thread, "weir-api", thread_main, handles, err))
            return false;
    }
    *out = TAKE(pool);
    return true;
}

bool pool_post(Pool *pool, void *work)
{
    monitor_enter(&pool->monitor);
    bool room = !pool->stopped && pool->count < pool->options.waiting_most;
    if (room) {
        pool->line[(pool->first + pool->count) % pool->options.waiting_most] = work;
        pool->count++;
        monitor_tell_one(&pool->monitor);
    }
    monitor_leave(&pool->monitor);
    return room;
}

void pool_stop(Pool *pool)
{
    monitor_raise(&pool->monitor, &pool->stopped);
    for (size_t i = 0; i < pool->options.threads; i++)
        thread_join(&pool->handles[i].thread);
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
    monitor_destroy(&(*pool)->monitor);
    *pool = NULL;
}
