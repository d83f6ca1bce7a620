#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/ids.h"
#include "base/path.h"
#include "base/text.h"

enum { PATH_BUFFER = 4096, READ_STEP = 64 << 10, WALK_DEPTH = 256 };

typedef struct {
    char text[PATH_BUFFER];
} PathText;

void fd_close(int *fd)
{
    int saved = errno;
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
    errno = saved;
}

int fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

/* A kernel path must end in NUL, so a span is copied; one that does not fit or holds a NUL is refused. */
static bool path_text(Str path, PathText *out)
{
    if (path.len >= sizeof out->text) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (str_has_nul(path)) {
        errno = EINVAL;
        return false;
    }
    if (path.len)
        memcpy(out->text, path.data, path.len);
    else
        out->text[0] = '.';
    out->text[path.len ? path.len : 1] = '\0';
    return true;
}

static bool fail_at(Error *err, const char *what, Str path)
{
    int number = errno;
    SCOPED(arena_close) Arena *arena = arena_open();
    errno = number;
    return fail_errno(err, "cannot %s '%s'", what, text_safe(arena, path));
}

bool fs_open_root(const char *path, int *out_fd, Error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_at(err, "open folder", str_of(path));
    *out_fd = fd;
    return true;
}

bool fs_open_append(const char *path, uint32_t mode, int *out_fd, Error *err)
{
    /* a pipe without a reader is refused rather than waited for */
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode);
    if (fd < 0)
        return fail_at(err, "open for appending", str_of(path));
    *out_fd = fd;
    return true;
}

static bool make_parents(char *path, uint32_t mode, Error *err)
{
    for (char *at = path + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char kept = *at;
        *at = '\0';
        bool made = mkdir(path, mode) == 0 || errno == EEXIST;
        if (!made)
            return fail_at(err, "make folder", str_of(path));
        *at = kept;
        if (!kept)
            return true;
    }
}

bool fs_make_root(const char *path, uint32_t mode, int *out_fd, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    if (!path[0])
        return fail(err, ERR_INVALID, "cannot make a folder without a name");
    return make_parents(arena_text(arena, str_of(path)), mode, err) &&
           fs_open_root(path, out_fd, err);
}

bool fs_real_path(Arena *arena, const char *path, char **out, Error *err)
{
    char *real = realpath(path, NULL);
    if (!real)
        return fail_at(err, "find", str_of(path));
    *out = arena_text(arena, str_of(real));
    free(real);
    return true;
}

bool fs_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static void fill_stat(const struct stat *st, FsStat *out)
{
    *out = (FsStat){
        .kind = S_ISREG(st->st_mode)   ? FS_FILE
                : S_ISLNK(st->st_mode) ? FS_LINK
                : S_ISDIR(st->st_mode) ? FS_FOLDER
                                       : FS_OTHER,
        .executable = S_ISREG(st->st_mode) && (st->st_mode & 0111) != 0,
        .mode = st->st_mode & 07777,
        .size_bytes = (uint64_t)st->st_size,
        .device = st->st_dev,
        .inode = st->st_ino,
        .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
        .links = st->st_nlink,
    };
}

bool fs_stat_path(const char *path, FsStat *out, Error *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return fail_at(err, "look at", str_of(path));
    fill_stat(&st, out);
    return true;
}

bool fs_read_path(Arena *arena, const char *path, uint64_t limit_bytes, Str *out, Error *err)
{
    SCOPED(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_at(err, "open", str_of(path));
    return fs_read_fd(arena, fd, limit_bytes, out, err) || fail_in(err, "'%s'", path);
}

int fs_open_at(int dir_fd, Str path, int flags, uint32_t mode)
{
    PathText text;
    if (!path_text(path, &text))
        return -1;
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = flags & (O_CREAT | O_TMPFILE) ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, dir_fd, text.text, &how, sizeof how);
}

bool fs_open_folder(int dir_fd, Str path, int *out_fd, Error *err)
{
    int fd = fs_open_at(dir_fd, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return fail_at(err, "open folder", path);
    *out_fd = fd;
    return true;
}

/* Opens the folder of the last component beneath dir_fd; `name` is that component. -1 with errno. */
static int open_parent(int dir_fd, Str path, PathText *name)
{
    Str base = path_base(path);
    if (!base.len || str_is(base, ".") || str_is(base, "..")) {
        errno = EINVAL;
        return -1;
    }
    if (!path_text(base, name))
        return -1;
    return fs_open_at(dir_fd, path_folder(path), O_PATH | O_DIRECTORY, 0);
}

bool fs_stat_fd(int fd, FsStat *out, Error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail_errno(err, "cannot look at an open file");
    fill_stat(&st, out);
    return true;
}

static bool stat_beneath(int dir_fd, Str path, struct stat *st)
{
    PathText name;
    if (!path.len || str_is(path, "."))
        return fstat(dir_fd, st) == 0;
    if (str_find(path, '/') == STR_NONE)
        return path_text(path, &name) && fstatat(dir_fd, name.text, st, AT_SYMLINK_NOFOLLOW) == 0;
    SCOPED(fd_close) int parent = open_parent(dir_fd, path, &name);
    return parent >= 0 && fstatat(parent, name.text, st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool fs_stat_at(int dir_fd, Str path, bool *found, FsStat *out, Error *err)
{
    struct stat st;
    bool there = stat_beneath(dir_fd, path, &st);
    if (!there && errno != ENOENT && errno != ENOTDIR)
        return fail_at(err, "look at", path);
    if (there)
        fill_stat(&st, out);
    *found = there;
    return true;
}

bool fs_peek_at(int dir_fd, Str path, FsStat *out)
{
    PathText text;
    struct stat st;
    if (!path_text(path, &text) || fstatat(dir_fd, text.text, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    fill_stat(&st, out);
    return true;
}

bool fs_read_fd(Arena *arena, int fd, uint64_t limit_bytes, Str *out, Error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail_errno(err, "cannot look at the file");
    if (S_ISDIR(st.st_mode))
        return fail(err, ERR_INVALID, "is a folder, not a file");
    size_t room = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size + 1 : READ_STEP;
    if (room > limit_bytes + 1)
        room = limit_bytes + 1;
    size_t len = 0;
    char *data = arena_alloc(arena, room + 1, 1);
    for (;;) {
        ssize_t got = read(fd, data + len, room - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(err, "cannot read");
        len += (size_t)got;
        if (len > limit_bytes)
            return fail(err, ERR_TOO_LARGE, "is larger than %llu bytes",
                        (unsigned long long)limit_bytes);
        if (got == 0)
            break;
        if (len == room) {
            size_t wanted = room * 2 > limit_bytes + 1 ? limit_bytes + 1 : room * 2;
            data = arena_grow(arena, data, room + 1, wanted + 1, 1);
            room = wanted;
        }
    }
    data[len] = '\0';
    *out = (Str){data, len};
    return true;
}

bool fs_read_at(Arena *arena, int dir_fd, Str path, uint64_t limit_bytes, Str *out, Error *err)
{
    /* O_NONBLOCK: a pipe put where a file was must not stop us */
    SCOPED(fd_close) int fd = fs_open_at(dir_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return fail_at(err, "open", path);
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return fail(err, ERR_INVALID, "'%s' is not a file", text_safe(arena, path));
    return fs_read_fd(arena, fd, limit_bytes, out, err) ||
           fail_in(err, "'%s'", text_safe(arena, path));
}

bool fs_read_if_any(Arena *arena, int dir_fd, Str path, uint64_t limit_bytes, bool *found, Str *out,
                    Error *err)
{
    FsStat st;
    if (!fs_stat_at(dir_fd, path, found, &st, err))
        return false;
    *out = (Str){0};
    return !*found || fs_read_at(arena, dir_fd, path, limit_bytes, out, err);
}

bool fs_read_link_at(Arena *arena, int dir_fd, Str path, Str *out, Error *err)
{
    PathText name;
    char target[PATH_BUFFER];
    SCOPED(fd_close) int parent = open_parent(dir_fd, path, &name);
    ssize_t len = parent < 0 ? -1 : readlinkat(parent, name.text, target, sizeof target);
    if (len < 0)
        return fail_at(err, "read link", path);
    if ((size_t)len >= sizeof target)
        return fail(err, ERR_TOO_LARGE, "link '%s' is too long", text_safe(arena, path));
    *out = arena_copy(arena, (Str){target, (size_t)len});
    return true;
}

bool fs_list(Arena *arena, int dir_fd, FsNames *out, Error *err)
{
    SCOPED(fd_close) int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0)
        return fail_errno(err, "cannot list a folder");
    return fs_list_once(arena, copy, out, err);
}

bool fs_write_fd(int fd, Str bytes, Error *err)
{
    while (bytes.len) {
        ssize_t done = write(fd, bytes.data, bytes.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail_errno(err, "cannot write");
        bytes = str_slice(bytes, (size_t)done, bytes.len);
    }
    return true;
}

bool fs_sync_fd(int fd, const char *what, Error *err)
{
    if (fsync(fd) != 0)
        return fail_errno(err, "cannot make '%s' durable", what);
    return true;
}

bool fs_sync_all_fd(int fd, const char *what, Error *err)
{
    if (syncfs(fd) != 0)
        return fail_errno(err, "cannot make '%s' durable", what);
    return true;
}

bool fs_create_at(int dir_fd, Str path, Str bytes, uint32_t mode, bool sync, Error *err)
{
    SCOPED(fd_close)
    int fd = fs_open_at(dir_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode & 0777);
    if (fd < 0)
        return fail_at(err, "create", path);
    if (!fs_write_fd(fd, bytes, err))
        return fail_in(err, "'%.*s'", STR_ARG(path_base(path)));
    if (fchmod(fd, mode & 0777) != 0)
        return fail_at(err, "set the mode of", path);
    return !sync || fs_sync_fd(fd, "file", err);
}

bool fs_link_at(int dir_fd, Str path, Str target, Error *err)
{
    PathText name;
    PathText to;
    SCOPED(fd_close) int parent = open_parent(dir_fd, path, &name);
    if (parent < 0 || !path_text(target, &to) || symlinkat(to.text, parent, name.text) != 0)
        return fail_at(err, "make link", path);
    return true;
}

bool fs_make_folder_at(int dir_fd, Str path, uint32_t mode, bool *made, Error *err)
{
    PathText name;
    struct stat st;
    SCOPED(fd_close) int parent = open_parent(dir_fd, path, &name);
    if (parent < 0)
        return fail_at(err, "make folder", path);
    *made = mkdirat(parent, name.text, mode) == 0;
    if (*made)
        return true;
    if (errno != EEXIST || fstatat(parent, name.text, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_at(err, "make folder", path);
    if (S_ISDIR(st.st_mode))
        return true;
    errno = S_ISLNK(st.st_mode) ? ELOOP : EEXIST;
    return fail_at(err, "make folder", path);
}

bool fs_make_folders_at(int dir_fd, Str path, uint32_t mode, Error *err)
{
    bool made;
    for (size_t i = 0; i <= path.len; i++)
        if ((i == path.len || path.data[i] == '/') && i > 0 &&
            !fs_make_folder_at(dir_fd, str_slice(path, 0, i), mode, &made, err))
            return false;
    return true;
}

static bool unlink_beneath(int dir_fd, Str path, int flags)
{
    PathText name;
    SCOPED(fd_close) int parent = open_parent(dir_fd, path, &name);
    return (parent >= 0 && unlinkat(parent, name.text, flags) == 0) || errno == ENOENT ||
           errno == ENOTDIR;
}

bool fs_remove_at(int dir_fd, Str path, bool folder, Error *err)
{
    return unlink_beneath(dir_fd, path, folder ? AT_REMOVEDIR : 0) || fail_at(err, "remove", path);
}

bool fs_remove_empty_folder_at(int dir_fd, Str path, bool *removed, Error *err)
{
    *removed = unlink_beneath(dir_fd, path, AT_REMOVEDIR);
    return *removed || errno == ENOTEMPTY || errno == EEXIST || fail_at(err, "remove folder", path);
}

static bool remove_inside(Arena *arena, int dir_fd, int depth, Error *err)
{
    FsNames names;
    if (depth > WALK_DEPTH)
        return fail(err, ERR_TOO_LARGE, "folders are nested too deep to remove");
    if (!fs_list(arena, dir_fd, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        Str name = names.items[i].name;
        SCOPED(fd_close)
        int inner = fs_open_at(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
        bool folder = inner >= 0;
        if (folder && !remove_inside(arena, inner, depth + 1, err))
            return false;
        if (!fs_remove_at(dir_fd, name, folder, err))
            return false;
    }
    return true;
}

bool fs_remove_all_at(int dir_fd, Str path, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    FsStat st;
    bool found;
    if (!fs_stat_at(dir_fd, path, &found, &st, err))
        return false;
    if (!found)
        return true;
    if (st.kind != FS_FOLDER)
        return fs_remove_at(dir_fd, path, false, err);
    SCOPED(fd_close) int inner = -1;
    return fs_open_folder(dir_fd, path, &inner, err) && remove_inside(arena, inner, 0, err) &&
           fs_remove_at(dir_fd, path, true, err);
}

int fs_rename_at(int from_fd, Str from, int to_fd, Str to, unsigned flags)
{
    PathText from_name, to_name;
    SCOPED(fd_close) int from_in = open_parent(from_fd, from, &from_name);
    SCOPED(fd_close) int to_in = from_in < 0 ? -1 : open_parent(to_fd, to, &to_name);
    return to_in < 0 ? -1 : renameat2(from_in, from_name.text, to_in, to_name.text, flags);
}

int fs_hard_link_at(int from_fd, Str from, int to_fd, Str to)
{
    PathText from_name, to_name;
    SCOPED(fd_close) int from_in = open_parent(from_fd, from, &from_name);
    SCOPED(fd_close) int to_in = from_in < 0 ? -1 : open_parent(to_fd, to, &to_name);
    return to_in < 0 ? -1 : linkat(from_in, from_name.text, to_in, to_name.text, 0);
}

bool fs_replace_at(int dir_fd, Str path, Str bytes, uint32_t mode, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str folder = path_folder(path);
    Str temporary = str_of(arena_format(arena, "%.*s%s.%s.tmp", STR_ARG(folder),
                                        folder.len ? "/" : "", id_new(arena)));
    SCOPED(fd_close) int parent = -1;
    if (!fs_open_folder(dir_fd, folder, &parent, err))
        return false;
    bool replaced =
        fs_create_at(dir_fd, temporary, bytes, mode, true, err) &&
        (fs_rename_at(dir_fd, temporary, dir_fd, path, 0) == 0 || fail_at(err, "replace", path));
    Error ignored; /* the first error is the one to tell */
    if (!replaced)
        (void)!fs_remove_at(dir_fd, temporary, false, &ignored);
    return replaced && fs_sync_fd(parent, "folder", err);
}
