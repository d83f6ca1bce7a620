#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/limits.h"
#include "http/server_internal.h"

enum { BODY_STEP_BYTES = 16 << 10 };

static HttpCall *fresh_call(void)
{
    Arena *arena = arena_open();
    HttpCall *call = ARENA_NEW(arena, HttpCall);
    call->arena = arena;
    call->start = arena_mark(arena);
    return call;
}

HttpCall *call_new(Connection *connection)
{
    HttpServer *server = connection->server;
    HttpCall *call = server->spare_calls;
    if (call) {
        server->spare_calls = call->next;
        server->spare_call_count--;
    } else {
        call = fresh_call();
    }
    *call = (HttpCall){.server = server,
                       .connection = connection,
                       .arena = call->arena,
                       .start = call->start,
                       .body_limit_bytes = LIMIT_HTTP_BODY_BYTES,
                       .file_fd = -1};
    call->head.keep_alive = true;
    return call;
}

void call_free(HttpCall *call)
{
    HttpServer *server = call->server;
    fd_close(&call->file_fd);
    free(call->body);
    if (server->spare_call_count == SPARE_CALLS_MOST || server->stopped) {
        Arena *arena = call->arena;
        arena_close(&arena);
        return;
    }
    ArenaMark start = call->start;
    arena_rewind(&start);
    call->next = server->spare_calls;
    server->spare_calls = call;
    server->spare_call_count++;
}

char *call_body_room(HttpCall *call, size_t wanted, size_t *room)
{
    if (call->body_len == call->body_capacity) {
        size_t capacity = call->body_capacity ? call->body_capacity * 2 : BODY_STEP_BYTES;
        if (capacity > call->body_len + wanted && call->head.framing == HTTP_BODY_LENGTH)
            capacity = call->body_len + wanted;
        call->body = realloc(call->body, capacity);
        if (!call->body)
            out_of_memory(capacity);
        call->body_capacity = capacity;
    }
    *room = call->body_capacity - call->body_len;
    if (*room > wanted)
        *room = wanted;
    return call->body + call->body_len;
}

/* A file is as long as it is now; one that cannot be asked has no bytes. */
static uint64_t length_of(HttpCall *call, const HttpReply *reply)
{
    struct stat facts;
    if (reply->file_fd <= 0)
        return reply->body.len;
    call->file_fd = reply->file_fd;
    call->file_end = fstat(call->file_fd, &facts) == 0 ? (uint64_t)facts.st_size : 0;
    return call->file_end;
}

static void prepare(HttpCall *call, const HttpReply *reply)
{
    const char *method = call->head.request.method;
    bool head_only = method && strcmp(method, "HEAD") == 0;
    uint64_t length_bytes = length_of(call, reply);
    if (reply->close || !call->head.keep_alive || atomic_load(&call->server->draining))
        call->close = true;
    bool has_body = reply_has_body(reply->status);
    call->out[0] =
        reply_head(call, reply->status, &reply->headers, has_body ? &length_bytes : NULL);
    if (has_body && !head_only)
        call->out[1] = reply->file_fd > 0 ? (Str){0} : reply->body;
    else
        call->file_end = 0;
}

void call_answer(HttpCall *call, const HttpReply *reply)
{
    prepare(call, reply);
    call->replied = true;
}

/* Back to the server's thread, which may be this one and waiting for just this. */
static void hand_back(HttpCall *call)
{
    HttpServer *server = call->server;
    if (pthread_equal(server->thread, pthread_self()) && server->handling == call) {
        call->replied = true;
        return;
    }
    (void)pthread_mutex_lock(&server->lock);
    bool stopped = server->stopped;
    if (!stopped) {
        call->next = NULL;
        *server->answered_end = call;
        server->answered_end = &call->next;
        server_wake_locked(server);
    }
    (void)pthread_mutex_unlock(&server->lock);
    if (!stopped)
        return;
    if (call->stream)
        stream_attach(call);
    else
        call_free(call);
    server_disown(server);
}

void http_reply(HttpCall *call, const HttpReply *reply)
{
    prepare(call, reply);
    hand_back(call);
}

HttpStream *http_reply_stream(HttpCall *call, int status, const HttpHeaders *headers)
{
    HttpStream *stream = stream_new(call);
    call->stream = stream;
    call->close = true;
    stream_begin(stream, reply_head(call, status, headers, NULL));
    hand_back(call);
    return stream;
}

const HttpRequest *http_call_request(const HttpCall *call)
{
    return &call->head.request;
}

Arena *http_call_arena(HttpCall *call)
{
    return call->arena;
}
