/* Load: clients on raw sockets, so that their own cost is small: each a thread with one connection,
 * one request after the other; and crowds of connections that are held. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

typedef struct {
    uint16_t port;
    const char *token;
    size_t clients;
    double seconds;
    int64_t pace_us;    /* from one request to the next; 0: at once */
    const char *target; /* asked for; NULL: jobs are made */
} LoadSpec;

typedef struct {
    size_t done;
    double rate, p50_ms, p99_ms;
} LoadResult;

/* Ends the program when it is answered with anything but what it asked for. */
void load_run(const LoadSpec *spec, LoadResult *out);

int load_connect(uint16_t port);
/* A request on that connection, and its reply's body; what is not there ends the program. */
Str load_ask(int fd, Arena *arena, const char *method, const char *target, const char *token,
             Str body);
/* A stream of events that has begun to answer. */
int load_stream(uint16_t port, const char *target, const char *token);
void load_raise_limit(void); /* of open files */
