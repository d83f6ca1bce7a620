/* collector FILE: takes spans as OpenTelemetry's exporters send them (OTLP over HTTP, JSON).
 *
 * Its first line is its address; each span becomes a line of FILE: trace, span, parent or "-", kind,
 * name, status, job or "-", start, end. A request without `x-tenant: spans & logs` is refused; it
 * ends when its standard input does.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "format/json_read.h"
#include "http/server.h"

static Str text_of(const JsonNode *node, const char *key)
{
    const JsonNode *found = json_find(node, str_of(key));
    return found && found->kind == JSON_STRING && found->text.len ? found->text : STR("-");
}

static Str attribute_of(const JsonNode *span, const char *key)
{
    const JsonNode *list = json_find(span, STR("attributes"));
    for (const JsonNode *one = list ? list->first : NULL; one; one = one->next)
        if (str_is(text_of(one, "key"), key))
            return text_of(json_find(one, STR("value")), "stringValue");
    return STR("-");
}

static long long number_of(const JsonNode *node, const char *key)
{
    int64_t number = -1;
    const JsonNode *found = json_find(node, str_of(key));
    return found && json_to_i64(found, &number) ? (long long)number : -1;
}

static void add_span(Buf *buf, const JsonNode *span)
{
    buf_format(buf, "%.*s %.*s %.*s %lld %.*s %lld %.*s %.*s %.*s\n",
               STR_ARG(text_of(span, "traceId")), STR_ARG(text_of(span, "spanId")),
               STR_ARG(text_of(span, "parentSpanId")), number_of(span, "kind"),
               STR_ARG(text_of(span, "name")), number_of(json_find(span, STR("status")), "code"),
               STR_ARG(attribute_of(span, "weir.job_id")),
               STR_ARG(text_of(span, "startTimeUnixNano")),
               STR_ARG(text_of(span, "endTimeUnixNano")));
}

static void add_scopes(Buf *buf, const JsonNode *resource)
{
    const JsonNode *scopes = json_find(resource, STR("scopeSpans"));
    for (const JsonNode *scope = scopes ? scopes->first : NULL; scope; scope = scope->next) {
        const JsonNode *spans = json_find(scope, STR("spans"));
        for (const JsonNode *span = spans ? spans->first : NULL; span; span = span->next)
            add_span(buf, span);
    }
}

static int keep(int file, Arena *arena, const HttpRequest *request)
{
    const JsonNode *root = NULL;
    Error err;
    Buf buf = buf_new(arena);
    if (!str_is(request->path, "/v1/traces"))
        return 404;
    if (!str_is(http_header(request, "content-type"), "application/json") ||
        !str_is(http_header(request, "x-tenant"), "spans & logs"))
        return 401;
    if (!json_parse(arena, request->body, 0, &root, &err))
        return 400;
    const JsonNode *resources = json_find(root, STR("resourceSpans"));
    for (const JsonNode *one = resources ? resources->first : NULL; one; one = one->next)
        add_scopes(&buf, one);
    return fs_write_fd(file, buf_str(&buf), &err) ? 200 : 500;
}

static void handle(void *context, HttpCall *call)
{
    int status = keep(*(const int *)context, http_call_arena(call), http_call_request(call));
    HttpReply reply = {.status = status, .body = STR("{}")};
    http_reply(call, &reply);
}

int main(int argc, char **argv)
{
    Error err;
    char byte;
    SCOPED(fd_close) int file = -1;
    SCOPED(http_server_close) HttpServer *server = NULL;
    HttpServerOptions options = {.listen = "127.0.0.1:0", .handle = handle, .context = &file};
    if (argc != 2 || !fs_open_append(argv[1], 0600, &file, &err) ||
        !http_server_open(&options, &server, &err))
        return 1;
    (void)printf("http://%s\n", http_server_address(server));
    (void)fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    return 0;
}
