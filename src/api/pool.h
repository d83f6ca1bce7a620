/* Pool: a few threads that do what may wait, each with handles of its own, opened when first needed.
 *
 * The line of what waits is bounded. Handles are closed after half a minute without use and opened anew when
 * their memory has grown, so that an idle daemon holds none.
 */
#pragma once

#include "app/app.h"

typedef struct Pool Pool;
typedef struct PoolHandles PoolHandles;

typedef struct {
    size_t threads, waiting_most;
    bool (*open_app)(void *context, Arena *arena, App **out, Error *err);
    void *open_context;
    void (*run)(void *work, PoolHandles *handles);
    void (*refuse)(void *work); /* at pool_stop, for what still waits */
} PoolOptions;

MUST_CHECK bool pool_open(Arena *arena, const PoolOptions *options, Pool **out, Error *err);
bool pool_post(Pool *pool, void *work); /* false: the line is full, or the pool has stopped */
/* The handles of this thread. ERR_* of what could not be opened; asked again the next time. */
MUST_CHECK bool pool_app(PoolHandles *handles, App **out, Error *err);
void pool_stop(Pool *pool); /* waits for what is at work */
void pool_close(Pool **pool);
