/* What the tests of this room share: an Api over a real queue of jobs in a folder of its own, asked
 * in-process or over a socket. Every reply is held against the record that its endpoint's row declares, and
 * must carry the headers that all replies carry. Only *_test.c may include it.
 */
#pragma once

#include "api/api_internal.h"
#include "http/server.h"
#include "testing/test.h"

#define WORLD_TOKEN "canary-3f9d2b7a61c84e05"
#define WORLD_HOST "127.0.0.1:7330"

extern const Record api_failure_record;

typedef struct {
    Test *t;
    Api *api;
    JobQueue *jobs;
    _Atomic(Hub *) hub; /* threads of `jobs` look for it */
    Metrics *metrics;
    HttpServer *server; /* NULL until world_serve */
    bool on_socket;     /* what is asked comes by the unix socket */
    const char *route;  /* of the last request; NULL: none */
    const char *method;
    size_t answered;
    size_t opened; /* handles that the pool has opened */
} World;

World *world_open(Test *t);
World *world_open_with(Test *t, const char *config); /* lines of config.toml */
void world_close(World **world);

typedef struct {
    int status;
    HttpHeaders headers;
    Str body;
    const JsonNode *json; /* NULL: no JSON */
    const char *code;     /* of an error; NULL: none */
} Answer;

/* `headers`: "name: value" lines, with "\n" between, beside Host and Authorization, which are right unless
 * they are given here; "name:" alone leaves one out. `body` NULL: none; with one, Content-Type is JSON's. */
Answer world_ask(World *world, const char *method, const char *target, const char *headers,
                 const char *body);
Answer world_ask_bytes(World *world, const char *method, const char *target, const char *headers,
                       Str body);
Str answer_header(const Answer *answer, const char *name);
Str answer_text(const Answer *answer, const char *path); /* "error.details.field" */
/* Status and code of a failure, and what its message holds. */
void check_failure(const Answer *answer, int status, const char *code, const char *says);

/* The same over TCP. */
void world_serve(World *world);
int world_connect(World *world);
void world_send(World *world, int fd, const char *format, ...) PRINTF_LIKE(3, 4);
/* Reads until `part` has come, or the end; at most 10 s. */
Str world_read_until(World *world, int fd, const char *part);
