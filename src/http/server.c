#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/ids.h"
#include "http/server_internal.h"

enum {
    CONNECTIONS = 16384,
    CONNECTIONS_IDLE = 4096,
    HEAD_MS = 10000,
    BODY_MS = 30000,
    WRITE_MS = 30000,
    IDLE_MS = 60000,
    LINGER_MS = 2000,
    LAST_WORD_US = 250000, /* while it drains: for a request that is not there yet */
    EVENTS_AT_ONCE = 256,
};

/* ── owners ── */

static void server_free(HttpServer *server)
{
    while (server->spare_calls) {
        HttpCall *call = server->spare_calls;
        Arena *arena = call->arena;
        server->spare_calls = call->next;
        arena_close(&arena);
    }
    listen_close(server);
    fd_close(&server->wake.fd);
    fd_close(&server->spare_fd);
    fd_close(&server->epoll_fd);
    free(server->scratch);
    (void)pthread_cond_destroy(&server->changed);
    (void)pthread_mutex_destroy(&server->lock);
    arena_close(&server->arena);
    free(server);
}

void server_own(HttpServer *server)
{
    (void)pthread_mutex_lock(&server->lock);
    server->owners++;
    (void)pthread_mutex_unlock(&server->lock);
}

void server_disown(HttpServer *server)
{
    (void)pthread_mutex_lock(&server->lock);
    bool last = --server->owners == 0;
    (void)pthread_mutex_unlock(&server->lock);
    if (last)
        server_free(server);
}

void server_wake_locked(HttpServer *server)
{
    uint64_t one = 1;
    if (server->woken)
        return;
    server->woken = true;
    (void)!write(server->wake.fd, &one, sizeof one);
}

/* ── the thread ── */

static void take_back(HttpServer *server, HttpCall *call)
{
    call->handed_out = false;
    call->replied = true;
    Connection *connection = call->connection;
    if (connection)
        connection_step(connection);
    else if (call->stream)
        stream_attach(call);
    else
        call_free(call);
    server_disown(server);
}

static void begin_drain(HttpServer *server)
{
    if (atomic_exchange(&server->draining, true))
        return;
    listen_close(server);
    /* Whoever has just come has a request on its way, and would take it for lost. */
    static const Wait idle[] = {WAIT_IDLE, WAIT_HEAD};
    for (size_t i = 0; i < COUNT_OF(idle); i++)
        if (server->waits[idle[i]].span_us > LAST_WORD_US)
            server->waits[idle[i]].span_us = LAST_WORD_US;
    Connection *next;
    for (Connection *at = server->waits[WAIT_STREAM].first; at; at = next) {
        next = at->after;
        stream_end(at->stream);
        connection_step(at);
    }
    for (Connection *at = server->waits[WAIT_WRITE].first; at; at = at->after)
        if (at->stream)
            stream_end(at->stream);
}

static void read_wake(HttpServer *server)
{
    uint64_t count;
    (void)!read(server->wake.fd, &count, sizeof count);
    (void)pthread_mutex_lock(&server->lock);
    HttpCall *answered = TAKE(server->answered);
    HttpStream *moved = TAKE(server->moved);
    server->answered_end = &server->answered;
    server->moved_end = &server->moved;
    server->woken = false;
    bool drain = server->want_drain;
    (void)pthread_mutex_unlock(&server->lock);
    while (answered) {
        HttpCall *call = answered;
        answered = call->next;
        take_back(server, call);
    }
    while (moved) {
        HttpStream *stream = moved;
        moved = stream->next_moved;
        stream_moved(stream);
    }
    if (drain)
        begin_drain(server);
}

static void run_again(HttpServer *server)
{
    Connection *again = TAKE(server->again);
    while (again) {
        Connection *connection = again;
        again = connection->next_again;
        connection->again = false;
        connection_step(connection);
    }
}

static void free_closed(HttpServer *server)
{
    Connection *closed = TAKE(server->closed);
    while (closed) {
        Connection *connection = closed;
        closed = connection->after;
        if (connection->again) {
            connection->after = server->closed;
            server->closed = connection;
        } else {
            free(connection);
        }
    }
}

static bool goes_on(HttpServer *server)
{
    (void)pthread_mutex_lock(&server->lock);
    bool stop = server->want_stop;
    if (atomic_load(&server->draining) && server->connection_count == 0) {
        server->drained = true;
        (void)pthread_cond_broadcast(&server->changed);
    }
    (void)pthread_mutex_unlock(&server->lock);
    return !stop;
}

static void dispatch(HttpServer *server, const struct epoll_event *event)
{
    const Source *source = event->data.ptr;
    if (source->fd < 0)
        return;
    switch (source->kind) {
    case SOURCE_WAKE:
        read_wake(server);
        break;
    case SOURCE_LISTENER:
        listen_accept(event->data.ptr, server);
        break;
    case SOURCE_CONNECTION:
        connection_event(event->data.ptr, event->events);
        break;
    }
}

/* From here on who answers a call frees it himself. */
static void stop(HttpServer *server)
{
    for (size_t i = 0; i < WAIT_COUNT; i++)
        while (server->waits[i].first)
            connection_close(server->waits[i].first);
    run_again(server);
    free_closed(server);
    for (bool more = true; more;) {
        read_wake(server);
        (void)pthread_mutex_lock(&server->lock);
        more = server->answered || server->moved;
        server->stopped = !more;
        server->drained = true;
        (void)pthread_cond_broadcast(&server->changed);
        (void)pthread_mutex_unlock(&server->lock);
    }
}

static void *serve(void *opaque)
{
    HttpServer *server = opaque;
    struct epoll_event events[EVENTS_AT_ONCE];
    while (goes_on(server)) {
        int count = epoll_wait(server->epoll_fd, events, EVENTS_AT_ONCE, wait_timeout_ms(server));
        server->now_us = clock_monotonic_us();
        for (int i = 0; i < count; i++)
            dispatch(server, &events[i]);
        run_again(server);
        wait_expire(server);
        listen_resume(server);
        free_closed(server);
    }
    stop(server);
    return NULL;
}

/* ── opening and closing ── */

static void set_options(HttpServer *server, const HttpServerOptions *options)
{
    HttpServerOptions *own = &server->options;
    *own = *options;
    if (!own->connections)
        own->connections = CONNECTIONS;
    if (!own->connections_idle)
        own->connections_idle = CONNECTIONS_IDLE;
    int spans_ms[WAIT_COUNT] = {
        [WAIT_HEAD] = own->head_ms ? own->head_ms : HEAD_MS,
        [WAIT_IDLE] = own->idle_ms ? own->idle_ms : IDLE_MS,
        [WAIT_BODY] = own->body_ms ? own->body_ms : BODY_MS,
        [WAIT_WRITE] = own->write_ms ? own->write_ms : WRITE_MS,
        [WAIT_LINGER] = LINGER_MS,
    };
    for (size_t i = 0; i < WAIT_COUNT; i++)
        server->waits[i].span_us = spans_ms[i] ? (int64_t)spans_ms[i] * 1000 : INT64_MAX / 4;
}

static HttpServer *server_new(const HttpServerOptions *options)
{
    HttpServer *server = calloc(1, sizeof *server);
    char *scratch = malloc(INPUT_BYTES);
    if (!server || !scratch)
        out_of_memory(INPUT_BYTES);
    set_options(server, options);
    server->scratch = scratch;
    server->arena = arena_open();
    server->owners = 1;
    server->answered_end = &server->answered;
    server->moved_end = &server->moved;
    server->socket_folder_fd = -1;
    random_bytes(&server->peer_seed, sizeof server->peer_seed);
    server->now_us = clock_monotonic_us();
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    server->wake = (Source){SOURCE_WAKE, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    server->spare_fd = server->epoll_fd < 0 ? -1 : fcntl(server->epoll_fd, F_DUPFD_CLOEXEC, 3);
    (void)pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_t kind;
    (void)pthread_condattr_init(&kind);
    (void)pthread_condattr_setclock(&kind, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&server->changed, &kind);
    (void)pthread_condattr_destroy(&kind);
    return server;
}

/* With every signal blocked in it, so that the caller's threads get all, and a broken pipe is an errno. */
static bool start_thread(HttpServer *server, Error *err)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int failed = pthread_create(&server->thread, NULL, serve, server);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failed;
    return failed == 0 || fail_errno(err, "cannot start the server's thread");
}

bool http_server_open(const HttpServerOptions *options, HttpServer **out, Error *err)
{
    HttpServer *server = server_new(options);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &server->wake};
    bool ok = server->spare_fd >= 0 && server->wake.fd >= 0 &&
              epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->wake.fd, &event) == 0;
    if (!ok)
        ok = fail_errno(err, "cannot set up the server");
    ok = ok && listen_open(server, err);
    if (ok && options->listens)
        options->listens(options->context, server->address);
    if (!ok || !start_thread(server, err)) {
        server_free(server);
        return false;
    }
    *out = server;
    return true;
}

const char *http_server_address(const HttpServer *server)
{
    return server->address;
}

void http_server_drain(HttpServer *server, int timeout_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&server->lock);
    server->want_drain = true;
    server_wake_locked(server);
    int waited = 0;
    while (!server->drained && waited == 0)
        waited = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    (void)pthread_mutex_unlock(&server->lock);
}

void http_server_close(HttpServer **server)
{
    HttpServer *closing = TAKE(*server);
    if (!closing)
        return;
    (void)pthread_mutex_lock(&closing->lock);
    closing->want_stop = true;
    server_wake_locked(closing);
    (void)pthread_mutex_unlock(&closing->lock);
    (void)pthread_join(closing->thread, NULL);
    listen_close(closing);
    server_disown(closing);
}

HttpServerCounts http_server_counts(HttpServer *server)
{
    return (HttpServerCounts){.connections = atomic_load(&server->connections_now),
                              .streams = atomic_load(&server->streams_now),
                              .requests = atomic_load(&server->requests),
                              .refused = atomic_load(&server->refused),
                              .shed = atomic_load(&server->shed)};
}
