/* The head of a request, read strictly: bytes in, a request and its framing out. Pure.
 *
 * Lines end in CRLF and nothing else; no folding; names are tokens followed by ':' at once; values hold no
 * control byte but tab; one Host; Content-Length is digits, Transfer-Encoding is "chunked", never both and
 * never twice. Target: a path, visible ASCII. RFC 9112 where it leaves a choice: the strict one.
 */
#pragma once

#include "http/server.h"

typedef enum { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED } HttpFraming;

typedef struct {
    HttpRequest request;
    HttpFraming framing;
    uint64_t length_bytes; /* of HTTP_BODY_LENGTH */
    bool keep_alive, old;  /* old: HTTP/1.0, which knows no chunks */
    bool wants_continue;   /* waits for 100 before it sends the body */
} HttpHead;

typedef struct {
    int status;
    const char *why;
} HttpRefusal;

/* Where the head in front ends, behind its empty line: 0 when more must come. `*scanned` says how much was
 * looked at already; it begins with 0. False: it will never be one. */
MUST_CHECK bool http_head_find(Str input, size_t *scanned, size_t *out_bytes, HttpRefusal *why);

/* `head` as found; the request points into it. */
MUST_CHECK bool http_head_parse(Arena *arena, Str head, HttpHead *out, HttpRefusal *why);

/* One line without its CR LF, not empty. */
MUST_CHECK bool http_field_parse(Str line, HttpHeader *out, HttpRefusal *why);
bool http_is_token_byte(char c);                /* of a method, a header's name */
bool http_name_is(Str name, const char *lower); /* without case */
