/* What the server promises beside framing: deadlines, many peers, late answers, the unix socket, its end. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "http/http_peer_test.h"

#define GET "GET /a HTTP/1.1\r\nHost: a\r\n"
#define LAST GET "Connection: close\r\n\r\n"

/* ── sizes ── */

static const char *long_header(Test *t, size_t bytes)
{
    Buf buf = buf_new(t->arena);
    buf_add_text(&buf, GET "A: ");
    while (buf.len < bytes - 4)
        buf_add_char(&buf, 'x');
    buf_add_text(&buf, "\r\n\r\n");
    return buf_text(&buf);
}

TEST(takes_a_head_of_16_kib_and_not_a_byte_more)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    CHECK_TEXT(peer_statuses(t, scene, str_of(long_header(t, LIMIT_HTTP_HEAD_BYTES))), "200");
    CHECK_TEXT(peer_statuses(t, scene, str_of(long_header(t, LIMIT_HTTP_HEAD_BYTES + 1))), "431");
    CHECK_TEXT(peer_statuses(t, scene, str_of(long_header(t, 10 << 20))), "431");
}

TEST(takes_100_headers_and_not_one_more)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    for (int more = 0; more < 2; more++) {
        Buf buf = buf_new(t->arena);
        buf_add_text(&buf, GET);
        for (int i = 1; i < LIMIT_HTTP_HEADERS + more; i++)
            buf_format(&buf, "A%d: b\r\n", i);
        buf_add_text(&buf, "\r\n");
        CHECK_TEXT(peer_statuses(t, scene, buf_str(&buf)), more ? "431" : "200");
    }
}

TEST(takes_a_target_of_8_kib_and_not_a_byte_more)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    for (int more = 0; more < 2; more++) {
        Buf buf = buf_new(t->arena);
        buf_add_text(&buf, "GET /");
        for (int i = 1; i < LIMIT_HTTP_TARGET_BYTES + more; i++)
            buf_add_char(&buf, 'x');
        buf_add_text(&buf, " HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK_TEXT(peer_statuses(t, scene, buf_str(&buf)), more ? "414" : "200");
    }
}

/* ── bodies ── */

static bool admit_ten(void *context, const HttpRequest *head, Arena *arena, uint64_t *limit_bytes,
                      HttpReply *reply)
{
    (void)context;
    (void)arena;
    *limit_bytes = 10;
    if (!str_is(head->path, "/secret"))
        return true;
    reply->status = 401;
    return false;
}

TEST(counts_a_body_on_the_bytes_that_come)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){.admit = admit_ten});
    CHECK_TEXT(
        peer_statuses(t, scene,
                      STR("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789")),
        "200");
    CHECK_TEXT(
        peer_statuses(t, scene, STR("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")),
        "413");
    CHECK_TEXT(peer_statuses(t, scene,
                             STR("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n" LAST)),
               "200 200");
    CHECK_TEXT(peer_statuses(t, scene,
                             STR("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "5\r\n01234\r\n6\r\n567890\r\n0\r\n\r\n" LAST)),
               "413");
}

TEST(answers_who_may_not_come_in_before_a_body_is_sent)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){.admit = admit_ten});
    SCOPED(fd_close) int fd = peer_connect(t, scene);
    peer_send(fd, STR("POST /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"));
    CHECK_HAS(arena_text(t->arena, peer_read_until(t, fd, "\r\n\r\n")), "401");
    peer_send(fd, STR("hello" LAST));
    CHECK_INT(peer_read_all(t, fd).len, 0);
    CHECK_TEXT(peer_statuses(t, scene, STR("GET /secret HTTP/1.1\r\nHost: a\r\n\r\n" LAST)),
               "401 200");
}

TEST(lets_a_client_go_on_that_asks_before_it_sends)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    SCOPED(fd_close) int fd = peer_connect(t, scene);
    peer_send(
        fd,
        STR("POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
    CHECK_STR(peer_read_until(t, fd, "\r\n\r\n"), STR("HTTP/1.1 100 Continue\r\n\r\n"));
    peer_send(fd, STR("hello"));
    CHECK_HAS(arena_text(t->arena, peer_read_all(t, fd)), "127.0.0.1 hello");
}

TEST(takes_bodies_of_any_size_in_any_pieces)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    for (int round = 0; round < test_rounds(20); round++) {
        size_t len = 1 + test_below(t, round % 4 ? 5000 : LIMIT_HTTP_BODY_BYTES);
        char *body = arena_alloc(t->arena, len, 1);
        for (size_t i = 0; i < len; i++)
            body[i] = (char)('a' + test_below(t, 26));
        Buf sent = buf_new(t->arena);
        bool chunked = round % 2;
        buf_add_text(&sent, "POST /a HTTP/1.1\r\nHost: a\r\n");
        buf_format(&sent,
                   chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: %zu\r\n\r\n",
                   len);
        for (size_t at = 0; at < len;) {
            size_t piece = 1 + test_below(t, len - at);
            if (chunked)
                buf_format(&sent, "%zx\r\n", piece);
            buf_add_bytes(&sent, body + at, piece);
            buf_add_text(&sent, chunked ? "\r\n" : "");
            at += piece;
        }
        buf_add_text(&sent, chunked ? "0\r\n\r\n" : "");
        SCOPED(fd_close) int fd = peer_connect(t, scene);
        peer_send(fd, buf_str(&sent));
        Str reply = peer_read_all(t, fd);
        CHECK(str_ends(reply, (Str){body, len}) && str_starts(reply, STR("HTTP/1.1 200 ")));
    }
}

/* ── replies ── */

static void by_path(void *context, HttpCall *call)
{
    Test *t = context;
    Str path = http_call_request(call)->path;
    HttpReply reply = {.status = 200, .body = STR("body")};
    if (str_is(path, "/none"))
        reply.status = 204;
    if (str_is(path, "/same"))
        reply.status = 304;
    if (str_is(path, "/file"))
        reply.file_fd = fs_open_at(t->dir_fd, STR("file"), O_RDONLY | O_CLOEXEC, 0);
    if (str_is(path, "/split"))
        ARRAY_PUSH(http_call_arena(call), &reply.headers, (HttpHeader){STR("A"), STR("b\r\nC: d")});
    http_reply(call, &reply);
}

static const char *reply_to(Test *t, const Scene *scene, const char *line)
{
    SCOPED(fd_close) int fd = peer_connect(t, scene);
    peer_send(fd, str_of(arena_format(t->arena, "%s HTTP/1.1\r\nHost: a\r\n\r\n" LAST, line)));
    return arena_text(t->arena, peer_read_all(t, fd));
}

static size_t times(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

TEST(frames_replies_without_a_body_as_the_standard_says)
{
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = by_path, .context = t});
    const char *head = reply_to(t, scene, "HEAD /a");
    CHECK_INT(times(head, "Content-Length: 4\r\n"), 2);
    CHECK_INT(times(head, "body"), 1);
    const char *none = reply_to(t, scene, "GET /none");
    CHECK_INT(times(none, "Content-Length: "), 1);
    CHECK_INT(times(none, "body"), 1);
    CHECK_INT(times(reply_to(t, scene, "GET /same"), "body"), 1);
}

TEST(a_header_cannot_bring_another_one_along)
{
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = by_path, .context = t});
    CHECK_HAS(reply_to(t, scene, "GET /split"), "\r\nA: b  C: d\r\n");
}

TEST(sends_a_file_whole_however_slowly_it_is_read)
{
    size_t len = 3 << 20;
    char *bytes = arena_alloc(t->arena, len, 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)('a' + i % 23);
    test_write_bytes(t, "file", (Str){bytes, len}, 0600);
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = by_path, .context = t});
    Str got = str_of(reply_to(t, scene, "GET /file"));
    size_t head = str_search(got, STR("\r\n\r\n"));
    CHECK_HAS(arena_text(t->arena, str_slice(got, 0, head)), "Content-Length: 3145728");
    CHECK(str_equal(str_slice(got, head + 4, head + 4 + len), (Str){bytes, len}));
    CHECK(str_ends(got, STR("\r\n\r\nbody")));
}

/* ── answers that come later, from other threads ── */

static void *answer_kept(void *opaque)
{
    Late *late = opaque;
    (void)pthread_mutex_lock(&late->lock);
    while (late->answered < late->wanted) {
        while (late->answered == late->count)
            (void)pthread_cond_wait(&late->more, &late->lock);
        HttpCall *call = late->kept[late->answered++ % KEPT_MOST];
        (void)pthread_mutex_unlock(&late->lock);
        http_reply(call, &(HttpReply){.status = 200, .body = http_call_request(call)->query});
        (void)pthread_mutex_lock(&late->lock);
    }
    (void)pthread_mutex_unlock(&late->lock);
    return NULL;
}

TEST(answers_pipelined_requests_in_order_from_several_threads)
{
    enum { REQUESTS = 300 };
    Late late = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .wanted = REQUESTS};
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = late_keep, .context = &late});
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, answer_kept, &late), 0);
    Buf sent = buf_new(t->arena);
    for (int i = 0; i < REQUESTS; i++)
        buf_format(&sent, "GET /?<%d> HTTP/1.1\r\nHost: a\r\n\r\n", i);
    SCOPED(fd_close) int fd = peer_connect(t, scene);
    peer_send(fd, buf_str(&sent));
    const char *all = arena_text(t->arena, peer_read_all(t, fd));
    for (int i = 0; i < REQUESTS; i++) {
        all = strstr(all, arena_format(t->arena, "<%d>", i));
        CHECK(all);
    }
    (void)pthread_join(thread, NULL);
}

TEST(a_call_outlives_its_peer_and_its_server)
{
    Late late = LATE;
    late.wanted = 2;
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = late_keep, .context = &late});
    for (size_t i = 1; i <= 2; i++) {
        SCOPED(fd_close) int fd = peer_connect(t, scene);
        struct linger reset = {1, 0};
        peer_send(fd, STR(GET "\r\n"));
        late_await(&late, i);
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    http_reply(late.kept[0], &(HttpReply){.status = 200});
    CHECK_TEXT("GET", http_call_request(late.kept[1])->method);
    scene_close(&scene);
    HttpStream *stream = http_reply_stream(late.kept[1], 200, &(HttpHeaders){0});
    HttpBytes *bytes = http_bytes_new(STR("x"));
    CHECK(!http_stream_write(stream, bytes) && http_stream_is_gone(stream));
    http_bytes_release(&bytes);
    http_stream_close(&stream);
}

/* ── deadlines ── */

static int64_t ms_until_end(Test *t, int fd)
{
    int64_t began_us = clock_monotonic_us();
    (void)peer_read_until(t, fd, "there is no such text");
    return (clock_monotonic_us() - began_us) / 1000;
}

TEST(drops_who_says_nothing)
{
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.head_ms = 150, .idle_ms = 300});
    SCOPED(fd_close) int silent = peer_connect(t, scene);
    int64_t ms = ms_until_end(t, silent);
    CHECK(ms >= 100 && ms < 5000);
    SCOPED(fd_close) int idle = peer_connect(t, scene);
    peer_send(idle, STR(GET "\r\n"));
    ms = ms_until_end(t, idle);
    CHECK(ms >= 250 && ms < 5000);
}

/* A byte now and then does not buy more time, neither for a head nor for a body. */
static Str drip(Test *t, int fd, const char *begin)
{
    Buf got = buf_new(t->arena);
    char bytes[512];
    peer_send(fd, str_of(begin));
    for (int i = 0; i < 2000; i++) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, 10) == 1) {
            ssize_t count = recv(fd, bytes, sizeof bytes, 0);
            if (count <= 0)
                return buf_str(&got);
            buf_add_bytes(&got, bytes, (size_t)count);
        }
        peer_send(fd, STR("x"));
    }
    return STR("it never ended");
}

TEST(drops_who_drips_a_head_or_a_body)
{
    static const char *const begins[] = {
        GET "A: ", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n"};
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.head_ms = 150, .body_ms = 150});
    for (size_t i = 0; i < COUNT_OF(begins); i++) {
        SCOPED(fd_close) int fd = peer_connect(t, scene);
        CHECK_TEXT(peer_statuses_of(t, drip(t, fd, begins[i])), "408");
    }
    CHECK_INT(http_server_counts(scene->server).refused, 3);
}

TEST(drops_who_does_not_read_its_reply)
{
    test_write_bytes(t, "file", (Str){arena_alloc(t->arena, 8 << 20, 1), 8 << 20}, 0600);
    SCOPED(scene_close)
    Scene *scene =
        scene_open(t, (HttpServerOptions){.handle = by_path, .context = t, .write_ms = 150});
    SCOPED(fd_close) int fd = peer_connect(t, scene);
    peer_send(fd, STR("GET /file HTTP/1.1\r\nHost: a\r\n\r\n"));
    for (int i = 0; i < 1000 && http_server_counts(scene->server).connections != 1; i++)
        clock_sleep_ms(5);
    for (int i = 0; i < 1000 && http_server_counts(scene->server).connections != 0; i++)
        clock_sleep_ms(5);
    CHECK_INT(http_server_counts(scene->server).connections, 0);
}

TEST(serves_others_while_many_drip_and_idle)
{
    enum { SLOW = 400 };
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    int slow[SLOW];
    for (size_t i = 0; i < SLOW; i++) {
        slow[i] = peer_connect(t, scene);
        peer_send(slow[i], i % 2 ? STR("GET / HT") : STR(GET "\r\n"));
    }
    int64_t began_us = clock_monotonic_us();
    for (int i = 0; i < 100; i++)
        CHECK_TEXT(peer_statuses(t, scene, STR(LAST)), "200");
    CHECK(clock_monotonic_us() - began_us < 5000000);
    for (size_t i = 0; i < SLOW; i++)
        fd_close(&slow[i]);
}
