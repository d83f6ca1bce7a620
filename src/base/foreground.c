#include "base/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/process.h"

typedef struct {
    struct sigaction interrupt, quit;
    struct termios modes;
    bool has_modes;
} Held;

static void hold(Held *held)
{
    struct sigaction ignore;
    memset(&ignore, 0, sizeof ignore);
    ignore.sa_handler = SIG_IGN;
    held->has_modes = tcgetattr(STDIN_FILENO, &held->modes) == 0;
    (void)sigaction(SIGINT, &ignore, &held->interrupt);
    (void)sigaction(SIGQUIT, &ignore, &held->quit);
}

static void hold_release(Held *held)
{
    if (held->has_modes)
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &held->modes);
    (void)sigaction(SIGINT, &held->interrupt, NULL);
    (void)sigaction(SIGQUIT, &held->quit, NULL);
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    const int reset[] = {SIGPIPE, SIGINT, SIGQUIT, SIGTERM};
    for (size_t i = 0; i < COUNT_OF(reset); i++)
        sigaddset(&defaults, reset[i]);
    int rc = posix_spawnattr_setsigmask(attributes, &none);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(attributes, &defaults);
    if (rc == 0)
        rc = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return rc;
}

/* `stdin_fd` -1: the terminal. */
static int spawn(const char *const *argv, int stdin_fd, pid_t *pid)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    char **words; /* posix_spawn's prototype lacks the const it keeps */
    memcpy(&words, &argv, sizeof words);
    if (posix_spawnattr_init(&attributes) != 0)
        return ENOMEM;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        posix_spawnattr_destroy(&attributes);
        return ENOMEM;
    }
    int rc = set_attributes(&attributes);
    if (rc == 0 && stdin_fd >= 0)
        rc = posix_spawn_file_actions_adddup2(&actions, stdin_fd, STDIN_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (rc == 0)
        rc = posix_spawnp(pid, argv[0], &actions, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return rc;
}

/* SIGPIPE is ignored in weir: a reader that has seen enough is EPIPE, and no failure. */
static void feed(int fd, Str input)
{
    while (input.len) {
        ssize_t done = write(fd, input.data, input.len);
        if (done < 0 && errno != EINTR)
            return;
        input = str_slice(input, done > 0 ? (size_t)done : 0, input.len);
    }
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        if (interrupted())
            (void)kill(pid, SIGTERM);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool foreground_run(const char *const *argv, const Str *input, int *exit_code, Error *err)
{
    int pipe_fds[2] = {-1, -1};
    if (input && pipe2(pipe_fds, O_CLOEXEC) != 0)
        return fail_errno(err, "cannot make a pipe for '%s'", argv[0]);
    SCOPED(fd_close) int reading = pipe_fds[0];
    SCOPED(fd_close) int writing = pipe_fds[1];
    SCOPED(hold_release) Held held;
    pid_t pid = 0;
    hold(&held);
    int rc = spawn(argv, reading, &pid);
    fd_close(&reading);
    if (rc != 0) {
        errno = rc;
        return fail_errno(err, "cannot run '%s'", argv[0]);
    }
    if (input)
        feed(writing, *input);
    fd_close(&writing);
    *exit_code = wait_for(pid);
    return true;
}
