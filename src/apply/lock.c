#include "apply/lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"

enum { RETRY_MS = 20, PROC_LOCKS_BYTES = 8 << 20 };

typedef struct {
    const char *path;
    bool write;
    Error *busy;
    int fd; /* -1: another folder of the list is the same one and holds it, or it is left out */
    size_t same_as;
    uint64_t device, inode;
} Held;

struct OperationLock {
    Held *held;
    size_t count;
};

void operation_lock_release(OperationLock **lock)
{
    for (size_t i = 0; *lock && i < (*lock)->count; i++)
        fd_close(&(*lock)->held[i].fd);
    *lock = NULL;
}

int operation_lock_fd(const OperationLock *lock, size_t index)
{
    return lock->held[lock->held[index].same_as].fd;
}

static bool identify(Held *held, Error *err)
{
    FsStat st;
    fd_close(&held->fd);
    if (!fs_open_root(held->path, &held->fd, err) || !fs_stat_fd(held->fd, &st, err))
        return false;
    held->device = st.device;
    held->inode = st.inode;
    return true;
}

static bool is_before(const Held *a, const Held *b)
{
    return a->device != b->device ? a->device < b->device : a->inode < b->inode;
}

static bool is_same(const Held *a, const Held *b)
{
    return a->device == b->device && a->inode == b->inode;
}

/* One lock per folder, the stronger one, whatever names it was given by. */
static void join_same(OperationLock *lock)
{
    for (size_t i = 0; i < lock->count; i++) {
        Held *held = &lock->held[i];
        held->same_as = i;
        for (size_t j = 0; j < i && held->same_as == i; j++)
            if (lock->held[j].same_as == j && is_same(&lock->held[j], held))
                held->same_as = j;
        if (held->same_as == i)
            continue;
        fd_close(&held->fd);
        lock->held[held->same_as].write = lock->held[held->same_as].write || held->write;
    }
}

static bool line_names(const char *line, const Held *held, unsigned long *pid)
{
    char kind[16], advice[16], access[16];
    unsigned major, minor;
    unsigned long inode;
    if (sscanf(line, "%*u: %15s %15s %15s %lu %x:%x:%lu", kind, advice, access, pid, &major, &minor,
               &inode) != 7)
        return false;
    return strcmp(kind, "FLOCK") == 0 && inode == held->inode && major == major(held->device) &&
           minor == minor(held->device);
}

static const char *holder_of(Arena *arena, const Held *held)
{
    Error ignored;
    Str text, line, name;
    unsigned long pid;
    if (!fs_read_path(arena, "/proc/locks", PROC_LOCKS_BYTES, &text, &ignored))
        return "";
    while (str_next(&text, '\n', &line)) {
        if (!line_names(arena_text(arena, line), held, &pid))
            continue;
        const char *comm = arena_format(arena, "/proc/%lu/comm", pid);
        if (!fs_read_path(arena, comm, 256, &name, &ignored))
            return arena_format(arena, " by process %lu", pid);
        return arena_format(arena, " by process %lu (%s)", pid, text_safe(arena, str_trim(name)));
    }
    return "";
}

static bool fail_held(const Held *held, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fail(err, ERR_LOCKED, "'%s' is in use%s", text_safe(arena, str_of(held->path)),
                holder_of(arena, held));
}

static bool fail_lock(const Held *held, Error *err)
{
    SCOPED(arena_close) Arena *arena = NULL;
    int number = errno;
    bool unknown = number == EBADF || number == ENOLCK || number == EOPNOTSUPP || number == ENOSYS;
    arena = arena_open();
    const char *path = text_safe(arena, str_of(held->path));
    errno = number;
    if (unknown)
        return fail(err, ERR_UNSUPPORTED, "the file system of '%s' has no locks", path);
    return fail_errno(err, "cannot lock '%s'", path);
}

static bool lock_one(const Held *held, int64_t deadline_us, Error *err)
{
    int how = (held->write ? LOCK_EX : LOCK_SH) | LOCK_NB;
    while (flock(held->fd, how) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_lock(held, err);
        if (clock_monotonic_us() >= deadline_us)
            return fail_held(held, err);
        clock_sleep_ms(RETRY_MS);
    }
    return true;
}

/* A folder that is busy goes without its lock when all who named it can do without it. */
static bool leave_out(OperationLock *lock, Held *busy, const Error *why)
{
    for (size_t i = 0; i < lock->count; i++)
        if (&lock->held[lock->held[i].same_as] == busy && !lock->held[i].busy)
            return false;
    for (size_t i = 0; i < lock->count; i++)
        if (&lock->held[lock->held[i].same_as] == busy)
            *lock->held[i].busy = *why;
    fd_close(&busy->fd);
    return true;
}

/* In one order for everyone, so that no two wait for each other. Once the time is over, what comes behind is
 * asked for without waiting: any number of busy folders costs it once. */
static bool lock_in_order(OperationLock *lock, int64_t deadline_us, Error *err)
{
    const Held *last = NULL;
    for (;;) {
        Held *next = NULL;
        for (size_t i = 0; i < lock->count; i++) {
            Held *held = &lock->held[i];
            if (held->same_as == i && (!last || is_before(last, held)) &&
                (!next || is_before(held, next)))
                next = held;
        }
        if (!next)
            return true;
        if (!lock_one(next, deadline_us, err) &&
            (err->code != ERR_LOCKED || !leave_out(lock, next, err)))
            return false;
        last = next;
    }
}

/* A folder that was moved away or replaced while we waited is not the one its name means now. */
static bool still_there(const OperationLock *lock, bool *out, Error *err)
{
    *out = true;
    for (size_t i = 0; i < lock->count; i++) {
        FsStat st;
        if (operation_lock_fd(lock, i) < 0)
            continue;
        if (!fs_stat_path(lock->held[i].path, &st, err))
            return false;
        *out = *out && st.device == lock->held[i].device && st.inode == lock->held[i].inode;
    }
    return true;
}

static bool try_all(OperationLock *lock, int64_t deadline_us, bool *got, Error *err)
{
    for (size_t i = 0; i < lock->count; i++)
        if (!identify(&lock->held[i], err))
            return false;
    join_same(lock);
    return lock_in_order(lock, deadline_us, err) && still_there(lock, got, err);
}

bool operation_lock_acquire(Arena *arena, const LockFolder *folders, size_t count, int timeout_ms,
                            OperationLock **out, Error *err)
{
    int64_t deadline_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    SCOPED(operation_lock_release) OperationLock *lock = ARENA_NEW(arena, OperationLock);
    lock->held = ARENA_ARRAY(arena, Held, count + 1);
    lock->count = count;
    for (size_t i = 0; i < count; i++)
        lock->held[i] = (Held){
            .path = arena_text(arena, str_of(folders[i].path)), .busy = folders[i].busy, .fd = -1};
    for (bool got = false; !got;) {
        for (size_t i = 0; i < count; i++)
            lock->held[i].write = folders[i].write;
        if (!try_all(lock, deadline_us, &got, err))
            return false;
    }
    *out = TAKE(lock);
    return true;
}
