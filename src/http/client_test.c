/* The client against the server. */
#include <string.h>

#include "base/limits.h"
#include "http/client.h"
#include "http/http_peer_test.h"

static HttpClient *client_to(Test *t, HttpClientOptions options)
{
    HttpClient *client = NULL;
    if (!http_client_open(&options, &client, &t->err)) {
        CHECK_INT(t->err.code, ERR_UNSUPPORTED);
        test_skip("libcurl is not there");
    }
    return client;
}

static const char *url_of(Test *t, const Scene *scene)
{
    return arena_format(t->arena, "http://%s", scene->address);
}

TEST(client_gets_and_posts_over_one_connection)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    SCOPED(http_client_close)
    HttpClient *client = client_to(t, (HttpClientOptions){.url = url_of(t, scene)});
    HttpClientReply reply;
    HttpClientRequest get = {.method = "GET", .target = "/a/../b?c=d"};
    CHECK_OK(http_client_send(client, t->arena, &get, &reply, &t->err));
    CHECK_INT(reply.status, 200);
    CHECK_STR(http_client_header(&reply, "content-type"), STR("text/plain"));
    CHECK_STR(reply.body, STR("GET /a/../b c=d 127.0.0.1 "));
    char *body = arena_alloc(t->arena, LIMIT_HTTP_BODY_BYTES, 1);
    memset(body, 'x', LIMIT_HTTP_BODY_BYTES);
    HttpClientRequest post = {
        .method = "POST", .target = "/a", .body = {body, LIMIT_HTTP_BODY_BYTES}};
    CHECK_OK(http_client_send(client, t->arena, &post, &reply, &t->err));
    CHECK(reply.body.len > LIMIT_HTTP_BODY_BYTES && str_ends(reply.body, post.body));
    HttpClientRequest empty = {.method = "POST", .target = "/a"};
    CHECK_OK(http_client_send(client, t->arena, &empty, &reply, &t->err));
    CHECK_STR(reply.body, STR("POST /a  127.0.0.1 "));
    HttpClientRequest head = {.method = "HEAD", .target = "/a"};
    CHECK_OK(http_client_send(client, t->arena, &head, &reply, &t->err));
    CHECK_INT(reply.body.len, 0);
    CHECK_INT(http_server_counts(scene->server).connections, 1);
}

static void say_headers(void *context, HttpCall *call)
{
    const HttpRequest *request = http_call_request(call);
    (void)context;
    http_reply(call, &(HttpReply){
                         .status = 404,
                         .body = str_of(arena_format(http_call_arena(call), "%.*s|%.*s|%zu",
                                                     STR_ARG(http_header(request, "authorization")),
                                                     STR_ARG(http_header(request, "if-match")),
                                                     request->headers.count))});
}

TEST(client_brings_its_token_over_the_socket)
{
    const char *path = arena_format(t->arena, "%s/socket", t->dir);
    SCOPED(scene_close)
    Scene *scene = scene_open(t, (HttpServerOptions){.socket_path = path, .handle = say_headers});
    SCOPED(http_client_close)
    HttpClient *client = client_to(
        t, (HttpClientOptions){.url = "http://localhost", .socket_path = path, .bearer = "secret"});
    HttpClientRequest request = {.method = "GET", .target = "/"};
    HttpClientReply reply;
    ARRAY_PUSH(t->arena, &request.headers, (HttpHeader){STR("If-Match"), STR("\"1\"")});
    CHECK_OK(http_client_send(client, t->arena, &request, &reply, &t->err));
    CHECK_INT(reply.status, 404);
    CHECK_STR(reply.body, STR("Bearer secret|\"1\"|4"));
}

TEST(client_says_what_went_wrong)
{
    Late late = LATE;
    Scene *scene = scene_open(t, (HttpServerOptions){.handle = late_keep, .context = &late});
    HttpClient *client =
        client_to(t, (HttpClientOptions){.url = url_of(t, scene), .timeout_ms = 100});
    HttpClientRequest request = {.method = "GET", .target = "/"};
    HttpClientReply reply;
    CHECK_FAILS(ERR_TIMEOUT, http_client_send(client, t->arena, &request, &reply, &t->err));
    late_await(&late, 1);
    http_reply(late.kept[0], &(HttpReply){.status = 200});
    scene_close(&scene);
    CHECK_FAILS(ERR_NETWORK_ERROR, http_client_send(client, t->arena, &request, &reply, &t->err));
    http_client_close(&client);
    client = client_to(t, (HttpClientOptions){.url = "file:///etc/passwd"});
    CHECK_FAILS(ERR_NETWORK_ERROR, http_client_send(client, t->arena, &request, &reply, &t->err));
    http_client_close(&client);
}

TEST(client_refuses_a_reply_beyond_its_limit)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    SCOPED(http_client_close)
    HttpClient *client = client_to(t, (HttpClientOptions){.url = url_of(t, scene)});
    HttpClientRequest request = {.method = "GET", .target = "/", .limit_bytes = 8};
    HttpClientReply reply;
    CHECK_FAILS(ERR_TOO_LARGE, http_client_send(client, t->arena, &request, &reply, &t->err));
}

static void stream_three(void *context, HttpCall *call)
{
    HttpStream *stream = http_reply_stream(call, 200, &(HttpHeaders){0});
    HttpBytes *bytes = http_bytes_new(STR("event\n"));
    (void)context;
    for (int i = 0; i < 3; i++)
        (void)http_stream_write(stream, bytes);
    http_bytes_release(&bytes);
    http_stream_close(&stream);
}

static bool take_one(void *context, Str bytes)
{
    bool *first = context;
    CHECK(str_starts(bytes, STR("event\n")));
    bool go_on = !*first;
    *first = false;
    return go_on;
}

TEST(client_takes_a_stream_as_it_comes_and_may_leave_it)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){.handle = stream_three});
    SCOPED(http_client_close)
    HttpClient *client =
        client_to(t, (HttpClientOptions){.url = url_of(t, scene), .timeout_ms = -1});
    bool first = true;
    HttpClientRequest request = {
        .method = "GET", .target = "/", .take = take_one, .context = &first};
    HttpClientReply reply;
    CHECK_OK(http_client_send(client, t->arena, &request, &reply, &t->err));
    CHECK(reply.status == 200 && !first);
}
