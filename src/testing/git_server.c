#include "testing/git_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEAD_BYTES = 16 << 10, FIELD_BYTES = 1024, CHUNK_BYTES = 8 << 10 };

/* "weir:right" */
static const char right_login[] = "Basic d2VpcjpyaWdodA==";

typedef struct {
    char head[HEAD_BYTES]; /* request line and headers, NUL-terminated */
    char method[16], path[FIELD_BYTES], query[FIELD_BYTES];
    int body_fd; /* a memory file, at its start */
} Request;

typedef void (*Serve)(int fd, const char *folder, int *requests);

/* ── HTTP ── */

static void send_all(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0)
            _exit(1);
        at += sent;
        len -= (size_t)sent;
    }
}

static void send_status(int fd, int status)
{
    char text[512];
    const char *login = status == 401 ? "WWW-Authenticate: Basic realm=\"weir test\"\r\n" : "";
    int len = snprintf(text, sizeof text,
                       "HTTP/1.1 %d Said So\r\n%sContent-Length: 0\r\nConnection: close\r\n\r\n",
                       status, login);
    send_all(fd, text, (size_t)len);
}

static const char *header(const Request *request, const char *name, char *out)
{
    size_t len = strlen(name);
    out[0] = '\0';
    for (const char *line = strstr(request->head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        const char *at = line + 2;
        if (strncasecmp(at, name, len) != 0 || at[len] != ':')
            continue;
        at += len + 1;
        at += strspn(at, " ");
        (void)snprintf(out, FIELD_BYTES, "%.*s", (int)strcspn(at, "\r\n"), at);
        break;
    }
    return out;
}

static bool read_head(int fd, Request *request, size_t *len, size_t *body_at)
{
    *len = 0;
    while (*len < HEAD_BYTES - 1) {
        ssize_t got = recv(fd, request->head + *len, HEAD_BYTES - 1 - *len, 0);
        if (got <= 0)
            return false;
        *len += (size_t)got;
        request->head[*len] = '\0';
        const char *end = strstr(request->head, "\r\n\r\n");
        if (end) {
            *body_at = (size_t)(end - request->head) + 4;
            return true;
        }
    }
    return false;
}

static bool read_request(int fd, Request *request)
{
    size_t len, body_at;
    char field[FIELD_BYTES], chunk[CHUNK_BYTES], target[FIELD_BYTES];
    if (!read_head(fd, request, &len, &body_at) ||
        sscanf(request->head, "%15s %1023s", request->method, target) != 2)
        return false;
    size_t path_len = strcspn(target, "?");
    (void)snprintf(request->path, FIELD_BYTES, "%.*s", (int)path_len, target);
    (void)snprintf(request->query, FIELD_BYTES, "%s",
                   target[path_len] ? target + path_len + 1 : "");
    size_t wanted = strtoul(header(request, "Content-Length", field), NULL, 10);
    request->body_fd = memfd_create("body", MFD_CLOEXEC);
    size_t have = len - body_at;
    if (have && write(request->body_fd, request->head + body_at, have) < 0)
        return false;
    while (have < wanted) {
        ssize_t got = recv(fd, chunk, sizeof chunk, 0);
        if (got <= 0 || write(request->body_fd, chunk, (size_t)got) != got)
            return false;
        have += (size_t)got;
    }
    request->head[body_at] = '\0';
    return lseek(request->body_fd, 0, SEEK_SET) == 0;
}

static void exec_backend(const Request *request, const char *folder, const char *path, int out)
{
    char type[FIELD_BYTES], length[FIELD_BYTES], encoding[FIELD_BYTES], protocol[FIELD_BYTES];
    const char *names[] = {"GIT_PROJECT_ROOT", "GIT_HTTP_EXPORT_ALL",   "PATH_INFO",
                           "QUERY_STRING",     "REQUEST_METHOD",        "CONTENT_TYPE",
                           "CONTENT_LENGTH",   "HTTP_CONTENT_ENCODING", "GIT_PROTOCOL",
                           "REMOTE_ADDR",      "GIT_CONFIG_NOSYSTEM"};
    const char *values[] = {folder,
                            "1",
                            path,
                            request->query,
                            request->method,
                            header(request, "Content-Type", type),
                            header(request, "Content-Length", length),
                            header(request, "Content-Encoding", encoding),
                            header(request, "Git-Protocol", protocol),
                            "127.0.0.1",
                            "1"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)setenv(names[i], values[i], 1);
    (void)dup2(request->body_fd, 0);
    (void)dup2(out, 1);
    (void)execlp("git", "git", "http-backend", (char *)NULL);
    _exit(127);
}

/* CGI says its status in a header of its own; HTTP wants it first. */
static void relay(int fd, int from)
{
    char chunk[CHUNK_BYTES];
    ssize_t got = read(from, chunk, sizeof chunk);
    int status = 200;
    if (got > 12 && strncmp(chunk, "Status: ", 8) == 0)
        status = (int)strtol(chunk + 8, NULL, 10);
    char line[64];
    int len = snprintf(line, sizeof line, "HTTP/1.1 %d OK\r\nConnection: close\r\n", status);
    send_all(fd, line, (size_t)len);
    for (; got > 0; got = read(from, chunk, sizeof chunk))
        send_all(fd, chunk, (size_t)got);
}

static void serve_repository(int fd, const Request *request, const char *folder, const char *path)
{
    int ends[2];
    if (pipe(ends) != 0)
        _exit(1);
    pid_t backend = fork();
    if (backend == 0) {
        (void)close(ends[0]);
        exec_backend(request, folder, path, ends[1]);
    }
    (void)close(ends[1]);
    relay(fd, ends[0]);
    (void)waitpid(backend, NULL, 0);
}

static const char *behind(const char *path, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(path, prefix, len) == 0 ? path + len : NULL;
}

static void serve_http(int fd, const char *folder, int *requests)
{
    static const char page[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                               "Connection: close\r\n\r\n<html>Please log in</html>\n";
    static Request request; /* each connection is a process of its own */
    char login[FIELD_BYTES];
    if (!read_request(fd, &request))
        return;
    int before = __atomic_fetch_add(requests, 1, __ATOMIC_SEQ_CST);
    const char *rest;
    char *end;
    if ((rest = behind(request.path, "/open")))
        serve_repository(fd, &request, folder, rest);
    else if ((rest = behind(request.path, "/private"))) {
        if (strcmp(header(&request, "Authorization", login), right_login) == 0)
            serve_repository(fd, &request, folder, rest);
        else
            send_status(fd, 401);
    } else if ((rest = behind(request.path, "/status/")))
        send_status(fd, (int)strtol(rest, NULL, 10));
    else if (behind(request.path, "/garbage"))
        send_all(fd, page, sizeof page - 1);
    else if ((rest = behind(request.path, "/flaky/"))) {
        if (before < strtol(rest, &end, 10))
            send_status(fd, 503);
        else
            serve_repository(fd, &request, folder, end);
    } else if (behind(request.path, "/hang"))
        (void)pause();
    else
        send_status(fd, 400);
}

/* ── git daemon, one per connection ── */

static void serve_daemon(int fd, const char *folder, int *requests)
{
    char base[FIELD_BYTES];
    (void)__atomic_fetch_add(requests, 1, __ATOMIC_SEQ_CST);
    (void)snprintf(base, sizeof base, "--base-path=%s", folder);
    (void)dup2(fd, 0);
    (void)dup2(fd, 1);
    (void)execlp("git", "git", "daemon", "--inetd", "--export-all", base, (char *)NULL);
    _exit(127);
}

/* ── listening ── */

static int listen_anywhere(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 64) != 0 || getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return fd;
}

static void accept_forever(int listener, const char *folder, int *requests, Serve serve)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct sigaction reap = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGCHLD, &reap, NULL);
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        if (fork() == 0) {
            struct sigaction normal = {.sa_handler = SIG_DFL};
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            (void)sigaction(SIGCHLD, &normal, NULL);
            serve(fd, folder, requests);
            _exit(0);
        }
        (void)close(fd);
    }
}

static GitServer start(Test *t, Serve serve)
{
    GitServer server = {0};
    int listener = listen_anywhere(&server.port);
    assert_true(listener >= 0);
    server.requests = mmap(NULL, sizeof *server.requests, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(server.requests != MAP_FAILED);
    const char *folder = arena_format(t->arena, "%s/srv", t->dir);
    server.pid = fork();
    assert_true(server.pid >= 0);
    if (server.pid == 0)
        accept_forever(listener, folder, server.requests, serve);
    (void)close(listener);
    return server;
}

GitServer git_server_daemon(Test *t)
{
    return start(t, serve_daemon);
}

GitServer git_server_http(Test *t)
{
    return start(t, serve_http);
}

void git_server_stop(GitServer *server)
{
    if (server->pid <= 0)
        return;
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    (void)munmap(server->requests, sizeof *server->requests);
    *server = (GitServer){0};
}

int git_server_requests(const GitServer *server)
{
    return __atomic_load_n(server->requests, __ATOMIC_SEQ_CST);
}

int git_server_dead_port(void)
{
    int port = 0;
    int fd = listen_anywhere(&port);
    assert_true(fd >= 0);
    (void)close(fd);
    return port;
}
