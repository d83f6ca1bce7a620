#include "base/suspend.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

typedef struct {
    char text[SUSPEND_LINE_BYTES];
    size_t len;
} Line;

/* What signal handlers can reach. The line that is not shown is the one written to. */
static Line lines[2];
static _Atomic int shown = -1;
static _Atomic unsigned returns;
static _Atomic int64_t stopped_us;

unsigned suspend_returns(void)
{
    return atomic_load(&returns);
}

int64_t suspend_awake_us(void)
{
    return clock_monotonic_us() - atomic_load(&stopped_us);
}

bool suspend_in_foreground(void)
{
    pid_t group = tcgetpgrp(STDERR_FILENO);
    return group < 0 || group == getpgrp();
}

void suspend_line(const char *text, size_t len)
{
    int next = atomic_load(&shown) == 0;
    if (len == 0) {
        atomic_store(&shown, -1);
        return;
    }
    lines[next].len = len < SUSPEND_LINE_BYTES ? len : SUSPEND_LINE_BYTES;
    memcpy(lines[next].text, text, lines[next].len);
    atomic_store(&shown, next);
}

/* ── in a handler: async-signal-safe calls alone ── */

static void erase(void)
{
    static const char back_and_clear[] = "\r\033[K";
    (void)!write(STDERR_FILENO, back_and_clear, sizeof back_and_clear - 1);
}

/* A byte is at least a column: cut so, it cannot wrap in a window that became narrow meanwhile. */
static size_t fitting(const Line *line)
{
    struct winsize size;
    size_t len = line->len;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_col > len)
        return len;
    len = size.ws_col - 1u;
    while (len && ((unsigned char)line->text[len] & 0xC0) == 0x80)
        len--;
    return len;
}

static void draw_again(void)
{
    int line = atomic_load(&shown);
    if (line < 0 || !suspend_in_foreground())
        return;
    erase();
    (void)!write(STDERR_FILENO, lines[line].text, fitting(&lines[line]));
}

static void went_on(int number)
{
    (void)number;
    int kept = errno;
    atomic_fetch_add(&returns, 1);
    draw_again();
    errno = kept;
}

static void catch_one(int number, void (*handler)(int), int flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags | (int)SA_RESTART;
    (void)sigaction(number, &action, NULL);
}

/* Stops as it would have without a handler, with the screen in order. Where the kernel does not stop it, in
 * an orphaned group, it goes on at once. */
static void stopping(int number)
{
    int kept = errno;
    if (atomic_load(&shown) >= 0)
        erase();
    int64_t from_us = clock_monotonic_us();
    catch_one(number, SIG_DFL, 0);
    (void)raise(number);
    catch_one(number, stopping, (int)SA_NODEFER);
    atomic_fetch_add(&stopped_us, clock_monotonic_us() - from_us);
    draw_again();
    errno = kept;
}

void suspend_catch(void)
{
    struct sigaction before;
    if (sigaction(SIGTSTP, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
        catch_one(SIGTSTP, stopping, (int)SA_NODEFER);
    catch_one(SIGCONT, went_on, 0);
}
