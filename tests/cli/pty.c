/* A person at a terminal, for transcripts: runs a command on a pseudo-terminal and plays a script from stdin.
 *
 * pty [--size COLUMNSxROWS] COMMAND [ARG...] <SCRIPT
 * Its lines: `wait TEXT` until the text is shown (20 s, then it is a failure), `prompt` until "> " is the
 * last that is shown, `type TEXT` and Enter, `key c` for one key without Enter, `ctrl c` for Ctrl-C,
 * `resize CxR`, `kill` the program with SIGKILL, `close` the terminal under it, `run COMMAND` in a shell
 * beside it, until that has ended. What was shown goes to
 * stdout without CRs; the exit status is the command's. For tests only.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SHOWN_LIMIT = 4 << 20, PATIENCE_S = 20, LINE_LIMIT = 4096 };

typedef struct {
    int fd;
    pid_t child;
    char *shown;
    size_t len;
    size_t seen; /* what earlier waits have matched is not matched again */
    bool ended;
} Screen;

/* Takes what there is; false when nothing came in `timeout_ms`. */
static bool look(Screen *screen, int timeout_ms)
{
    char bytes[4096];
    struct pollfd ready = {.fd = screen->fd, .events = POLLIN};
    if (screen->ended || poll(&ready, 1, timeout_ms) <= 0)
        return false;
    ssize_t got = read(screen->fd, bytes, sizeof bytes);
    if (got <= 0) {
        screen->ended = got == 0 || errno != EINTR;
        return !screen->ended;
    }
    for (ssize_t i = 0; i < got && screen->len + 1 < SHOWN_LIMIT; i++)
        if (bytes[i] != '\r')
            screen->shown[screen->len++] = bytes[i];
    screen->shown[screen->len] = '\0';
    return true;
}

static bool wait_for(Screen *screen, const char *text)
{
    time_t give_up = time(NULL) + PATIENCE_S;
    for (;;) {
        const char *found = strstr(screen->shown + screen->seen, text);
        if (found) {
            screen->seen = (size_t)(found - screen->shown) + strlen(text);
            return true;
        }
        if (screen->ended || time(NULL) > give_up)
            return false;
        (void)look(screen, 100);
    }
}

/* Until the last that is shown is "> ". */
static bool wait_for_prompt(Screen *screen)
{
    time_t give_up = time(NULL) + PATIENCE_S;
    while (screen->len < screen->seen + 2 || strcmp(screen->shown + screen->len - 2, "> ") != 0) {
        if (screen->ended || time(NULL) > give_up)
            return false;
        (void)look(screen, 100);
    }
    screen->seen = screen->len;
    return true;
}

static void send_bytes(const Screen *screen, const char *bytes, size_t len)
{
    if (write(screen->fd, bytes, len) != (ssize_t)len)
        perror("pty: write");
}

static struct winsize size_of(const char *text)
{
    unsigned columns = 80, rows = 24;
    if (sscanf(text, "%ux%u", &columns, &rows) < 1)
        fprintf(stderr, "pty: no size: %s\n", text);
    return (struct winsize){.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
}

/* Its standard input is not the script. */
static bool run_beside(const char *command)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "r", stdin))
            _exit(126);
        execlp("sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool play_line(Screen *screen, const char *line)
{
    const char *rest = strchr(line, ' ');
    rest = rest ? rest + 1 : "";
    if (strncmp(line, "wait ", 5) == 0)
        return wait_for(screen, rest);
    if (strcmp(line, "prompt") == 0)
        return wait_for_prompt(screen);
    if (strncmp(line, "type", 4) == 0) {
        send_bytes(screen, rest, strlen(rest));
        send_bytes(screen, "\n", 1);
    } else if (strncmp(line, "key ", 4) == 0) {
        send_bytes(screen, rest, 1);
    } else if (strncmp(line, "ctrl ", 5) == 0) {
        const char control = (char)(rest[0] & 0x1f);
        send_bytes(screen, &control, 1);
    } else if (strncmp(line, "run ", 4) == 0) {
        return run_beside(rest);
    } else if (strcmp(line, "kill") == 0) {
        return kill(screen->child, SIGKILL) == 0;
    } else if (strcmp(line, "close") == 0) {
        screen->ended = true;
        return close(screen->fd) == 0;
    } else if (strncmp(line, "resize ", 7) == 0) {
        struct winsize size = size_of(rest);
        return ioctl(screen->fd, TIOCSWINSZ, &size) == 0;
    } else {
        return false;
    }
    return true;
}

static bool play(Screen *screen)
{
    char line[LINE_LIMIT];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (!line[0] || play_line(screen, line))
            continue;
        fprintf(stderr, "pty: failed at: %s\n", line);
        return false;
    }
    return true;
}

int main(int count, char **arguments)
{
    struct winsize size = {.ws_col = 80, .ws_row = 24};
    int command = 1;
    if (count > 3 && strcmp(arguments[1], "--size") == 0) {
        size = size_of(arguments[2]);
        command = 3;
    }
    Screen screen = {.shown = calloc(1, SHOWN_LIMIT)};
    if (command >= count || !screen.shown)
        return 2;
    pid_t child = forkpty(&screen.fd, NULL, NULL, &size);
    if (child < 0)
        return 2;
    if (child == 0) {
        execvp(arguments[command], arguments + command);
        _exit(127);
    }
    screen.child = child;
    bool played = play(&screen);
    time_t give_up = time(NULL) + PATIENCE_S;
    while (played && !screen.ended && time(NULL) < give_up)
        (void)look(&screen, 100);
    if (!screen.ended)
        kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (time(NULL) >= give_up)
            kill(child, SIGKILL);
        (void)poll(NULL, 0, 20);
    }
    fwrite(screen.shown, 1, screen.len, stdout);
    free(screen.shown);
    if (!played)
        return 99;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
