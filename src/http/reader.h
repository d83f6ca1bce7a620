/* A request, read by llhttp, the parser of Node.js, and held to weir's own rules (rules.h). Pure.
 *
 * A head is read when all of it is there, a body piece by piece. Each request has a reader of its own, with
 * nothing left of the one before. llhttp is in its strict form with every lenient flag off: what is accepted
 * here, it accepts.
 */
#pragma once

#include "http/server.h"

typedef struct HttpReader HttpReader; /* in the arena of its head */

typedef enum { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED } HttpFraming;

typedef struct {
    HttpRequest request;
    HttpReader *reader; /* of its body */
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

/* One step of the body: `*used` bytes in front of `input` are done with, and `*data`, which lies in them,
 * belongs to the body. None used: more must come. Call again while it moves and is not whole. */
MUST_CHECK bool http_body_step(HttpReader *reader, Str input, size_t *used, Str *data,
                               HttpRefusal *why);
bool http_body_is_whole(const HttpReader *reader);
