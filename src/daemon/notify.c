#include "daemon/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"

enum { FIRST_FD = 3 };

static uint64_t number_of(const char *name)
{
    uint64_t value = 0;
    const char *text = getenv(name);
    return text && str_to_u64(str_of(text), &value) ? value : 0;
}

/* Meant for this process, not for the one that it was started from. */
static bool is_mine(const char *name)
{
    return !getenv(name) || number_of(name) == (uint64_t)getpid();
}

static void take_sockets(Notify *notify)
{
    uint64_t count = getenv("LISTEN_PID") && is_mine("LISTEN_PID") ? number_of("LISTEN_FDS") : 0;
    for (uint64_t i = 0; i < count && i < COUNT_OF(notify->fds); i++) {
        int fd = FIRST_FD + (int)i;
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
            notify->fds[i] = fd;
    }
}

Notify notify_take(Arena *arena)
{
    static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
                                        "LISTEN_PID",    "LISTEN_FDS",   "LISTEN_FDNAMES"};
    Notify notify = {0};
    const char *socket = getenv("NOTIFY_SOCKET");
    if (socket && (*socket == '/' || *socket == '@') && socket[1])
        notify.socket = arena_text(arena, str_of(socket));
    if (is_mine("WATCHDOG_PID"))
        notify.watchdog_us = (int64_t)(number_of("WATCHDOG_USEC") & INT64_MAX);
    take_sockets(&notify);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)unsetenv(names[i]);
    return notify;
}

void notify_say(const Notify *notify, const char *text)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = notify->socket ? strlen(notify->socket) : 0;
    if (!len || len >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, notify->socket, len);
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0';
    SCOPED(fd_close) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        (void)sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
                     (const struct sockaddr *)&address,
                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}
