#include "git/caches.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "git/git_internal.h"

#define CACHES "cache/git"

enum { NS_IN_MS = 1000000, DEEPEST = 8 };

static bool is_used(Arena *arena, const StrArray *used, Str name)
{
    for (size_t i = 0; i < used->count; i++)
        if (str_equal(git_cache_name(arena, used->items[i]), name))
            return true;
    return false;
}

/* Bytes below it, and when anything in it changed last; what vanishes meanwhile is nothing. */
static void measure(int fd, int depth, uint64_t *bytes, int64_t *newest_ns)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    FsNames names = {0};
    Error ignored = {0};
    if (depth == 0 || !fs_list(arena, fd, &names, &ignored))
        return;
    for (size_t i = 0; i < names.count; i++) {
        FsStat stat;
        SCOPED(fd_close) int folder = -1;
        if (!fs_peek_at(fd, names.items[i].name, &stat))
            continue;
        *newest_ns = stat.mtime_ns > *newest_ns ? stat.mtime_ns : *newest_ns;
        *bytes += stat.kind == FS_FILE ? stat.size_bytes : 0;
        if (stat.kind == FS_FOLDER && fs_open_folder(fd, names.items[i].name, &folder, &ignored))
            measure(folder, depth - 1, bytes, newest_ns);
    }
}

bool git_caches_unused(Arena *arena, int home_fd, const StrArray *used, int64_t idle_ms,
                       GitCaches *out, Error *err)
{
    GitCaches list = {0};
    FsNames names = {0};
    FsStat stat;
    SCOPED(fd_close) int fd = -1;
    int64_t limit_ns = (clock_ms() - idle_ms) * NS_IN_MS;
    if (fs_peek_at(home_fd, STR(CACHES), &stat) &&
        (!fs_open_folder(home_fd, STR(CACHES), &fd, err) || !fs_list(arena, fd, &names, err)))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        GitCache cache = {.name = names.items[i].name};
        int64_t newest_ns = 0;
        SCOPED(fd_close) int folder = -1;
        Error ignored = {0};
        if (is_used(arena, used, cache.name) || !fs_open_folder(fd, cache.name, &folder, &ignored))
            continue;
        measure(folder, DEEPEST, &cache.size_bytes, &newest_ns);
        if (newest_ns < limit_ns)
            ARRAY_PUSH(arena, &list, cache);
    }
    *out = list;
    return true;
}

bool git_cache_remove(int home_fd, Str name, bool *removed, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str path = str_of(arena_format(arena, CACHES "/%.*s", STR_ARG(name)));
    Str lock = str_of(arena_format(arena, "%.*s/weir.lock", STR_ARG(path)));
    *removed = false;
    SCOPED(fd_close) int fd = fs_open_at(home_fd, lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == ENOENT || fail_errno(err, "cannot open the lock of an upstream's cache");
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK || fail_errno(err, "cannot lock an upstream's cache");
    *removed = true;
    return fs_remove_all_at(home_fd, path, err);
}
