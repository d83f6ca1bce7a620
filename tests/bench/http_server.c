/* http_server ADDRESS FILE: answers with the bytes of FILE, to "/stream" with a stream of one hello. */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "http/server.h"

typedef struct {
    Arena *arena;
    HttpHeaders json, events;
    Str bytes;
    HttpBytes *hello;
} Scene;

static void handle(void *context, HttpCall *call)
{
    Scene *scene = context;
    if (!str_is(http_call_request(call)->path, "/stream")) {
        http_reply(call, &(HttpReply){.status = 200, .headers = scene->json, .body = scene->bytes});
        return;
    }
    HttpStream *stream = http_reply_stream(call, 200, &scene->events);
    (void)http_stream_write(stream, scene->hello);
    /* It stays open for as long as its peer likes; this program has no use for it any more. */
    (void)stream;
}

int main(int argc, char **argv)
{
    Scene scene = {.arena = arena_open()};
    Error err;
    struct rlimit limit;
    if (argc != 3)
        return 2;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    ARRAY_PUSH(scene.arena, &scene.json,
               (HttpHeader){STR("Content-Type"), STR("application/json")});
    ARRAY_PUSH(scene.arena, &scene.events,
               (HttpHeader){STR("Content-Type"), STR("text/event-stream")});
    scene.hello = http_bytes_new(STR(": hello\n\n"));
    HttpServerOptions options = {.listen = argv[1], .handle = handle, .context = &scene};
    HttpServer *server = NULL;
    if (!fs_read_path(scene.arena, argv[2], 1 << 20, &scene.bytes, &err) ||
        !http_server_open(&options, &server, &err)) {
        (void)fprintf(stderr, "http_server: %s\n", err.message);
        return 1;
    }
    (void)printf("%s\n", http_server_address(server));
    (void)fflush(stdout);
    for (;;)
        (void)pause();
}
