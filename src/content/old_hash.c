#include "content/old_hash.h"

#include <stdlib.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"

enum { LINK_STEPS = 8 };

typedef struct {
    Str name; /* as hashed */
    Str path; /* where its bytes lie, links followed */
} OldFile;
typedef ARRAY(OldFile) OldFiles;

typedef struct {
    Arena *arena;
    int fd; /* of the artifact's folder */
    OldFiles files;
} OldWalk;

/* By components: '/' comes before every other byte, so that `a/b` stands before `a.txt`. */
static int compare_components(Str a, Str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int x = a.data[i] == '/' ? 0 : (unsigned char)a.data[i];
        int y = b.data[i] == '/' ? 0 : (unsigned char)b.data[i];
        if (x != y)
            return x - y;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

static int compare_files(const void *a, const void *b)
{
    return compare_components(((const OldFile *)a)->name, ((const OldFile *)b)->name);
}

static bool refuse(const OldWalk *walk, Str path, const char *why, Error *err)
{
    return fail(err, ERR_UNSUPPORTED, "'%s' %s", text_safe(walk->arena, path), why);
}

/* Where a link leads, beneath the artifact. */
static bool link_target(const OldWalk *walk, Str link, Str *out, Error *err)
{
    Arena *arena = walk->arena;
    Str target;
    if (!fs_read_link_at(arena, walk->fd, link, &target, err))
        return false;
    Str folder = path_folder(link);
    const char *base = arena_format(arena, "/%.*s", STR_ARG(folder));
    if (!target.len || target.data[0] == '/')
        return refuse(walk, link, "is a link that leads out of the artifact", err);
    size_t depth = 1;
    for (size_t i = 0; i < link.len; i++)
        depth += link.data[i] == '/';
    Str rest = target;
    Str part;
    while (str_next(&rest, '/', &part)) {
        if (str_is(part, ".."))
            depth--;
        else if (part.len && !str_is(part, "."))
            depth++;
        if (!depth)
            return refuse(walk, link, "is a link that leads out of the artifact", err);
    }
    *out = str_of(path_absolute(arena, base, arena_text(arena, target)) + 1);
    return true;
}

/* A file, followed through links; anything else, and what is not there, counts for nothing. */
static bool add_file(OldWalk *walk, Str name, Error *err)
{
    Str path = name;
    for (int step = 0; step < LINK_STEPS; step++) {
        FsStat stat;
        bool found = false;
        if (!fs_stat_at(walk->fd, path, &found, &stat, err))
            return false;
        if (!found || (stat.kind != FS_FILE && stat.kind != FS_LINK))
            return true;
        if (stat.kind == FS_FILE) {
            if (walk->files.count >= LIMIT_ARTIFACT_FILES)
                return fail(err, ERR_TOO_LARGE, "holds more than %d files", LIMIT_ARTIFACT_FILES);
            ARRAY_PUSH(walk->arena, &walk->files, (OldFile){name, path});
            return true;
        }
        if (!link_target(walk, path, &path, err))
            return false;
    }
    return refuse(walk, name, "is a link to too many links", err);
}

static bool walk_folder(OldWalk *walk, Str folder, int depth, Error *err)
{
    FsNames names;
    SCOPED(fd_close) int fd = -1;
    if (depth > LIMIT_PATH_DEPTH)
        return fail(err, ERR_TOO_LARGE, "folders are nested too deep");
    if (!fs_open_folder(walk->fd, folder, &fd, err) || !fs_list(walk->arena, fd, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        Str path = str_of(path_join(walk->arena, folder, names.items[i].name));
        FsStat stat;
        bool found = false;
        if (!str_is_utf8(path))
            return refuse(walk, path, "is not UTF-8", err);
        if (!fs_stat_at(walk->fd, path, &found, &stat, err))
            return false;
        if (!(found && stat.kind == FS_FOLDER ? walk_folder(walk, path, depth + 1, err)
                                              : add_file(walk, path, err)))
            return false;
    }
    return true;
}

static bool hash_folder(Arena *arena, int fd, Hash *out, Error *err)
{
    OldWalk walk = {.arena = arena, .fd = fd};
    Hasher hasher;
    if (!walk_folder(&walk, (Str){0}, 0, err))
        return false;
    if (walk.files.count)
        qsort(walk.files.items, walk.files.count, sizeof *walk.files.items, compare_files);
    hash_begin(&hasher);
    for (size_t i = 0; i < walk.files.count; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        const OldFile *file = &walk.files.items[i];
        Str bytes;
        if (!fs_read_at(arena, fd, file->path, LIMIT_FILE_BYTES, &bytes, err))
            return false;
        hash_add(&hasher, file->name.data, file->name.len);
        hash_add(&hasher, bytes.data, bytes.len);
    }
    *out = hash_end(&hasher);
    return true;
}

bool old_hash_read(int root_fd, Str path, Hash *out, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    FsStat stat;
    bool found = false;
    Str bytes;
    if (!fs_stat_at(root_fd, path, &found, &stat, err))
        return false;
    if (!found)
        return fail(err, ERR_NOT_FOUND, "'%s' is not there", text_safe(arena, path));
    if (stat.kind == FS_FOLDER) {
        SCOPED(fd_close) int fd = -1;
        return fs_open_folder(root_fd, path, &fd, err) && hash_folder(arena, fd, out, err);
    }
    if (stat.kind != FS_FILE)
        return fail(err, ERR_UNSUPPORTED, "'%s' is neither a file nor a folder",
                    text_safe(arena, path));
    if (!fs_read_at(arena, root_fd, path, LIMIT_FILE_BYTES, &bytes, err))
        return false;
    *out = hash_of(bytes);
    return true;
}

static int compare_entries(const void *a, const void *b)
{
    return compare_components((*(const TreeEntry *const *)a)->path,
                              (*(const TreeEntry *const *)b)->path);
}

bool old_hash_tree(const Tree *tree, OldBlobRead *read, void *context, Hash *out, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const TreeEntry **entries = ARENA_ARRAY(arena, const TreeEntry *, tree->count + 1);
    Hasher hasher;
    for (size_t i = 0; i < tree->count; i++) {
        entries[i] = &tree->items[i];
        if (entries[i]->mode == MODE_LINK || !str_is_utf8(entries[i]->path))
            return fail(err, ERR_UNSUPPORTED, "'%s' is a link, or not UTF-8",
                        text_safe(arena, entries[i]->path));
    }
    if (tree_is_file(tree)) {
        *out = tree->items[0].hash;
        return true;
    }
    qsort(entries, tree->count, sizeof *entries, compare_entries);
    hash_begin(&hasher);
    for (size_t i = 0; i < tree->count; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(arena);
        Str bytes;
        if (!read(context, arena, &entries[i]->hash, &bytes, err))
            return false;
        hash_add(&hasher, entries[i]->path.data, entries[i]->path.len);
        hash_add(&hasher, bytes.data, bytes.len);
    }
    *out = hash_end(&hasher);
    return true;
}
