#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fs.h"
#include "http/server_internal.h"

enum { BACKLOG = 4096, ACCEPTS_AT_ONCE = 64, PAUSE_US = 100000 };

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
} Address;

/* ── opening ── */

static bool add_listener(HttpServer *server, int *fd, bool unix_socket, Error *err)
{
    Listener *listener = &server->listeners[server->listener_count];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = listener};
    ASSERT(server->listener_count < LISTENERS_MOST);
    *listener = (Listener){.source = {SOURCE_LISTENER, *fd}, .unix_socket = unix_socket};
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, *fd, &event) != 0)
        return fail_errno(err, "cannot watch a socket");
    *fd = -1;
    server->listener_count++;
    return true;
}

static const char *address_text(Arena *arena, const Address *address)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (address->any.sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof host);
        return arena_format(arena, "%s:%u", host, ntohs(address->v4.sin_port));
    }
    (void)inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof host);
    return arena_format(arena, "[%s]:%u", host, ntohs(address->v6.sin6_port));
}

bool listen_is_loopback(const struct sockaddr *any)
{
    const Address *address = (const void *)any;
    if (any->sa_family == AF_INET)
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr) &&
            address->v6.sin6_addr.s6_addr[12] == 127);
}

static bool parse_address(Arena *arena, const char *text, Address *out, Error *err)
{
    Str all = str_of(text);
    size_t colon = str_find_last(all, ':');
    uint64_t port;
    Address address = {0};
    if (colon == STR_NONE || !str_to_u64(str_slice(all, colon + 1, all.len), &port) || port > 65535)
        return fail(err, ERR_INVALID,
                    "'%s' is no address: it takes HOST:PORT, such as 127.0.0.1:7330", text);
    Str host = str_slice(all, 0, colon);
    if (str_is(host, "localhost"))
        host = STR("127.0.0.1");
    if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']') {
        address.v6 =
            (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
        host = str_slice(host, 1, host.len - 1);
        if (inet_pton(AF_INET6, arena_text(arena, host), &address.v6.sin6_addr) == 1) {
            *out = address;
            return true;
        }
    }
    address.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, arena_text(arena, host), &address.v4.sin_addr) != 1)
        return fail(err, ERR_INVALID,
                    "'%s' is no address: the host must be in digits, or localhost", text);
    *out = address;
    return true;
}

static bool open_tcp(HttpServer *server, const char *text, Error *err)
{
    Address address;
    socklen_t len = sizeof address;
    int yes = 1;
    if (!parse_address(server->arena, text, &address, err))
        return false;
    if (!server->options.may_leave && !listen_is_loopback(&address.any))
        return fail(err, ERR_INVALID, "'%s' can be reached from other machines", text);
    int family = address.any.sa_family;
    SCOPED(fd_close) int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail_errno(err, "cannot make a socket for %s", text);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* accepted ones inherit it */
    if (family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    socklen_t used = family == AF_INET ? sizeof address.v4 : sizeof address.v6;
    if (bind(fd, &address.any, used) != 0 && errno == EADDRINUSE)
        return fail(err, ERR_EXISTS, "cannot listen on %s: another program does", text) ||
               fail_hint(err, "Choose another port, or 0 for any that is free.");
    if (listen(fd, BACKLOG) != 0 || getsockname(fd, &address.any, &len) != 0)
        return fail_errno(err, "cannot listen on %s", text);
    if (!server->address)
        server->address = address_text(server->arena, &address);
    return add_listener(server, &fd, false, err);
}

/* A path of any length: the folder is named by its descriptor. */
static struct sockaddr_un local_address(int folder_fd, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    Arena *arena = arena_open();
    const char *text = arena_format(arena, "/proc/self/fd/%d/%s", folder_fd, name);
    memcpy(address.sun_path, text, strnlen(text, sizeof address.sun_path - 1));
    arena_close(&arena);
    return address;
}

static bool is_answered(int folder_fd, const char *name)
{
    struct sockaddr_un address = local_address(folder_fd, name);
    SCOPED(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd >= 0 &&
           (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN);
}

static bool make_way(int folder_fd, const char *name, const char *path, Error *err)
{
    bool found;
    FsStat facts;
    if (!fs_stat_at(folder_fd, str_of(name), &found, &facts, err))
        return false;
    if (found && facts.kind != FS_OTHER)
        return fail(err, ERR_EXISTS, "'%s' is there and is no socket", path);
    if (found && is_answered(folder_fd, name))
        return fail(err, ERR_EXISTS, "another program listens on '%s'", path);
    return true;
}

/* Made under another name and moved into place, so that a stale one is replaced in one step. */
static bool bind_at(int fd, int folder_fd, const char *name, const char *path, Error *err)
{
    Arena *arena = arena_open();
    const char *draft = arena_format(arena, ".%d.sock", (int)getpid());
    struct sockaddr_un address = local_address(folder_fd, draft);
    (void)fchmod(fd, 0600); /* what bind makes has the socket's own mode */
    bool ok = fs_remove_at(folder_fd, str_of(draft), false, err);
    if (ok && bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        ok = fail_errno(err, "cannot make the socket '%s'", path);
    if (ok && (listen(fd, BACKLOG) != 0 ||
               fs_rename_at(folder_fd, str_of(draft), folder_fd, str_of(name), 0) != 0))
        ok = fail_errno(err, "cannot listen on '%s'", path);
    arena_close(&arena);
    return ok;
}

static bool open_local(HttpServer *server, const char *path, Error *err)
{
    Str all = str_of(path);
    size_t slash = str_find_last(all, '/');
    const char *name = slash == STR_NONE ? path : path + slash + 1;
    const char *folder = slash == STR_NONE ? "."
                         : slash == 0      ? "/"
                                           : arena_text(server->arena, str_slice(all, 0, slash));
    FsStat facts;
    bool found;
    if (!*name || strlen(name) > 64)
        return fail(err, ERR_INVALID, "'%s' is no name for a socket", path);
    if (!fs_open_root(folder, &server->socket_folder_fd, err) ||
        !make_way(server->socket_folder_fd, name, path, err))
        return false;
    SCOPED(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail_errno(err, "cannot make the socket '%s'", path);
    if (!bind_at(fd, server->socket_folder_fd, name, path, err) ||
        !fs_stat_at(server->socket_folder_fd, str_of(name), &found, &facts, err))
        return false;
    server->socket_name = arena_text(server->arena, str_of(name));
    server->socket_inode = found ? facts.inode : 0;
    return add_listener(server, &fd, true, err);
}

static bool take_over(HttpServer *server, int given, Error *err)
{
    SCOPED(fd_close) int fd = given;
    Address address = {0};
    socklen_t len = sizeof address;
    if (getsockname(fd, &address.any, &len) != 0)
        return fail_errno(err, "what was handed over as descriptor %d is no socket", fd);
    bool local = address.any.sa_family == AF_UNIX;
    if (!local && address.any.sa_family != AF_INET && address.any.sa_family != AF_INET6)
        return fail(err, ERR_INVALID, "the socket handed over is neither of TCP nor local");
    if (!local && !server->options.may_leave && !listen_is_loopback(&address.any))
        return fail(err, ERR_INVALID,
                    "the socket handed over, %s, can be reached from other machines",
                    address_text(server->arena, &address));
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return fail_errno(err, "cannot use the socket handed over");
    if (!local && !server->address)
        server->address = address_text(server->arena, &address);
    return add_listener(server, &fd, local, err);
}

bool listen_open(HttpServer *server, Error *err)
{
    const HttpServerOptions *options = &server->options;
    for (size_t i = 0; i < COUNT_OF(options->listen_fds); i++)
        if (options->listen_fds[i] > 0 && !take_over(server, options->listen_fds[i], err))
            return false;
    if (options->listen && !open_tcp(server, options->listen, err))
        return false;
    if (options->socket_path && !open_local(server, options->socket_path, err))
        return false;
    return server->listener_count > 0 || fail(err, ERR_INVALID, "there is nothing to listen on");
}

/* Only its own: a successor may have put one in its place. What cannot be removed is replaced next time. */
static void remove_socket(HttpServer *server)
{
    FsStat facts;
    Error ignored;
    bool found;
    Str name = str_of(TAKE(server->socket_name));
    bool removed = name.len &&
                   fs_stat_at(server->socket_folder_fd, name, &found, &facts, &ignored) && found &&
                   facts.inode == server->socket_inode &&
                   fs_remove_at(server->socket_folder_fd, name, false, &ignored);
    (void)removed;
    fd_close(&server->socket_folder_fd);
}

void listen_close(HttpServer *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        (void)epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, server->listeners[i].source.fd, NULL);
        fd_close(&server->listeners[i].source.fd);
    }
    server->listener_count = 0;
    remove_socket(server);
}

/* ── accepting ── */

static bool is_own_user(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
}

static void admit(HttpServer *server, const Listener *listener, int fd, const Address *address)
{
    char peer[INET6_ADDRSTRLEN] = "unix";
    if (listener->unix_socket && !is_own_user(fd)) {
        atomic_fetch_add(&server->refused, 1);
        fd_close(&fd);
        return;
    }
    if (address->any.sa_family == AF_INET)
        (void)inet_ntop(AF_INET, &address->v4.sin_addr, peer, sizeof peer);
    else if (address->any.sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6, &address->v6.sin6_addr, peer, sizeof peer);
    uint16_t *crowd = crowd_of(server, &address->any);
    if (!crowd_admits(server, listener->unix_socket, crowd)) {
        fd_close(&fd);
        return;
    }
    connection_open(server, fd, listener->unix_socket, peer, crowd);
    crowd_thin(server);
}

/* Without a descriptor nothing can be accepted, and what waits would wake this thread again and again. An
 * idle connection gives its own; else the spare one serves to turn the newest away; else all wait a while. */
static bool find_descriptor(Listener *listener, HttpServer *server)
{
    struct pollfd waiting = {.fd = listener->source.fd, .events = POLLIN};
    if (poll(&waiting, 1, 0) != 1)
        return false; /* accept wants a descriptor before it looks whether anybody is there */
    if (crowd_shed(server, listener->unix_socket))
        return true;
    fd_close(&server->spare_fd);
    int fd = accept4(listener->source.fd, NULL, NULL, SOCK_CLOEXEC);
    atomic_fetch_add(&server->shed, fd >= 0 ? 1 : 0);
    fd_close(&fd);
    server->spare_fd = fcntl(server->epoll_fd, F_DUPFD_CLOEXEC, 3);
    if (server->spare_fd >= 0)
        return fd >= 0;
    struct epoll_event event = {.events = 0, .data.ptr = listener};
    (void)epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, listener->source.fd, &event);
    listener->paused = true;
    server->resume_us = server->now_us + PAUSE_US;
    return false;
}

void listen_accept(Listener *listener, HttpServer *server)
{
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        Address address = {0};
        socklen_t len = sizeof address;
        int fd = accept4(listener->source.fd, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            admit(server, listener, fd, &address);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            if (!find_descriptor(listener, server))
                return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

void listen_resume(HttpServer *server)
{
    if (!server->resume_us || server->resume_us > server->now_us)
        return;
    server->resume_us = 0;
    for (size_t i = 0; i < server->listener_count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &server->listeners[i]};
        if (server->listeners[i].paused)
            (void)epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, server->listeners[i].source.fd,
                            &event);
        server->listeners[i].paused = false;
    }
}
