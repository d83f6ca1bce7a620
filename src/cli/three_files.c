#include "cli/three_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "merge/diff.h"

enum { LARGEST_EXIT = 127, LARGEST_MARKER = 10000 };

bool read_marker_size(const Options *options, int *out, Error *err)
{
    const char *text = option_value(options, "marker-size");
    char *end = NULL;
    errno = 0;
    long size = text ? strtol(text, &end, 10) : 0;
    if (text && (errno || !*text || *end || size > LARGEST_MARKER || size < -LARGEST_MARKER))
        return fail(err, ERR_USAGE, "--marker-size takes a number up to %d", LARGEST_MARKER);
    *out = size > 0 ? (int)size : 0;
    return true;
}

bool read_merge_text(const Call *call, size_t index, Str *out, Error *err)
{
    const char *path = call_operand(call, index);
    Str bytes = {0};
    bool ok = fs_read_path(call->arena, path, LIMIT_MERGE_BYTES, &bytes, err);
    if (!ok && err->code != ERR_TOO_LARGE)
        return fail_hint(err, "Check the path.");
    if (!ok || diff_is_binary(bytes))
        return fail(err, ERR_INVALID, "Cannot merge binary files: %s",
                    text_safe(call->arena, str_of(path))) ||
               fail_hint(err, "Choose one of the two files by hand.");
    *out = bytes;
    return true;
}

static bool replace_content(int fd, Str text, Error *err)
{
    FsStat before;
    if (!fs_stat_fd(fd, &before, err))
        return false;
    int grown = text.len > before.size_bytes ? fallocate(fd, 0, 0, (off_t)text.len) : 0;
    if (grown != 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
        return fail_errno(err, "cannot write");
    if (!fs_write_fd(fd, text, err))
        return false;
    return ftruncate(fd, (off_t)text.len) == 0 || fail_errno(err, "cannot write");
}

bool replace_text(const Call *call, size_t index, Str text, Error *err)
{
    char *path = NULL;
    SCOPED(fd_close) int folder = -1;
    SCOPED(fd_close) int fd = -1;
    if (!fs_real_path(call->arena, call_operand(call, index), &path, err) ||
        !fs_open_root(arena_text(call->arena, path_folder(str_of(path))), &folder, err))
        return false;
    fd = fs_open_at(folder, path_base(str_of(path)), O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return fail_errno(err, "cannot write '%s'", text_safe(call->arena, str_of(path)));
    return replace_content(fd, text, err) ||
           fail_in(err, "'%s'", text_safe(call->arena, str_of(path)));
}

int conflict_exit_code(const LineMerge *merge)
{
    size_t conflicts = merge->clean ? 0 : merge->regions.count;
    return conflicts > LARGEST_EXIT ? LARGEST_EXIT : (int)conflicts;
}
