/* HTTP/1.1 server: loopback TCP and a unix socket; whole requests in, whole replies or streams out.
 *
 * Strict framing (docs/http.md): what is ambiguous is refused with 400 and the connection closed. Deadlines
 * do not restart with each byte: 10 s for the head from accept() or its first byte, 30 s for the body, 30 s
 * without progress while writing, 60 s idle. One thread serves all connections and calls `handle`, which
 * must not block: it answers at once or keeps the call and answers later from any thread. Every call must be
 * answered exactly once, also when its peer is gone.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"

typedef struct HttpServer HttpServer;
typedef struct HttpCall HttpCall;
typedef struct HttpStream HttpStream;

typedef struct {
    Str name, value;
} HttpHeader;
typedef ARRAY(HttpHeader) HttpHeaders;

typedef struct {
    const char *method;  /* "GET"; one of those the server knows, see http/rules.c */
    Str path;            /* of the target, as sent, not decoded: "/api/v1/artifacts/skill%3Apdf" */
    Str query;           /* behind the '?', as sent; empty: none */
    HttpHeaders headers; /* in order, names as sent, values without blanks around them */
    Str body;
    bool on_socket;   /* came by the unix socket; its peer has this process's uid */
    Str peer;         /* "127.0.0.1", or "unix" */
    int64_t began_us; /* clock_monotonic_us() of its first byte */
} HttpRequest;

/* The value of the first header of that name, compared without case; empty when absent. */
Str http_header(const HttpRequest *request, const char *name);

typedef struct {
    int status;
    /* Beside Date, Content-Length and Connection, which are the server's. Copied. */
    HttpHeaders headers;
    Str body;    /* not copied: lies in the call's arena, or for ever */
    int file_fd; /* > 0: the body is this file, from its start; the server closes it */
    bool close;  /* and then the connection */
} HttpReply;

typedef struct {
    const char
        *listen;    /* "127.0.0.1:0", "[::1]:7330"; NULL: no TCP. Loopback only unless may_leave */
    bool may_leave; /* an address beyond loopback is meant */
    const char
        *socket_path;  /* NULL: none. Made 0600; a stale one is replaced, a live one ERR_EXISTS */
    int listen_fds[4]; /* handed over by systemd; > 0 are used, and closed with the server */
    /* At the same time; 0: 16384. Above: idle ones go first, else the newest. */
    size_t connections;
    /* Without a whole request yet; 0: 4096. Above: the oldest of them goes. */
    size_t connections_idle;
    /* Of one address, or IPv6 network of 64 bits; 0: 256, and any number on loopback, where all come from
     * one. Above: the newest goes. Who comes by the unix socket is in no such count, has a place in 64 for
     * himself, and goes for nobody from elsewhere. */
    size_t connections_peer;
    int head_ms, body_ms, write_ms, idle_ms; /* deadlines; 0: as above */
    /* The most body bytes that this head may bring; more is 413. Called before the body is read; false:
     * *reply is sent at once and the connection closed (401 without reading a body). NULL: 1 MiB. */
    bool (*admit)(void *context, const HttpRequest *head, Arena *arena, uint64_t *body_limit_bytes,
                  HttpReply *reply);
    void (*handle)(void *context, HttpCall *call);
    /* Requests that never reach `handle`: framing errors, timeouts, 413: the reply's body and headers.
     * NULL: the words of `why` as text. */
    void (*refuse)(void *context, Arena *arena, int status, const char *why, HttpReply *reply);
    /* Once, before the first request: the address over TCP; NULL: none. May be NULL. Connections may wait
     * already where sockets were handed over. */
    void (*listens)(void *context, const char *address);
    void *context;
} HttpServerOptions;

MUST_CHECK bool http_server_open(const HttpServerOptions *options, HttpServer **out, Error *err);
const char *http_server_address(const HttpServer *server); /* "127.0.0.1:40123"; NULL: no TCP */
/* Takes no new connections, lets those at work finish for `timeout_ms`, ends streams and idle ones; who has
 * just come may still ask, for 250 ms. */
void http_server_drain(HttpServer *server, int timeout_ms);
/* Ends every connection. Calls and streams that are still kept must be answered and closed all the same. */
void http_server_close(HttpServer **server);
typedef struct {
    size_t connections, streams;
    uint64_t requests, refused, shed; /* since it was opened */
} HttpServerCounts;
HttpServerCounts http_server_counts(HttpServer *server);

/* ── one call ── */
const HttpRequest *http_call_request(const HttpCall *call);
Arena *
http_call_arena(HttpCall *call); /* for one thread at a time; lives until the reply is sent */
void http_reply(HttpCall *call,
                const HttpReply *reply); /* from any thread; the call is gone then */

/* ── a reply that goes on: server-sent events ── */
/* Bytes that many streams share; counted, made once. */
typedef struct HttpBytes HttpBytes;
HttpBytes *http_bytes_new(Str bytes); /* not empty */
HttpBytes *http_bytes_share(HttpBytes *bytes);
void http_bytes_release(HttpBytes **bytes);

/* The head is sent at once; the call is gone. The stream is the caller's until it is closed or cut. */
HttpStream *http_reply_stream(HttpCall *call, int status, const HttpHeaders *headers);
/* From any thread, never blocks; takes a share of `bytes`. False: the peer is gone, or would have more than
 * LIMIT_STREAM_BYTES unsent: nothing was taken, and the stream is only good for closing or cutting. */
bool http_stream_write(HttpStream *stream, HttpBytes *bytes);
bool http_stream_is_gone(HttpStream *stream); /* nobody is there to read */
void http_stream_close(HttpStream **stream);  /* sends what is waiting, then ends; fine on NULL */
/* Ends without what is waiting, but whole chunks; `last` (or NULL) goes out in its place. */
void http_stream_cut(HttpStream **stream, HttpBytes *last);
