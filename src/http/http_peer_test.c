#include "http/http_peer_test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"

enum { PATIENCE_MS = 20000 };

static void echo(void *context, HttpCall *call)
{
    const HttpRequest *request = http_call_request(call);
    Buf body = buf_new(http_call_arena(call));
    HttpReply reply = {.status = 200};
    (void)context;
    buf_format(&body, "%s %.*s %.*s %.*s ", request->method, STR_ARG(request->path),
               STR_ARG(request->query), STR_ARG(request->peer));
    buf_add(&body, request->body);
    reply.body = buf_str(&body);
    ARRAY_PUSH(http_call_arena(call), &reply.headers,
               (HttpHeader){STR("Content-Type"), STR("text/plain")});
    http_reply(call, &reply);
}

Scene *scene_open(Test *t, HttpServerOptions options)
{
    Scene *scene = ARENA_NEW(t->arena, Scene);
    if (!options.handle)
        options.handle = echo;
    if (!options.listen && !options.socket_path)
        options.listen = "127.0.0.1:0";
    CHECK_OK(http_server_open(&options, &scene->server, &t->err));
    scene->address = http_server_address(scene->server);
    const char *colon = scene->address ? strrchr(scene->address, ':') : NULL;
    uint64_t port = 0;
    CHECK(!colon || str_to_u64(str_of(colon + 1), &port));
    scene->port = (unsigned short)port;
    return scene;
}

void scene_close(Scene **scene)
{
    if (*scene)
        http_server_close(&(*scene)->server);
    *scene = NULL;
}

int peer_connect(Test *t, const Scene *scene)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(scene->port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    (void)t;
    return fd;
}

int peer_connect_local(Test *t, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fd_close(&fd);
    (void)t;
    return fd;
}

void peer_send(int fd, Str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes = str_slice(bytes, (size_t)sent, bytes.len);
    }
}

static bool read_some(int fd, Buf *buf)
{
    char bytes[8192];
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    CHECK(poll(&wait, 1, PATIENCE_MS) == 1);
    ssize_t got = recv(fd, bytes, sizeof bytes, 0);
    if (got > 0)
        buf_add_bytes(buf, bytes, (size_t)got);
    return got > 0;
}

Str peer_read_all(Test *t, int fd)
{
    Buf buf = buf_new(t->arena);
    (void)shutdown(fd, SHUT_WR);
    while (read_some(fd, &buf))
        continue;
    return buf_str(&buf);
}

Str peer_read_until(Test *t, int fd, const char *part)
{
    Buf buf = buf_new(t->arena);
    while (str_search(buf_str(&buf), str_of(part)) == STR_NONE && read_some(fd, &buf))
        continue;
    return buf_str(&buf);
}

static size_t length_of(Str head)
{
    static const char name[] = "Content-Length: ";
    uint64_t length = 0;
    size_t at = str_search(head, str_of(name));
    if (at == STR_NONE)
        return 0;
    Str rest = str_slice(head, at + sizeof name - 1, head.len);
    CHECK(str_to_u64(str_slice(rest, 0, str_find(rest, '\r')), &length));
    return length;
}

const char *peer_statuses_of(Test *t, Str replies)
{
    Buf buf = buf_new(t->arena);
    while (replies.len > 0) {
        size_t end = str_search(replies, STR("\r\n\r\n"));
        CHECK(str_starts(replies, STR("HTTP/1.1 ")) && end != STR_NONE);
        Str head = str_slice(replies, 0, end + 2);
        if (buf.len)
            buf_add_char(&buf, ' ');
        buf_add(&buf, str_slice(head, 9, 12));
        replies = str_slice(replies, end + 4 + length_of(head), replies.len);
    }
    return buf_text(&buf);
}

const char *peer_statuses(Test *t, const Scene *scene, Str sent)
{
    SCOPED(fd_close) int fd = peer_connect(t, scene);
    peer_send(fd, sent);
    return peer_statuses_of(t, peer_read_all(t, fd));
}

void late_keep(void *context, HttpCall *call)
{
    Late *late = context;
    (void)pthread_mutex_lock(&late->lock);
    late->kept[late->count++ % KEPT_MOST] = call;
    (void)pthread_cond_broadcast(&late->more);
    (void)pthread_mutex_unlock(&late->lock);
}

void late_await(Late *late, size_t count)
{
    (void)pthread_mutex_lock(&late->lock);
    while (late->count < count)
        (void)pthread_cond_wait(&late->more, &late->lock);
    (void)pthread_mutex_unlock(&late->lock);
}
