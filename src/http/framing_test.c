/* Differential: however its bytes are cut, what the server reads as requests is what the grammar says they
 * are, no more and no less, and llhttp reads the same from all bytes at once. */
#include <llhttp.h>
#include <stdio.h>

#include "http/grammar_test.h"
#include "http/reader.h"

/* ── the server's: as request.c goes about it, with so many bytes more each time ── */

typedef struct {
    Str bytes;
    size_t at, end, step;
} Feed;

static Str view_of(const Feed *feed)
{
    return str_slice(feed->bytes, feed->at, feed->end);
}

static bool feed_more(Feed *feed)
{
    size_t left = feed->bytes.len - feed->end;
    feed->end += left < feed->step ? left : feed->step;
    return left > 0;
}

static bool read_head(Arena *arena, Feed *feed, HttpHead *head)
{
    HttpRefusal why;
    size_t scanned = 0, head_bytes = 0;
    while (http_head_find(view_of(feed), &scanned, &head_bytes, &why)) {
        if (head_bytes) {
            Str bytes = arena_copy(arena, str_slice(view_of(feed), 0, head_bytes));
            feed->at += head_bytes;
            return http_head_parse(arena, bytes, head, &why);
        }
        if (!feed_more(feed))
            return false;
    }
    return false;
}

static bool read_body(const HttpHead *head, Feed *feed, Buf *body)
{
    HttpRefusal why;
    Str data;
    size_t used;
    while (!http_body_is_whole(head->reader)) {
        if (!http_body_step(head->reader, view_of(feed), &used, &data, &why))
            return false;
        buf_add(body, data);
        feed->at += used;
        if (!used && !feed_more(feed))
            return false;
    }
    return true;
}

static SeenList read_ours(Arena *arena, Str bytes, size_t step)
{
    SeenList list = {0};
    HttpHead head;
    Feed feed = {.bytes = bytes, .step = step};
    while (read_head(arena, &feed, &head)) {
        Seen seen = seen_new(arena);
        buf_add_text(&seen.method, head.request.method);
        buf_add(&seen.target, head.request.path);
        if (head.request.query.data)
            buf_add_char(&seen.target, '?');
        buf_add(&seen.target, head.request.query);
        for (size_t i = 0; i < head.request.headers.count; i++)
            seen_add_field(&seen, head.request.headers.items[i].name,
                           head.request.headers.items[i].value);
        if (!read_body(&head, &feed, &seen.body))
            break;
        ARRAY_PUSH(arena, &list, seen);
        if (!head.keep_alive)
            break;
    }
    return list;
}

/* ── llhttp's, all at once: a callback comes in several pieces, and trailers come as headers ── */

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
    "RTSP/1.0",
    "ICE/1.0",
    "SOURCE ",
    "PRI ",
    ": b\r\n",
    "Connection: x, close, y\r\n",
    "Connection: closed\r\n",
    "Expect: 100-continue\r\n",
    ";a=\"b\"",
    "A: b\r\n",
    "  ",
    "=",
    ";a=",
    ";=a",
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

static void check_same(Test *t, const Grammar *grammar, Str bytes)
{
    SeenList whole = read_ours(t->arena, bytes, bytes.len);
    SeenList cut = read_ours(t->arena, bytes, 1 + test_below(t, 40));
    SeenList meant = grammar_read(grammar, t->arena, bytes);
    SeenList theirs = read_theirs(t->arena, bytes);
    bool same = seen_starts(&whole, &cut) && seen_starts(&cut, &whole) &&
                seen_starts(&whole, &meant) && seen_starts(&meant, &whole) &&
                seen_starts(&theirs, &whole);
    if (!same)
        (void)fprintf(stderr,
                      "requests: the server %zu, in pieces %zu, the grammar %zu, llhttp %zu, "
                      "or others, in:\n%.*s\n",
                      whole.count, cut.count, meant.count, theirs.count, STR_ARG(bytes));
    CHECK(same);
}

TEST(reads_what_the_grammar_says_and_llhttp_reads_however_it_is_cut)
{
    size_t accepted = 0, refused = 0;
    int rounds = test_rounds(10000);
    Grammar grammar;
    grammar_open(&grammar);
    for (int round = 0; round < rounds; round++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        Buf all = buf_new(t->arena);
        size_t requests = 1 + test_below(t, 3);
        for (size_t i = 0; i < requests; i++)
            buf_add_text(&all, seeds[test_below(t, COUNT_OF(seeds))]);
        Str bytes = buf_str(&all);
        for (uint64_t left = test_below(t, 4); left; left--)
            bytes = mutated(t, bytes);
        check_same(t, &grammar, bytes);
        size_t count = grammar_read(&grammar, t->arena, bytes).count;
        accepted += count > 0;
        refused += count == 0;
    }
    grammar_close(&grammar);
    /* It says something about both. */
    CHECK(accepted > (size_t)rounds / 5 && refused > (size_t)rounds / 10);
}

TEST(every_seed_is_one_request_to_all)
{
    Grammar grammar;
    grammar_open(&grammar);
    for (size_t i = 0; i < COUNT_OF(seeds); i++) {
        CHECK_INT(read_ours(t->arena, str_of(seeds[i]), 1).count, 1);
        check_same(t, &grammar, str_of(seeds[i]));
    }
    grammar_close(&grammar);
}

/* What llhttp takes and weir does not: without the rules on top it would come in. */
TEST(refuses_what_llhttp_alone_would_let_in)
{
    static const char *const taken[] = {
        "GET  /a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a RTSP/1.0\r\nHost: a\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /a HTTP/1.1\r\n\r\n",
        "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n",
        P "Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n",
        P "Content-Length:\t5\r\n\r\nhello",
        P "Transfer-Encoding: chunked\r\n\r\n1;a;b\r\nx\r\n0\r\n\r\n",
        P "Transfer-Encoding: chunked\r\n\r\n000000001\r\nx\r\n0\r\n\r\n",
        P "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n",
    };
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        if (read_theirs(t->arena, str_of(taken[i])).count != 1)
            (void)fprintf(stderr, "llhttp refuses this by itself:\n%s\n", taken[i]);
        CHECK_INT(read_theirs(t->arena, str_of(taken[i])).count, 1);
        CHECK_INT(read_ours(t->arena, str_of(taken[i]), 7).count, 0);
    }
}
