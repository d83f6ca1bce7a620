/* Where spans go: a collector that speaks OTLP over HTTP, named by OpenTelemetry's own variables. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/observe_internal.h"
#include "obs/redact.h"

#define ENDPOINT_VARIABLE "OTEL_EXPORTER_OTLP_ENDPOINT"
#define HEADERS_VARIABLE "OTEL_EXPORTER_OTLP_HEADERS"

enum { CONNECT_MS = 2000, SEND_MS = 5000 };

/* ── headers: name=value, percent-encoded, with commas between ── */

static int hex_of(char digit)
{
    const char *digits = "0123456789abcdef", *found = NULL;
    if (digit)
        found = strchr(digits, digit >= 'A' && digit <= 'F' ? digit + 32 : digit);
    return found ? (int)(found - digits) : -1;
}

static Str decode(Arena *arena, Str text)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < text.len; i++) {
        bool coded = text.data[i] == '%' && i + 2 < text.len && hex_of(text.data[i + 1]) >= 0 &&
                     hex_of(text.data[i + 2]) >= 0;
        buf_add_char(&buf, coded ? (char)(hex_of(text.data[i + 1]) * 16 + hex_of(text.data[i + 2]))
                                 : text.data[i]);
        i += coded ? 2 : 0;
    }
    return buf_str(&buf);
}

typedef struct {
    Observer *observer;
    Arena *arena;
    HttpClientRequest request;
    HttpClientReply reply;
} Sending;

/* The headers are good for this call alone. */
static bool send_with(void *context, Str headers, Error *err)
{
    Sending *sending = context;
    HttpHeaders *list = &sending->request.headers;
    size_t secret_from = list->count;
    Str one = {0};
    while (str_next(&headers, ',', &one)) {
        size_t mark = str_find(one, '=');
        if (mark == STR_NONE || !str_trim(str_slice(one, 0, mark)).len)
            continue;
        HttpHeader header = {str_trim(str_slice(one, 0, mark)),
                             decode(sending->arena, str_trim(str_slice(one, mark + 1, one.len)))};
        ARRAY_PUSH(sending->arena, list, header);
    }
    bool sent = http_client_send(sending->observer->client, sending->arena, &sending->request,
                                 &sending->reply, err);
    for (size_t i = secret_from; i < list->count; i++)
        explicit_bzero((char *)(uintptr_t)list->items[i].value.data, list->items[i].value.len);
    return sent;
}

/* ── one request, on the exporter's thread ── */

static bool open_client(Observer *observer, Error *err)
{
    const HttpClientOptions options = {
        .url = observer->url, .connect_ms = CONNECT_MS, .timeout_ms = SEND_MS};
    return observer->client || http_client_open(&options, &observer->client, err);
}

static bool send_body(void *context, Str body, Error *err)
{
    static const HttpHeader json = {{"content-type", 12}, {"application/json", 16}};
    SCOPED(arena_close) Arena *arena = arena_open();
    Observer *observer = context;
    Sending sending = {.observer = observer, .arena = arena};
    sending.request = (HttpClientRequest){.method = "POST", .target = "/v1/traces", .body = body};
    ARRAY_PUSH(arena, &sending.request.headers, json);
    if (!open_client(observer, err) ||
        !(observer->headers ? secret_lend(observer->headers, send_with, &sending, err)
                            : send_with(&sending, (Str){0}, err)))
        return false;
    return (sending.reply.status >= 200 && sending.reply.status < 300) ||
           fail(err, ERR_NETWORK_ERROR, "the collector answered %d", sending.reply.status);
}

/* ── opening ── */

static void say(void *context, const char *text)
{
    const Observer *observer = context;
    if (observer->options.notice)
        observer->options.notice(observer->options.context, text);
}

static void secret_values(Arena *arena, StrArray *out)
{
    for (char **one = environ; *one; one++) {
        Str value = str_of(*one), name = {0};
        if (str_next(&value, '=', &name) && redact_is_secret_name(name))
            ARRAY_PUSH(arena, out, arena_copy(arena, value));
    }
}

bool observer_open_export(Observer *observer, Error *err)
{
    const char *endpoint = getenv(ENDPOINT_VARIABLE);
    size_t len = endpoint ? strlen(endpoint) : 0;
    observer->headers = secret_of_environment(HEADERS_VARIABLE);
    while (len && endpoint[len - 1] == '/')
        len--;
    if (!len)
        return true;
    if (strncmp(endpoint, "http://", 7) != 0 && strncmp(endpoint, "https://", 8) != 0)
        return fail(err, ERR_CONFIG_INVALID, ENDPOINT_VARIABLE " is '%s', no http or https address",
                    text_safe(observer->arena, redact(observer->arena, str_of(endpoint), NULL)));
    observer->url = arena_text(observer->arena, (Str){endpoint, len});
    ExporterOptions options = {
        .send = send_body, .notice = say, .context = observer, .metrics = observer->metrics};
    secret_values(observer->arena, &options.secrets);
    return exporter_open(&options, &observer->exporter, err);
}
