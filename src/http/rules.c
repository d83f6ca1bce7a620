#include "http/rules.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"

enum { SIZE_DIGITS = 8 };

bool rules_refuse(HttpRefusal *why, int status, const char *text)
{
    *why = (HttpRefusal){status, text};
    return false;
}

static bool is_name(Str name, const char *lower)
{
    size_t len = strlen(lower);
    return name.len == len && strncasecmp(name.data, lower, len) == 0;
}

Str http_header(const HttpRequest *request, const char *name)
{
    for (size_t i = 0; i < request->headers.count; i++)
        if (is_name(request->headers.items[i].name, name))
            return request->headers.items[i].value;
    return (Str){0};
}

/* ── nothing between the parts ── */

static bool skip(Str *rest, Str text)
{
    if (!str_starts(*rest, text))
        return false;
    *rest = str_slice(*rest, text.len, rest->len);
    return true;
}

bool rules_is_method(Str word)
{
    static const char others[] = "!#$%&'*+-.^_`|~0123456789";
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && (!c || !strchr(others, c)))
            return false;
    }
    return word.len > 0;
}

bool rules_version(Str version, HttpRefusal *why)
{
    static const char form[] = "HTTP/?.?\r\n";
    bool formed = version.len == sizeof form - 1;
    for (size_t i = 0; formed && i < version.len; i++)
        formed = form[i] == '?' ? version.data[i] >= '0' && version.data[i] <= '9'
                                : version.data[i] == form[i];
    return formed ? rules_refuse(why, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
                  : rules_refuse(why, 400, "the request line is malformed");
}

static bool read_line(Str *rest, Str target, HttpHead *head, HttpRefusal *why)
{
    if (!skip(rest, str_of(head->request.method)) || !skip(rest, STR(" ")) || !skip(rest, target) ||
        !skip(rest, STR(" ")))
        return rules_refuse(why, 400, "the request line is malformed");
    head->old = skip(rest, STR("HTTP/1.0\r\n"));
    return head->old || skip(rest, STR("HTTP/1.1\r\n")) ||
           rules_version(str_slice(*rest, 0, str_find(*rest, '\n') + 1), why);
}

/* Spaces only: other readers do not take a tab around a length. */
static bool read_field(Str *rest, HttpHeader *field, HttpRefusal *why)
{
    bool plain = field->name.len > 0 && skip(rest, field->name) && skip(rest, STR(":"));
    while (skip(rest, STR(" ")))
        continue;
    plain = plain && skip(rest, field->value) && skip(rest, STR("\r\n"));
    Str *value = &field->value;
    while (value->len > 0 && value->data[value->len - 1] == ' ')
        value->len--;
    return (plain && (value->len == 0 || value->data[value->len - 1] != '\t')) ||
           rules_refuse(why, 400, "a header must be 'Name: value' on one line");
}

/* ── what the parts may be ── */

static bool check_target(Str target, HttpRequest *request, HttpRefusal *why)
{
    if (target.len > LIMIT_HTTP_TARGET_BYTES)
        return rules_refuse(why, 414, "the target is too long");
    if (target.len == 0 || target.data[0] != '/')
        return rules_refuse(why, 400, "the target must be a path that begins with '/'");
    if (str_find(target, '#') != STR_NONE)
        return rules_refuse(why, 400, "the target holds a character that must be encoded");
    size_t mark = str_find(target, '?');
    request->path = str_slice(target, 0, mark == STR_NONE ? target.len : mark);
    request->query = mark == STR_NONE ? (Str){0} : str_slice(target, mark + 1, target.len);
    return true;
}

static bool check_method(const char *method, HttpRefusal *why)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(method, known[i]) == 0)
            return true;
    return rules_refuse(why, 501, "the method is not known");
}

typedef struct {
    size_t hosts, lengths, codings, wishes, strange_wishes;
    Str coding;
} Framing;

static Framing framing_of(const HttpHeaders *headers)
{
    Framing seen = {0};
    for (size_t i = 0; i < headers->count; i++) {
        const HttpHeader *header = &headers->items[i];
        if (is_name(header->name, "host")) {
            seen.hosts++;
        } else if (is_name(header->name, "content-length")) {
            seen.lengths++;
        } else if (is_name(header->name, "transfer-encoding")) {
            seen.codings++;
            seen.coding = header->value;
        } else if (is_name(header->name, "expect")) {
            seen.wishes++;
            seen.strange_wishes += !is_name(header->value, "100-continue");
        }
    }
    return seen;
}

static bool check_framing(HttpHead *head, HttpRefusal *why)
{
    Framing seen = framing_of(&head->request.headers);
    if (seen.hosts > 1 || (seen.hosts == 0 && !head->old))
        return rules_refuse(why, 400, "there must be one Host header");
    if (seen.lengths > 1 || seen.codings > 1 || (seen.lengths && seen.codings))
        return rules_refuse(why, 400, "the length of the body is given more than once");
    if (seen.codings && (head->old || !is_name(seen.coding, "chunked")))
        return rules_refuse(why, 400, "Transfer-Encoding can only be 'chunked'");
    if (seen.strange_wishes && !head->old)
        return rules_refuse(why, 417, "only 100-continue can be expected");
    head->wants_continue = seen.wishes && !head->old && head->framing != HTTP_BODY_NONE;
    head->keep_alive = head->keep_alive && !head->old;
    return true;
}

bool rules_head(Str bytes, Str target, HttpHead *head, HttpRefusal *why)
{
    HttpHeaders *headers = &head->request.headers;
    if (!read_line(&bytes, target, head, why) || !check_target(target, &head->request, why) ||
        !check_method(head->request.method, why))
        return false;
    for (size_t i = 0; i < headers->count; i++)
        if (!read_field(&bytes, &headers->items[i], why))
            return false;
    return str_is(bytes, "\r\n")
               ? check_framing(head, why)
               : rules_refuse(why, 400, "a header must be 'Name: value' on one line");
}

/* ── lines of a chunked body ── */

bool rules_line(Str input, size_t most, Str *line, HttpRefusal *why)
{
    size_t end = str_find(str_slice(input, 0, most + 2), '\n');
    *line = (Str){0};
    if (end == STR_NONE)
        return input.len < most + 2 ||
               rules_refuse(why, 400, "a line of the chunked body is too long");
    if (end == 0 || input.data[end - 1] != '\r')
        return rules_refuse(why, 400, "a line must end in CR LF");
    *line = str_slice(input, 0, end + 1);
    return true;
}

/* One at most, without what readers differ on; its grammar is llhttp's. */
static bool is_extension(Str text)
{
    for (size_t i = 1; i < text.len; i++)
        if (text.data[i] < ' ' || text.data[i] > '~' || strchr(";\\", text.data[i]))
            return false;
    return text.len == 0 || (text.len > 1 && text.data[1] != '=' && text.data[text.len - 1] != '=');
}

bool rules_size_line(Str input, Str *line, HttpRefusal *why)
{
    if (!rules_line(input, SIZE_DIGITS + LIMIT_HTTP_EXTENSION_BYTES, line, why))
        return false;
    if (line->len == 0)
        return true;
    size_t digits = 0;
    while (memchr("0123456789abcdefABCDEF", line->data[digits], 22)) /* CR ends it */
        digits++;
    Str extension = str_slice(*line, digits, line->len - 2);
    if (digits > SIZE_DIGITS)
        return rules_refuse(why, 413, "the chunk is too large");
    if (extension.len > LIMIT_HTTP_EXTENSION_BYTES)
        return rules_refuse(why, 400, "a line of the chunked body is too long");
    return is_extension(extension) || rules_refuse(why, 400, "the size of a chunk is malformed");
}

bool rules_trailer(Str line, HttpHeader *field, HttpRefusal *why)
{
    static const char *const names[] = {"content-length", "transfer-encoding", "host",
                                        "trailer",        "authorization",     "connection",
                                        "expect",         "proxy-connection"};
    if (!read_field(&line, field, why))
        return false;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (is_name(field->name, names[i]))
            return rules_refuse(why, 400, "a trailer must not speak of framing");
    return line.len == 0 || rules_refuse(why, 400, "a header must be 'Name: value' on one line");
}
