/* A blocking HTTP client: one request, one reply; for the daemon on loopback or its socket, and for exports.
 *
 * libcurl does the work; it is loaded by the first http_client_open, so that a command that needs none starts
 * as fast as without it. No redirect is followed, no proxy asked, only http and https are spoken. A status
 * such as 404 is a reply, not an error. Ends early with ERR_INTERRUPTED. One thread at a time.
 */
#pragma once

#include "http/server.h"

typedef struct HttpClient HttpClient;

typedef struct {
    const char *url;         /* what comes before the path: "http://127.0.0.1:7330" */
    const char *socket_path; /* instead of TCP; `url` then only gives the Host */
    const char *bearer;      /* token; NULL: none */
    int connect_ms;          /* 0: 2 s */
    int timeout_ms;          /* of a whole request; 0: 30 s; negative: none, as for a stream */
} HttpClientOptions;

/* Texts are copied. Fails with ERR_UNSUPPORTED, which names the package, when libcurl is not there. */
MUST_CHECK bool http_client_open(const HttpClientOptions *options, HttpClient **out, Error *err);
void http_client_close(HttpClient **client);

typedef struct {
    const char *method, *target; /* "POST", "/api/v1/jobs?x=1" */
    HttpHeaders headers;         /* beside Host, Content-Length and Authorization */
    Str body;
    uint64_t limit_bytes; /* of the reply's body; 0: 64 MiB; more is ERR_TOO_LARGE */
    /* Takes the body as it comes, instead of HttpClientReply.body; false ends the request well. */
    bool (*take)(void *context, Str bytes);
    void *context;
} HttpClientRequest;

typedef struct {
    int status;
    HttpHeaders headers; /* names in small letters */
    Str body;
} HttpClientReply;

/* Connections are kept for the next request. */
MUST_CHECK bool http_client_send(HttpClient *client, Arena *arena, const HttpClientRequest *request,
                                 HttpClientReply *out, Error *err);
Str http_client_header(const HttpClientReply *reply,
                       const char *name); /* small letters; or empty */
