#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

enum { CLIENTS_MOST = 256, SAMPLES = 200000, REPLY_BYTES = 16 << 10 };

typedef struct {
    const LoadSpec *spec;
    int64_t until_us;
    int64_t *spent_us;
    size_t number, done;
} Client;

_Noreturn static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

void load_raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int load_connect(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        give_up("connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* ---- one request ---- */

/* The daemon answers to its own address only. */
static unsigned port_of(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t len = sizeof address;
    if (getpeername(fd, (struct sockaddr *)&address, &len) != 0)
        give_up("connection");
    return ntohs(address.sin_port);
}

static void send_all(int fd, const char *text)
{
    size_t len = strlen(text);
    if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
        give_up("send");
}

static size_t body_length(Str head)
{
    uint64_t length = 0;
    size_t at = str_search(head, STR("Content-Length: "));
    if (at == STR_NONE)
        return 0;
    Str rest = str_slice(head, at + strlen("Content-Length: "), head.len);
    rest = str_slice(rest, 0, str_find(rest, '\r'));
    return str_to_u64(rest, &length) ? (size_t)length : 0;
}

static Str read_reply(int fd, Arena *arena)
{
    char *bytes = arena_alloc(arena, REPLY_BYTES, 1);
    for (size_t len = 0; len < REPLY_BYTES;) {
        ssize_t got = recv(fd, bytes + len, REPLY_BYTES - len, 0);
        if (got <= 0)
            give_up("reply");
        len += (size_t)got;
        Str all = {bytes, len};
        size_t head = str_search(all, STR("\r\n\r\n"));
        if (head == STR_NONE || len < head + 4 + body_length(str_slice(all, 0, head)))
            continue;
        if (!str_starts(all, STR("HTTP/1.1 20"))) {
            (void)fprintf(stderr, "%.*s\n", STR_ARG(all));
            exit(1);
        }
        return str_slice(all, head + 4, len);
    }
    give_up("reply");
}

Str load_ask(int fd, Arena *arena, const char *method, const char *target, const char *token,
             Str body)
{
    send_all(fd, arena_format(arena,
                              "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAuthorization: Bearer %s\r\n"
                              "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%.*s",
                              method, target, port_of(fd), token, body.len, STR_ARG(body)));
    return read_reply(fd, arena);
}

int load_stream(uint16_t port, const char *target, const char *token)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    char reply[4096];
    size_t len = 0;
    int fd = load_connect(port);
    send_all(fd,
             arena_format(arena,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAccept: text/event-stream\r\n"
                          "Authorization: Bearer %s\r\n\r\n",
                          target, port, token));
    while (str_search((Str){reply, len}, STR("retry:")) == STR_NONE) {
        ssize_t got = len < sizeof reply ? recv(fd, reply + len, sizeof reply - len, 0) : 0;
        if (got <= 0)
            give_up("stream");
        len += (size_t)got;
    }
    return fd;
}

/* ---- many ---- */

static void one_request(const Client *client, Arena *arena, int fd)
{
    const LoadSpec *spec = client->spec;
    if (spec->target) {
        (void)load_ask(fd, arena, "GET", spec->target, spec->token, (Str){0});
        return;
    }
    const char *body =
        arena_format(arena,
                     "{\"direction\":\"collection_to_project\",\"artifacts\":[\"skill:s0\"],"
                     "\"project_path\":\"/nowhere/%zu/%zu\",\"dry_run\":true}",
                     client->number, client->done);
    (void)load_ask(fd, arena, "POST", "/api/v1/sync/jobs", spec->token, str_of(body));
}

static void *work(void *context)
{
    Client *client = context;
    int fd = load_connect(client->spec->port);
    int64_t next = clock_monotonic_us() +
                   client->spec->pace_us * (int64_t)client->number / (int64_t)client->spec->clients;
    while (client->done < SAMPLES) {
        SCOPED(arena_close) Arena *arena = arena_open();
        int64_t now = clock_monotonic_us();
        if (client->spec->pace_us && next > now)
            clock_sleep_ms((next - now) / 1000);
        next += client->spec->pace_us;
        now = clock_monotonic_us();
        if (now >= client->until_us)
            break;
        one_request(client, arena, fd);
        client->spent_us[client->done++] = clock_monotonic_us() - now;
    }
    (void)close(fd);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double at_share(const int64_t *sorted, size_t count, double share)
{
    return count ? (double)sorted[(size_t)((double)(count - 1) * share)] / 1000 : 0;
}

static void sum_up(Client *clients, size_t count, LoadResult *out)
{
    int64_t *all = calloc(SAMPLES * count, sizeof *all);
    if (!all)
        exit(2);
    out->done = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(all + out->done, clients[i].spent_us, clients[i].done * sizeof *all);
        out->done += clients[i].done;
        free(clients[i].spent_us);
    }
    qsort(all, out->done, sizeof *all, compare);
    out->p50_ms = at_share(all, out->done, 0.5);
    out->p99_ms = at_share(all, out->done, 0.99);
    free(all);
}

void load_run(const LoadSpec *spec, LoadResult *out)
{
    Client clients[CLIENTS_MOST];
    Thread threads[CLIENTS_MOST];
    Error err;
    int64_t began = clock_monotonic_us();
    for (size_t i = 0; i < spec->clients; i++) {
        clients[i] = (Client){.spec = spec,
                              .number = i,
                              .until_us = began + (int64_t)(spec->seconds * 1e6),
                              .spent_us = calloc(SAMPLES, sizeof(int64_t))};
        if (!clients[i].spent_us || !thread_start(&threads[i], "client", work, &clients[i], &err))
            exit(2);
    }
    for (size_t i = 0; i < spec->clients; i++)
        thread_join(&threads[i]);
    double took = (double)(clock_monotonic_us() - began) / 1e6;
    sum_up(clients, spec->clients, out);
    out->rate = (double)out->done / took;
}
