/* The reader of requests: the same head and body in one piece and in small ones; what is accepted holds what
 * its rules promise, and written again from what was read it reads the same. The first byte is the step. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "http/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The head in front as bytes come in steps: its length, 0 when it is refused or not whole. */
static size_t find_in_steps(Str input, size_t step, int *status)
{
    size_t scanned = 0, found = 0;
    HttpRefusal why = {0};
    *status = 0;
    for (size_t len = step < input.len ? step : input.len;;
         len = len + step < input.len ? len + step : input.len) {
        if (!http_head_find(str_slice(input, 0, len), &scanned, &found, &why)) {
            *status = why.status;
            return 0;
        }
        if (found || len == input.len)
            return found;
    }
}

static Str write_head(Arena *arena, const HttpHead *head)
{
    Buf buf = buf_new(arena);
    const HttpRequest *request = &head->request;
    buf_format(&buf, "%s %.*s", request->method, STR_ARG(request->path));
    buf_add_text(&buf, request->query.data ? "?" : "");
    buf_add(&buf, request->query);
    buf_add_text(&buf, head->old ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    for (size_t i = 0; i < request->headers.count; i++) {
        buf_add(&buf, request->headers.items[i].name);
        buf_add_text(&buf, ":");
        buf_add(&buf, request->headers.items[i].value);
        buf_add_text(&buf, "\r\n");
    }
    buf_add_text(&buf, "\r\n");
    return buf_str(&buf);
}

static void check_head(Arena *arena, const HttpHead *head)
{
    HttpHead again;
    HttpRefusal why;
    const HttpRequest *request = &head->request;
    ASSERT(request->path.len > 0 && request->path.data[0] == '/');
    ASSERT(request->path.len + request->query.len <= LIMIT_HTTP_TARGET_BYTES);
    ASSERT(request->headers.count <= LIMIT_HTTP_HEADERS);
    ASSERT(head->old || http_header(request, "host").data);
    for (size_t i = 0; i < request->headers.count; i++) {
        Str value = request->headers.items[i].value;
        ASSERT(request->headers.items[i].name.len > 0 && !str_has_nul(value));
        ASSERT(str_find(value, '\r') == STR_NONE && str_find(value, '\n') == STR_NONE);
    }
    ASSERT(http_head_parse(arena, write_head(arena, head), &again, &why));
    ASSERT(again.framing == head->framing && again.length_bytes == head->length_bytes);
    ASSERT(again.keep_alive == head->keep_alive && again.old == head->old);
    ASSERT(again.request.headers.count == request->headers.count);
    ASSERT(str_equal(again.request.path, request->path) &&
           str_equal(again.request.query, request->query));
}

/* Gives how far it came; *whole: to its end. */
static size_t read_body(HttpReader *reader, Str input, size_t step, Buf *body, bool *whole)
{
    HttpRefusal why;
    size_t at = 0, end = step < input.len ? step : input.len, used;
    Str data;
    *whole = false;
    while (!*whole && http_body_step(reader, str_slice(input, at, end), &used, &data, &why)) {
        ASSERT(used <= end - at && data.len <= used);
        buf_add(body, data);
        at += used;
        *whole = http_body_is_whole(reader);
        if (!used && end == input.len)
            break;
        if (!used)
            end = end + step < input.len ? end + step : input.len;
    }
    return at;
}

/* The body behind `found` bytes of head, whole and in steps. */
static void check_body(Arena *arena, Str input, size_t found, size_t step)
{
    HttpHead head, again;
    HttpRefusal why;
    Buf all = buf_new(arena), pieces = buf_new(arena);
    bool whole, whole_too;
    Str rest = str_slice(input, found, input.len);
    if (!http_head_parse(arena, str_slice(input, 0, found), &head, &why))
        return;
    check_head(arena, &head);
    ASSERT(http_head_parse(arena, str_slice(input, 0, found), &again, &why));
    size_t at = read_body(head.reader, rest, rest.len + 1, &all, &whole);
    size_t at_too = read_body(again.reader, rest, step, &pieces, &whole_too);
    ASSERT(whole == whole_too && (!whole || at == at_too));
    ASSERT(!whole || str_equal(buf_str(&all), buf_str(&pieces)));
    ASSERT(!whole || head.framing != HTTP_BODY_LENGTH || all.len == head.length_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    if (size == 0)
        return 0;
    Str input = {(const char *)data + 1, size - 1};
    size_t step = 1U + data[0] % 64U;
    int status_whole, status_steps;
    size_t found = find_in_steps(input, input.len + 1, &status_whole);
    ASSERT(found == find_in_steps(input, step, &status_steps));
    ASSERT((status_whole == 0) == (status_steps == 0));
    if (found)
        check_body(arena, input, found, step);
    return 0;
}
