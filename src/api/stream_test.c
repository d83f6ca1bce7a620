#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/world_test.h"
#include "base/clock.h"
#include "base/fs.h"
#include "events/event_record.h"

/* The whole way, over TCP: the server of `http`, the doors, streams of events. */

static void ask(World *world, int fd, const char *method, const char *target, const char *headers,
                const char *body)
{
    world_send(world, fd,
               "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer " WORLD_TOKEN "\r\n%s"
               "Content-Length: %zu\r\n\r\n%s",
               method, target, http_server_address(world->server), headers, strlen(body), body);
}

static void check_starts(Str reply, const char *start)
{
    print_message("%.*s\n", (int)(reply.len < 400 ? reply.len : 400), reply.data);
    CHECK(str_starts(reply, str_of(start)));
}

static Job make_job(World *world)
{
    Test *t = world->t;
    Job job;
    JobMade made;
    JobDraft draft = {.kind = JOB_KIND_SYNC,
                      .request = STR("{}"),
                      .trace_id = STR("0123456789abcdef0123456789abcdef"),
                      .actor = STR("anna")};
    ARRAY_PUSH(t->arena, &draft.artifacts, STR("skill:pdf"));
    CHECK_OK(job_create(world->jobs, t->arena, &draft, &made, &job, &t->err));
    return job;
}

TEST(a_connection_serves_one_request_after_the_other)
{
    SCOPED(world_close) World *world = world_open(t);
    world_serve(world);
    SCOPED(fd_close) int fd = world_connect(world);
    ask(world, fd, "GET", "/healthz", "", "");
    check_starts(world_read_until(world, fd, "\"ok\"}"), "HTTP/1.1 200 ");
    ask(world, fd, "POST", "/api/v1/sync/jobs", "Content-Type: application/json\r\n",
        "{\"direction\":\"upstream_to_collection\"}");
    check_starts(world_read_until(world, fd, "\"queued\"}"), "HTTP/1.1 202 ");
    ask(world, fd, "GET", "/api/v1/sync/jobs", "", "");
    check_starts(world_read_until(world, fd, "\"next_cursor\":null}"), "HTTP/1.1 200 ");
    ask(world, fd, "GET", "/nothing", "", "");
    check_starts(world_read_until(world, fd, "\"trace_id\""), "HTTP/1.1 404 ");
    ask(world, fd, "HEAD", "/openapi.json", "", "");
    Str head = world_read_until(world, fd, "\r\n\r\n");
    check_starts(head, "HTTP/1.1 200 ");
    CHECK(str_ends(head, STR("\r\n\r\n")));
    ask(world, fd, "GET", "/healthz", "", "");
    check_starts(world_read_until(world, fd, "\"ok\"}"), "HTTP/1.1 200 ");
}

TEST(a_rebound_name_and_a_posting_page_get_nowhere_over_the_wire)
{
    SCOPED(world_close) World *world = world_open(t);
    world_serve(world);
    static const char *const heads[] = {
        "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "POST /api/v1/sync/jobs HTTP/1.1\r\nHost: %s\r\nOrigin: http://evil.example\r\n"
        "Content-Type: text/plain\r\nContent-Length: 100000\r\n\r\n",
        "POST /api/v1/sync/jobs HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
        "Content-Length: 100000\r\n\r\n",
        "OPTIONS /api/v1/sync/jobs HTTP/1.1\r\nHost: %s\r\nOrigin: http://evil.example\r\n"
        "Access-Control-Request-Method: POST\r\n\r\n",
    };
    static const char *const starts[] = {"HTTP/1.1 421 ", "HTTP/1.1 403 ", "HTTP/1.1 401 ",
                                         "HTTP/1.1 403 "};
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        SCOPED(fd_close) int fd = world_connect(world);
        Buf head = buf_new(t->arena);
        const char *mark = strstr(heads[i], "%s");
        buf_add(&head, str_slice(str_of(heads[i]), 0, mark ? (size_t)(mark - heads[i]) : STR_NONE));
        if (mark)
            buf_format(&head, "%s%s", http_server_address(world->server), mark + 2);
        world_send(world, fd, "%s", buf_text(&head));
        Str reply = world_read_until(world, fd, "\"trace_id\"");
        check_starts(reply, starts[i]);
        CHECK(str_search(reply, STR("ccess-")) == STR_NONE);
    }
}

TEST(framing_errors_have_the_shape_of_all_errors)
{
    SCOPED(world_close) World *world = world_open(t);
    world_serve(world);
    SCOPED(fd_close) int fd = world_connect(world);
    world_send(world, fd, "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    Str reply = world_read_until(world, fd, NULL);
    check_starts(reply, "HTTP/1.1 400 ");
    const JsonNode *node = NULL;
    size_t end = str_search(reply, STR("\r\n\r\n"));
    CHECK_OK(json_parse(t->arena, str_slice(reply, end + 4, reply.len), 0, &node, &t->err));
    CHECK_OK(record_check(t->arena, &api_failure_record, node, &t->err));
    CHECK_STR(json_find(json_find(node, STR("error")), STR("code"))->text, STR("BAD_REQUEST"));
}

/* ── events ── */

/* The frames in a piece of a chunked stream, without the sizes of the chunks. */
static const char *frames(Test *t, Str text)
{
    Buf buf = buf_new(t->arena);
    bool head = str_starts(text, STR("HTTP/"));
    Str rest = head ? str_slice(text, str_search(text, STR("\r\n\r\n")), text.len) : text;
    Str line = {0};
    while (str_next(&rest, '\n', &line)) {
        if (!str_ends(line, STR("\r")))
            buf_format(&buf, "%.*s\n", STR_ARG(line));
    }
    return buf_text(&buf);
}

TEST(a_stream_tells_each_event_once_and_resumes_behind_the_last)
{
    SCOPED(world_close) World *world = world_open(t);
    world_serve(world);
    SCOPED(fd_close) int fd = world_connect(world);
    ask(world, fd, "GET", "/api/v1/events", "", "");
    Str head = world_read_until(world, fd, "retry: 1000");
    check_starts(head, "HTTP/1.1 200 ");
    CHECK(str_search(head, STR("text/event-stream")) != STR_NONE);
    CHECK(str_search(head, STR("no-store")) != STR_NONE);
    Job first = make_job(world);
    const char *told = frames(t, world_read_until(world, fd, "\"dry_run\""));
    CHECK_HAS(told, "id: 1\nevent: job.queued\ndata: {\"seq\":1,");
    CHECK_HAS(told, arena_text(t->arena, first.id));
    (void)make_job(world);
    (void)make_job(world);
    SCOPED(fd_close) int second = world_connect(world);
    ask(world, second, "GET", "/api/v1/events", "Last-Event-ID: 1\r\n", "");
    const char *missed = frames(t, world_read_until(world, second, "id: 3"));
    CHECK_HAS(missed, "id: 2\nevent: job.queued");
    CHECK(strstr(missed, "id: 1\n") == NULL);
    SCOPED(fd_close) int third = world_connect(world);
    ask(world, third, "GET", "/api/v1/events?after=2", "", "");
    const char *later = frames(t, world_read_until(world, third, "id: 3"));
    CHECK(strstr(later, "id: 2\n") == NULL);
}

TEST(an_event_on_the_wire_is_its_record)
{
    SCOPED(world_close) World *world = world_open(t);
    world_serve(world);
    (void)make_job(world);
    SCOPED(fd_close) int fd = world_connect(world);
    ask(world, fd, "GET",
        "/api/v1/events?after=0&kinds=job.queued&kinds=job.*,operation.applied&artifacts=skill:pdf",
        "", "");
    const char *told = frames(t, world_read_until(world, fd, ": ping"));
    const char *data = strstr(told, "data: ");
    ASSERT(data);
    const JsonNode *node = NULL;
    CHECK_OK(json_parse(t->arena, str_slice(str_of(data), 6, (size_t)(strchr(data, '\n') - data)),
                        0, &node, &t->err));
    CHECK_OK(record_check(t->arena, &event_record, node, &t->err));
    CHECK_STR(json_find(node, STR("artifact"))->text, STR("skill:pdf"));
}

TEST(a_filter_keeps_others_away_and_silence_is_pinged)
{
    SCOPED(world_close) World *world = world_open(t);
    world_serve(world);
    SCOPED(fd_close) int fd = world_connect(world);
    ask(world, fd, "GET", "/api/v1/events?kinds=job.success&artifacts=skill:other", "", "");
    (void)world_read_until(world, fd, "retry: 1000");
    (void)make_job(world);
    const char *told = frames(t, world_read_until(world, fd, ": ping"));
    CHECK(strstr(told, "event:") == NULL);
}

TEST(a_gap_is_told_as_a_reset)
{
    SCOPED(world_close) World *world = world_open(t);
    world_serve(world);
    (void)make_job(world);
    SCOPED(fd_close) int fd = world_connect(world);
    ask(world, fd, "GET", "/api/v1/events", "Last-Event-ID: 4000\r\n", "");
    const char *told = frames(t, world_read_until(world, fd, "event: reset"));
    CHECK_HAS(told, "id: 1\nevent: reset");
}

/* Those who only leave are not among them. */
static void check_dropped(World *world, const char *count)
{
    const char *line =
        arena_format(world->t->arena, "weir_event_streams_dropped_total %s\n", count);
    CHECK_HAS(arena_text(world->t->arena, metrics_text(world->t->arena, world->metrics)), line);
}

TEST(who_reads_too_slowly_is_sent_away_with_a_hint_and_others_go_on)
{
    SCOPED(world_close) World *world = world_open(t);
    world_serve(world);
    int gone = world_connect(world);
    ask(world, gone, "GET", "/api/v1/events", "", "");
    (void)world_read_until(world, gone, "retry: 1000");
    fd_close(&gone);
    for (int i = 0; i < 4000 && hub_listeners(world->hub) > 0; i++)
        clock_sleep_ms(5);
    CHECK_INT(hub_listeners(world->hub), 0);
    check_dropped(world, "0");
    SCOPED(fd_close) int slow = world_connect(world);
    ask(world, slow, "GET", "/api/v1/events", "", "");
    (void)world_read_until(world, slow, "retry: 1000");
    static char filler[60000];
    memset(filler, '.', sizeof filler);
    const char *data = arena_format(t->arena, "{\"filler\":\"%.*s\"}", (int)sizeof filler, filler);
    for (int i = 0; i < 2000 && hub_listeners(world->hub) > 0; i++) {
        hub_tell(world->hub, &(Event){.kind = STR("job.progress"), .data = str_of(data)});
        clock_sleep_ms(i < 300 ? 0 : 5);
    }
    CHECK_INT(hub_listeners(world->hub), 0);
    Str last = world_read_until(world, slow, NULL);
    CHECK_HAS(frames(t, last), "event: resync\ndata: {\"reason\":\"slow\"}");
    check_dropped(world, "1");
    SCOPED(fd_close) int other = world_connect(world);
    ask(world, other, "GET", "/healthz", "", "");
    check_starts(world_read_until(world, other, "\"ok\"}"), "HTTP/1.1 200 ");
}

TEST(streams_that_come_and_go_leave_nothing_behind)
{
    SCOPED(world_close) World *world = world_open(t);
    world_serve(world);
    for (int round = 0; round < test_rounds(20); round++) {
        int fds[20];
        for (size_t i = 0; i < COUNT_OF(fds); i++) {
            fds[i] = world_connect(world);
            ask(world, fds[i], "GET", "/api/v1/events?after=0", "", "");
        }
        (void)make_job(world);
        for (size_t i = 0; i < COUNT_OF(fds); i++)
            fd_close(&fds[i]);
    }
    for (int i = 0; i < 1000 && hub_listeners(world->hub) > 0; i++)
        clock_sleep_ms(5);
    CHECK_INT(hub_listeners(world->hub), 0);
}
