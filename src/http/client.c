#include "http/client.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/buf.h"
#include "base/process.h"

enum { CONNECT_MS = 2000, TIMEOUT_MS = 30000 };
#define BODY_LIMIT ((uint64_t)64 << 20)

/* With CURL_DISABLE_TYPECHECK these names are plain functions; here only their types are used. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#define SYMBOLS(X)                                                                                 \
    X(curl_global_init)                                                                            \
    X(curl_easy_init)                                                                              \
    X(curl_easy_reset)                                                                             \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_perform)                                                                           \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_strerror)                                                                          \
    X(curl_easy_cleanup)                                                                           \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)

typedef struct {
#define SYMBOL(name) __typeof__(name) *name;
    SYMBOLS(SYMBOL)
#undef SYMBOL
} Curl;

struct HttpClient {
    Arena *arena;
    HttpClientOptions options;
    Curl curl;
    CURL *handle;
};

/* RTLD_NODELETE: the library and those below it do not bear being unloaded. */
static bool load(Curl *curl, Error *err)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return fail(err, ERR_UNSUPPORTED, "the library libcurl.so.4 cannot be loaded") ||
               fail_hint(err, "Install it: `apt-get install libcurl4`.");
    void *found;
    bool whole = true;
#define SYMBOL(name)                                                                               \
    found = dlsym(library, #name);                                                                 \
    memcpy(&curl->name, &found, sizeof found);                                                     \
    whole = whole && found;
    SYMBOLS(SYMBOL)
#undef SYMBOL
    (void)dlclose(library);
    return whole ||
           fail(err, ERR_UNSUPPORTED, "libcurl.so.4 is of a version that weir does not know");
}

bool http_client_open(const HttpClientOptions *options, HttpClient **out, Error *err)
{
    Curl curl;
    if (!load(&curl, err))
        return false;
    if (curl.curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        return fail(err, ERR_UNSUPPORTED, "libcurl does not start");
    CURL *handle = curl.curl_easy_init();
    if (!handle)
        return fail(err, ERR_UNSUPPORTED, "libcurl does not start");
    HttpClient *client = calloc(1, sizeof *client);
    if (!client)
        out_of_memory(sizeof *client);
    client->arena = arena_open();
    client->options = *options;
    client->options.url = arena_text(client->arena, str_of(options->url));
    if (options->socket_path)
        client->options.socket_path = arena_text(client->arena, str_of(options->socket_path));
    if (options->bearer)
        client->options.bearer = arena_text(client->arena, str_of(options->bearer));
    client->curl = curl;
    client->handle = handle;
    *out = client;
    return true;
}

void http_client_close(HttpClient **client)
{
    HttpClient *closing = TAKE(*client);
    if (!closing)
        return;
    closing->curl.curl_easy_cleanup(closing->handle);
    arena_close(&closing->arena);
    free(closing);
}

/* ── one request ── */

typedef struct {
    Arena *arena;
    const HttpClientRequest *request;
    HttpClientReply reply;
    Buf body;
    uint64_t limit_bytes, got_bytes;
    bool too_large, enough;
} Exchange;

static size_t on_body(char *bytes, size_t one, size_t len, void *opaque)
{
    Exchange *exchange = opaque;
    len *= one;
    exchange->got_bytes += len;
    exchange->too_large = exchange->got_bytes > exchange->limit_bytes;
    if (exchange->too_large)
        return 0;
    if (exchange->request->take) {
        exchange->enough = !exchange->request->take(exchange->request->context, (Str){bytes, len});
        return exchange->enough ? 0 : len;
    }
    buf_add_bytes(&exchange->body, bytes, len);
    return len;
}

/* A line at a time. An interim reply's (100) are forgotten when the next status line comes. */
static size_t on_header(char *bytes, size_t one, size_t len, void *opaque)
{
    Exchange *exchange = opaque;
    Str line = {bytes, len * one};
    size_t colon = str_find(line, ':');
    if (str_starts(line, STR("HTTP/"))) {
        exchange->reply.headers = (HttpHeaders){0};
    } else if (colon != STR_NONE) {
        char *name = arena_text(exchange->arena, str_slice(line, 0, colon));
        for (char *c = name; *c; c++)
            if (*c >= 'A' && *c <= 'Z')
                *c = (char)(*c - 'A' + 'a');
        Str value = arena_copy(exchange->arena, str_trim(str_slice(line, colon + 1, line.len)));
        ARRAY_PUSH(exchange->arena, &exchange->reply.headers, (HttpHeader){str_of(name), value});
    }
    return line.len;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)context, (void)a, (void)b, (void)c, (void)d;
    return interrupted();
}

static void set_connection(HttpClient *client)
{
    const HttpClientOptions *options = &client->options;
    const Curl *curl = &client->curl;
    CURL *handle = client->handle;
    long timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS;
    curl->curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl->curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl->curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl->curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                           (long)(options->connect_ms ? options->connect_ms : CONNECT_MS));
    curl->curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, timeout_ms < 0 ? 0L : timeout_ms);
    if (options->socket_path)
        curl->curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, options->socket_path);
    curl->curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl->curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
}

static void set_body(HttpClient *client, const HttpClientRequest *request)
{
    const Curl *curl = &client->curl;
    CURL *handle = client->handle;
    bool bodiless = strcmp(request->method, "GET") == 0 || strcmp(request->method, "DELETE") == 0;
    if (strcmp(request->method, "HEAD") == 0) {
        curl->curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
        return;
    }
    if (!bodiless || request->body.len) {
        curl->curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        curl->curl_easy_setopt(handle, CURLOPT_POSTFIELDS,
                               request->body.len ? request->body.data : "");
    }
    curl->curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
}

static struct curl_slist *headers_of(HttpClient *client, Arena *arena,
                                     const HttpClientRequest *request)
{
    /* What curl adds by itself and nobody asked for. */
    struct curl_slist *list = client->curl.curl_slist_append(NULL, "Expect:");
    if (!http_header(&(HttpRequest){.headers = request->headers}, "content-type").data)
        list = client->curl.curl_slist_append(list, "Content-Type:");
    if (client->options.bearer)
        list = client->curl.curl_slist_append(
            list, arena_format(arena, "Authorization: Bearer %s", client->options.bearer));
    for (size_t i = 0; i < request->headers.count; i++) {
        const HttpHeader *header = &request->headers.items[i];
        list = client->curl.curl_slist_append(
            list, arena_format(arena, "%.*s%s %.*s", STR_ARG(header->name),
                               header->value.len ? ":" : ";", STR_ARG(header->value)));
    }
    return list;
}

static bool tell(const HttpClient *client, const Exchange *exchange, CURLcode code, Error *err)
{
    const char *where =
        client->options.socket_path ? client->options.socket_path : client->options.url;
    if (code == CURLE_OK || exchange->enough)
        return true;
    if (exchange->too_large)
        return fail(err, ERR_TOO_LARGE, "the reply of %s is larger than %llu bytes", where,
                    (unsigned long long)exchange->limit_bytes);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return fail(err, ERR_INTERRUPTED, "interrupted while talking to %s", where);
    return fail(err, code == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_NETWORK_ERROR,
                "cannot talk to %s: %s", where, client->curl.curl_easy_strerror(code));
}

bool http_client_send(HttpClient *client, Arena *arena, const HttpClientRequest *request,
                      HttpClientReply *out, Error *err)
{
    const Curl *curl = &client->curl;
    CURL *handle = client->handle;
    Exchange exchange = {.arena = arena, .request = request, .body = buf_new(arena)};
    exchange.limit_bytes = request->take          ? UINT64_MAX
                           : request->limit_bytes ? request->limit_bytes
                                                  : BODY_LIMIT;
    struct curl_slist *headers = headers_of(client, arena, request);
    curl->curl_easy_reset(handle); /* keeps its connections */
    set_connection(client);
    set_body(client, request);
    curl->curl_easy_setopt(handle, CURLOPT_URL,
                           arena_format(arena, "%s%s", client->options.url, request->target));
    curl->curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl->curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl->curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
    curl->curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
    curl->curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    curl->curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
    CURLcode code = curl->curl_easy_perform(handle);
    long status = 0;
    curl->curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl->curl_slist_free_all(headers);
    if (!tell(client, &exchange, code, err))
        return false;
    exchange.reply.status = (int)status;
    exchange.reply.body = buf_str(&exchange.body);
    *out = exchange.reply;
    return true;
}

Str http_client_header(const HttpClientReply *reply, const char *name)
{
    return http_header(&(HttpRequest){.headers = reply->headers}, name);
}
