#include <string.h>

#include "http/server_internal.h"

enum { PEER_MOST = 256 };

/* ── how many one address may have: counts in buckets, so that nobody's address needs memory ── */

static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 32)) * 0xD6E8FEB86659FD93U;
    value = (value ^ (value >> 32)) * 0xD6E8FEB86659FD93U;
    return value ^ (value >> 32);
}

/* Of IPv6 the network of 64 bits: a peer has all of it. */
static uint64_t key_of(const struct sockaddr *address)
{
    uint64_t key = 0;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        return v4->sin_addr.s_addr;
    }
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    memcpy(&key, IN6_IS_ADDR_V4MAPPED(v6) ? &v6->s6_addr[8] : v6->s6_addr, sizeof key);
    return key;
}

uint16_t *crowd_of(HttpServer *server, const struct sockaddr *address)
{
    if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
        return NULL;
    /* On loopback all come from one address. */
    if (!server->options.connections_peer && listen_is_loopback(address))
        return NULL;
    return &server->peers[mix(key_of(address) ^ server->peer_seed) % COUNT_OF(server->peers)];
}

static bool is_full(const HttpServer *server, const uint16_t *crowd)
{
    size_t most = server->options.connections_peer;
    return crowd && *crowd >= (most ? most : PEER_MOST);
}

/* ── who goes when there are too many ── */

static Connection *oldest(HttpServer *server, Wait wait, bool on_socket)
{
    Connection *found = server->waits[wait].first;
    while (found && found->on_socket != on_socket)
        found = found->after;
    return found;
}

static bool shed(HttpServer *server, Connection *connection)
{
    if (!connection)
        return false;
    atomic_fetch_add(&server->shed, 1);
    connection_close(connection);
    return true;
}

bool crowd_shed(HttpServer *server, bool for_socket)
{
    return shed(server, oldest(server, WAIT_IDLE, false)) ||
           shed(server, oldest(server, WAIT_HEAD, false)) ||
           (for_socket && (shed(server, oldest(server, WAIT_IDLE, true)) ||
                           shed(server, oldest(server, WAIT_HEAD, true))));
}

bool crowd_admits(HttpServer *server, bool on_socket, const uint16_t *crowd)
{
    const HttpServerOptions *options = &server->options;
    size_t most = options->connections - (on_socket ? 0 : options->connections / CROWD_KEPT_PART);
    if (!is_full(server, crowd) &&
        (server->connection_count < most || crowd_shed(server, on_socket)))
        return true;
    atomic_fetch_add(&server->shed, 1);
    return false;
}

void crowd_thin(HttpServer *server)
{
    if (server->waits[WAIT_HEAD].count > server->options.connections_idle &&
        !shed(server, oldest(server, WAIT_HEAD, false)))
        (void)shed(server, oldest(server, WAIT_HEAD, true));
}
