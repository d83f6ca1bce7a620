#include "content/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/name.h"
#include "base/process.h"
#include "base/text.h"

enum { READ_BYTES = 64 << 10, ATTEMPTS = 3 };

typedef struct {
    Arena *arena;   /* what the caller gets */
    Arena *scratch; /* what goes when the snapshot is done */
    StatCache *cache;
    Ignore *ignore;
    bool raw;   /* nothing is ignored */
    Str rules;  /* the text `ignore` was made of */
    char *path; /* of where we are, from the root */
    size_t path_len;
    size_t skip; /* so many bytes of it lead to the artifact, with their slash */
    size_t depth;
    uint64_t device;
    uint64_t bytes;
    char *buffer;
    Tree tree;
} Walk;

/* An open folder, and from where in the path names are relative to it: a folder whose names are remembered
 * is not opened, so its children are reached through one above it. */
typedef struct {
    int fd;
    size_t from;
} Base;

typedef struct {
    Str name;
    Str folded;
} Sibling;
typedef ARRAY(Sibling) Siblings;

static Str full_path(const Walk *walk)
{
    return (Str){walk->path, walk->path_len};
}

static Str inner_path(const Walk *walk)
{
    return str_slice(full_path(walk), walk->skip, walk->path_len);
}

static Str base_path(const Walk *walk, Base base)
{
    return str_slice(full_path(walk), base.from, walk->path_len);
}

static const char *shown_path(const Walk *walk)
{
    return text_safe(walk->scratch, full_path(walk));
}

static bool fail_here(const Walk *walk, Error *err, const char *what)
{
    int number = errno;
    const char *shown = shown_path(walk);
    errno = number;
    return fail_errno(err, "cannot %s '%s'", what, shown);
}

/* ---- files ---- */

static bool same_stat(const FsStat *a, const FsStat *b)
{
    return a->device == b->device && a->inode == b->inode && a->size_bytes == b->size_bytes &&
           a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns && a->mode == b->mode;
}

static bool hash_bytes(Walk *walk, int fd, uint64_t expected, uint64_t *size, Hash *out, Error *err)
{
    Hasher hasher;
    uint64_t sum = 0;
    ssize_t got;
    if (!walk->buffer)
        walk->buffer = arena_alloc(walk->scratch, READ_BYTES, 16);
    hash_begin(&hasher);
    do {
        got = read(fd, walk->buffer, READ_BYTES);
        if (got < 0 && errno != EINTR)
            return fail_here(walk, err, "read");
        sum += got > 0 ? (uint64_t)got : 0;
        if (sum > LIMIT_FILE_BYTES)
            return fail(err, ERR_TOO_LARGE, "'%s' is larger than %llu bytes", shown_path(walk),
                        (unsigned long long)LIMIT_FILE_BYTES);
        hash_add(&hasher, walk->buffer, got > 0 ? (size_t)got : 0);
        /* a short read that reaches the size is the end: no call just to hear it again */
    } while (got != 0 && !(sum == expected && got < READ_BYTES));
    *size = sum;
    *out = hash_end(&hasher);
    return true;
}

static bool fail_changed(const Walk *walk, Error *err)
{
    return fail(err, ERR_CHANGED, "'%s' changed while it was read", shown_path(walk));
}

/* Reads the file and remembers it; its status must be the same before and after. */
static bool read_file(Walk *walk, Base base, FsStat *stat, Hash *out, Error *err)
{
    FsStat after;
    uint64_t size = 0;
    /* O_NONBLOCK: a pipe put where a file was must not stop us */
    SCOPED(fd_close)
    int fd = fs_open_at(base.fd, base_path(walk, base), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (fd < 0 && (errno == ENOENT || errno == ELOOP))
        return fail_changed(walk, err);
    if (fd < 0)
        return fail_here(walk, err, "open");
    int64_t before_ns = fs_clock_ns();
    if (!fs_stat_fd(fd, stat, err))
        return false;
    if (stat->kind != FS_FILE)
        return fail_changed(walk, err);
    if (!hash_bytes(walk, fd, stat->size_bytes, &size, out, err) || !fs_stat_fd(fd, &after, err))
        return false;
    if (size != stat->size_bytes || !same_stat(stat, &after))
        return fail_changed(walk, err);
    if (walk->cache)
        stat_cache_put(walk->cache, full_path(walk), stat, before_ns, out);
    return true;
}

static bool remembered(Walk *walk, Base base, FsStat *stat, Hash *out)
{
    if (!walk->cache || !stat_cache_has(walk->cache, full_path(walk)) ||
        !fs_peek_at(base.fd, base_path(walk, base), stat))
        return false;
    const Hash *hash = stat_cache_find(walk->cache, full_path(walk), stat);
    if (hash)
        *out = *hash;
    return hash != NULL;
}

static bool add_entry(Walk *walk, Mode mode, uint64_t size, const Hash *hash, Error *err)
{
    walk->bytes += size;
    if (walk->tree.count == LIMIT_ARTIFACT_FILES)
        return fail(err, ERR_TOO_LARGE, "an artifact may have %d files at most",
                    LIMIT_ARTIFACT_FILES);
    if (walk->bytes > LIMIT_ARTIFACT_BYTES)
        return fail(err, ERR_TOO_LARGE, "an artifact may have %llu bytes at most",
                    (unsigned long long)LIMIT_ARTIFACT_BYTES);
    TreeEntry entry = {arena_copy(walk->arena, inner_path(walk)), mode, *hash, size};
    ARRAY_PUSH(walk->scratch, &walk->tree, entry);
    return true;
}

static bool add_file(Walk *walk, Base base, Error *err)
{
    FsStat stat;
    Hash hash;
    if (!remembered(walk, base, &stat, &hash) && !read_file(walk, base, &stat, &hash, err))
        return false;
    return add_entry(walk, stat.executable ? MODE_EXEC : MODE_FILE, stat.size_bytes, &hash, err);
}

static bool add_link(Walk *walk, Base base, Error *err)
{
    Str target;
    if (!fs_read_link_at(walk->scratch, base.fd, base_path(walk, base), &target, err) ||
        !name_check_link(inner_path(walk), target, err))
        return false;
    Hash hash = hash_of(target);
    return add_entry(walk, MODE_LINK, target.len, &hash, err);
}

/* ---- folders ---- */

static bool enter(Walk *walk, Str name, Error *err)
{
    size_t room = LIMIT_PATH_BYTES + walk->skip;
    if (walk->path_len + 1 + name.len > room)
        return fail(err, ERR_NAME_REFUSED, "a path below '%s' is longer than %d bytes",
                    shown_path(walk), LIMIT_PATH_BYTES);
    if (walk->path_len)
        walk->path[walk->path_len++] = '/';
    memcpy(walk->path + walk->path_len, name.data, name.len);
    walk->path_len += name.len;
    return true;
}

static int sibling_order(const void *a, const void *b)
{
    return str_compare(((const Sibling *)a)->folded, ((const Sibling *)b)->folded);
}

/* Two names of one folder must not be one name elsewhere. */
static bool check_siblings(const Walk *walk, Siblings *siblings, Error *err)
{
    if (siblings->count > 1)
        qsort(siblings->items, siblings->count, sizeof *siblings->items, sibling_order);
    for (size_t i = 1; i < siblings->count; i++) {
        const Sibling *a = &siblings->items[i - 1];
        const Sibling *b = &siblings->items[i];
        if (str_equal(a->folded, b->folded))
            return fail(err, ERR_NAME_REFUSED,
                        "'%s' and '%s' in '%s' are one name where case or accents are folded",
                        text_safe(walk->scratch, a->name), text_safe(walk->scratch, b->name),
                        shown_path(walk));
    }
    return true;
}

static bool fail_special(const Walk *walk, Error *err)
{
    fail(err, ERR_INVALID, "'%s' is neither a file, a folder nor a link", shown_path(walk));
    return fail_hint(err, "Remove it, or name it in the artifact's %s.", IGNORE_FILE);
}

/* What the file system did not say in its listing. */
static bool find_kind(const Walk *walk, Base base, FsKind *kind, Error *err)
{
    FsStat stat;
    bool found;
    if (*kind != FS_OTHER)
        return true;
    if (!fs_stat_at(base.fd, base_path(walk, base), &found, &stat, err))
        return false;
    if (!found)
        return fail_changed(walk, err);
    *kind = stat.kind;
    return true;
}

static bool remembered_names(Walk *walk, const FsStat *stat, FsNames *out)
{
    return walk->cache &&
           stat_cache_find_names(walk->scratch, walk->cache, full_path(walk), stat, out);
}

static bool list_names(Walk *walk, int fd, const FsStat *stat, int64_t before_ns, FsNames *out,
                       Error *err)
{
    if (!fs_list_once(walk->scratch, fd, out, err))
        return false;
    if (walk->cache)
        stat_cache_put_names(walk->cache, full_path(walk), stat, before_ns, out);
    return true;
}

static bool walk_names(Walk *walk, Base base, const FsNames *names, Error *err);

static bool walk_open_folder(Walk *walk, int fd, Error *err)
{
    FsStat stat;
    FsNames names;
    int64_t before_ns = fs_clock_ns();
    if (!fs_stat_fd(fd, &stat, err))
        return false;
    if (stat.device != walk->device)
        return fail(err, ERR_UNSUPPORTED, "'%s' lies on another file system than the artifact",
                    shown_path(walk));
    return list_names(walk, fd, &stat, before_ns, &names, err) &&
           walk_names(walk, (Base){fd, walk->path_len + 1}, &names, err);
}

static bool add_folder(Walk *walk, Base base, Error *err)
{
    FsStat stat;
    FsNames names;
    Str path = base_path(walk, base);
    if (walk->cache && stat_cache_has(walk->cache, full_path(walk)) &&
        fs_peek_at(base.fd, path, &stat) && stat.device == walk->device &&
        remembered_names(walk, &stat, &names))
        return walk_names(walk, base, &names, err);
    SCOPED(fd_close) int fd = fs_open_at(base.fd, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return fail_changed(walk, err);
    if (fd < 0)
        return fail_here(walk, err, "open folder");
    return walk_open_folder(walk, fd, err);
}

static bool add_named(Walk *walk, Base base, Str name, FsKind kind, Error *err)
{
    if (!name_check_component(name, err) ||
        (walk->depth > LIMIT_PATH_DEPTH && !name_check_path(inner_path(walk), err)))
        return fail_in(err, "'%s'", shown_path(walk));
    switch (kind) {
    case FS_FILE:
        return add_file(walk, base, err);
    case FS_LINK:
        return add_link(walk, base, err);
    case FS_FOLDER:
        return add_folder(walk, base, err);
    case FS_OTHER:
    default:
        return fail_special(walk, err);
    }
}

static bool add_child(Walk *walk, Base base, const FsName *name, Siblings *siblings, Error *err)
{
    FsKind kind = name->kind;
    size_t before = walk->tree.count;
    if (!find_kind(walk, base, &kind, err))
        return false;
    if (!walk->raw && ignore_matches_here(walk->ignore, inner_path(walk), kind == FS_FOLDER))
        return true;
    if (!add_named(walk, base, name->name, kind, err))
        return false;
    /* a folder without content does not count, so it cannot clash */
    if (walk->tree.count > before)
        ARRAY_PUSH(walk->scratch, siblings,
                   (Sibling){name->name, name_fold(walk->scratch, name->name)});
    return true;
}

static bool walk_names(Walk *walk, Base base, const FsNames *names, Error *err)
{
    Siblings siblings = {0};
    size_t len = walk->path_len;
    if (!interrupt_check(err))
        return false;
    walk->depth++;
    for (size_t i = 0; i < names->count; i++) {
        if (!enter(walk, names->items[i].name, err) ||
            !add_child(walk, base, &names->items[i], &siblings, err))
            return false;
        walk->path_len = len;
    }
    walk->depth--;
    return check_siblings(walk, &siblings, err);
}

/* ---- the artifact ---- */

static bool has_rules(const FsNames *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (str_is(names->items[i].name, IGNORE_FILE))
            return true;
    return false;
}

/* Only a plain file holds rules; anything else of that name is content like any other. */
static bool read_rules(Walk *walk, int fd, const FsNames *names, Error *err)
{
    FsStat stat;
    bool found = false;
    if (has_rules(names) && !fs_stat_at(fd, STR(IGNORE_FILE), &found, &stat, err))
        return false;
    if (found && stat.kind == FS_FILE && !walk->raw &&
        !fs_read_at(walk->arena, fd, STR(IGNORE_FILE), LIMIT_CONFIG_BYTES, &walk->rules, err))
        return false;
    return ignore_parse(walk->arena, walk->rules, &walk->ignore, err);
}

/* The rules a tree was read by must be the ones that are in it. */
static bool check_rules(const Walk *walk, Error *err)
{
    const TreeEntry *entry = tree_find(&walk->tree, STR(IGNORE_FILE));
    Hash hash = hash_of(walk->rules);
    bool plain = entry && entry->mode != MODE_LINK;
    if (plain ? hash_equal(&hash, &entry->hash) : !walk->rules.len)
        return true;
    return fail(err, ERR_CHANGED, "the ignore rules of '%s' changed while it was read",
                shown_path(walk));
}

static bool read_folder(Walk *walk, int fd, Error *err)
{
    FsStat stat;
    FsNames names;
    int64_t before_ns = fs_clock_ns();
    walk->skip = walk->path_len ? walk->path_len + 1 : 0;
    if (!fs_stat_fd(fd, &stat, err) ||
        !(remembered_names(walk, &stat, &names) ||
          list_names(walk, fd, &stat, before_ns, &names, err)) ||
        !read_rules(walk, fd, &names, err))
        return false;
    walk->device = stat.device;
    if (!walk_names(walk, (Base){fd, walk->skip}, &names, err))
        return false;
    tree_sort(&walk->tree);
    return walk->raw || check_rules(walk, err);
}

static bool read_other(Walk *walk, int root_fd, bool *exists, Error *err)
{
    FsStat stat;
    walk->skip = walk->path_len;
    if (!fs_stat_at(root_fd, full_path(walk), exists, &stat, err) ||
        !ignore_parse(walk->arena, (Str){0}, &walk->ignore, err))
        return false;
    if (!*exists)
        return true;
    if (stat.kind == FS_LINK)
        return fail(err, ERR_LINK_REFUSED, "'%s' is a link; an artifact is a file or a folder",
                    shown_path(walk)) ||
               fail_hint(err, "Remove the link and put the folder or file itself in its place.");
    if (stat.kind == FS_FOLDER)
        return fail_changed(walk, err);
    return stat.kind == FS_FILE ? add_file(walk, (Base){root_fd, 0}, err) : fail_special(walk, err);
}

static bool read_once(Walk *walk, int root_fd, Snapshot *out, Error *err)
{
    bool exists = true;
    SCOPED(fd_close) int fd = fs_open_at(root_fd, full_path(walk), O_RDONLY | O_DIRECTORY, 0);
    bool folder = fd >= 0;
    if (!folder && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
        return fail_here(walk, err, "open folder");
    if (!(folder ? read_folder(walk, fd, err) : read_other(walk, root_fd, &exists, err)))
        return false;
    *out = (Snapshot){.exists = exists, .is_file = exists && !folder, .ignore = walk->ignore};
    for (size_t i = 0; i < walk->tree.count; i++)
        ARRAY_PUSH(walk->arena, &out->tree, walk->tree.items[i]);
    if (exists)
        out->hash = tree_hash(&out->tree);
    return true;
}

static bool read_again(const Walk *wanted, int root_fd, Str path, Snapshot *out, Error *err)
{
    for (int attempt = 1;; attempt++) {
        SCOPED(arena_close) Arena *scratch = arena_open();
        Walk walk = *wanted;
        walk.scratch = scratch;
        walk.path_len = path.len;
        walk.path = arena_alloc(scratch, path.len + LIMIT_PATH_BYTES + 2, 1);
        if (path.len)
            memcpy(walk.path, path.data, path.len);
        if (read_once(&walk, root_fd, out, err))
            return true;
        if (err->code != ERR_CHANGED || attempt == ATTEMPTS)
            return false;
    }
}

bool snapshot_read(Arena *arena, int root_fd, Str path, StatCache *cache, Snapshot *out, Error *err)
{
    return read_again(&(Walk){.arena = arena, .cache = cache}, root_fd, path, out, err);
}

bool snapshot_read_raw(Arena *arena, int root_fd, Str path, Snapshot *out, Error *err)
{
    return read_again(&(Walk){.arena = arena, .raw = true}, root_fd, path, out, err);
}

bool snapshot_is_ignored(const Snapshot *snapshot, Str path, bool folder)
{
    return ignore_matches(snapshot->ignore, path, folder);
}
