#include "inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static Injection armed;
static const char *awaited; /* strikes there, and not by number */
static long seen;
static OpLog *recording;
static bool by_user;

typedef long (*SyscallFunction)(long number, ...);

static SyscallFunction real(void)
{
    static SyscallFunction function;
    if (!function)
        *(void **)&function = dlsym(RTLD_NEXT, "syscall");
    return function;
}

void inject_arm(Injection injection)
{
    armed = injection;
    awaited = NULL;
    seen = 0;
}

void inject_arm_at(const char *name, Injection injection)
{
    inject_arm(injection);
    awaited = name;
}

long inject_disarm(void)
{
    armed = (Injection){0};
    return seen;
}

void inject_record(OpLog *log)
{
    recording = log;
}

void inject_user(bool user)
{
    by_user = user;
}

void op_log_clear(OpLog *log)
{
    for (size_t i = 0; i < log->count; i++) {
        free(log->items[i].name);
        free(log->items[i].to_name);
        free(log->items[i].data);
    }
    free(log->items);
    *log = (OpLog){0};
}

static void record(Op op)
{
    if (!recording)
        return;
    if (recording->count == recording->capacity) {
        recording->capacity = recording->capacity ? recording->capacity * 2 : 256;
        recording->items = realloc(recording->items, recording->capacity * sizeof op);
    }
    op.durable = by_user;
    recording->items[recording->count++] = op;
}

void inject_event(const char *name)
{
    record((Op){.kind = OP_EVENT, .name = recording ? strdup(name) : NULL});
}

static ino_t node_of_fd(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static ino_t node_at(int folder, const char *name)
{
    struct stat st;
    return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_ino : 0;
}

static bool read_whole(const char *path, char *text, size_t size)
{
    int fd = (int)real()(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        (void)close(fd);
    if (len > 0)
        text[len] = '\0';
    return len > 0;
}

/* Of a daemon's worker alone, which is `weir worker`: the first that finds the order takes it away. */
static bool take_order(char *words, size_t size)
{
    char command[64] = "";
    const char *path = getenv("WEIR_INJECT_WORKER");
    return path && read_whole("/proc/self/cmdline", command, sizeof command) &&
           strcmp(command + strlen(command) + 1, "worker") == 0 && read_whole(path, words, size) &&
           real()(SYS_unlinkat, AT_FDCWD, path, 0) == 0;
}

static __attribute__((constructor)) void arm_from_environment(void)
{
    char kind[16], order[64];
    long at = 0;
    int error = EIO;
    const char *words = take_order(order, sizeof order) ? order : getenv("WEIR_INJECT");
    if (!words || sscanf(words, "%15[a-z]:%ld:%d", kind, &at, &error) < 2)
        return;
    inject_arm((Injection){.kind = strcmp(kind, "kill") == 0   ? INJECT_KILL
                                   : strcmp(kind, "torn") == 0 ? INJECT_TORN
                                                               : INJECT_ERROR,
                           .at = at,
                           .error = error});
}

static __attribute__((destructor)) void tell_count(void)
{
    const char *path = getenv("WEIR_INJECT_COUNT");
    char text[32];
    int fd =
        path ? (int)real()(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    int len = snprintf(text, sizeof text, "%ld\n", seen);
    if (fd >= 0)
        (void)!real()(SYS_write, fd, text, len);
}

static void die(void)
{
    real()(SYS_kill, getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* True: the call fails with errno as set. `made`: the path of a new file, or NULL. */
static bool struck_making(const char *made)
{
    if (by_user)
        return false;
    seen++;
    bool now = seen == armed.at || (armed.kind == INJECT_ERROR_ON && seen > armed.at);
    if (awaited)
        now = made && strcmp(last_name(made), awaited) == 0;
    if (!now || armed.kind == INJECT_NOTHING)
        return false;
    if (armed.kind == INJECT_KILL || armed.kind == INJECT_TORN)
        die();
    if (armed.kind == INJECT_CALL) {
        Injection call = armed;
        armed = (Injection){0};
        awaited = NULL;
        by_user = true;
        call.call(call.context);
        by_user = false;
        return false;
    }
    errno = armed.error;
    return true;
}

static bool struck(void)
{
    return struck_making(NULL);
}

/* Descriptors of pipes and terminals are not files. */
static bool is_file(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

ssize_t write(int fd, const void *data, size_t len)
{
    if (!is_file(fd))
        return real()(SYS_write, fd, data, len);
    if (!by_user && armed.kind == INJECT_TORN && seen + 1 == armed.at)
        (void)real()(SYS_write, fd, data, len / 2);
    if (struck())
        return -1;
    off_t offset = real()(SYS_lseek, fd, 0, SEEK_CUR);
    ssize_t done = real()(SYS_write, fd, data, len);
    if (done > 0 && recording) {
        Op op = {.kind = OP_WRITE, .node = node_of_fd(fd), .len = (size_t)done, .offset = offset};
        op.data = malloc((size_t)done);
        memcpy(op.data, data, (size_t)done);
        record(op);
    }
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    return struck() ? -1 : real()(SYS_pwrite64, fd, data, len, offset);
}

static void record_create(int folder, const char *path, int fd)
{
    const char *slash = strrchr(path, '/');
    char *parent = slash ? strndup(path, (size_t)(slash - path)) : NULL;
    record((Op){.kind = OP_CREATE,
                .folder = parent ? node_at(folder, parent) : node_of_fd(folder),
                .node = node_of_fd(fd),
                .name = strdup(last_name(path))});
    free(parent);
}

int openat(int folder, const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
        if (struck_making(path))
            return -1;
    }
    bool fresh = recording && flags & O_CREAT && node_at(folder, path) == 0;
    int fd = (int)real()(SYS_openat, folder, path, flags, mode);
    if (fd >= 0 && fresh)
        record_create(folder, path, fd);
    return fd;
}

/* openat2 has no function of its own in libc. */
long syscall(long number, ...)
{
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    const struct open_how *how = (const struct open_how *)a[2];
    bool creates = number == SYS_openat2 && how->flags & O_CREAT;
    if (creates && struck_making((const char *)a[1]))
        return -1;
    long result = real()(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (creates && recording && result >= 0)
        record_create((int)a[0], (const char *)a[1], (int)result);
    return result;
}

static int failed_sync(ino_t node)
{
    int number = errno;
    record((Op){.kind = OP_FAILED_SYNC, .node = node});
    errno = number;
    return -1;
}

int fsync(int fd)
{
    if (struck())
        return failed_sync(node_of_fd(fd));
    int result = (int)real()(SYS_fsync, fd);
    if (result == 0 && recording)
        record((Op){.kind = OP_SYNC, .node = node_of_fd(fd)});
    return result;
}

/* Node 0: everything. The roots of a scene lie on one file system. */
int syncfs(int fd)
{
    if (struck())
        return failed_sync(0);
    int result = (int)real()(SYS_syncfs, fd);
    if (result == 0 && recording)
        record((Op){.kind = OP_SYNC, .node = 0});
    return result;
}

int fdatasync(int fd)
{
    return fsync(fd);
}

int fchmod(int fd, mode_t mode)
{
    if (struck())
        return -1;
    int result = (int)real()(SYS_fchmod, fd, mode);
    if (result == 0 && recording)
        record((Op){.kind = OP_MODE, .node = node_of_fd(fd), .flags = mode});
    return result;
}

int mkdirat(int folder, const char *name, mode_t mode)
{
    if (struck())
        return -1;
    int result = (int)real()(SYS_mkdirat, folder, name, mode);
    if (result == 0 && recording)
        record((Op){.kind = OP_FOLDER,
                    .folder = node_of_fd(folder),
                    .node = node_at(folder, name),
                    .name = strdup(name)});
    return result;
}

int unlinkat(int folder, const char *name, int flags)
{
    if (struck())
        return -1;
    int result = (int)real()(SYS_unlinkat, folder, name, flags);
    if (result == 0 && recording)
        record((Op){.kind = OP_REMOVE, .folder = node_of_fd(folder), .name = strdup(name)});
    return result;
}

int symlinkat(const char *target, int folder, const char *name)
{
    if (struck())
        return -1;
    int result = (int)real()(SYS_symlinkat, target, folder, name);
    if (result == 0 && recording)
        record((Op){.kind = OP_LINK,
                    .folder = node_of_fd(folder),
                    .node = node_at(folder, name),
                    .name = strdup(name),
                    .data = strdup(target),
                    .len = strlen(target)});
    return result;
}

int renameat2(int from, const char *name, int to, const char *to_name, unsigned flags)
{
    if (struck())
        return -1;
    if (flags && getenv("WEIR_INJECT_NO_EXCHANGE")) {
        errno = EINVAL;
        return -1;
    }
    int result = (int)real()(SYS_renameat2, from, name, to, to_name, flags);
    if (result == 0 && recording)
        record((Op){.kind = OP_RENAME,
                    .folder = node_of_fd(from),
                    .name = strdup(name),
                    .to_folder = node_of_fd(to),
                    .to_name = strdup(to_name),
                    .flags = flags});
    return result;
}

int renameat(int from, const char *name, int to, const char *to_name)
{
    return renameat2(from, name, to, to_name, 0);
}

int linkat(int from, const char *name, int to, const char *to_name, int flags)
{
    if (struck())
        return -1;
    int result = (int)real()(SYS_linkat, from, name, to, to_name, flags);
    if (result == 0 && recording)
        record((Op){.kind = OP_HARD,
                    .node = node_at(to, to_name),
                    .to_folder = node_of_fd(to),
                    .to_name = strdup(to_name)});
    return result;
}

int ftruncate(int fd, off_t len)
{
    return struck() ? -1 : (int)real()(SYS_ftruncate, fd, len);
}

int fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)
{
    return struck() ? -1 : (int)real()(SYS_fsetxattr, fd, name, value, size, flags);
}
