#include "clients.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "format/json_read.h"
#include "http/client.h"
#include "wishes.h"

uint32_t chance(uint32_t below)
{
    uint32_t value;
    random_bytes(&value, sizeof value);
    return value % below;
}

void tell(Clients *all, const char *who, const char *what, const char *format, ...)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    va_list arguments;
    va_start(arguments, format);
    const char *rest = arena_format_list(arena, format, arguments);
    va_end(arguments);
    const char *line = arena_format(arena, "{\"do\":\"%s\",\"t\":%lld,\"who\":\"%s\"%s}\n", what,
                                    (long long)clock_monotonic_us(), who, rest);
    if (write(all->history, line, strlen(line)) != (ssize_t)strlen(line))
        die_of("history");
}

/* ---- speaking ---- */

/* The even ones come by the socket, the odd ones by TCP, whose port is another one after each start. */
typedef struct {
    Client *client;
    char who[16];
    char address[64];
    HttpClient *http;
} Line;

static bool connect_line(Line *line, int timeout_ms)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    char address[64];
    Error err;
    Served *served = line->client->all->served;
    served_address(served, address);
    if (line->http && strcmp(address, line->address) == 0)
        return true;
    http_client_close(&line->http);
    memcpy(line->address, address, sizeof address);
    bool by_socket = line->client->index % 2 == 0;
    HttpClientOptions options = {.url = by_socket ? "http://localhost"
                                                  : arena_format(arena, "http://%s", address),
                                 .bearer = SERVED_TOKEN,
                                 .timeout_ms = timeout_ms};
    if (by_socket)
        options.socket_path = served->socket;
    if (address[0] && !http_client_open(&options, &line->http, &err)) {
        (void)fprintf(stderr, "storm: %s\n", err.message);
        _exit(3);
    }
    return address[0] != '\0';
}

/* false: nobody was there to answer, or not to the end. */
static bool ask(Line *line, Arena *arena, const HttpClientRequest *request, HttpClientReply *reply)
{
    Error err;
    if (connect_line(line, 5000) && http_client_send(line->http, arena, request, reply, &err))
        return true;
    atomic_fetch_add(&line->client->all->breaks, 1);
    clock_sleep_ms(2 + chance(20));
    return false;
}

static Str member(Arena *arena, Str json, const char *name)
{
    const JsonNode *root;
    const JsonNode *node;
    Error err;
    if (!json_parse(arena, json, 0, &root, &err) || !(node = json_find(root, str_of(name))) ||
        node->kind != JSON_STRING)
        return (Str){0};
    return node->text;
}

/* ---- making ---- */

/* The oldest version that is told of; empty: the daemon was not there to tell. */
static Str old_version(Line *line, Arena *arena, unsigned artifact)
{
    const JsonNode *root;
    const JsonNode *items;
    Error ignored;
    Str version = {0};
    HttpClientRequest request = {
        .method = "GET",
        .target = arena_format(arena, "/api/v1/artifacts/skill:s%u/version-history", artifact)};
    HttpClientReply reply;
    if (!ask(line, arena, &request, &reply) || reply.status != 200 ||
        !json_parse(arena, reply.body, 0, &root, &ignored) ||
        !(items = json_find(root, STR("items"))))
        return version;
    for (const JsonNode *item = items->first; item; item = item->next) {
        const JsonNode *hash = json_find(item, STR("hash"));
        if (hash)
            version = hash->text;
    }
    return version;
}

static Wish make_wish(Line *line, Arena *arena)
{
    const char *folder = line->client->all->folder;
    for (;;) {
        unsigned artifact = chance(ARTIFACTS);
        Wish wish = wish_random(arena, folder, artifact);
        if (!wish.goes_back)
            return wish;
        Str version = old_version(line, arena, artifact);
        if (!version.len)
            continue;
        wish.body =
            str_of(arena_format(arena, "%.*s%.*s\"}", STR_ARG(wish.body), STR_ARG(version)));
        return wish;
    }
}

/* Asks until there is an answer; the key makes that safe. Anything but a ticket is for the checker to see. */
static Str acknowledged(Line *line, Arena *arena, const char *key, const Wish *wish)
{
    Clients *all = line->client->all;
    HttpClientRequest request = {.method = "POST", .target = wish->target, .body = wish->body};
    HttpHeader headers[] = {{STR("Content-Type"), STR("application/json")},
                            {STR("Idempotency-Key"), str_of(key)}};
    request.headers.items = headers;
    request.headers.count = COUNT_OF(headers);
    tell(all, line->who, "ask", ",\"key\":\"%s\"", key);
    while (!all->stop) {
        HttpClientReply reply;
        if (!ask(line, arena, &request, &reply))
            continue;
        Str job = member(arena, reply.body, "id");
        if (reply.status == 429 || reply.status == 503) {
            clock_sleep_ms(20);
            continue;
        }
        if ((reply.status != 202 && reply.status != 200) || job.len == 0) {
            tell(all, line->who, "refused", ",\"key\":\"%s\",\"status\":%d", key, reply.status);
            (void)fprintf(stderr, "refused: %s %.*s\n", wish->target, STR_ARG(reply.body));
            return (Str){0};
        }
        atomic_fetch_add(reply.status == 202 ? &all->acks : &all->replays, 1);
        tell(all, line->who, "ack", ",\"key\":\"%s\",\"job\":\"%.*s\"", key, STR_ARG(job));
        return job;
    }
    return (Str){0};
}

/* What was seen must stay true: a job that was acknowledged is there, and an end is its end. */
static void look_at(Line *line, Arena *arena, Str job)
{
    HttpClientRequest request = {
        .method = "GET", .target = arena_format(arena, "/api/v1/sync/jobs/%.*s", STR_ARG(job))};
    HttpClientReply reply;
    if (!ask(line, arena, &request, &reply) || reply.status == 429 || reply.status == 503)
        return;
    Str state = member(arena, reply.body, "state");
    tell(line->client->all, line->who, "seen", ",\"job\":\"%.*s\",\"status\":%d,\"state\":\"%.*s\"",
         STR_ARG(job), reply.status, STR_ARG(state));
}

static void cancel(Line *line, Arena *arena, Str job)
{
    HttpClientRequest request = {
        .method = "POST",
        .target = arena_format(arena, "/api/v1/sync/jobs/%.*s/cancel", STR_ARG(job))};
    HttpClientReply reply;
    if (ask(line, arena, &request, &reply) && reply.status == 200)
        atomic_fetch_add(&line->client->all->cancels, 1);
}

static void make_one(Line *line, Arena *arena, int64_t number)
{
    const char *key = arena_format(arena, "%s-%lld", line->who, (long long)number);
    Wish wish = make_wish(line, arena);
    Str job = acknowledged(line, arena, key, &wish);
    if (job.len == 0)
        return;
    if (chance(8) == 0)
        (void)acknowledged(line, arena, key, &wish);
    if (chance(3) == 0)
        cancel(line, arena, job);
    if (chance(3) == 0)
        look_at(line, arena, job);
}

void *client_make(void *context)
{
    Client *client = context;
    Line line = {.client = client};
    (void)snprintf(line.who, sizeof line.who, "m%d", client->index);
    for (int64_t number = 0; !client->all->no_more_jobs; number++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        make_one(&line, arena, number);
        clock_sleep_ms(chance(300));
    }
    http_client_close(&line.http);
    return NULL;
}

/* ---- listening ---- */

typedef struct {
    Line *line;
    Arena *arena;
    Buf text; /* what has come and is no whole line yet */
} Ear;

static void hear_line(Ear *ear, Str text)
{
    Client *client = ear->line->client;
    uint64_t seq;
    if (!str_starts(text, STR("id: ")) || !str_to_u64(str_slice(text, 4, text.len), &seq))
        return;
    tell(client->all, ear->line->who, "heard", ",\"seq\":%llu", (unsigned long long)seq);
    client->all->heard[client->index] = (int64_t)seq;
}

static bool hear(void *context, Str bytes)
{
    Ear *ear = context;
    for (size_t end; (end = str_find(bytes, '\n')) != STR_NONE;) {
        buf_add(&ear->text, str_slice(bytes, 0, end));
        hear_line(ear, buf_str(&ear->text));
        ear->text.len = 0;
        bytes = str_slice(bytes, end + 1, bytes.len);
    }
    buf_add(&ear->text, bytes);
    return !ear->line->client->all->stop;
}

/* Begins at the first event of all, so that each is to be heard. */
static void listen_once(Line *line)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Clients *all = line->client->all;
    int64_t from = all->heard[line->client->index];
    Ear ear = {.line = line, .arena = arena, .text = buf_new(arena)};
    HttpHeader header = {STR("Last-Event-ID"),
                         str_of(arena_format(arena, "%lld", (long long)from))};
    HttpClientRequest request = {
        .method = "GET", .target = "/api/v1/events", .take = hear, .context = &ear};
    request.headers.items = &header;
    request.headers.count = 1;
    HttpClientReply reply;
    Error err;
    if (!connect_line(line, -1)) {
        clock_sleep_ms(10);
        return;
    }
    tell(all, line->who, "joined", ",\"from\":%lld", (long long)from);
    if (!http_client_send(line->http, arena, &request, &reply, &err))
        atomic_fetch_add(&all->breaks, 1);
    clock_sleep_ms(5 + chance(20));
}

void *client_listen(void *context)
{
    Client *client = context;
    Line line = {.client = client};
    (void)snprintf(line.who, sizeof line.who, "l%d", client->index);
    while (!client->all->stop)
        listen_once(&line);
    http_client_close(&line.http);
    return NULL;
}
