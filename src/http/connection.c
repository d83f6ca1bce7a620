#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/fs.h"
#include "http/server_internal.h"

enum {
    STEPS_AT_ONCE = 64, /* then others have their turn */
    LINGER_BYTES = 256 << 10,
    FILE_STEP_BYTES = 1 << 20,
};

void connection_open(HttpServer *server, int fd, bool on_socket, const char *peer, uint16_t *crowd)
{
    Connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        out_of_memory(sizeof *connection);
    connection->source = (Source){SOURCE_CONNECTION, fd};
    connection->server = server;
    connection->on_socket = on_socket;
    connection->wait = WAIT_NONE;
    connection->writable = true;
    connection->began_us = server->now_us;
    memcpy(connection->peer, peer, strnlen(peer, sizeof connection->peer - 1));
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = connection};
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        fd_close(&fd);
        free(connection);
        return;
    }
    server->connection_count++;
    connection->crowd = crowd;
    if (crowd)
        ++*crowd;
    atomic_fetch_add(&server->connections_now, 1);
    wait_for(connection, WAIT_HEAD, server->now_us);
}

static void close_call(Connection *connection)
{
    HttpCall *call = connection->call;
    connection->call = NULL;
    if (!call)
        return;
    call->connection = NULL;
    if (!call->handed_out)
        call_free(call);
}

static void close_stream(Connection *connection)
{
    if (!connection->stream)
        return;
    atomic_fetch_sub(&connection->server->streams_now, 1);
    stream_lose(TAKE(connection->stream));
}

void connection_close(Connection *connection)
{
    HttpServer *server = connection->server;
    if (connection->state == STATE_CLOSED)
        return;
    connection->state = STATE_CLOSED;
    wait_for(connection, WAIT_NONE, 0);
    (void)epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, connection->source.fd, NULL);
    fd_close(&connection->source.fd);
    input_free(&connection->input);
    close_call(connection);
    close_stream(connection);
    server->connection_count--;
    if (connection->crowd)
        --*connection->crowd;
    atomic_fetch_sub(&server->connections_now, 1);
    connection->after = server->closed;
    server->closed = connection;
}

/* Closing at once, with bytes unread, would make the kernel send a reset that can overtake the reply. */
static void say_goodbye(Connection *connection)
{
    input_free(&connection->input);
    if (connection->ended || shutdown(connection->source.fd, SHUT_WR) != 0) {
        connection_close(connection);
        return;
    }
    connection->state = STATE_LINGER;
    wait_for(connection, WAIT_LINGER, connection->server->now_us);
}

static bool advance_linger(Connection *connection)
{
    if (connection->readable && input_read(connection)) {
        connection->lingered_bytes += input_view(&connection->input).len;
        input_free(&connection->input);
        if (connection->lingered_bytes <= LINGER_BYTES)
            return true;
        connection->ended = true;
    }
    if (connection->ended)
        connection_close(connection);
    return false;
}

static void end_reply(Connection *connection)
{
    HttpServer *server = connection->server;
    HttpCall *call = TAKE(connection->call);
    bool close = call->close || connection->ended || atomic_load(&server->draining);
    call_free(call);
    if (close) {
        say_goodbye(connection);
        return;
    }
    bool more = input_view(&connection->input).len > 0;
    connection->state = STATE_HEAD;
    connection->began_us = server->now_us;
    wait_for(connection, more ? WAIT_HEAD : WAIT_IDLE, server->now_us);
}

static ssize_t send_some(const Connection *connection, HttpCall *call)
{
    int fd = connection->source.fd;
    size_t file_left = call->file_end - call->file_at;
    if (call->out[0].len + call->out[1].len == 0) {
        off_t at = (off_t)call->file_at;
        size_t most = file_left < FILE_STEP_BYTES ? file_left : FILE_STEP_BYTES;
        return sendfile(fd, call->file_fd, &at, most);
    }
    struct iovec pieces[2];
    for (size_t i = 0; i < 2; i++)
        pieces[i] = (struct iovec){(void *)(uintptr_t)call->out[i].data, call->out[i].len};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    return sendmsg(fd, &message, MSG_NOSIGNAL | (file_left ? MSG_MORE : 0));
}

static void account(HttpCall *call, size_t sent)
{
    if (call->out[0].len + call->out[1].len == 0) {
        call->file_at += sent;
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        size_t of_this = sent < call->out[i].len ? sent : call->out[i].len;
        call->out[i] = str_slice(call->out[i], of_this, call->out[i].len);
        sent -= of_this;
    }
}

static bool is_sent(const HttpCall *call)
{
    return call->out[0].len + call->out[1].len == 0 && call->file_at == call->file_end;
}

static bool advance_write(Connection *connection)
{
    HttpCall *call = connection->call;
    if (!connection->writable)
        return false;
    ssize_t sent = is_sent(call) ? 0 : send_some(connection, call);
    if (sent > 0)
        account(call, (size_t)sent);
    if (is_sent(call)) {
        end_reply(connection);
    } else if (sent > 0) {
        wait_for(connection, WAIT_WRITE, connection->server->now_us);
    } else if (sent < 0 && errno == EAGAIN) {
        connection->writable = false;
    } else if (sent == 0 || errno != EINTR) {
        connection_close(connection); /* the peer is gone, or the file has shrunk */
        return false;
    }
    return true;
}

static bool advance_call(Connection *connection)
{
    HttpCall *call = connection->call;
    if (!call->replied)
        return false;
    if (call->stream) {
        stream_attach(call);
        return true;
    }
    connection->state = STATE_WRITE;
    wait_for(connection, WAIT_WRITE, connection->server->now_us);
    return true;
}

static bool advance_stream(Connection *connection)
{
    if (connection->ended || (connection->peer_done && !stream_is_ending(connection->stream))) {
        connection_close(connection);
    } else if (connection->writable && !stream_flush(connection)) {
        close_stream(connection);
        say_goodbye(connection);
        return true;
    }
    return false;
}

static bool advance(Connection *connection)
{
    switch ((ConnectionState)connection->state) {
    case STATE_HEAD:
    case STATE_BODY:
        return request_advance(connection);
    case STATE_CALL:
        return advance_call(connection);
    case STATE_WRITE:
        return advance_write(connection);
    case STATE_STREAM:
        return advance_stream(connection);
    case STATE_LINGER:
        return advance_linger(connection);
    case STATE_CLOSED:
        return false;
    }
    return false;
}

void connection_step(Connection *connection)
{
    HttpServer *server = connection->server;
    int steps = 0;
    while (advance(connection)) {
        if (++steps < STEPS_AT_ONCE)
            continue;
        if (!connection->again) {
            connection->again = true;
            connection->next_again = server->again;
            server->again = connection;
        }
        break;
    }
    input_keep(connection);
}

void connection_event(Connection *connection, uint32_t events)
{
    if (events & EPOLLERR) {
        connection_close(connection);
        return;
    }
    if (events & (EPOLLRDHUP | EPOLLHUP))
        connection->peer_done = true;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP))
        connection->readable = true;
    if (events & EPOLLOUT)
        connection->writable = true;
    connection_step(connection);
}

void connection_expire(Connection *connection)
{
    bool partly = connection->state == STATE_BODY || input_view(&connection->input).len > 0;
    if ((connection->state == STATE_HEAD || connection->state == STATE_BODY) && partly) {
        request_refuse(connection, 408, "the request did not come in time");
        connection_step(connection);
        return;
    }
    connection_close(connection);
}
