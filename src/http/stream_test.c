/* Replies that go on, the unix socket, and the end of a server. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "http/http_peer_test.h"

#define GET "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

/* ── streams ── */

enum { STREAMS_MOST = 512 };
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t more;
    HttpStream *streams[STREAMS_MOST];
    size_t count;
} Hub;

#define HUB                                                                                        \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER                        \
    }

static void open_stream(void *context, HttpCall *call)
{
    Hub *hub = context;
    HttpHeaders headers = {0};
    ARRAY_PUSH(http_call_arena(call), &headers,
               (HttpHeader){STR("Content-Type"), STR("text/event-stream")});
    HttpStream *stream = http_reply_stream(call, 200, &headers);
    (void)pthread_mutex_lock(&hub->lock);
    hub->streams[hub->count++] = stream;
    (void)pthread_cond_broadcast(&hub->more);
    (void)pthread_mutex_unlock(&hub->lock);
}

static void await_streams(Hub *hub, size_t count)
{
    (void)pthread_mutex_lock(&hub->lock);
    while (hub->count < count)
        (void)pthread_cond_wait(&hub->more, &hub->lock);
    (void)pthread_mutex_unlock(&hub->lock);
}

static void hub_end(Hub *hub)
{
    for (size_t i = 0; i < hub->count; i++)
        http_stream_close(&hub->streams[i]);
}

static bool write_text(HttpStream *stream, const char *text)
{
    HttpBytes *bytes = http_bytes_new(str_of(text));
    bool taken = http_stream_write(stream, bytes);
    http_bytes_release(&bytes);
    return taken;
}

/* What a chunked reply says; it must be whole. */
static Str unchunk(Test *t, Str reply)
{
    Buf buf = buf_new(t->arena);
    size_t head = str_search(reply, STR("\r\n\r\n"));
    CHECK(head != STR_NONE);
    Str rest = str_slice(reply, head + 4, reply.len);
    for (;;) {
        size_t end = str_search(rest, STR("\r\n")), size = 0;
        CHECK(end != STR_NONE && end > 0);
        for (size_t i = 0; i < end; i++)
            size =
                size * 16 + (size_t)(strchr("0123456789abcdef", rest.data[i]) - "0123456789abcdef");
        Str data = str_slice(rest, end + 2, end + 2 + size);
        CHECK(data.len == size &&
              str_starts(str_slice(rest, end + 2 + size, rest.len), STR("\r\n")));
        buf_add(&buf, data);
        rest = str_slice(rest, end + 4 + size, rest.len);
        if (size == 0)
            break;
    }
    CHECK_INT(rest.len, 0);
    return buf_str(&buf);
}

TEST(a_stream_sends_at_once_and_ends_whole)
{
    Hub hub = HUB;
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = open_stream, .context = &hub});
    SCOPED(fd_close) int fd = peer_connect(t, scene);
    peer_send(fd, STR(GET));
    Str head = peer_read_until(t, fd, "\r\n\r\n");
    CHECK_HAS(arena_text(t->arena, head),
              "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    await_streams(&hub, 1);
    CHECK(write_text(hub.streams[0], "data: 1\n\n"));
    CHECK_STR(peer_read_until(t, fd, "1\n\n\r\n"), STR("9\r\ndata: 1\n\n\r\n"));
    CHECK(write_text(hub.streams[0], "data: 2\n\n") && write_text(hub.streams[0], "data: 3\n\n"));
    CHECK_INT(http_server_counts(scene->server).streams, 1);
    http_stream_close(&hub.streams[0]);
    Str rest = peer_read_until(t, fd, "0\r\n\r\n");
    CHECK_STR(rest, STR("9\r\ndata: 2\n\n\r\n9\r\ndata: 3\n\n\r\n0\r\n\r\n"));
}

/* Each of many readers gets everything, in order, and the bytes are in memory once. */
TEST(many_streams_share_what_is_written)
{
    enum { STREAMS = 500, EVENTS = 40 };
    Hub hub = HUB;
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = open_stream, .context = &hub});
    int fds[STREAMS];
    for (size_t i = 0; i < STREAMS; i++) {
        fds[i] = peer_connect(t, scene);
        peer_send(fds[i], STR(GET));
    }
    await_streams(&hub, STREAMS);
    Buf all = buf_new(t->arena);
    for (size_t event = 0; event < EVENTS; event++) {
        const char *text = arena_format(t->arena, "data: %zu\n\n", event);
        HttpBytes *bytes = http_bytes_new(str_of(text));
        buf_add_text(&all, text);
        for (size_t i = 0; i < STREAMS; i++)
            CHECK(http_stream_write(hub.streams[i], bytes));
        http_bytes_release(&bytes);
    }
    hub_end(&hub);
    for (size_t i = 0; i < STREAMS; i++) {
        CHECK_STR(unchunk(t, peer_read_until(t, fds[i], "\r\n0\r\n\r\n")), buf_str(&all));
        fd_close(&fds[i]);
    }
}

/* A reader that does not read: its queue is bounded, and a last word is what it finds. */
TEST(a_slow_reader_is_cut_off_with_a_last_word)
{
    Hub hub = HUB;
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = open_stream, .context = &hub});
    SCOPED(fd_close) int slow = peer_connect(t, scene);
    peer_send(slow, STR(GET));
    await_streams(&hub, 1);
    char *text = arena_alloc(t->arena, 1001, 1);
    memset(text, 'x', 1000);
    size_t taken = 0;
    for (int refused = 0; refused < 20 && taken < 100000;) { /* the kernel's buffers fill up too */
        bool took = write_text(hub.streams[0], text);
        taken += took;
        refused = took ? 0 : refused + 1;
        if (!took)
            clock_sleep_ms(5);
    }
    CHECK(taken >= 200 && taken < 100000);
    HttpBytes *last = http_bytes_new(STR("event: resync\n\n"));
    http_stream_cut(&hub.streams[0], last);
    http_bytes_release(&last);
    Str got = unchunk(t, peer_read_until(t, slow, "\r\n0\r\n\r\n"));
    CHECK(str_ends(got, STR("event: resync\n\n")));
    CHECK(got.len / 1000 < taken);
}

TEST(a_stream_learns_that_its_reader_is_gone)
{
    Hub hub = HUB;
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = open_stream, .context = &hub});
    int fd = peer_connect(t, scene);
    peer_send(fd, STR(GET));
    await_streams(&hub, 1);
    (void)peer_read_until(t, fd, "\r\n\r\n");
    fd_close(&fd);
    for (int i = 0; i < 4000 && !http_stream_is_gone(hub.streams[0]); i++)
        clock_sleep_ms(5);
    CHECK(http_stream_is_gone(hub.streams[0]) && !write_text(hub.streams[0], "x"));
    CHECK_INT(http_server_counts(scene->server).streams, 0);
    hub_end(&hub);
}

TEST(a_stream_for_the_old_protocol_has_no_chunks_and_one_for_head_no_body)
{
    Hub hub = HUB;
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = open_stream, .context = &hub});
    SCOPED(fd_close) int old = peer_connect(t, scene);
    peer_send(old, STR("GET / HTTP/1.0\r\n\r\n"));
    await_streams(&hub, 1);
    CHECK(write_text(hub.streams[0], "data: 1\n\n"));
    http_stream_close(&hub.streams[0]);
    const char *got = arena_text(t->arena, peer_read_until(t, old, "\n\ndata: 1\n\n"));
    CHECK_HAS(got, "Connection: close\r\n\r\ndata: 1\n\n");
    CHECK(!strstr(got, "chunked"));
    SCOPED(fd_close) int head = peer_connect(t, scene);
    peer_send(head, STR("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(str_ends(peer_read_all(t, head), STR("close\r\n\r\n")));
    await_streams(&hub, 2);
    CHECK(!write_text(hub.streams[1], "x"));
    http_stream_close(&hub.streams[1]);
}

/* Writers on several threads, readers that come and go, and streams closed and cut at any moment. */
typedef struct {
    Hub *hub;
    size_t from, to;
    uint64_t chance;
} Writer;

static void *write_and_end(void *opaque)
{
    Writer *writer = opaque;
    for (size_t round = 0; round < 50; round++)
        for (size_t i = writer->from; i < writer->to; i++) {
            writer->chance = writer->chance * 6364136223846793005U + 1442695040888963407U;
            if (writer->hub->streams[i])
                (void)write_text(writer->hub->streams[i], "data: something\n\n");
            if (writer->chance >> 58 == 0)
                http_stream_close(&writer->hub->streams[i]);
            if (writer->chance >> 58 == 1)
                http_stream_cut(&writer->hub->streams[i], NULL);
        }
    for (size_t i = writer->from; i < writer->to; i++)
        http_stream_close(&writer->hub->streams[i]);
    return NULL;
}

TEST(streams_may_be_written_and_ended_from_many_threads)
{
    enum { STREAMS = 300, WRITERS = 3 };
    Hub hub = HUB;
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = open_stream, .context = &hub});
    int fds[STREAMS];
    pthread_t threads[WRITERS];
    Writer writers[WRITERS];
    for (size_t i = 0; i < STREAMS; i++) {
        fds[i] = peer_connect(t, scene);
        peer_send(fds[i], STR(GET));
    }
    await_streams(&hub, STREAMS);
    for (size_t i = 0; i < WRITERS; i++) {
        size_t share = STREAMS / WRITERS;
        writers[i] = (Writer){&hub, i * share, (i + 1) * share, test_random(t)};
        CHECK_INT(pthread_create(&threads[i], NULL, write_and_end, &writers[i]), 0);
    }
    for (size_t i = 0; i < STREAMS; i += 3)
        fd_close(&fds[i]);
    for (size_t i = 0; i < WRITERS; i++)
        (void)pthread_join(threads[i], NULL);
    for (size_t i = 0; i < STREAMS; i++)
        if (fds[i] >= 0)
            (void)unchunk(t, peer_read_until(t, fds[i], "\r\n0\r\n\r\n"));
    for (size_t i = 0; i < STREAMS; i++)
        fd_close(&fds[i]);
}

/* ── the end ── */

static void *drain_it(void *context)
{
    http_server_drain(context, 10000);
    return NULL;
}

static bool refuses_connections(Scene *scene)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(scene->port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    SCOPED(fd_close) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(fd, (struct sockaddr *)&address, sizeof address) != 0;
}

static bool answers_who_has_just_come(Test *t)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    SCOPED(fd_close) int fresh = peer_connect(t, scene);
    peer_send(fresh, STR("GET /a HTTP/1.1\r\n"));
    while (http_server_counts(scene->server).connections < 1)
        clock_sleep_ms(1);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, drain_it, scene->server) == 0);
    while (!refuses_connections(scene))
        clock_sleep_ms(1);
    peer_send(fresh, STR("Host: a\r\n\r\n"));
    bool answered = str_starts(peer_read_all(t, fresh), STR("HTTP/1.1 200 "));
    (void)pthread_join(thread, NULL);
    return answered;
}

/* The time it has is short: on a busy machine it takes more than one try to be in it. */
TEST(who_has_just_come_when_it_drains_is_answered)
{
    bool answered = false;
    for (int i = 0; i < 20 && !answered; i++)
        answered = answers_who_has_just_come(t);
    CHECK(answered);
}

TEST(drain_ends_streams_and_idle_ones_and_lets_work_finish)
{
    Hub hub = HUB;
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = open_stream, .context = &hub});
    SCOPED(fd_close) int idle = peer_connect(t, scene);
    SCOPED(fd_close) int reader = peer_connect(t, scene);
    peer_send(reader, STR(GET));
    await_streams(&hub, 1);
    CHECK(write_text(hub.streams[0], "data: 1\n\n"));
    http_server_drain(scene->server, 100); /* the reader has not closed yet */
    CHECK_STR(unchunk(t, peer_read_all(t, reader)), STR("data: 1\n\n"));
    CHECK_INT(peer_read_all(t, idle).len, 0);
    CHECK(!write_text(hub.streams[0], "x"));
    hub_end(&hub);
    http_server_drain(scene->server, 10000);
    CHECK_INT(http_server_counts(scene->server).connections, 0);
    CHECK(refuses_connections(scene));
}

/* ── the unix socket ── */

TEST(serves_its_own_user_on_a_private_socket)
{
    const char *path = arena_format(t->arena, "%s/socket", t->dir);
    Scene *scene = scene_open(t, (HttpServerOptions){.socket_path = path});
    struct stat facts;
    CHECK(stat(path, &facts) == 0 && S_ISSOCK(facts.st_mode) && (facts.st_mode & 07777) == 0600);
    SCOPED(fd_close) int fd = peer_connect_local(t, path);
    peer_send(fd, STR(GET));
    CHECK_HAS(arena_text(t->arena, peer_read_all(t, fd)), "GET /a  unix ");
    scene_close(&scene);
    CHECK(stat(path, &facts) != 0);
}

TEST(replaces_a_stale_socket_and_nothing_else)
{
    const char *path = arena_format(t->arena, "%s/socket", t->dir);
    HttpServerOptions options = {.socket_path = path};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    int stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(stale, (struct sockaddr *)&address, sizeof address) == 0);
    fd_close(&stale);
    SCOPED(scene_close) Scene *scene = scene_open(t, options);
    HttpServer *other = NULL;
    options.handle = open_stream;
    CHECK_FAILS(ERR_EXISTS, http_server_open(&options, &other, &t->err));
    SCOPED(fd_close) int fd = peer_connect_local(t, path);
    CHECK(fd >= 0);
    test_write(t, "file", "not a socket");
    options.socket_path = arena_format(t->arena, "%s/file", t->dir);
    CHECK_FAILS(ERR_EXISTS, http_server_open(&options, &other, &t->err));
    CHECK_STR(test_read(t, "file"), STR("not a socket"));
}

TEST(a_socket_may_lie_deep)
{
    Buf path = buf_new(t->arena);
    buf_add_text(&path, t->dir);
    for (int i = 0; i < 10; i++)
        buf_add_text(&path, "/a-folder-of-some-length");
    (void)test_shell(t, "mkdir -p '%s'", buf_text(&path));
    buf_add_text(&path, "/socket");
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.socket_path = buf_text(&path)});
    struct stat facts;
    CHECK(stat(buf_text(&path), &facts) == 0);
}

/* ── addresses ── */

TEST(listens_on_loopback_unless_told_otherwise)
{
    static const char *const refused[] = {"0.0.0.0:0", "[::]:0",          "8.8.8.8:0",
                                          "127.0.0.1", "127.0.0.1:65536", "example.org:80",
                                          ":80",       "[::1:0"};
    HttpServer *server = NULL;
    HttpServerOptions options = {.handle = open_stream};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        options.listen = refused[i];
        CHECK_FAILS(ERR_INVALID, http_server_open(&options, &server, &t->err));
    }
    options.listen = NULL;
    CHECK_FAILS(ERR_INVALID, http_server_open(&options, &server, &t->err));
    options.listen = "localhost:0";
    CHECK_OK(http_server_open(&options, &server, &t->err));
    HttpServer *second = NULL;
    options.listen = http_server_address(server);
    CHECK_HAS(options.listen, "127.0.0.1:");
    CHECK_FAILS(ERR_EXISTS, http_server_open(&options, &second, &t->err));
    http_server_close(&server);
}

static void note_address(void *context, const char *address)
{
    Test *t = context;
    test_write(t, "address", address);
}

TEST(takes_over_a_socket_that_listens_already)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0);
    HttpServerOptions options = {.listen_fds = {fd}, .listens = note_address, .context = t};
    const char *path = arena_format(t->arena, "%s/socket", t->dir);
    options.socket_path = path; /* and one of its own */
    SCOPED(scene_close) Scene *scene = scene_open(t, options);
    CHECK_STR(test_read(t, "address"), str_of(scene->address));
    CHECK_TEXT(peer_statuses(t, scene, STR(GET)), "200");
    SCOPED(fd_close) int local = peer_connect_local(t, path);
    peer_send(local, STR(GET));
    CHECK_TEXT(peer_statuses_of(t, peer_read_all(t, local)), "200");
}
