#include "http/grammar_test.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"

#define TOKEN "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
#define VISIBLE "!-~\x80-\xff"
#define QUOTED "\"[ !#-:<-[^-~]*\"" /* without ";" and "\\", on which readers differ */

/* ── requests as they are compared ── */

Seen seen_new(Arena *arena)
{
    return (Seen){buf_new(arena), buf_new(arena), buf_new(arena), buf_new(arena)};
}

void seen_add_field(Seen *seen, Str name, Str value)
{
    buf_add(&seen->fields, name);
    buf_add_char(&seen->fields, '\0');
    buf_add(&seen->fields, value);
    buf_add_char(&seen->fields, '\0');
}

static bool is_same(const Seen *a, const Seen *b)
{
    return str_equal(buf_str(&a->method), buf_str(&b->method)) &&
           str_equal(buf_str(&a->target), buf_str(&b->target)) &&
           str_equal(buf_str(&a->body), buf_str(&b->body)) &&
           str_equal(buf_str(&a->fields), buf_str(&b->fields));
}

bool seen_starts(const SeenList *list, const SeenList *front)
{
    bool same = list->count >= front->count;
    for (size_t i = 0; same && i < front->count; i++)
        same = is_same(&list->items[i], &front->items[i]);
    return same;
}

/* ── the grammar ── */

static void compile(regex_t *to, const char *pattern, int flags)
{
    CHECK_INT(regcomp(to, pattern, REG_EXTENDED | flags), 0);
}

void grammar_open(Grammar *grammar)
{
    compile(&grammar->request_line,
            "^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/[!\"$-~]*) HTTP/1\\.([01])$", 0);
    compile(&grammar->field, "^(" TOKEN "): *([" VISIBLE "]([\t " VISIBLE "]*[" VISIBLE "])?|) *$",
            0);
    compile(&grammar->chunk, "^([0-9A-Fa-f]{1,8})(;" TOKEN "(=(" TOKEN "|" QUOTED "))?)?$", 0);
    compile(&grammar->close, "(^|,)[ \t]*close[ \t]*(,|$)", REG_ICASE);
}

void grammar_close(Grammar *grammar)
{
    regfree(&grammar->request_line);
    regfree(&grammar->field);
    regfree(&grammar->chunk);
    regfree(&grammar->close);
}

typedef struct {
    Str text;
    regmatch_t parts[6];
} Line;

static Str part(const Line *line, size_t i)
{
    if (line->parts[i].rm_so < 0)
        return (Str){0};
    return str_slice(line->text, (size_t)line->parts[i].rm_so, (size_t)line->parts[i].rm_eo);
}

static bool matches(Arena *arena, const regex_t *pattern, Line *line)
{
    return !str_has_nul(line->text) && regexec(pattern, arena_text(arena, line->text),
                                               COUNT_OF(line->parts), line->parts, 0) == 0;
}

static bool take_line(Str *rest, Line *line)
{
    size_t end = str_search(*rest, STR("\r\n"));
    if (end == STR_NONE)
        return false;
    line->text = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end + 2, rest->len);
    return true;
}

typedef struct {
    size_t hosts, lengths, codings;
    bool old, close, chunked;
    uint64_t length;
} Facts;

static bool note(const Grammar *grammar, Arena *arena, Line *line, Facts *facts)
{
    const char *name = arena_text(arena, part(line, 1));
    Line value = {.text = part(line, 2)};
    const char *text = arena_text(arena, value.text);
    if (strcasecmp(name, "host") == 0)
        facts->hosts++;
    if (strcasecmp(name, "connection") == 0 || strcasecmp(name, "proxy-connection") == 0)
        facts->close |= matches(arena, &grammar->close, &value);
    if (strcasecmp(name, "expect") == 0 && !facts->old)
        return strcasecmp(text, "100-continue") == 0;
    if (strcasecmp(name, "content-length") == 0)
        return facts->lengths++ == 0 && str_to_u64(value.text, &facts->length);
    if (strcasecmp(name, "transfer-encoding") == 0) {
        facts->chunked = true;
        return facts->codings++ == 0 && !facts->old && strcasecmp(text, "chunked") == 0;
    }
    return true;
}

static bool read_head(const Grammar *grammar, Arena *arena, Str *rest, Seen *seen, Facts *facts)
{
    Line line;
    bool more;
    size_t all = rest->len, count = 0;
    *rest = str_starts(*rest, STR("\r\n")) ? str_slice(*rest, 2, rest->len) : *rest;
    if (!take_line(rest, &line) || !matches(arena, &grammar->request_line, &line) ||
        part(&line, 2).len > LIMIT_HTTP_TARGET_BYTES)
        return false;
    buf_add(&seen->method, part(&line, 1));
    buf_add(&seen->target, part(&line, 2));
    facts->old = str_is(part(&line, 3), "0");
    while ((more = take_line(rest, &line)) && line.text.len > 0) {
        if (!matches(arena, &grammar->field, &line) || !note(grammar, arena, &line, facts) ||
            ++count > LIMIT_HTTP_HEADERS)
            return false;
        seen_add_field(seen, part(&line, 1), part(&line, 2));
    }
    return more && all - rest->len <= LIMIT_HTTP_HEAD_BYTES &&
           (facts->hosts == 1 || (facts->hosts == 0 && facts->old)) &&
           facts->lengths + facts->codings <= 1;
}

static bool read_bytes(Str *rest, uint64_t length, Buf *body)
{
    if (length > rest->len)
        return false;
    buf_add(body, str_slice(*rest, 0, length));
    *rest = str_slice(*rest, length, rest->len);
    return true;
}

static bool read_trailer(const Grammar *grammar, Arena *arena, Str *rest)
{
    static const char names[] = " content-length transfer-encoding host trailer authorization "
                                "connection expect proxy-connection ";
    Line line;
    bool more;
    size_t all = rest->len, count = 0;
    while ((more = take_line(rest, &line)) && line.text.len > 0) {
        const char *name = NULL;
        if (!matches(arena, &grammar->field, &line) || ++count > LIMIT_HTTP_HEADERS)
            return false;
        name = arena_format(arena, " %.*s ", STR_ARG(part(&line, 1)));
        if (strcasestr(names, name))
            return false;
    }
    return more && all - rest->len <= LIMIT_HTTP_HEAD_BYTES + 2;
}

static bool read_chunks(const Grammar *grammar, Arena *arena, Str *rest, Buf *body)
{
    for (;;) {
        Line line;
        if (!take_line(rest, &line) || !matches(arena, &grammar->chunk, &line) ||
            part(&line, 2).len > LIMIT_HTTP_EXTENSION_BYTES)
            return false;
        uint64_t size = strtoull(arena_text(arena, part(&line, 1)), NULL, 16);
        if (size == 0)
            return read_trailer(grammar, arena, rest);
        if (!read_bytes(rest, size, body) || !take_line(rest, &line) || line.text.len > 0)
            return false;
    }
}

SeenList grammar_read(const Grammar *grammar, Arena *arena, Str rest)
{
    SeenList list = {0};
    for (;;) {
        Seen seen = seen_new(arena);
        Facts facts = {0};
        if (!read_head(grammar, arena, &rest, &seen, &facts))
            return list;
        if (!(facts.chunked ? read_chunks(grammar, arena, &rest, &seen.body)
                            : read_bytes(&rest, facts.length, &seen.body)))
            return list;
        ARRAY_PUSH(arena, &list, seen);
        if (facts.old || facts.close)
            return list;
    }
}
