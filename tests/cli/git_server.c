/* A git server for transcripts: listens on a free port of 127.0.0.1, prints it, serves until killed.
 *
 * git_server git FOLDER                       each connection is handed to `git daemon --inetd`
 * git_server http FOLDER [--user NAME:PASSWORD] [--fail N] [--hold FILE]
 *                                             smart HTTP by `git http-backend`, with basic authentication
 *                                             when --user is given; the first N requests are answered 503,
 *                                             and none before FILE is there (60 s)
 * git_server ssh CONFIG                       each connection is handed to `sshd -i` with that configuration
 * One connection at a time per child process; requests are read whole, up to 64 MiB. For tests only.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BODY_LIMIT = 64 << 20, LINE_LIMIT = 4096 };

typedef struct {
    const char *folder;      /* or file of the configuration */
    char authorization[512]; /* the header's value that is let in; empty: everybody is */
    int *failures_left;      /* shared by all children */
    const char *hold;        /* NULL: nothing is waited for */
} Server;

typedef struct {
    char method[16];
    char path[LINE_LIMIT];
    char query[LINE_LIMIT];
    char content_type[256];
    char encoding[64];
    char protocol[64];
    char authorization[512];
    size_t length;
    bool chunked;
    char *body;
} Request;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void base64(const char *text, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i += 3) {
        unsigned group = (unsigned)(unsigned char)text[i] << 16;
        if (i + 1 < len)
            group |= (unsigned)(unsigned char)text[i + 1] << 8;
        if (i + 2 < len)
            group |= (unsigned char)text[i + 2];
        *out++ = digits[group >> 18];
        *out++ = digits[(group >> 12) & 63];
        *out++ = i + 1 < len ? digits[(group >> 6) & 63] : '=';
        *out++ = i + 2 < len ? digits[group & 63] : '=';
    }
    *out = '\0';
}

static int listen_somewhere(void)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 64) != 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        die("listen");
    (void)printf("%d\n", ntohs(address.sin_port));
    (void)fclose(stdout);
    return listener;
}

static void copy_value(char *to, size_t room, const char *value)
{
    while (*value == ' ')
        value++;
    size_t len = strnlen(value, room - 1);
    memcpy(to, value, len);
    to[len] = '\0';
}

static bool read_line(FILE *in, char *line)
{
    if (!fgets(line, LINE_LIMIT, in))
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static void read_header(Request *request, const char *line)
{
    const char *value = strchr(line, ':');
    if (!value)
        return;
    size_t name = (size_t)(value++ - line);
    if (name == 14 && strncasecmp(line, "Content-Length", name) == 0)
        request->length = strtoul(value, NULL, 10);
    else if (name == 12 && strncasecmp(line, "Content-Type", name) == 0)
        copy_value(request->content_type, sizeof request->content_type, value);
    else if (name == 16 && strncasecmp(line, "Content-Encoding", name) == 0)
        copy_value(request->encoding, sizeof request->encoding, value);
    else if (name == 12 && strncasecmp(line, "Git-Protocol", name) == 0)
        copy_value(request->protocol, sizeof request->protocol, value);
    else if (name == 13 && strncasecmp(line, "Authorization", name) == 0)
        copy_value(request->authorization, sizeof request->authorization, value);
    else if (name == 17 && strncasecmp(line, "Transfer-Encoding", name) == 0)
        request->chunked = true;
}

static bool read_body(FILE *in, Request *request)
{
    request->body = calloc(1, BODY_LIMIT);
    if (!request->body || request->length > BODY_LIMIT)
        return false;
    if (!request->chunked)
        return fread(request->body, 1, request->length, in) == request->length;
    char line[LINE_LIMIT];
    while (read_line(in, line)) {
        size_t size = strtoul(line, NULL, 16);
        if (size > BODY_LIMIT - request->length)
            return false;
        if (fread(request->body + request->length, 1, size, in) != size)
            return false;
        request->length += size;
        if (!read_line(in, line) || size == 0)
            return size == 0;
    }
    return false;
}

static bool read_request(FILE *in, Request *request)
{
    char line[LINE_LIMIT];
    if (!read_line(in, line))
        return false;
    const char *target = strchr(line, ' ');
    if (!target)
        return false;
    (void)snprintf(request->method, sizeof request->method, "%.*s", (int)(target - line), line);
    copy_value(request->path, sizeof request->path, target);
    request->path[strcspn(request->path, " ")] = '\0';
    char *query = strchr(request->path, '?');
    if (query) {
        *query = '\0';
        copy_value(request->query, sizeof request->query, query + 1);
    }
    while (read_line(in, line) && line[0])
        read_header(request, line);
    return read_body(in, request);
}

static void answer(FILE *out, const char *status, const char *header)
{
    (void)fprintf(out, "HTTP/1.1 %s\r\n%sContent-Length: 0\r\nConnection: close\r\n\r\n", status,
                  header);
    (void)fflush(out);
}

static void set_environment(const Server *server, const Request *request)
{
    char length[32];
    (void)snprintf(length, sizeof length, "%zu", request->length);
    setenv("GIT_PROJECT_ROOT", server->folder, 1);
    setenv("GIT_HTTP_EXPORT_ALL", "1", 1);
    setenv("REQUEST_METHOD", request->method, 1);
    setenv("PATH_INFO", request->path, 1);
    setenv("QUERY_STRING", request->query, 1);
    setenv("CONTENT_TYPE", request->content_type, 1);
    setenv("CONTENT_LENGTH", length, 1);
    setenv("REMOTE_ADDR", "127.0.0.1", 1);
    if (request->encoding[0])
        setenv("HTTP_CONTENT_ENCODING", request->encoding, 1);
    if (request->protocol[0])
        setenv("GIT_PROTOCOL", request->protocol, 1);
}

/* The request's body goes through a file, so that neither side waits for the other. */
static FILE *run_backend(const Server *server, const Request *request)
{
    FILE *body = tmpfile();
    int pipe_fds[2];
    if (!body || fwrite(request->body, 1, request->length, body) != request->length ||
        fflush(body) != 0 || pipe(pipe_fds) != 0)
        die("request body");
    rewind(body);
    (void)lseek(fileno(body), 0, SEEK_SET);
    if (fork() == 0) {
        set_environment(server, request);
        (void)dup2(fileno(body), 0);
        (void)dup2(pipe_fds[1], 1);
        (void)close(pipe_fds[0]);
        execlp("git", "git", "http-backend", (char *)NULL);
        die("git http-backend");
    }
    (void)close(pipe_fds[1]);
    return fdopen(pipe_fds[0], "r");
}

/* CGI's answer opens with headers, Status among them when it is not 200. */
static void pass_answer(FILE *from, FILE *out)
{
    char line[LINE_LIMIT];
    char *headers = NULL;
    size_t used = 0;
    FILE *collected = open_memstream(&headers, &used);
    if (!collected)
        die("memory");
    char status[256] = "200 OK";
    while (read_line(from, line) && line[0]) {
        if (strncasecmp(line, "Status:", 7) == 0) {
            copy_value(status, sizeof status, line + 7);
            continue;
        }
        (void)fprintf(collected, "%s\r\n", line);
    }
    (void)fclose(collected);
    (void)fprintf(out, "HTTP/1.1 %s\r\n%sConnection: close\r\n\r\n", status, headers);
    free(headers);
    size_t got;
    while ((got = fread(line, 1, sizeof line, from)) > 0)
        (void)fwrite(line, 1, got, out);
    (void)fflush(out);
}

static const char *behind(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(path, prefix, length) == 0 ? path + length : NULL;
}

/* Paths that stand for an upstream in trouble. */
static bool answer_badly(const Request *request, FILE *out)
{
    static const char page[] = "<html>Please log in</html>";
    const char *rest = behind(request->path, "/status/");
    if (rest) {
        char status[64];
        int code = (int)strtol(rest, NULL, 10);
        (void)snprintf(status, sizeof status, "%d Said So", code);
        answer(out, status,
               code == 401   ? "WWW-Authenticate: Basic realm=\"weir\"\r\n"
               : code == 429 ? "Retry-After: 1\r\n"
                             : "");
    } else if (behind(request->path, "/garbage")) {
        (void)fprintf(
            out, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n%s", page);
        (void)fflush(out);
    } else if (behind(request->path, "/hang")) {
        (void)pause();
    } else if (behind(request->path, "/cut")) { /* more was promised than comes */
        (void)fprintf(out, "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-"
                           "advertisement\r\nContent-Length: 1000\r\n\r\n001e# service=git-up");
        (void)fflush(out);
    } else {
        return false;
    }
    return true;
}

static void wait_until_let_go(const Server *server)
{
    enum { SLICE_MS = 50, PATIENCE_MS = 60000 };
    const struct timespec slice = {.tv_nsec = SLICE_MS * 1000000};
    for (int waited = 0; server->hold && waited < PATIENCE_MS; waited += SLICE_MS) {
        if (access(server->hold, F_OK) == 0)
            return;
        (void)nanosleep(&slice, NULL);
    }
}

static void serve_http(const Server *server, int connection)
{
    FILE *in = fdopen(connection, "r");
    FILE *out = fdopen(dup(connection), "w");
    Request *request = calloc(1, sizeof *request);
    if (!in || !out || !request)
        die("connection");
    wait_until_let_go(server);
    if (!read_request(in, request)) {
        answer(out, "400 Bad Request", "");
    } else if (answer_badly(request, out)) {
        /* that was all */
    } else if (__atomic_fetch_sub(server->failures_left, 1, __ATOMIC_SEQ_CST) > 0) {
        answer(out, "503 Service Unavailable", "Retry-After: 0\r\n");
    } else if (server->authorization[0] &&
               strcmp(server->authorization, request->authorization) != 0) {
        answer(out, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"weir\"\r\n");
    } else {
        FILE *from = run_backend(server, request);
        if (from)
            pass_answer(from, out);
    }
    (void)shutdown(connection, SHUT_WR);
}

static void serve_git(const Server *server, int connection)
{
    char base_path[4200];
    (void)snprintf(base_path, sizeof base_path, "--base-path=%s", server->folder);
    (void)dup2(connection, 0);
    (void)dup2(connection, 1);
    execlp("git", "git", "daemon", "--inetd", "--export-all", base_path, server->folder,
           (char *)NULL);
    die("git daemon");
}

/* sshd wants to be called by its whole path, and a folder to lock itself up in where it runs as root. */
static void serve_ssh(const Server *server, int connection)
{
    (void)mkdir("/run/sshd", 0755);
    (void)dup2(connection, 0);
    (void)dup2(connection, 1);
    execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-i", "-f", server->folder, (char *)NULL);
    die("sshd");
}

static void serve(const char *kind, const Server *server, int connection)
{
    if (strcmp(kind, "http") == 0)
        serve_http(server, connection);
    else if (strcmp(kind, "ssh") == 0)
        serve_ssh(server, connection);
    else
        serve_git(server, connection);
}

static void read_options(Server *server, int count, char **arguments)
{
    for (int i = 3; i + 1 < count; i += 2) {
        if (strcmp(arguments[i], "--user") == 0) {
            (void)snprintf(server->authorization, sizeof server->authorization, "Basic ");
            if (strlen(arguments[i + 1]) < 300)
                base64(arguments[i + 1], server->authorization + 6);
        } else if (strcmp(arguments[i], "--fail") == 0) {
            *server->failures_left = (int)strtol(arguments[i + 1], NULL, 10);
        } else if (strcmp(arguments[i], "--hold") == 0) {
            server->hold = arguments[i + 1];
        }
    }
}

int main(int count, char **arguments)
{
    if (count < 3)
        return 2;
    Server server = {.folder = realpath(arguments[2], NULL)};
    server.failures_left =
        mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!server.folder || server.failures_left == MAP_FAILED)
        die(arguments[2]);
    *server.failures_left = 0;
    read_options(&server, count, arguments);

    struct sigaction no_zombies = {.sa_handler = SIG_IGN};
    int listener = listen_somewhere();
    (void)sigaction(SIGCHLD, &no_zombies, NULL);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0)
            continue;
        if (fork() == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* one that hangs ends with the server */
            no_zombies.sa_handler = SIG_DFL;
            (void)sigaction(SIGCHLD, &no_zombies, NULL);
            serve(arguments[1], &server, connection);
            _exit(0);
        }
        (void)close(connection);
    }
}
