#include "base/fs_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/vfs.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/ids.h"

enum { TRIES = 3, NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

static const struct {
    unsigned long type;
    const char *name;
    bool remote;
} kinds[] = {
    {0xEF53, "ext4", false},        {0x58465342, "xfs", false},  {0x9123683E, "btrfs", false},
    {0x01021994, "tmpfs", false},   {0xF2F52010, "f2fs", false}, {0x2FC12FC1, "zfs", false},
    {0x794C7630, "overlay", false}, {0x4D44, "vfat", false},     {0x2011BAB0, "exfat", false},
    {0x6969, "nfs", true},          {0xFF534D42, "cifs", true},  {0xFE534D42, "smb", true},
    {0x01021997, "9p", true},       {0x65735546, "fuse", true},
};

static bool kind_is_remote(int fd)
{
    struct statfs fs;
    if (fstatfs(fd, &fs) != 0)
        return true;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].type == ((unsigned long)fs.f_type & 0xFFFFFFFFU))
            return kinds[i].remote;
    return false;
}

static bool probe_kind(Arena *arena, int dir_fd, FsProbe *out, Error *err)
{
    struct statfs fs;
    if (fstatfs(dir_fd, &fs) != 0)
        return fail_errno(err, "cannot look at the file system");
    unsigned long type = (unsigned long)fs.f_type & 0xFFFFFFFFU;
    out->kind = arena_format(arena, "0x%lx", type);
    out->free_bytes = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].type == type) {
            out->kind = kinds[i].name;
            out->remote = kinds[i].remote;
        }
    return true;
}

static void probe_nameless(int dir_fd, FsProbe *out)
{
    SCOPED(fd_close) int fd = fs_open_at(dir_fd, STR("."), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    out->nameless = fd >= 0;
}

static void probe_locks(int dir_fd, Str file, FsProbe *out)
{
    SCOPED(fd_close) int one = fs_open_at(dir_fd, file, O_RDWR | O_CLOEXEC, 0);
    SCOPED(fd_close) int two = fs_open_at(dir_fd, file, O_RDWR | O_CLOEXEC, 0);
    out->locks = one >= 0 && two >= 0 && flock(one, LOCK_EX | LOCK_NB) == 0 &&
                 flock(two, LOCK_EX | LOCK_NB) != 0;
}

/* A stamp may be whole by chance, three are not. */
static bool probe_times(int dir_fd, Str file, FsProbe *out, Error *err)
{
    for (int i = 0; i < TRIES && !out->fine_times; i++) {
        FsStat stat = {0};
        bool found = false;
        if (!fs_remove_at(dir_fd, file, false, err) ||
            !fs_create_at(dir_fd, file, STR("b"), 0600, false, err) ||
            !fs_stat_at(dir_fd, file, &found, &stat, err))
            return false;
        out->fine_times = stat.mtime_ns % NS_PER_S != 0;
        out->ahead_ms = stat.mtime_ns / NS_PER_MS - clock_ms();
    }
    return true;
}

static bool probe_files(int dir_fd, Str a, Str b, FsProbe *out, Error *err)
{
    if (!fs_create_at(dir_fd, a, STR("a"), 0600, false, err) ||
        !fs_create_at(dir_fd, b, STR("b"), 0600, false, err))
        return false;
    out->exchange = fs_rename_at(dir_fd, a, dir_fd, b, RENAME_EXCHANGE) == 0;
    probe_nameless(dir_fd, out);
    probe_locks(dir_fd, a, out);
    return probe_times(dir_fd, b, out, err);
}

bool fs_probe(Arena *arena, int dir_fd, FsProbe *out, Error *err)
{
    Str a = str_of(arena_format(arena, ".probe-%s", id_new(arena)));
    Str b = str_of(arena_format(arena, ".probe-%s", id_new(arena)));
    FsProbe probe = {0};
    Error unremoved = {0};
    if (!probe_kind(arena, dir_fd, &probe, err))
        return false;
    bool done = probe_files(dir_fd, a, b, &probe, err);
    bool clean = fs_remove_at(dir_fd, a, false, &unremoved);
    clean = fs_remove_at(dir_fd, b, false, &unremoved) && clean;
    if (done && !clean)
        *err = unremoved;
    if (!done || !clean)
        return false;
    *out = probe;
    return true;
}

/* The kernel grants a lease for reading only while nobody has the file open for writing. It is given back at
 * once; whoever opens the file in between waits that long, and the signal that tells of it is one that is
 * ignored by default. A remote file system may refuse a lease for reasons of its own. */
bool fs_open_for_writing(int fd)
{
    if (fcntl(fd, F_SETSIG, SIGURG) != 0)
        return false;
    if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0)
        return errno == EAGAIN && !kind_is_remote(fd);
    (void)fcntl(fd, F_SETLEASE, F_UNLCK);
    return false;
}
