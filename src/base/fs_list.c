/* The part of fs.h that names no path: what a descriptor that is open already can tell. */
#include "base/fs.h"

#include <dirent.h>
#include <stdlib.h>
#include <time.h>

enum { LIST_BUFFER = 8 << 10 };

static FsKind kind_of_entry(unsigned char type)
{
    switch (type) {
    case DT_REG:
        return FS_FILE;
    case DT_LNK:
        return FS_LINK;
    case DT_DIR:
        return FS_FOLDER;
    default:
        return FS_OTHER;
    }
}

static int name_order(const void *a, const void *b)
{
    return str_compare(((const FsName *)a)->name, ((const FsName *)b)->name);
}

static void add_entries(Arena *arena, const char *data, size_t len, FsNames *names)
{
    for (size_t at = 0; at < len;) {
        const struct dirent64 *entry = (const struct dirent64 *)(const void *)(data + at);
        Str name = str_of(entry->d_name);
        at += entry->d_reclen;
        if (!str_is(name, ".") && !str_is(name, ".."))
            ARRAY_PUSH(arena, names,
                       (FsName){arena_copy(arena, name), kind_of_entry(entry->d_type)});
    }
}

bool fs_list_once(Arena *arena, int dir_fd, FsNames *out, Error *err)
{
    _Alignas(struct dirent64) char data[LIST_BUFFER];
    FsNames names = {0};
    ssize_t len;
    while ((len = getdents64(dir_fd, data, sizeof data)) > 0)
        add_entries(arena, data, (size_t)len, &names);
    if (len < 0)
        return fail_errno(err, "cannot list a folder");
    if (names.count)
        qsort(names.items, names.count, sizeof *names.items, name_order);
    *out = names;
    return true;
}

int64_t fs_clock_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
