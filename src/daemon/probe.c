#include "daemon/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"

typedef struct {
    struct sockaddr_storage address;
    socklen_t len;
} Peer;

static bool unix_peer(Str path, Peer *out)
{
    struct sockaddr_un *address = (struct sockaddr_un *)(void *)&out->address;
    if (!path.len || path.len >= sizeof address->sun_path)
        return false;
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path.data, path.len);
    out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + 1);
    return true;
}

/* "127.0.0.1:7330" or "[::1]:7330". */
static bool tcp_peer(Str address, Peer *out)
{
    char host[64];
    uint64_t port = 0;
    struct sockaddr_in *four = (struct sockaddr_in *)(void *)&out->address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)&out->address;
    size_t colon = str_find_last(address, ':');
    if (colon == STR_NONE || colon >= sizeof host ||
        !str_to_u64(str_slice(address, colon + 1, address.len), &port) || port > 65535)
        return false;
    Str name = str_slice(address, 0, colon);
    bool is_six = str_starts(name, STR("[")) && str_ends(name, STR("]"));
    if (is_six)
        name = str_slice(name, 1, name.len - 1);
    (void)snprintf(host, sizeof host, "%.*s", STR_ARG(name));
    if (is_six) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
        out->len = sizeof *six;
        return inet_pton(AF_INET6, host, &six->sin6_addr) == 1;
    }
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)port);
    out->len = sizeof *four;
    return inet_pton(AF_INET, host, &four->sin_addr) == 1;
}

static bool await(int fd, short events, int64_t until_us, Error *err)
{
    int64_t left_ms = (until_us - clock_monotonic_us()) / 1000;
    struct pollfd one = {.fd = fd, .events = events};
    if (left_ms > 0 && poll(&one, 1, (int)left_ms) > 0)
        return true;
    return fail(err, ERR_TIMEOUT, "the daemon does not answer");
}

static bool connect_to(const Peer *peer, int64_t until_us, int *out, Error *err)
{
    SCOPED(fd_close)
    int fd = socket(peer->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failed = 0;
    socklen_t len = sizeof failed;
    if (fd < 0)
        return fail_errno(err, "cannot make a socket");
    if (connect(fd, (const struct sockaddr *)(const void *)&peer->address, peer->len) != 0) {
        if (errno != EINPROGRESS)
            return fail(err, ERR_NETWORK_ERROR, "the daemon's address refuses: %s",
                        strerrorname_np(errno));
        if (!await(fd, POLLOUT, until_us, err))
            return false;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0 || failed != 0)
        return fail(err, ERR_NETWORK_ERROR, "the daemon's address refuses: %s",
                    strerrorname_np(failed));
    *out = fd_take(&fd);
    return true;
}

static bool ask(int fd, Str host, int64_t until_us, Error *err)
{
    char text[512], reply[64] = "";
    size_t got = 0;
    int len =
        snprintf(text, sizeof text,
                 "GET /healthz HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n\r\n", STR_ARG(host));
    if (send(fd, text, (size_t)len, MSG_NOSIGNAL) != len)
        return fail(err, ERR_NETWORK_ERROR, "the daemon takes no request");
    while (got < sizeof "HTTP/1.1 200" - 1) {
        if (!await(fd, POLLIN, until_us, err))
            return false;
        ssize_t more = recv(fd, reply + got, sizeof reply - 1 - got, 0);
        if (more <= 0 && errno != EINTR && errno != EAGAIN)
            return fail(err, ERR_NETWORK_ERROR, "the daemon hung up");
        got += more > 0 ? (size_t)more : 0;
    }
    return strncmp(reply, "HTTP/1.1 200", sizeof "HTTP/1.1 200" - 1) == 0 ||
           fail(err, ERR_NETWORK_ERROR, "what answers there is no daemon of weir");
}

bool daemon_probe(const ServeHolder *holder, int timeout_ms, Error *err)
{
    Peer peer;
    SCOPED(fd_close) int fd = -1;
    int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    memset(&peer, 0, sizeof peer);
    bool tcp = holder->address.len > 0;
    if (tcp ? !tcp_peer(holder->address, &peer) : !unix_peer(holder->socket, &peer))
        return fail(err, ERR_NETWORK_ERROR, "the daemon has told no address");
    return connect_to(&peer, until_us, &fd, err) &&
           ask(fd, tcp ? holder->address : STR("localhost"), until_us, err);
}
