#include "api/world_test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* ── opening ── */

static void committed(void *context)
{
    World *world = context;
    Hub *hub = atomic_load(&world->hub);
    if (hub)
        hub_wake(hub);
}

static void note_answered(void *context, const ApiAnswered *answered)
{
    World *world = context;
    world->route = answered->route;
    world->method = answered->method;
    __atomic_add_fetch(&world->answered, 1, __ATOMIC_SEQ_CST);
}

static void measure(void *context)
{
    const World *world = context;
    metric_set(world->metrics, METRIC_BUILD_INFO, "of the world", 1);
}

static bool open_app(void *context, Arena *arena, App **out, Error *err)
{
    World *world = context;
    AppOptions options = {.verb = "serve", .command = "weir serve", .trace_id = "0"};
    __atomic_add_fetch(&world->opened, 1, __ATOMIC_SEQ_CST);
    return app_open(arena, NEEDS_COLLECTION, &options, out, err);
}

static void read_world_settings(Test *t, const char *config, Settings *settings)
{
    SettingsInput input = {.home = arena_format(t->arena, "%s/home", t->dir)};
    test_write(t, "home/config.toml", config);
    CHECK_OK(settings_read(t->arena, &input, settings, &t->err));
}

World *world_open_with(Test *t, const char *config)
{
    World *world = ARENA_NEW(t->arena, World);
    Settings settings = {0};
    const char *home = arena_format(t->arena, "%s/home", t->dir);
    world->t = t;
    (void)test_shell(t, "mkdir -p home");
    (void)setenv("WEIR_HOME", home, 1);
    read_world_settings(t, config, &settings);
    JobQueueOptions jobs = {
        .folder = home, .owner = true, .committed = committed, .context = world};
    CHECK_OK(job_queue_open(&jobs, &world->jobs, &t->err));
    HubOptions listening = {.folder = home, .heartbeat_ms = 50, .forget = api_forget_frame};
    Hub *hub = NULL;
    CHECK_OK(hub_open(&listening, &hub, &t->err));
    atomic_store(&world->hub, hub);
    world->metrics = metrics_new();
    ApiOptions options = {.token = hash_of(STR(WORLD_TOKEN)),
                          .jobs = world->jobs,
                          .hub = hub,
                          .settings = &settings,
                          .actor = "ada@here",
                          .open_app = open_app,
                          .answered = note_answered,
                          .metrics = world->metrics,
                          .measure = measure,
                          .context = world};
    CHECK_OK(api_open(&options, &world->api, &t->err));
    api_listens_on(world->api, WORLD_HOST);
    return world;
}

World *world_open(Test *t)
{
    return world_open_with(t, "");
}

void world_close(World **world)
{
    if (!*world)
        return;
    api_drain((*world)->api);
    if ((*world)->server)
        http_server_drain((*world)->server, 1000);
    api_stop((*world)->api);
    http_server_close(&(*world)->server);
    job_queue_close(&(*world)->jobs); /* its commits wake the hub */
    Hub *hub = atomic_load(&(*world)->hub);
    hub_close(&hub);
    api_close(&(*world)->api);
    metrics_free(&(*world)->metrics);
    *world = NULL;
}

/* ── asking ── */

static void add_headers(Test *t, Str lines, HttpHeaders *out)
{
    Str line = {0};
    while (str_next(&lines, '\n', &line)) {
        size_t colon = str_find(line, ':');
        HttpHeader header = {str_slice(line, 0, colon),
                             str_trim(str_slice(line, colon + 1, line.len))};
        ARRAY_PUSH(t->arena, out, header);
    }
}

static bool is_given(const HttpHeaders *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        Str given = headers->items[i].name;
        if (given.len == strlen(name) && strncasecmp(given.data, name, given.len) == 0)
            return true;
    }
    return false;
}

static void add_default(Test *t, HttpHeaders *headers, const char *name, const char *value)
{
    if (!is_given(headers, name))
        ARRAY_PUSH(t->arena, headers, (HttpHeader){str_of(name), str_of(value)});
}

static HttpHeaders without_empty(Test *t, const HttpHeaders *headers)
{
    HttpHeaders kept = {0};
    for (size_t i = 0; i < headers->count; i++) {
        if (headers->items[i].value.len)
            ARRAY_PUSH(t->arena, &kept, headers->items[i]);
    }
    return kept;
}

Str answer_header(const Answer *answer, const char *name)
{
    HttpRequest as_request = {.headers = answer->headers};
    return http_header(&as_request, name);
}

/* What every reply must be, whatever it says. */
static void check_common(World *world, const Answer *answer)
{
    CHECK_STR(answer_header(answer, "x-content-type-options"), STR("nosniff"));
    CHECK(answer_header(answer, "content-security-policy").len > 0);
    CHECK_STR(answer_header(answer, "cross-origin-resource-policy"), STR("same-origin"));
    CHECK(answer_header(answer, "cache-control").len > 0);
    CHECK_INT(answer_header(answer, "x-request-id").len, 26);
    CHECK_INT(answer_header(answer, "traceparent").len, 55);
    CHECK(!answer_header(answer, "access-control-allow-origin").len);
    for (size_t i = 0; i < answer->headers.count; i++)
        CHECK(str_search(answer->headers.items[i].value, STR(WORLD_TOKEN)) == STR_NONE);
    CHECK(str_search(answer->body, STR(WORLD_TOKEN)) == STR_NONE);
    (void)world;
}

static const Endpoint *endpoint_asked(const World *world)
{
    for (size_t i = 0; world->route && i < api_endpoint_count(); i++) {
        const Endpoint *one = api_endpoint(i);
        bool get = strcmp(world->method, "HEAD") == 0 && strcmp(one->method, "GET") == 0;
        if (strcmp(one->path, world->route) == 0 &&
            (get || strcmp(one->method, world->method) == 0))
            return one;
    }
    return NULL;
}

static void check_declared(World *world, Answer *answer)
{
    Test *t = world->t;
    const Endpoint *endpoint = endpoint_asked(world);
    int status = endpoint && endpoint->status ? endpoint->status : 200;
    bool declared = endpoint && (answer->status == status ||
                                 (endpoint->also && answer->status == endpoint->also));
    if (!answer->body.len) {
        CHECK(answer->status == 304 || answer->status == 204 || (endpoint && !endpoint->reply));
        return;
    }
    const Record *record = declared ? endpoint->reply : &api_failure_record;
    if (declared && endpoint->reply_type) {
        CHECK_STR(answer_header(answer, "content-type"), str_of(endpoint->reply_type));
        return;
    }
    if (declared && endpoint->other_type &&
        str_is(answer_header(answer, "content-type"), endpoint->other_type))
        return;
    CHECK_STR(answer_header(answer, "content-type"), STR("application/json"));
    CHECK_OK(json_parse(t->arena, answer->body, 0, &answer->json, &t->err));
    CHECK_OK(record_check(t->arena, record, answer->json, &t->err));
    if (declared)
        return;
    CHECK(answer->status >= 400);
    answer->code = arena_text(t->arena, answer_text(answer, "error.code"));
    CHECK_STR(answer_text(answer, "request_id"), answer_header(answer, "x-request-id"));
    CHECK_STR(answer_text(answer, "trace_id"),
              str_slice(answer_header(answer, "traceparent"), 3, 35));
}

Answer world_ask_bytes(World *world, const char *method, const char *target, const char *headers,
                       Str body)
{
    Test *t = world->t;
    HttpReply reply = {0};
    Str all = str_of(target);
    size_t mark = str_find(all, '?');
    HttpRequest request = {.method = method,
                           .path = str_slice(all, 0, mark),
                           .query = mark == STR_NONE ? (Str){0} : str_slice(all, mark + 1, all.len),
                           .body = body,
                           .on_socket = world->on_socket,
                           .peer = world->on_socket ? STR("unix") : STR("127.0.0.1")};
    add_headers(t, str_of(headers), &request.headers);
    add_default(t, &request.headers, "host", WORLD_HOST);
    add_default(t, &request.headers, "authorization", "Bearer " WORLD_TOKEN);
    if (body.data) {
        add_default(t, &request.headers, "content-type", "application/json");
        add_default(t, &request.headers, "content-length", arena_format(t->arena, "%zu", body.len));
    }
    request.headers = without_empty(t, &request.headers);
    api_answer(world->api, &request, t->arena, &reply);
    Answer answer = {.status = reply.status, .headers = reply.headers, .body = reply.body};
    check_common(world, &answer);
    check_declared(world, &answer);
    return answer;
}

Answer world_ask(World *world, const char *method, const char *target, const char *headers,
                 const char *body)
{
    return world_ask_bytes(world, method, target, headers, body ? str_of(body) : (Str){0});
}

Str answer_text(const Answer *answer, const char *path)
{
    const JsonNode *node = answer->json;
    Str rest = str_of(path), part = {0};
    while (node && str_next(&rest, '.', &part))
        node = json_find(node, part);
    ASSERT(node);
    return node->text;
}

void check_failure(const Answer *answer, int status, const char *code, const char *says)
{
    CHECK_INT(answer->status, status);
    CHECK(answer->code != NULL);
    CHECK_TEXT(answer->code, code);
    SCOPED(arena_close) Arena *arena = arena_open();
    CHECK_HAS(arena_text(arena, answer_text(answer, "error.message")), says);
}

/* ── over TCP ── */

void world_serve(World *world)
{
    Test *t = world->t;
    HttpServerOptions options = {.listen = "127.0.0.1:0"};
    api_serve(world->api, &options);
    CHECK_OK(http_server_open(&options, &world->server, &t->err));
    api_listens_on(world->api, http_server_address(world->server));
}

int world_connect(World *world)
{
    const char *address = http_server_address(world->server);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    CHECK_INT(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

void world_send(World *world, int fd, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(world->t->arena, format, arguments);
    va_end(arguments);
    CHECK_INT(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

Str world_read_until(World *world, int fd, const char *part)
{
    Buf buf = buf_new(world->t->arena);
    char piece[4096];
    int64_t until = clock_monotonic_us() + 10000000;
    while (clock_monotonic_us() < until &&
           (!part || str_search(buf_str(&buf), str_of(part)) == STR_NONE)) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, 100) <= 0)
            continue;
        ssize_t got = recv(fd, piece, sizeof piece, 0);
        if (got <= 0)
            break;
        buf_add_bytes(&buf, piece, (size_t)got);
    }
    return buf_str(&buf);
}
