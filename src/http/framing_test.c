/* Differential: what weir reads as requests, llhttp (Node.js, strict form) reads as the same ones. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "http/chunks.h"
#include "testing/test.h"

#ifdef WITH_LLHTTP
#include <llhttp.h>

typedef struct {
    Buf method, target, body, fields; /* fields: "name NUL value NUL" in order */
} Seen;
typedef ARRAY(Seen) SeenList;

static Seen seen_new(Arena *arena)
{
    return (Seen){buf_new(arena), buf_new(arena), buf_new(arena), buf_new(arena)};
}

/* ── ours: as request.c goes about it ── */

static bool read_body(Seen *seen, const HttpHead *head, Str *rest, HttpRefusal *why)
{
    HttpChunks chunks = {0};
    if (head->framing == HTTP_BODY_LENGTH) {
        if (head->length_bytes > rest->len)
            return false;
        buf_add(&seen->body, str_slice(*rest, 0, head->length_bytes));
        *rest = str_slice(*rest, head->length_bytes, rest->len);
    }
    while (head->framing == HTTP_BODY_CHUNKED && chunks.state != CHUNK_DONE) {
        size_t used;
        Str data;
        if (!http_chunks_step(&chunks, *rest, &used, &data, why) ||
            (!used && chunks.state != CHUNK_DONE))
            return false;
        buf_add(&seen->body, data);
        *rest = str_slice(*rest, used, rest->len);
    }
    return true;
}

static SeenList read_ours(Arena *arena, Str rest)
{
    SeenList list = {0};
    HttpRefusal why;
    HttpHead head;
    size_t scanned = 0, head_bytes = 0;
    while (http_head_find(rest, &scanned, &head_bytes, &why) && head_bytes &&
           http_head_parse(arena, str_slice(rest, 0, head_bytes), &head, &why)) {
        Seen seen = seen_new(arena);
        buf_add_text(&seen.method, head.request.method);
        buf_add(&seen.target, head.request.path);
        if (head.request.query.data)
            buf_add_char(&seen.target, '?');
        buf_add(&seen.target, head.request.query);
        for (size_t i = 0; i < head.request.headers.count; i++) {
            buf_add(&seen.fields, head.request.headers.items[i].name);
            buf_add_char(&seen.fields, '\0');
            buf_add(&seen.fields, head.request.headers.items[i].value);
            buf_add_char(&seen.fields, '\0');
        }
        rest = str_slice(rest, head_bytes, rest.len);
        if (!read_body(&seen, &head, &rest, &why))
            break;
        ARRAY_PUSH(arena, &list, seen);
        if (!head.keep_alive)
            break;
        scanned = 0;
    }
    return list;
}

/* ── theirs: a callback comes in several pieces, and trailers come as headers ── */

typedef struct {
    Arena *arena;
    SeenList list;
    Seen seen;
    bool whole_head;
} Collector;

static Collector *collector(llhttp_t *parser)
{
    return parser->data;
}

static int on_begin(llhttp_t *parser)
{
    collector(parser)->seen = seen_new(collector(parser)->arena);
    collector(parser)->whole_head = false;
    return 0;
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
    buf_add_bytes(&collector(parser)->seen.target, at, len);
    return 0;
}

static int on_field(llhttp_t *parser, const char *at, size_t len)
{
    if (!collector(parser)->whole_head)
        buf_add_bytes(&collector(parser)->seen.fields, at, len);
    return 0;
}

static int on_field_end(llhttp_t *parser)
{
    Collector *c = collector(parser);
    Str fields = buf_str(&c->seen.fields);
    while (!c->whole_head && fields.len &&
           (fields.data[fields.len - 1] == ' ' || fields.data[fields.len - 1] == '\t'))
        fields.len = --c->seen.fields.len; /* blanks behind a value are its own there */
    if (!c->whole_head)
        buf_add_char(&c->seen.fields, '\0');
    return 0;
}

static int on_head_end(llhttp_t *parser)
{
    buf_add_text(&collector(parser)->seen.method, llhttp_method_name(llhttp_get_method(parser)));
    collector(parser)->whole_head = true;
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    buf_add_bytes(&collector(parser)->seen.body, at, len);
    return 0;
}

static int on_end(llhttp_t *parser)
{
    ARRAY_PUSH(collector(parser)->arena, &collector(parser)->list, collector(parser)->seen);
    return 0;
}

static SeenList read_theirs(Arena *arena, Str bytes)
{
    Collector collected = {.arena = arena};
    llhttp_settings_t settings;
    llhttp_t parser;
    llhttp_settings_init(&settings);
    settings.on_message_begin = on_begin;
    settings.on_url = on_url;
    settings.on_header_field = on_field;
    settings.on_header_field_complete = on_field_end;
    settings.on_header_value = on_field;
    settings.on_header_value_complete = on_field_end;
    settings.on_headers_complete = on_head_end;
    settings.on_body = on_body;
    settings.on_message_complete = on_end;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    llhttp_set_lenient_keep_alive(&parser,
                                  1); /* reads on behind close, which it also takes from others */
    parser.data = &collected;
    llhttp_errno_t state = llhttp_execute(&parser, bytes.data, bytes.len);
    while (state == HPE_PAUSED_UPGRADE) { /* weir does not upgrade */
        const char *at = llhttp_get_error_pos(&parser);
        llhttp_resume_after_upgrade(&parser);
        state = llhttp_execute(&parser, at, (size_t)(bytes.data + bytes.len - at));
    }
    return collected.list;
}

/* ── mutations ── */

#define P "POST /a?b=c HTTP/1.1\r\nHost: a\r\n"
static const char *const seeds[] = {
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /x/%20y?z=1&w HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nX-Y:  a\tz  \r\n\r\n",
    P "Content-Length: 5\r\n\r\nhello",
    P "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n",
    P "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\na;b=c\r\n0123456789\r\n0\r\n\r\n",
    P "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nTrailer-Field: y\r\n\r\n",
    P "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
    "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "PUT /q HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
    "DELETE /q HTTP/1.1\r\nhost:a\r\nA:\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "OPTIONS /q HTTP/1.1\r\nHost: \r\n\r\n",
};

static const char *const pieces[] = {
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "0",
    "5",
    "f",
    "-",
    "+",
    "?",
    "#",
    "\"",
    "\\",
    "\v",
    "\f",
    "\033",
    "\177",
    "\200",
    "\377",
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "Content-Length : 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "transfer-encoding: x, chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Host: b\r\n",
    "Connection: close\r\n",
    "Connection: upgrade\r\n",
    "Upgrade: a\r\n",
    " folded\r\n",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "00000005",
    "ffffffff",
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/2.0",
    "GET ",
    "CONNECT ",
    "http://a/",
    "*",
    "Proxy-Connection: close\r\n",
    "Keep-Alive: 1\r\n",
};

static Str mutated(Test *t, Str text)
{
    size_t at = test_below(t, text.len + 1), end = at + test_below(t, 9);
    Buf buf = buf_new(t->arena);
    buf_add(&buf, str_slice(text, 0, at));
    switch (test_below(t, 6)) {
    case 0: /* another byte */
        buf_add_char(&buf, (char)test_below(t, 256));
        end = at + 1;
        break;
    case 1: /* without some */
        break;
    case 2: /* some twice */
        buf_add(&buf, str_slice(text, at, end));
        end = at;
        break;
    case 3: /* in place of some */
        buf_add_text(&buf, pieces[test_below(t, COUNT_OF(pieces))]);
        break;
    case 4: /* at the begin of a line */
        while (at < text.len && (at == 0 || text.data[at - 1] != '\n'))
            at++;
        buf.len = 0;
        buf_add(&buf, str_slice(text, 0, at));
        buf_add_text(&buf, pieces[test_below(t, COUNT_OF(pieces))]);
        end = at;
        break;
    default:
        buf_add_text(&buf, pieces[test_below(t, COUNT_OF(pieces))]);
        end = at;
    }
    buf_add(&buf, str_slice(text, end < text.len ? end : text.len, text.len));
    return buf_str(&buf);
}

static void check_same(Test *t, Str bytes, const SeenList *ours)
{
    SeenList theirs = read_theirs(t->arena, bytes);
    bool same = theirs.count >= ours->count;
    for (size_t i = 0; same && i < ours->count; i++) {
        const Seen *a = &ours->items[i], *b = &theirs.items[i];
        same = str_equal(buf_str(&a->method), buf_str(&b->method)) &&
               str_equal(buf_str(&a->target), buf_str(&b->target)) &&
               str_equal(buf_str(&a->body), buf_str(&b->body)) &&
               str_equal(buf_str(&a->fields), buf_str(&b->fields));
    }
    if (!same)
        (void)fprintf(stderr, "weir reads %zu requests, llhttp %zu, or others, in:\n%.*s\n",
                      ours->count, theirs.count, STR_ARG(bytes));
    CHECK(same);
}

TEST(llhttp_accepts_what_weir_accepts_with_the_same_framing)
{
    size_t accepted = 0, refused = 0;
    int rounds = test_rounds(20000);
    for (int round = 0; round < rounds; round++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        Buf all = buf_new(t->arena);
        size_t requests = 1 + test_below(t, 3);
        for (size_t i = 0; i < requests; i++)
            buf_add_text(&all, seeds[test_below(t, COUNT_OF(seeds))]);
        Str bytes = buf_str(&all);
        for (uint64_t left = test_below(t, 4); left; left--)
            bytes = mutated(t, bytes);
        SeenList ours = read_ours(t->arena, bytes);
        check_same(t, bytes, &ours);
        accepted += ours.count > 0;
        refused += ours.count == 0;
    }
    /* It says something about both. */
    CHECK(accepted > (size_t)rounds / 5 && refused > (size_t)rounds / 10);
}

TEST(llhttp_reads_every_seed_as_weir_does)
{
    for (size_t i = 0; i < COUNT_OF(seeds); i++) {
        SeenList ours = read_ours(t->arena, str_of(seeds[i]));
        CHECK_INT(ours.count, 1);
        check_same(t, str_of(seeds[i]), &ours);
    }
}

#else

TEST(llhttp_accepts_what_weir_accepts_with_the_same_framing)
{
    test_skip("llhttp is not there: apt-get install node-llhttp");
}

#endif
