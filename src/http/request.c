#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "http/server_internal.h"

static void add_header(Arena *arena, HttpReply *reply, const char *name, const char *value)
{
    ARRAY_PUSH(arena, &reply->headers, (HttpHeader){str_of(name), str_of(value)});
}

static void say_plainly(Arena *arena, const char *why, HttpReply *reply)
{
    add_header(arena, reply, "Content-Type", "text/plain; charset=utf-8");
    reply->body = str_of(arena_format(arena, "%s\n", why));
}

static void answer_self(Connection *connection, const HttpReply *reply)
{
    connection->state = STATE_WRITE;
    wait_for(connection, WAIT_WRITE, connection->server->now_us);
    call_answer(connection->call, reply);
}

void request_refuse(Connection *connection, int status, const char *why)
{
    HttpServer *server = connection->server;
    if (!connection->call)
        connection->call = call_new(connection);
    HttpCall *call = connection->call;
    HttpReply reply = {.status = status};
    if (server->options.refuse)
        server->options.refuse(server->options.context, call->arena, status, why, &reply);
    else
        say_plainly(call->arena, why, &reply);
    reply.status = status;
    reply.close = true;
    atomic_fetch_add(&server->refused, 1);
    answer_self(connection, &reply);
}

static void hand_on(Connection *connection)
{
    HttpServer *server = connection->server;
    HttpCall *call = connection->call;
    call->head.request.body = (Str){call->body, call->body_len};
    connection->state = STATE_CALL;
    wait_for(connection, WAIT_CALL, server->now_us);
    atomic_fetch_add(&server->requests, 1);
    server->handling = call;
    server->options.handle(server->options.context, call);
    server->handling = NULL;
    if (call->replied)
        return;
    call->handed_out = true;
    server_own(server);
}

static bool is_admitted(Connection *connection)
{
    const HttpServerOptions *options = &connection->server->options;
    HttpCall *call = connection->call;
    HttpReply reply = {0};
    if (!options->admit || options->admit(options->context, &call->head.request, call->arena,
                                          &call->body_limit_bytes, &reply))
        return true;
    reply.close |= call->head.framing != HTTP_BODY_NONE;
    answer_self(connection, &reply);
    return false;
}

/* A client that waits for it gets leave to send; it sends sooner or later anyway, so one try is enough. */
static void encourage(Connection *connection)
{
    static const char words[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (connection->call->head.wants_continue && input_view(&connection->input).len == 0)
        (void)send(connection->source.fd, words, sizeof words - 1, MSG_NOSIGNAL);
}

static void begin_body(Connection *connection)
{
    HttpCall *call = connection->call;
    if (call->head.framing == HTTP_BODY_NONE) {
        hand_on(connection);
    } else if (call->head.framing == HTTP_BODY_LENGTH &&
               call->head.length_bytes > call->body_limit_bytes) {
        request_refuse(connection, 413, "the body of the request is too large");
    } else {
        connection->state = STATE_BODY;
        wait_for(connection, WAIT_BODY, connection->server->now_us);
        encourage(connection);
    }
}

static void begin_call(Connection *connection, size_t head_bytes)
{
    HttpCall *call = connection->call = call_new(connection);
    Str head = str_slice(input_view(&connection->input), 0, head_bytes);
    HttpRefusal why;
    head = arena_copy(call->arena, head);
    input_use(&connection->input, head_bytes);
    if (!http_head_parse(call->arena, head, &call->head, &why)) {
        request_refuse(connection, why.status, why.why);
        return;
    }
    connection->served = true;
    call->head.request.on_socket = connection->on_socket;
    call->head.request.peer = str_of(connection->peer);
    call->head.request.began_us = connection->began_us;
    if (is_admitted(connection))
        begin_body(connection);
}

/* True when bytes came; at their end the connection has nothing to wait for. */
static bool read_more(Connection *connection)
{
    if (connection->readable && input_read(connection))
        return true;
    if (connection->ended)
        connection_close(connection);
    return false;
}

static bool advance_head(Connection *connection)
{
    Str view = input_view(&connection->input);
    size_t head_bytes = 0;
    HttpRefusal why;
    if (view.len > 0 && !http_head_find(view, &connection->input.scanned, &head_bytes, &why)) {
        request_refuse(connection, why.status, why.why);
        return true;
    }
    if (head_bytes) {
        begin_call(connection, head_bytes);
        return true;
    }
    if (!read_more(connection))
        return false;
    if (view.len > 0)
        return true;
    connection->began_us = connection->server->now_us;
    if (connection->served)
        wait_for(connection, WAIT_HEAD, connection->began_us);
    return true;
}

static void keep_body(HttpCall *call, Str data)
{
    while (data.len > 0) {
        size_t room;
        char *to = call_body_room(call, data.len, &room);
        if (to != data.data)
            memcpy(to, data.data, room);
        call->body_len += room;
        data = str_slice(data, room, data.len);
    }
}

/* What is not in the input yet is read to where it shall lie. */
static Str receive_in_place(Connection *connection)
{
    HttpCall *call = connection->call;
    size_t room;
    char *to = call_body_room(call, call->head.length_bytes - call->body_len, &room);
    ssize_t got = connection->readable ? recv(connection->source.fd, to, room, 0) : 0;
    if (!connection->readable || !input_got(connection, got, room))
        return (Str){0};
    return (Str){to, (size_t)got};
}

static bool read_body(Connection *connection, Str view, size_t *used)
{
    HttpCall *call = connection->call;
    Str data;
    HttpRefusal why;
    if (!http_body_step(call->head.reader, view, used, &data, &why)) {
        request_refuse(connection, why.status, why.why);
        return false;
    }
    if (call->body_len + data.len > call->body_limit_bytes) {
        request_refuse(connection, 413, "the body of the request is too large");
        return false;
    }
    keep_body(call, data);
    return true;
}

static bool advance_body(Connection *connection)
{
    const HttpHead *head = &connection->call->head;
    Str view = input_view(&connection->input);
    bool in_place = view.len == 0 && head->framing == HTTP_BODY_LENGTH;
    size_t used;
    if (in_place)
        view = receive_in_place(connection);
    if (!read_body(connection, view, &used))
        return true;
    if (!in_place)
        input_use(&connection->input, used);
    if (http_body_is_whole(head->reader)) {
        hand_on(connection);
        return true;
    }
    return used > 0 || read_more(connection);
}

bool request_advance(Connection *connection)
{
    return connection->state == STATE_HEAD ? advance_head(connection) : advance_body(connection);
}
