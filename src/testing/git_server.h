/* Real git servers on a free port of 127.0.0.1, for tests: `git daemon`, and `git http-backend` behind a
 * small HTTP server. Both serve the bare repositories below t->dir/srv and die with the test program.
 *
 * The HTTP server's paths: /open/… anyone · /private/… only weir:right · /status/404/… that answer ·
 * /garbage/… a web page · /hang/… no answer · /flaky/2/… 503 for the first two requests, then open.
 */
#pragma once

#include "testing/test.h"

typedef struct {
    int pid;
    int port;
    int *requests; /* seen so far, shared with the server */
} GitServer;

GitServer git_server_daemon(Test *t);
GitServer git_server_http(Test *t);
void git_server_stop(GitServer *server); /* fine when it is stopped */
int git_server_requests(const GitServer *server);

/* A port of 127.0.0.1 on which nobody listens. */
int git_server_dead_port(void);
