/* Copies of every record that a migration supersedes or changes, before it does. */
#include "sync/migrate_parts.h"

#include <fcntl.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/ids.h"
#include "base/path.h"
#include "base/text.h"

#define BACKUP_FOLDER "backups"

/* Which copy is of what, for the person who needs one back. */
static Str list_of(Arena *arena, const BackupFiles *files)
{
    Buf list = buf_new(arena);
    buf_add_text(&list, "# copy, and the file it is of\n");
    for (size_t i = 0; i < files->count; i++)
        buf_format(&list, "%s  %s\n", text_safe(arena, files->items[i].name),
                   text_safe(arena, files->items[i].path));
    return buf_str(&list);
}

static bool write_all(Arena *arena, int fd, const BackupFiles *files, Error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        const BackupFile *file = &files->items[i];
        if (!fs_make_folders_at(fd, path_folder(file->name), 0700, err) ||
            !fs_create_at(fd, file->name, file->bytes, 0600, true, err))
            return false;
    }
    return fs_create_at(fd, STR("FILES"), list_of(arena, files), 0600, true, err) &&
           fs_sync_all_fd(fd, "the backup", err);
}

/* "20261121T080000Z-<id>": in order of time, and never taken twice. */
static Str folder_name(Arena *arena)
{
    Buf name = buf_new(arena);
    Str time = str_of(clock_format(arena, clock_ms()));
    for (size_t i = 0; i < time.len; i++)
        if (time.data[i] != '-' && time.data[i] != ':')
            buf_add_char(&name, time.data[i]);
    buf_format(&name, "-%s", id_new(arena));
    return buf_str(&name);
}

bool migrate_backup(Workspace *ws, const BackupFiles *files, const char **out, Error *err)
{
    Arena *arena = ws->arena;
    SCOPED(fd_close) int fd = -1;
    Str name = folder_name(arena);
    Str folder = str_of(arena_format(arena, BACKUP_FOLDER "/%.*s", STR_ARG(name)));
    if (!fs_make_folders_at(ws->home_fd, folder, 0700, err) ||
        !fs_open_folder(ws->home_fd, folder, &fd, err) || !write_all(arena, fd, files, err))
        return fail_in(err, "the backup, before anything was changed");
    *out = path_join(arena, str_of(ws->home), folder);
    return true;
}
