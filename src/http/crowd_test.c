/* More peers than there is room or descriptors for. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "http/http_peer_test.h"

#define GET "GET /a HTTP/1.1\r\nHost: a\r\n"
#define LAST GET "Connection: close\r\n\r\n"

/* ── too many ── */

TEST(sheds_the_idle_first_when_there_are_too_many)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){.connections = 3});
    SCOPED(fd_close) int idle = peer_connect(t, scene);
    peer_send(idle, STR(GET "\r\n"));
    (void)peer_read_until(t, idle, "127.0.0.1 ");
    SCOPED(fd_close) int fresh = peer_connect(t, scene);
    SCOPED(fd_close) int third = peer_connect(t, scene);
    SCOPED(fd_close) int fourth = peer_connect(t, scene);
    CHECK_INT(peer_read_until(t, idle, "x").len, 0);
    SCOPED(fd_close) int fifth = peer_connect(t, scene);
    CHECK_INT(peer_read_until(t, fresh, "x").len, 0);
    peer_send(third, STR(LAST));
    CHECK_TEXT(peer_statuses_of(t, peer_read_all(t, third)), "200");
    CHECK_INT(http_server_counts(scene->server).shed, 2);
}

TEST(who_owes_a_request_longest_goes_when_too_many_do)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){.connections_idle = 2});
    SCOPED(fd_close) int first = peer_connect(t, scene);
    SCOPED(fd_close) int second = peer_connect(t, scene);
    SCOPED(fd_close) int third = peer_connect(t, scene);
    CHECK_INT(peer_read_until(t, first, "x").len, 0);
    peer_send(second, STR(LAST));
    CHECK_TEXT(peer_statuses_of(t, peer_read_all(t, second)), "200");
}

static void await_connections(const Scene *scene, size_t count)
{
    for (int i = 0; i < 4000 && http_server_counts(scene->server).connections != count; i++)
        clock_sleep_ms(5);
    CHECK_INT(http_server_counts(scene->server).connections, count);
}

enum { ROOM = 64 };
typedef struct {
    struct rlimit limit;
    int fds[ROOM];
    size_t count;
} Squeeze;

/* Connects with the last descriptor that this process, which is both ends, could have. */
static int connect_squeezed(const Scene *scene, Squeeze *squeeze)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(scene->port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    squeeze->count = 0;
    CHECK(getrlimit(RLIMIT_NOFILE, &squeeze->limit) == 0);
    CHECK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ROOM, squeeze->limit.rlim_max}) == 0);
    for (int more = dup(fd); more >= 0 && squeeze->count < ROOM; more = dup(fd))
        squeeze->fds[squeeze->count++] = more;
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

static void relax(Squeeze *squeeze)
{
    CHECK(setrlimit(RLIMIT_NOFILE, &squeeze->limit) == 0);
    while (squeeze->count)
        fd_close(&squeeze->fds[--squeeze->count]);
}

TEST(serves_on_without_a_descriptor_to_spare)
{
    enum { IDLE = 8 };
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    int fds[IDLE];
    for (size_t i = 0; i < IDLE; i++)
        fds[i] = peer_connect(t, scene);
    await_connections(scene, IDLE);
    Squeeze squeeze;
    SCOPED(fd_close) int last = connect_squeezed(scene, &squeeze);
    peer_send(last, STR(LAST));
    Str reply = peer_read_all(t, last);
    relax(&squeeze);
    CHECK_TEXT(peer_statuses_of(t, reply), "200"); /* an idle one gave its descriptor */
    CHECK_INT(http_server_counts(scene->server).shed, 1);
    for (size_t i = 0; i < IDLE; i++)
        fd_close(&fds[i]);
}

/* Nobody idle to take one from: the newest is turned away, and the loop does not spin. */
TEST(turns_the_newest_away_when_nobody_is_idle)
{
    enum { BUSY = 4 };
    Late late = LATE;
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = late_keep, .context = &late});
    int fds[BUSY];
    for (size_t i = 0; i < BUSY; i++) {
        fds[i] = peer_connect(t, scene);
        peer_send(fds[i], STR(LAST));
    }
    late_await(&late, BUSY);
    Squeeze squeeze;
    SCOPED(fd_close) int last = connect_squeezed(scene, &squeeze);
    CHECK_INT(peer_read_all(t, last).len, 0);
    CHECK_INT(http_server_counts(scene->server).shed, 1);
    relax(&squeeze);
    for (size_t i = 0; i < BUSY; i++) {
        http_reply(late.kept[i], &(HttpReply){.status = 202});
        CHECK_TEXT(peer_statuses_of(t, peer_read_all(t, fds[i])), "202");
        fd_close(&fds[i]);
    }
}
