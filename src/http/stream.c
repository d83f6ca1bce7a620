#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/limits.h"
#include "http/server_internal.h"

enum { PIECES_AT_ONCE = 32, RING_FIRST = 4, RING_KEPT = 16 };

/* ── bytes: "SIZE CR LF", the bytes, "CR LF"; front 0: as they are ── */

static HttpBytes *bytes_of(const char *front, Str bytes, const char *end)
{
    size_t front_len = strlen(front), end_len = strlen(end);
    HttpBytes *made = malloc(sizeof *made + front_len + bytes.len + end_len);
    if (!made)
        out_of_memory(bytes.len);
    atomic_init(&made->owners, 1);
    made->front = front_len;
    made->len = bytes.len;
    memcpy(made->data, front, front_len);
    memcpy(made->data + front_len, bytes.data, bytes.len);
    memcpy(made->data + front_len + bytes.len, end, end_len);
    return made;
}

HttpBytes *http_bytes_new(Str bytes)
{
    static const char digits[] = "0123456789abcdef";
    char front[20] = "";
    size_t at = sizeof front - 3;
    ASSERT(bytes.len > 0);
    memcpy(front + at, "\r\n", 3);
    for (size_t left = bytes.len; left; left /= 16)
        front[--at] = digits[left % 16];
    return bytes_of(front + at, bytes, "\r\n");
}

HttpBytes *http_bytes_share(HttpBytes *bytes)
{
    atomic_fetch_add(&bytes->owners, 1);
    return bytes;
}

void http_bytes_release(HttpBytes **bytes)
{
    if (*bytes && atomic_fetch_sub(&(*bytes)->owners, 1) == 1)
        free(*bytes);
    *bytes = NULL;
}

static Str piece_of(const HttpStream *stream, const HttpBytes *bytes)
{
    if (stream->chunked && bytes->front)
        return (Str){bytes->data, bytes->front + bytes->len + 2};
    return (Str){bytes->data + bytes->front, bytes->len};
}

/* ── the ring ── */

static void grow(HttpStream *stream)
{
    uint32_t capacity = stream->capacity ? stream->capacity * 2 : RING_FIRST;
    HttpBytes **waiting = malloc(capacity * sizeof(HttpBytes *));
    if (!waiting)
        out_of_memory(capacity * sizeof(HttpBytes *));
    for (uint32_t i = 0; i < stream->count; i++)
        waiting[i] = stream->waiting[(stream->first + i) % stream->capacity];
    free(stream->waiting);
    stream->waiting = waiting;
    stream->first = 0;
    stream->capacity = capacity;
}

/* Takes over the caller's share. */
static void put(HttpStream *stream, HttpBytes *bytes)
{
    if (stream->count == stream->capacity)
        grow(stream);
    stream->waiting[(stream->first + stream->count++) % stream->capacity] = bytes;
    stream->waiting_bytes += piece_of(stream, bytes).len;
}

static void drop_first(HttpStream *stream)
{
    HttpBytes *bytes = stream->waiting[stream->first];
    stream->waiting_bytes -= piece_of(stream, bytes).len - stream->sent_bytes;
    stream->sent_bytes = 0;
    stream->first = (stream->first + 1) % stream->capacity;
    stream->count--;
    stream->head_out = true;
    http_bytes_release(&bytes);
}

static void shrink(HttpStream *stream)
{
    if (stream->count || stream->capacity <= RING_KEPT)
        return;
    free(stream->waiting);
    stream->waiting = NULL;
    stream->first = stream->capacity = 0;
}

static void stream_free(HttpStream *stream)
{
    HttpServer *server = stream->server;
    while (stream->count)
        drop_first(stream);
    http_bytes_release(&stream->last);
    free(stream->waiting);
    free(stream);
    server_disown(server);
}

/* ── from any thread ── */

HttpStream *stream_new(const HttpCall *call)
{
    HttpStream *stream = calloc(1, sizeof *stream);
    if (!stream)
        out_of_memory(sizeof *stream);
    stream->server = call->server;
    stream->chunked = !call->head.old;
    stream->ending = strcmp(call->head.request.method, "HEAD") == 0;
    stream->gone = stream->ending;
    server_own(call->server);
    return stream;
}

void stream_begin(HttpStream *stream, Str head)
{
    put(stream, bytes_of("", head, ""));
}

static void tell_moved(HttpStream *stream)
{
    HttpServer *server = stream->server;
    if (stream->moved)
        return;
    stream->moved = true;
    stream->next_moved = NULL;
    *server->moved_end = stream;
    server->moved_end = &stream->next_moved;
    server_wake_locked(server);
}

bool http_stream_write(HttpStream *stream, HttpBytes *bytes)
{
    (void)pthread_mutex_lock(&stream->server->lock);
    size_t len = piece_of(stream, bytes).len;
    bool taken = !stream->gone && stream->waiting_bytes + len <= LIMIT_STREAM_BYTES;
    if (taken) {
        put(stream, http_bytes_share(bytes));
        tell_moved(stream);
    }
    (void)pthread_mutex_unlock(&stream->server->lock);
    return taken;
}

bool stream_is_ending(HttpStream *stream)
{
    (void)pthread_mutex_lock(&stream->server->lock);
    bool ending = stream->ending || stream->left;
    (void)pthread_mutex_unlock(&stream->server->lock);
    return ending;
}

bool http_stream_is_gone(HttpStream *stream)
{
    (void)pthread_mutex_lock(&stream->server->lock);
    bool gone = stream->gone;
    (void)pthread_mutex_unlock(&stream->server->lock);
    return gone;
}

static void end_locked(HttpStream *stream)
{
    if (stream->ending)
        return;
    stream->ending = true;
    if (stream->chunked)
        put(stream, bytes_of("", STR("0\r\n\r\n"), ""));
}

/* Freed here when its connection is gone, else when that goes. */
static void leave(HttpStream **stream, HttpBytes *last, bool cut)
{
    HttpStream *left = TAKE(*stream);
    if (!left)
        return;
    HttpServer *server = left->server;
    (void)pthread_mutex_lock(&server->lock);
    bool lost = left->lost;
    left->left = true;
    if (!lost) {
        left->cut = cut && !left->ending;
        left->last = left->cut && last ? http_bytes_share(last) : NULL;
        if (!left->cut)
            end_locked(left);
        tell_moved(left);
    }
    bool listed = left->moved;
    (void)pthread_mutex_unlock(&server->lock);
    if (lost && !listed)
        stream_free(left);
}

void http_stream_close(HttpStream **stream)
{
    leave(stream, NULL, false);
}

void http_stream_cut(HttpStream **stream, HttpBytes *last)
{
    leave(stream, last, true);
}

/* ── on the server's thread ── */

void stream_attach(HttpCall *call)
{
    HttpStream *stream = call->stream;
    Connection *connection = call->connection;
    call->stream = NULL;
    if (connection) {
        connection->call = NULL;
        connection->stream = stream;
        connection->state = STATE_STREAM;
        stream->connection = connection;
        atomic_fetch_add(&call->server->streams_now, 1);
        wait_for(connection, WAIT_STREAM, call->server->now_us);
    }
    call_free(call);
    if (!connection)
        stream_lose(stream);
}

void stream_lose(HttpStream *stream)
{
    HttpServer *server = stream->server;
    (void)pthread_mutex_lock(&server->lock);
    stream->gone = stream->lost = true;
    stream->connection = NULL;
    while (stream->count)
        drop_first(stream);
    bool left = stream->left;
    bool moved = stream->moved;
    (void)pthread_mutex_unlock(&server->lock);
    if (left && !moved)
        stream_free(stream);
}

void stream_moved(HttpStream *stream)
{
    (void)pthread_mutex_lock(&stream->server->lock);
    stream->moved = false;
    bool over = stream->lost && stream->left;
    (void)pthread_mutex_unlock(&stream->server->lock);
    if (over)
        stream_free(stream);
    else if (stream->connection)
        connection_step(stream->connection);
}

void stream_end(HttpStream *stream)
{
    (void)pthread_mutex_lock(&stream->server->lock);
    stream->gone = true;
    end_locked(stream);
    (void)pthread_mutex_unlock(&stream->server->lock);
}

/* What is begun must be finished, and the head must go out; the rest is dropped for `last`. */
static void cut_locked(HttpStream *stream)
{
    HttpBytes *first = NULL;
    size_t sent_bytes = stream->sent_bytes;
    stream->cut = false;
    if (stream->count && (sent_bytes || !stream->head_out))
        first = http_bytes_share(stream->waiting[stream->first]);
    bool head_out = stream->head_out;
    while (stream->count)
        drop_first(stream);
    stream->head_out = head_out;
    if (first) {
        put(stream, first);
        stream->sent_bytes = sent_bytes;
        stream->waiting_bytes -= sent_bytes;
    }
    if (stream->last)
        put(stream, TAKE(stream->last));
    end_locked(stream);
}

static size_t gather(HttpStream *stream, struct iovec *pieces, bool *over)
{
    (void)pthread_mutex_lock(&stream->server->lock);
    if (stream->cut)
        cut_locked(stream);
    size_t count = stream->count < PIECES_AT_ONCE ? stream->count : PIECES_AT_ONCE;
    for (size_t i = 0; i < count; i++) {
        HttpBytes *bytes = stream->waiting[(stream->first + i) % stream->capacity];
        Str piece = piece_of(stream, bytes);
        size_t skip = i == 0 ? stream->sent_bytes : 0;
        pieces[i] =
            (struct iovec){bytes->data + (piece.data - bytes->data) + skip, piece.len - skip};
    }
    shrink(stream);
    *over = count == 0 && stream->ending;
    (void)pthread_mutex_unlock(&stream->server->lock);
    return count;
}

static void account(HttpStream *stream, size_t sent)
{
    (void)pthread_mutex_lock(&stream->server->lock);
    while (sent) {
        size_t left = piece_of(stream, stream->waiting[stream->first]).len - stream->sent_bytes;
        if (sent < left) {
            stream->sent_bytes += sent;
            stream->waiting_bytes -= sent;
            break;
        }
        sent -= left;
        drop_first(stream);
    }
    (void)pthread_mutex_unlock(&stream->server->lock);
}

bool stream_flush(Connection *connection)
{
    HttpStream *stream = connection->stream;
    struct iovec pieces[PIECES_AT_ONCE];
    int64_t now_us = connection->server->now_us;
    bool over = false;
    while (connection->writable) {
        struct msghdr message = {.msg_iov = pieces, .msg_iovlen = gather(stream, pieces, &over)};
        if (message.msg_iovlen == 0) {
            wait_for(connection, WAIT_STREAM, now_us);
            return !over;
        }
        ssize_t sent = sendmsg(connection->source.fd, &message, MSG_NOSIGNAL);
        if (sent > 0) {
            account(stream, (size_t)sent);
            wait_for(connection, WAIT_WRITE, now_us);
        } else if (sent < 0 && errno == EAGAIN) {
            connection->writable = false;
            if (connection->wait != WAIT_WRITE)
                wait_for(connection, WAIT_WRITE, now_us);
        } else if (sent == 0 || errno != EINTR) {
            connection->ended = true;
            return false;
        }
    }
    return true;
}
