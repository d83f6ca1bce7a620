#include "served.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "format/json_read.h"

void die_of(const char *what)
{
    perror(what);
    _exit(3);
}

/* ---- starting ---- */

/* It ends with the storm, whatever becomes of that. */
static void become_daemon(const Served *served, int out)
{
    int log = open(served->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0 || dup2(log, STDERR_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || setenv("WEIR_HOME", served->home, 1) != 0 ||
        setenv("WEIR_TOKEN", SERVED_TOKEN, 1) != 0)
        die_of("daemon");
    (void)execl(served->program, "weir", "serve", "--json", "--listen", "127.0.0.1:0", "--socket",
                served->socket, (char *)NULL);
    die_of(served->program);
}

void served_start(Served *served)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        die_of("pipe");
    served->pid = fork();
    if (served->pid < 0)
        die_of("fork");
    if (served->pid == 0)
        become_daemon(served, ends[1]);
    (void)close(ends[1]);
    served->out = ends[0];
    served->line_len = 0;
}

static void note_address(Served *served)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const JsonNode *root;
    const JsonNode *address;
    Error err;
    if (!json_parse(arena, (Str){served->line, served->line_len}, 0, &root, &err) ||
        !(address = json_find(root, STR("address"))))
        die_of("first line");
    (void)pthread_mutex_lock(&served->lock);
    (void)snprintf(served->address, sizeof served->address, "%.*s", STR_ARG(address->text));
    (void)pthread_mutex_unlock(&served->lock);
}

bool served_await(Served *served, int64_t until_us)
{
    for (;;) {
        int64_t left_us = until_us - clock_monotonic_us();
        struct pollfd fd = {.fd = served->out, .events = POLLIN};
        if (left_us <= 0 || poll(&fd, 1, (int)(left_us / 1000) + 1) <= 0)
            return false;
        ssize_t got = read(served->out, served->line + served->line_len,
                           sizeof served->line - served->line_len);
        if (got <= 0)
            return false;
        served->line_len += (size_t)got;
        if (memchr(served->line, '\n', served->line_len)) {
            note_address(served);
            return true;
        }
    }
}

void served_address(Served *served, char out[64])
{
    (void)pthread_mutex_lock(&served->lock);
    memcpy(out, served->address, sizeof served->address);
    (void)pthread_mutex_unlock(&served->lock);
}

/* ---- ending ---- */

static int await_end(Served *served)
{
    int status = 0;
    while (waitpid(served->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    (void)close(served->out);
    served->pid = 0;
    return status;
}

void served_kill(Served *served)
{
    (void)kill(served->pid, SIGKILL);
    (void)await_end(served);
}

int served_end(Served *served)
{
    (void)kill(served->pid, SIGTERM);
    return await_end(served);
}

/* ---- its workers ---- */

/* From /proc/PID/stat behind the name, which may hold anything: the time of its start; and whether it can
 * still do something, which who is at its end or has been sent SIGKILL cannot. */
static bool look(pid_t pid, bool *able, char started[32])
{
    enum { EXITING = 0x4 };
    const unsigned long killed = 1UL << (SIGKILL - 1);
    char path[64], text[1024], state;
    unsigned flags;
    unsigned long pending;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        (void)close(fd);
    if (len <= 0)
        return false;
    text[len] = '\0';
    const char *at = strrchr(text, ')');
    if (!at || sscanf(at,
                      ") %c %*s %*s %*s %*s %*s %u %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                      "%31s %*s %*s %*s %*s %*s %*s %*s %*s %lu",
                      &state, &flags, started, &pending) != 4)
        return false;
    *able = state != 'Z' && state != 'X' && !(flags & EXITING) && !(pending & killed);
    return true;
}

static void add_children(const char *path, Workers *out)
{
    FILE *file = fopen(path, "re");
    int pid;
    bool able;
    while (file && out->count < WORKERS_SEEN && fscanf(file, "%d", &pid) == 1)
        if (look(pid, &able, out->started[out->count]))
            out->pids[out->count++] = pid;
    if (file)
        (void)fclose(file);
}

void served_workers(const Served *served, Workers *out)
{
    char path[400];
    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)served->pid);
    DIR *tasks = opendir(path);
    out->count = 0;
    for (struct dirent *task; tasks && (task = readdir(tasks));) {
        (void)snprintf(path, sizeof path, "/proc/%d/task/%s/children", (int)served->pid,
                       task->d_name);
        if (task->d_name[0] != '.')
            add_children(path, out);
    }
    if (tasks)
        (void)closedir(tasks);
}

/* A worker works once it holds this; one that has only been started sees that its daemon is gone,
 * and ends. */
static bool is_at_work(pid_t pid)
{
    static const char lock[] = "/workers.lock";
    char path[400], target[4096];
    bool found = false;
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *open_ones = opendir(path);
    for (struct dirent *one; open_ones && !found && (one = readdir(open_ones));) {
        ssize_t len = readlinkat(dirfd(open_ones), one->d_name, target, sizeof target);
        found = len >= (ssize_t)sizeof lock - 1 &&
                memcmp(target + len - (sizeof lock - 1), lock, sizeof lock - 1) == 0;
    }
    if (open_ones)
        (void)closedir(open_ones);
    return found;
}

bool workers_live(const Workers *workers, pid_t *which)
{
    char started[32];
    bool able;
    for (size_t i = 0; i < workers->count; i++) {
        *which = workers->pids[i];
        if (look(*which, &able, started) && able && strcmp(started, workers->started[i]) == 0 &&
            is_at_work(*which))
            return true;
    }
    return false;
}
