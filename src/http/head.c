#include "http/head.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"

static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

static bool refuse(HttpRefusal *why, int status, const char *text)
{
    *why = (HttpRefusal){status, text};
    return false;
}

bool http_name_is(Str name, const char *lower)
{
    size_t len = strlen(lower);
    return name.len == len && strncasecmp(name.data, lower, len) == 0;
}

Str http_header(const HttpRequest *request, const char *name)
{
    for (size_t i = 0; i < request->headers.count; i++)
        if (http_name_is(request->headers.items[i].name, name))
            return request->headers.items[i].value;
    return (Str){0};
}

/* An empty line in front of a request is let pass: some clients send one behind a body. */
static size_t blank_front(Str input)
{
    return input.len >= 2 && memcmp(input.data, "\r\n", 2) == 0 ? 2 : 0;
}

bool http_head_find(Str input, size_t *scanned, size_t *out_bytes, HttpRefusal *why)
{
    size_t front = blank_front(input);
    *out_bytes = 0;
    for (;;) {
        Str rest = str_slice(input, *scanned, input.len);
        size_t at = str_find(rest, '\n');
        if (at == STR_NONE)
            break;
        at += *scanned;
        if (at == 0 || input.data[at - 1] != '\r')
            return refuse(why, 400, "a line must end in CR LF");
        *scanned = at + 1;
        if (at >= front + 3 && input.data[at - 2] == '\n')
            *out_bytes = at + 1;
        else if (at == front + 1)
            return refuse(why, 400, "there is no request line");
        if (*out_bytes)
            break;
    }
    if (!*out_bytes)
        *scanned = input.len;
    if ((*out_bytes ? *out_bytes : input.len) > LIMIT_HTTP_HEAD_BYTES)
        return refuse(why, 431, "the head of the request is too large");
    return true;
}

/* Up to the next CR LF, which is dropped; there must be one. */
static bool next_line(Str *rest, Str *line, HttpRefusal *why)
{
    size_t end = str_find(*rest, '\n');
    if (end == STR_NONE || end == 0 || rest->data[end - 1] != '\r')
        return refuse(why, 400, "a line must end in CR LF");
    *line = str_slice(*rest, 0, end - 1);
    *rest = str_slice(*rest, end + 1, rest->len);
    return true;
}

bool http_is_token_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!http_is_token_byte(s.data[i]))
            return false;
    return s.len > 0;
}

/* Spaces only: other readers do not take a tab around a length. */
static Str without_blanks(Str s)
{
    while (s.len > 0 && s.data[0] == ' ')
        s = str_slice(s, 1, s.len);
    while (s.len > 0 && s.data[s.len - 1] == ' ')
        s.len--;
    return s;
}

static bool is_field_text(Str s)
{
    if (s.len > 0 && (s.data[0] == '\t' || s.data[s.len - 1] == '\t'))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

bool http_field_parse(Str line, HttpHeader *out, HttpRefusal *why)
{
    size_t colon = str_find(line, ':');
    if (line.data[0] == ' ' || line.data[0] == '\t')
        return refuse(why, 400, "a header must not be folded over lines");
    if (colon == STR_NONE || !is_token(str_slice(line, 0, colon)))
        return refuse(why, 400, "a header needs a plain name with ':' right behind it");
    out->name = str_slice(line, 0, colon);
    out->value = without_blanks(str_slice(line, colon + 1, line.len));
    return is_field_text(out->value) || refuse(why, 400, "a header holds a control character");
}

static bool parse_fields(Arena *arena, Str lines, HttpHeaders *out, HttpRefusal *why)
{
    HttpHeaders fields = {0};
    Str line;
    while (lines.len > 0) {
        if (!next_line(&lines, &line, why))
            return false;
        if (line.len == 0)
            break;
        if (fields.count == LIMIT_HTTP_HEADERS)
            return refuse(why, 431, "there are too many headers");
        HttpHeader field;
        if (!http_field_parse(line, &field, why))
            return false;
        ARRAY_PUSH(arena, &fields, field);
    }
    *out = fields;
    return true;
}

static bool parse_target(Str target, HttpRequest *request, HttpRefusal *why)
{
    if (target.len > LIMIT_HTTP_TARGET_BYTES)
        return refuse(why, 414, "the target is too long");
    if (target.len == 0 || target.data[0] != '/')
        return refuse(why, 400, "the target must be a path that begins with '/'");
    for (size_t i = 0; i < target.len; i++)
        if (target.data[i] <= ' ' || target.data[i] > '~' || target.data[i] == '#')
            return refuse(why, 400, "the target holds a character that must be encoded");
    size_t mark = str_find(target, '?');
    request->path = str_slice(target, 0, mark == STR_NONE ? target.len : mark);
    request->query = mark == STR_NONE ? (Str){0} : str_slice(target, mark + 1, target.len);
    return true;
}

static bool parse_method(Str method, HttpRequest *request, HttpRefusal *why)
{
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        if (str_is(method, methods[i])) {
            request->method = methods[i];
            return true;
        }
    return is_token(method) ? refuse(why, 501, "the method is not known")
                            : refuse(why, 400, "the request line is malformed");
}

static bool parse_version(Str version, HttpHead *head, HttpRefusal *why)
{
    head->old = str_is(version, "HTTP/1.0");
    if (head->old || str_is(version, "HTTP/1.1"))
        return true;
    return version.len == 8 && str_starts(version, STR("HTTP/")) && version.data[6] == '.'
               ? refuse(why, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
               : refuse(why, 400, "the request line is malformed");
}

static bool parse_request_line(Str line, HttpHead *head, HttpRefusal *why)
{
    size_t first = str_find(line, ' '), last = str_find_last(line, ' ');
    if (first == STR_NONE || first == last)
        return refuse(why, 400, "the request line is malformed");
    return parse_version(str_slice(line, last + 1, line.len), head, why) &&
           parse_target(str_slice(line, first + 1, last), &head->request, why) &&
           parse_method(str_slice(line, 0, first), &head->request, why);
}

typedef struct {
    size_t hosts, lengths, codings;
    Str length, coding;
} Framing;

static Framing count_framing(const HttpHeaders *headers)
{
    Framing seen = {0};
    for (size_t i = 0; i < headers->count; i++) {
        const HttpHeader *header = &headers->items[i];
        if (http_name_is(header->name, "host")) {
            seen.hosts++;
        } else if (http_name_is(header->name, "content-length")) {
            seen.lengths++;
            seen.length = header->value;
        } else if (http_name_is(header->name, "transfer-encoding")) {
            seen.codings++;
            seen.coding = header->value;
        }
    }
    return seen;
}

static bool parse_framing(HttpHead *head, HttpRefusal *why)
{
    Framing seen = count_framing(&head->request.headers);
    if (seen.hosts > 1 || (seen.hosts == 0 && !head->old))
        return refuse(why, 400, "there must be one Host header");
    if (seen.lengths > 1 || seen.codings > 1 || (seen.lengths && seen.codings))
        return refuse(why, 400, "the length of the body is given more than once");
    if (seen.codings && (head->old || !http_name_is(seen.coding, "chunked")))
        return refuse(why, 400, "Transfer-Encoding can only be 'chunked'");
    if (seen.lengths && !str_to_u64(seen.length, &head->length_bytes))
        return refuse(why, 400, "Content-Length must be a number");
    head->framing = seen.codings                              ? HTTP_BODY_CHUNKED
                    : seen.lengths && head->length_bytes != 0 ? HTTP_BODY_LENGTH
                                                              : HTTP_BODY_NONE;
    return true;
}

static bool list_has(Str list, const char *word)
{
    Str part;
    while (str_next(&list, ',', &part))
        if (http_name_is(str_trim(part), word))
            return true;
    return false;
}

static bool parse_wishes(HttpHead *head, HttpRefusal *why)
{
    head->keep_alive = !head->old;
    for (size_t i = 0; i < head->request.headers.count; i++) {
        const HttpHeader *header = &head->request.headers.items[i];
        if (http_name_is(header->name, "connection") && list_has(header->value, "close"))
            head->keep_alive = false;
        if (!http_name_is(header->name, "expect") || head->old)
            continue;
        if (!http_name_is(header->value, "100-continue"))
            return refuse(why, 417, "only 100-continue can be expected");
        head->wants_continue = head->framing != HTTP_BODY_NONE;
    }
    return true;
}

bool http_head_parse(Arena *arena, Str bytes, HttpHead *out, HttpRefusal *why)
{
    HttpHead head = {0};
    Str line;
    bytes = str_slice(bytes, blank_front(bytes), bytes.len);
    if (!next_line(&bytes, &line, why) || !parse_request_line(line, &head, why) ||
        !parse_fields(arena, bytes, &head.request.headers, why) || !parse_framing(&head, why) ||
        !parse_wishes(&head, why))
        return false;
    *out = head;
    return true;
}
