/* The file system, always beneath a directory handle. The only file that names paths to the kernel.
 *
 * A root is opened once by fs_open_root; all else is resolved with openat2 beneath it, never through a
 * symlink or out of it (RESOLVE_BENEATH | NO_SYMLINKS | NO_MAGICLINKS), so a swapped parent cannot lead
 * away. Functions that write do not sync unless they say so. Errors carry the path, made safe to show.
 */
#pragma once

#include <sys/stat.h>

#include "base/array.h"
#include "base/error.h"
#include "base/tree.h"

typedef enum { FS_OTHER, FS_FILE, FS_LINK, FS_FOLDER } FsKind;

typedef struct {
    FsKind kind;
    bool executable; /* any x bit of a file */
    uint32_t mode;   /* permission bits */
    uint64_t size_bytes;
    uint64_t device, inode;
    int64_t mtime_ns, ctime_ns;
    uint64_t links;
} FsStat;

typedef struct {
    Str name;
    FsKind kind; /* FS_OTHER also when the file system does not tell: stat it */
} FsName;
typedef ARRAY(FsName) FsNames;

void fd_close(int *fd); /* fine on -1; keeps errno */
int fd_take(int *fd);

/* Roots: the only calls that take a path from a person. Links in it are followed, as the shell does. */
MUST_CHECK bool fs_open_root(const char *path, int *out_fd, Error *err);
MUST_CHECK bool fs_make_root(const char *path, uint32_t mode, int *out_fd,
                             Error *err); /* with parents */
MUST_CHECK bool fs_real_path(Arena *arena, const char *path, char **out, Error *err);
/* For lines at the end of a file, which is made when it is not there. */
MUST_CHECK bool fs_open_append(const char *path, uint32_t mode, int *out_fd, Error *err);
bool fs_exists(const char *path);
MUST_CHECK bool fs_read_path(Arena *arena, const char *path, uint64_t limit_bytes, Str *out,
                             Error *err);
MUST_CHECK bool fs_stat_path(const char *path, FsStat *out, Error *err);

/* Beneath `dir_fd`. `path` "" or "." is the folder itself where that makes sense.
 * fs_open_at gives -1 and errno (ELOOP: a link is on the way; EXDEV: it leads out). */
int fs_open_at(int dir_fd, Str path, int flags, uint32_t mode);
MUST_CHECK bool fs_open_folder(int dir_fd, Str path, int *out_fd, Error *err);
MUST_CHECK bool fs_stat_fd(int fd, FsStat *out, Error *err);
/* Of the entry itself, not a link's target. `*found` false when nothing is there. */
MUST_CHECK bool fs_stat_at(int dir_fd, Str path, bool *found, FsStat *out, Error *err);
/* One call instead of three, but links on the way are followed: only good for asking whether a file that
 * is known by device, inode and time stamps is unchanged. False when it cannot be told. */
bool fs_peek_at(int dir_fd, Str path, FsStat *out);
MUST_CHECK bool fs_read_fd(Arena *arena, int fd, uint64_t limit_bytes, Str *out, Error *err);
MUST_CHECK bool fs_read_at(Arena *arena, int dir_fd, Str path, uint64_t limit_bytes, Str *out,
                           Error *err);
/* Absent is no error: `*found` false, `*out` empty. */
MUST_CHECK bool fs_read_if_any(Arena *arena, int dir_fd, Str path, uint64_t limit_bytes,
                               bool *found, Str *out, Error *err);
MUST_CHECK bool fs_read_link_at(Arena *arena, int dir_fd, Str path, Str *out, Error *err);
MUST_CHECK bool fs_list(Arena *arena, int dir_fd, FsNames *out, Error *err); /* sorted by name */
/* The same through `dir_fd` itself, which must have been opened for this: cheaper, for walkers. */
MUST_CHECK bool fs_list_once(Arena *arena, int dir_fd, FsNames *out, Error *err);
/* The clock that stamps changes of files: a later change bears this time or a later one. */
int64_t fs_clock_ns(void);

MUST_CHECK bool fs_write_fd(int fd, Str bytes, Error *err); /* all of it */
MUST_CHECK bool fs_sync_fd(int fd, const char *what, Error *err);
/* Everything unsynced of the file system that `fd` lies on: for many files at once. */
MUST_CHECK bool fs_sync_all_fd(int fd, const char *what, Error *err);
/* Creates, never overwrites. */
MUST_CHECK bool fs_create_at(int dir_fd, Str path, Str bytes, uint32_t mode, bool sync, Error *err);
MUST_CHECK bool fs_link_at(int dir_fd, Str path, Str target, Error *err); /* makes a symlink */
MUST_CHECK bool fs_make_folder_at(int dir_fd, Str path, uint32_t mode, bool *made, Error *err);
MUST_CHECK bool fs_make_folders_at(int dir_fd, Str path, uint32_t mode, Error *err);
MUST_CHECK bool fs_remove_at(int dir_fd, Str path, bool folder, Error *err); /* absent is fine */
MUST_CHECK bool fs_remove_all_at(int dir_fd, Str path, Error *err); /* never follows links */
/* For weir's own private files: temporary file, sync, rename, sync of the folder. */
MUST_CHECK bool fs_replace_at(int dir_fd, Str path, Str bytes, uint32_t mode, Error *err);
int fs_rename_at(int from_fd, Str from, int to_fd, Str to, unsigned flags); /* 0, or -1 and errno */
int fs_hard_link_at(int from_fd, Str from, int to_fd, Str to);              /* likewise */
/* Absent counts as removed; a folder that holds anything stays, without an error. */
MUST_CHECK bool fs_remove_empty_folder_at(int dir_fd, Str path, bool *removed, Error *err);
