/* A crowd at a daemon: STREAMS streams of events that hear of one job only, LISTENING that hear all,
 * and SLOW connections that send a byte of their request each second; meanwhile 64 clients make RATE
 * jobs a second. Prints `name value` a line. The token comes in WEIR_TOKEN.
 *
 * crowd PORT STREAMS LISTENING SLOW RATE SECONDS
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "lib/load.h"

enum { CLIENTS = 64, EVENTS = 256 };

typedef struct {
    uint16_t port;
    const char *token;
    int epoll;
    int *slow;
    size_t slow_count;
    _Atomic bool stop;
    _Atomic int64_t bytes, ended, refused;
} Crowd;

static void watch(Crowd *crowd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        exit(2);
}

/* Reads what the streams are told, so that none is dropped for being slow. */
static void *hear(void *context)
{
    static char bytes[1 << 16];
    struct epoll_event events[EVENTS];
    Crowd *crowd = context;
    while (!crowd->stop) {
        int count = epoll_wait(crowd->epoll, events, EVENTS, 100);
        for (int i = 0; i < count; i++) {
            ssize_t got = recv(events[i].data.fd, bytes, sizeof bytes, MSG_DONTWAIT);
            if (got > 0) {
                crowd->bytes += got;
                continue;
            }
            crowd->ended++;
            (void)close(events[i].data.fd);
        }
    }
    return NULL;
}

/* The daemon ends them when the head takes too long; they come again. */
static void *crawl(void *context)
{
    Crowd *crowd = context;
    while (!crowd->stop) {
        for (size_t i = 0; i < crowd->slow_count; i++) {
            if (send(crowd->slow[i], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
                continue;
            crowd->refused++;
            (void)close(crowd->slow[i]);
            crowd->slow[i] = load_connect(crowd->port);
        }
        for (int i = 0; i < 10 && !crowd->stop; i++)
            clock_sleep_ms(100);
    }
    return NULL;
}

static void open_crowd(Crowd *crowd, size_t streams, size_t listening)
{
    static const char head[] = "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";
    for (size_t i = 0; i < streams; i++)
        watch(crowd, load_stream(crowd->port, "/api/v1/events?subjects=nobody", crowd->token));
    for (size_t i = 0; i < listening; i++)
        watch(crowd, load_stream(crowd->port, "/api/v1/events", crowd->token));
    for (size_t i = 0; i < crowd->slow_count; i++) {
        crowd->slow[i] = load_connect(crowd->port);
        if (send(crowd->slow[i], head, sizeof head - 1, MSG_NOSIGNAL) != sizeof head - 1)
            exit(2);
    }
}

static void tell_streams(const Crowd *crowd)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    int fd = load_connect(crowd->port);
    Str body = load_ask(fd, arena, "GET", "/readyz", crowd->token, (Str){0});
    size_t at = str_search(body, STR("\"streams\":"));
    Str rest = at == STR_NONE ? STR("0}") : str_slice(body, at + 10, body.len);
    (void)printf("streams %.*s\n", STR_ARG(str_slice(rest, 0, str_find(rest, '}'))));
    (void)close(fd);
}

int main(int count, char **arguments)
{
    static Crowd crowd;
    pthread_t hearing, crawling;
    LoadResult result;
    if (count != 7 || !getenv("WEIR_TOKEN"))
        return 2;
    load_raise_limit();
    crowd.port = (uint16_t)strtoul(arguments[1], NULL, 10);
    crowd.token = getenv("WEIR_TOKEN");
    crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
    crowd.slow_count = strtoul(arguments[4], NULL, 10);
    crowd.slow = calloc(crowd.slow_count + 1, sizeof *crowd.slow);
    if (!crowd.slow)
        return 2;
    open_crowd(&crowd, strtoul(arguments[2], NULL, 10), strtoul(arguments[3], NULL, 10));
    if (pthread_create(&hearing, NULL, hear, &crowd) != 0 ||
        pthread_create(&crawling, NULL, crawl, &crowd) != 0)
        return 2;
    LoadSpec spec = {.port = crowd.port,
                     .token = crowd.token,
                     .clients = CLIENTS,
                     .seconds = strtod(arguments[6], NULL),
                     .pace_us = (int64_t)(CLIENTS * 1e6 / strtod(arguments[5], NULL))};
    load_run(&spec, &result);
    tell_streams(&crowd);
    crowd.stop = true;
    (void)pthread_join(hearing, NULL);
    (void)pthread_join(crawling, NULL);
    (void)printf(
        "creates_s %.0f\np50_ms %.2f\np99_ms %.2f\nheard_mb %.1f\nended %lld\nslow_refused %lld\n",
        result.rate, result.p50_ms, result.p99_ms, (double)crowd.bytes / 1e6,
        (long long)crowd.ended, (long long)crowd.refused);
    return 0;
}
