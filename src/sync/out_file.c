#include "sync/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/fs.h"
#include "base/ids.h"
#include "base/path.h"
#include "base/text.h"

static bool fail_there(const OutFile *file, Error *err)
{
    (void)fail(err, ERR_EXISTS, "'%s' is there already", text_safe(file->arena, file->path));
    return fail_hint(err, "Choose another name, or replace it with --force.");
}

static bool check_place(const OutFile *file, Error *err)
{
    FsStat stat;
    bool found = false;
    if (!fs_stat_at(file->folder, file->name, &found, &stat, err))
        return false;
    if (found && stat.kind != FS_FILE)
        return fail(err, ERR_EXISTS, "'%s' is there and is no plain file",
                    text_safe(file->arena, file->path)) ||
               fail_hint(err, "Choose another name.");
    return !found || file->force || fail_there(file, err);
}

bool out_file_open(Arena *arena, const char *path, bool force, OutFile *out, Error *err)
{
    Str whole = str_of(path), folder = path_folder(whole);
    *out = (OutFile){.arena = arena,
                     .path = whole,
                     .name = path_base(whole),
                     .force = force,
                     .folder = -1,
                     .fd = -1};
    if (!out->name.len)
        return fail(err, ERR_INVALID, "'%s' is no name for a file", text_safe(arena, whole));
    if (!fs_open_root(folder.len ? arena_text(arena, folder) : "/", &out->folder, err))
        return fail_hint(err, "Name a file in a folder that is there.");
    if (!check_place(out, err))
        return false;
    out->temporary = str_of(arena_format(arena, ".weir.%s.tmp", id_new(arena)));
    out->fd =
        fs_open_at(out->folder, out->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (out->fd < 0)
        return fail_errno(err, "cannot write beside '%s'", text_safe(arena, whole));
    hash_begin(&out->hasher);
    return true;
}

bool out_file_write(void *file, Str bytes, Error *err)
{
    OutFile *out = file;
    out->size_bytes += bytes.len;
    hash_add(&out->hasher, bytes.data, bytes.len);
    return fs_write_fd(out->fd, bytes, err);
}

/* Not all file systems can rename without replacing; all that lack it can link or have no links at all. */
static bool put_in_place(const OutFile *file, Error *err)
{
    unsigned flags = file->force ? 0 : RENAME_NOREPLACE;
    if (fs_rename_at(file->folder, file->temporary, file->folder, file->name, flags) == 0)
        return true;
    if (flags && errno == EINVAL &&
        fs_hard_link_at(file->folder, file->temporary, file->folder, file->name) == 0)
        return true;
    if (errno == EEXIST)
        return fail_there(file, err);
    return fail_errno(err, "cannot write '%s'", text_safe(file->arena, file->path));
}

bool out_file_finish(OutFile *file, Hash *sha256, Error *err)
{
    if (!fs_sync_fd(file->fd, "file", err) || !put_in_place(file, err) ||
        !fs_sync_fd(file->folder, "folder", err))
        return false;
    *sha256 = hash_end(&file->hasher);
    return true;
}

void out_file_close(OutFile *file)
{
    Error ignored;
    if (file->fd >= 0)
        (void)!fs_remove_at(file->folder, file->temporary, false, &ignored);
    fd_close(&file->fd);
    fd_close(&file->folder);
}
