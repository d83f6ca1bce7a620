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

/* Loopback has as many addresses as one likes. */
static int connect_from(const Scene *scene, const char *address)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(scene->port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(inet_pton(AF_INET, address, &from.sin_addr) == 1);
    CHECK(bind(fd, (struct sockaddr *)&from, sizeof from) == 0);
    CHECK(connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

TEST(one_address_has_a_limit_and_others_come_in)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){.connections_peer = 2});
    for (int round = 0; round < 3; round++) {
        int first = connect_from(scene, "127.0.0.2"), second = connect_from(scene, "127.0.0.2");
        SCOPED(fd_close) int third = connect_from(scene, "127.0.0.2");
        CHECK_INT(peer_read_until(t, third, "x").len, 0);
        SCOPED(fd_close) int other = connect_from(scene, "127.0.0.3");
        const int served[] = {other, first, second};
        for (size_t i = 0; i < COUNT_OF(served); i++) {
            peer_send(served[i], STR(LAST)); /* and so there is room again */
            CHECK_TEXT(peer_statuses_of(t, peer_read_all(t, served[i])), "200");
        }
        fd_close(&first);
        fd_close(&second);
        await_connections(scene, 0);
    }
    CHECK_INT(http_server_counts(scene->server).shed, 3);
}

TEST(nobody_from_elsewhere_pushes_the_own_user_out)
{
    enum { PLACES = 64, CROWD = 100 };
    const char *path = arena_format(t->arena, "%s/socket", t->dir);
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.listen = "127.0.0.1:0",
                                                     .socket_path = path,
                                                     .connections = PLACES,
                                                     .connections_idle = PLACES / 2});
    SCOPED(fd_close) int idle = peer_connect_local(t, path);
    peer_send(idle, STR(GET "\r\n"));
    (void)peer_read_until(t, idle, "unix ");
    SCOPED(fd_close) int fresh = peer_connect_local(t, path);
    int crowd[CROWD];
    for (size_t i = 0; i < CROWD; i++) {
        crowd[i] = peer_connect(t, scene);
        if (i % 2)
            peer_send(crowd[i], STR(GET "\r\n"));
    }
    SCOPED(fd_close) int late = peer_connect_local(t, path);
    const int own[] = {idle, fresh, late};
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        peer_send(own[i], STR(LAST));
        CHECK_TEXT(peer_statuses_of(t, peer_read_all(t, own[i])), "200");
    }
    CHECK(http_server_counts(scene->server).shed > 0);
    for (size_t i = 0; i < CROWD; i++)
        fd_close(&crowd[i]);
}

/* Busy ones cannot be shed: then a place that is kept for the own user is what lets him in. */
TEST(a_place_is_kept_for_the_own_user)
{
    enum { PLACES = 64 };
    Late late = LATE;
    const char *path = arena_format(t->arena, "%s/socket", t->dir);
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.listen = "127.0.0.1:0",
                                                     .socket_path = path,
                                                     .connections = PLACES,
                                                     .handle = late_keep,
                                                     .context = &late});
    int busy[PLACES - 1];
    for (size_t i = 0; i < PLACES - 1; i++) {
        busy[i] = peer_connect(t, scene);
        peer_send(busy[i], STR(LAST));
        late_await(&late, i + 1);
    }
    SCOPED(fd_close) int turned_away = peer_connect(t, scene);
    peer_send(turned_away, STR(LAST));
    CHECK_INT(peer_read_until(t, turned_away, "x").len, 0);
    SCOPED(fd_close) int own = peer_connect_local(t, path);
    peer_send(own, STR(LAST));
    late_await(&late, PLACES);
    for (size_t i = 0; i < PLACES; i++)
        http_reply(late.kept[i], &(HttpReply){.status = 202});
    CHECK_TEXT(peer_statuses_of(t, peer_read_all(t, own)), "202");
    for (size_t i = 0; i < PLACES - 1; i++)
        fd_close(&busy[i]);
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
