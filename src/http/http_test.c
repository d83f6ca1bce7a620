/* The server from outside: raw bytes over loopback. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "http/http_peer_test.h"

/* ── framing: the whole connection, what is answered, status by status ── */

typedef struct {
    const char *name, *sent, *statuses;
} Framing;

#define GET "GET /a HTTP/1.1\r\nHost: a\r\n"
#define POST "POST /a HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT GET "\r\n"

static const Framing framings[] = {
    {"plain", GET "\r\n", "200"},
    {"pipelined", GET "\r\n" NEXT NEXT, "200 200 200"},
    {"body by length", POST "Content-Length: 5\r\n\r\nhello" NEXT, "200 200"},
    {"length of nothing", POST "Content-Length: 0\r\n\r\n" NEXT, "200 200"},
    {"blanks around a length", POST "Content-Length:   5  \r\n\r\nhello" NEXT, "200 200"},
    {"chunks", CHUNKED "5\r\nhello\r\n0A\r\n0123456789\r\n0\r\n\r\n" NEXT, "200 200"},
    {"chunk with an extension", CHUNKED "5;a=\"b\"\r\nhello\r\n0;x\r\n\r\n" NEXT, "200 200"},
    {"chunk with two extensions", CHUNKED "5;a;b=c\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"extension without a name", CHUNKED "5;\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"extension with a value only", CHUNKED "5;=b\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"backslash in an extension", CHUNKED "5;a=\"\\b\"\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"extension without a value", CHUNKED "5;a=\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"open quotes in an extension", CHUNKED "5;a=\"b\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"a trailer is dropped", CHUNKED "0\r\nChecksum: 1\r\n\r\n" NEXT, "200 200"},
    {"one empty line in front", "\r\n" GET "\r\n", "200"},
    {"old protocol closes", "GET /a HTTP/1.0\r\n\r\n" NEXT, "200"},
    {"close is obeyed", GET "Connection: close\r\n\r\n" NEXT, "200"},
    {"close of a proxy's kind", GET "Proxy-Connection: close\r\n\r\n" NEXT, "200"},
    {"an upgrade is not obeyed",
     POST "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello" NEXT, "200 200"},
    {"close among others", GET "Connection: x, Close\r\n\r\n" NEXT, "200"},
    {"length and coding",
     POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, "400"},
    {"coding and length",
     POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" NEXT, "400"},
    {"two equal lengths", POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" NEXT, "400"},
    {"two lengths", POST "Content-Length: 5\r\ncontent-length: 6\r\n\r\nhello" NEXT, "400"},
    {"list of lengths", POST "Content-Length: 5, 5\r\n\r\nhello" NEXT, "400"},
    {"negative length", POST "Content-Length: -1\r\n\r\n" NEXT, "400"},
    {"signed length", POST "Content-Length: +5\r\n\r\nhello" NEXT, "400"},
    {"tab before a length", POST "Content-Length:\t5\r\n\r\nhello" NEXT, "400"},
    {"tab behind a length", POST "Content-Length: 5\t\r\n\r\nhello" NEXT, "400"},
    {"tab inside a value", GET "A: b\tc\r\n\r\n", "200"},
    {"hexadecimal length", POST "Content-Length: 0x5\r\n\r\nhello" NEXT, "400"},
    {"length in parts", POST "Content-Length: 5 5\r\n\r\nhello" NEXT, "400"},
    {"empty length", POST "Content-Length:\r\n\r\n" NEXT, "400"},
    {"length beyond 64 bits", POST "Content-Length: 18446744073709551616\r\n\r\n" NEXT, "400"},
    {"length beyond the limit", POST "Content-Length: 18446744073709551615\r\n\r\n" NEXT, "413"},
    {"two codings",
     POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, "400"},
    {"coding list", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" NEXT, "400"},
    {"coding twice in one", POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" NEXT,
     "400"},
    {"identity", POST "Transfer-Encoding: identity\r\n\r\n" NEXT, "400"},
    {"coding with a control byte", POST "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" NEXT,
     "400"},
    {"coding in quotes", POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" NEXT, "400"},
    {"coding in the old protocol",
     "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, "400"},
    {"bare LF in the head", "GET /a HTTP/1.1\nHost: a\n\n" NEXT, "400"},
    {"one bare LF", "GET /a HTTP/1.1\r\nHost: a\n\r\n" NEXT, "400"},
    {"bare CR in a value", GET "A: b\rC: d\r\n\r\n" NEXT, "400"},
    {"bare CR as an end", GET "A: b\r\r\n\r\n" NEXT, "400"},
    {"bare LF after a size", CHUNKED "5\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"bare CR after a size", CHUNKED "5\rhello\r\n0\r\n\r\n" NEXT, "400"},
    {"bare LF after a chunk", CHUNKED "5\r\nhello\n0\r\n\r\n" NEXT, "400"},
    {"no end of a chunk", CHUNKED "5\r\nhello0\r\n\r\n" NEXT, "400"},
    {"more than the chunk's size", CHUNKED "5\r\nhelloXX0\r\n\r\n" NEXT, "400"},
    {"chunk size with 0x", CHUNKED "0x5\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"no chunk size", CHUNKED "\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"negative chunk size", CHUNKED "-5\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"blank behind a chunk size", CHUNKED "5 \r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"chunk size beyond 64 bits", CHUNKED "10000000000000005\r\nhello\r\n0\r\n\r\n" NEXT, "413"},
    {"chunk size of nine digits", CHUNKED "100000000\r\nhello\r\n0\r\n\r\n" NEXT, "413"},
    {"control byte in an extension", CHUNKED "5;\v\r\nhello\r\n0\r\n\r\n" NEXT, "400"},
    {"length in a trailer", CHUNKED "0\r\nContent-Length: 5\r\n\r\n" NEXT, "400"},
    {"closing in a trailer", CHUNKED "0\r\nProxy-Connection: close\r\n\r\n" NEXT, "400"},
    {"folded trailer", CHUNKED "0\r\nA: b\r\n c\r\n\r\n" NEXT, "400"},
    {"coding in a trailer", CHUNKED "0\r\nTransfer-Encoding: chunked\r\n\r\n" NEXT, "400"},
    {"nonsense in a trailer", CHUNKED "0\r\nnonsense\r\n\r\n" NEXT, "400"},
    {"folded header", GET "A: b\r\n c\r\n\r\n" NEXT, "400"},
    {"folded by a tab", GET "A: b\r\n\tc\r\n\r\n" NEXT, "400"},
    {"first header folded", "GET /a HTTP/1.1\r\n Host: a\r\n\r\n" NEXT, "400"},
    {"blank before the colon", POST "Content-Length : 5\r\n\r\nhello" NEXT, "400"},
    {"no colon", GET "nonsense\r\n\r\n" NEXT, "400"},
    {"no name", GET ": b\r\n\r\n" NEXT, "400"},
    {"name that is no token", GET "A(b): c\r\n\r\n" NEXT, "400"},
    {"escape in a value", GET "A: \033[0m\r\n\r\n" NEXT, "400"},
    {"delete in a value", GET "A: \177\r\n\r\n" NEXT, "400"},
    {"no host", "GET /a HTTP/1.1\r\n\r\n" NEXT, "400"},
    {"two hosts", GET "Host: a\r\n\r\n" NEXT, "400"},
    {"no version", "GET /a\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"newer version", "GET /a HTTP/2.0\r\nHost: a\r\n\r\n" NEXT, "505"},
    {"other protocol", "GET /a RTSP/1.0\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"source of a radio", "SOURCE /a ICE/1.0\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
    {"two blanks before the version", "GET /a  HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"version in small letters", "GET /a http/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"long version", "GET /a HTTP/1.10\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"two blanks", "GET  /a HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"tabs", "GET\t/a\tHTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"blank in front", " GET /a HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"two empty lines in front", "\r\n\r\n" GET "\r\n", "400"},
    {"whole address", "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"bytes beyond ASCII in the target", "GET /\303\244 HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"unknown method", "BREW /a HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "501"},
    {"method in small letters", "get /a HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "501"},
    {"tunnel", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, "400"},
    {"other expectation", POST "Expect: tea\r\nContent-Length: 5\r\n\r\nhello" NEXT, "417"},
    {"start of TLS", "\026\003\001\002\n", "400"},
};

static void check_statuses(Test *t, const Framing *framing, const char *statuses)
{
    CHECK_TEXT(arena_format(t->arena, "%s: %s", framing->name, statuses),
               arena_format(t->arena, "%s: %s", framing->name, framing->statuses));
}

TEST(frames_requests_strictly)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    for (size_t i = 0; i < COUNT_OF(framings); i++)
        check_statuses(t, &framings[i], peer_statuses(t, scene, str_of(framings[i].sent)));
}

/* The same bytes, however they are cut, are the same requests. */
TEST(frames_alike_when_bytes_come_one_by_one)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    for (size_t i = 0; i < COUNT_OF(framings); i++) {
        SCOPED(fd_close) int fd = peer_connect(t, scene);
        size_t len = strlen(framings[i].sent);
        for (size_t at = 0; at < len; at++)
            if (send(fd, framings[i].sent + at, 1, MSG_NOSIGNAL) != 1)
                break; /* refused already */
        check_statuses(t, &framings[i], peer_statuses_of(t, peer_read_all(t, fd)));
    }
}

TEST(refuses_nul_anywhere_in_a_head)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    static const char whole[] = "GET /a HTTP/1.1\r\nHost: a\r\nName: value\r\n\r\n";
    for (size_t at = 0; at < sizeof whole - 3; at++) {
        Buf buf = buf_new(t->arena);
        buf_add_bytes(&buf, whole, at);
        buf_add_char(&buf, '\0');
        buf_add_bytes(&buf, whole + at, sizeof whole - 1 - at);
        CHECK_TEXT(peer_statuses(t, scene, buf_str(&buf)), "400");
    }
}

TEST(answers_with_what_the_handler_says)
{
    SCOPED(scene_close) Scene *scene = scene_open(t, (HttpServerOptions){0});
    SCOPED(fd_close) int fd = peer_connect(t, scene);
    peer_send(fd, STR("POST /x%20y?q=1&r HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: "
                      "close\r\n\r\nhello"));
    const char *text = arena_text(t->arena, peer_read_all(t, fd));
    CHECK_HAS(text, "HTTP/1.1 200 OK\r\nDate: ");
    CHECK_HAS(text, " GMT\r\n");
    CHECK_HAS(text, "Content-Type: text/plain\r\n");
    CHECK_HAS(text, "\r\nConnection: close\r\n");
    CHECK_HAS(text, "\r\n\r\nPOST /x%20y q=1&r 127.0.0.1 hello");
}
