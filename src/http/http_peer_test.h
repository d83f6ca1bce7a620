/* A server for tests whose handler says back what it got, and raw peers of it. */
#pragma once

#include <pthread.h>

#include "http/server.h"
#include "testing/test.h"

typedef struct {
    HttpServer *server;
    const char *address;
    unsigned short port;
    void (*handle)(void *context, HttpCall *call); /* in place of the echo */
} Scene;

Scene *scene_open(Test *t, HttpServerOptions options); /* handle NULL: the echo */
void scene_close(Scene **scene);

int peer_connect(Test *t, const Scene *scene);
int peer_connect_local(Test *t, const char *path);
void peer_send(int fd, Str bytes);  /* as much as is taken */
Str peer_read_all(Test *t, int fd); /* says that nothing more is sent, and reads up to the end */
Str peer_read_until(Test *t, int fd, const char *part);
const char *peer_statuses_of(Test *t, Str replies); /* "200 400" */
const char *peer_statuses(Test *t, const Scene *scene, Str sent);

/* A handler that keeps its calls, for somebody who answers them later. */
enum { KEPT_MOST = 64 };
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t more;
    HttpCall *kept[KEPT_MOST];
    size_t count, answered, wanted;
} Late;

#define LATE                                                                                       \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER                        \
    }
void late_keep(void *late, HttpCall *call);
void late_await(Late *late, size_t count);
