#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "http/server_internal.h"

static const struct {
    int status;
    const char *words;
} reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].words;
    return "Unknown";
}

/* RFC 9110: "Sun, 06 Nov 1994 08:49:37 GMT"; made once a second. */
static void add_date(HttpServer *server, Buf *buf)
{
    static const char days[] = "SunMonTueWedThuFriSat",
                      months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = (time_t)(clock_ms() / 1000);
    char text[sizeof server->date];
    (void)pthread_mutex_lock(&server->lock);
    bool stale = server->date_s != now || !server->date[0];
    memcpy(text, server->date, sizeof text);
    (void)pthread_mutex_unlock(&server->lock);
    if (stale) {
        struct tm parts = {0};
        (void)gmtime_r(&now, &parts);
        const char *fresh = arena_format(
            buf->arena, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + (size_t)parts.tm_wday * 3,
            parts.tm_mday, months + (size_t)parts.tm_mon * 3, (parts.tm_year + 1900) % 10000,
            parts.tm_hour, parts.tm_min, parts.tm_sec);
        memset(text, 0, sizeof text);
        memcpy(text, fresh, strnlen(fresh, sizeof text - 1));
        (void)pthread_mutex_lock(&server->lock);
        memcpy(server->date, text, sizeof text);
        server->date_s = now;
        (void)pthread_mutex_unlock(&server->lock);
    }
    buf_add_text(buf, text);
}

/* A line break in a name or value would begin a header of its own; it becomes a blank. */
static void add_plain(Buf *buf, Str text)
{
    size_t from = buf->len;
    buf_add(buf, text);
    for (size_t i = from; i < buf->len; i++)
        if ((unsigned char)buf->data[i] < ' ' || buf->data[i] == 0x7f)
            buf->data[i] = ' ';
}

static void add_number(Buf *buf, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    buf_add_bytes(buf, digits + at, sizeof digits - at);
}

bool reply_has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static void add_framing(Buf *buf, const HttpCall *call, bool counted, uint64_t length_bytes)
{
    if (counted) {
        buf_add(buf, STR("Content-Length: "));
        add_number(buf, length_bytes);
        buf_add(buf, STR("\r\n"));
    } else if (call->stream && call->stream->chunked) {
        buf_add(buf, STR("Transfer-Encoding: chunked\r\n"));
    }
    if (call->close)
        buf_add(buf, STR("Connection: close\r\n"));
}

Str reply_head(HttpCall *call, int status, const HttpHeaders *headers, const uint64_t *length_bytes)
{
    Buf buf = buf_new(call->arena);
    buf_reserve(&buf, 384);
    buf_add(&buf, STR("HTTP/1.1 "));
    add_number(&buf, (uint64_t)status);
    buf_add_char(&buf, ' ');
    buf_add_text(&buf, reason_of(status));
    buf_add(&buf, STR("\r\nDate: "));
    add_date(call->server, &buf);
    buf_add(&buf, STR("\r\n"));
    for (size_t i = 0; i < headers->count; i++) {
        add_plain(&buf, headers->items[i].name);
        buf_add(&buf, STR(": "));
        add_plain(&buf, headers->items[i].value);
        buf_add(&buf, STR("\r\n"));
    }
    add_framing(&buf, call, length_bytes != NULL, length_bytes ? *length_bytes : 0);
    buf_add(&buf, STR("\r\n"));
    return buf_str(&buf);
}
