#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "apply/apply_internal.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/process.h"
#include "base/text.h"

enum { OPEN_AT_ONCE = 128, XATTR_BYTES = 4096, FREE_AT_LEAST = 1 << 20 };

/* From so many objects on, one sync of the file system is cheaper than one of each (docs/performance.md). */
enum { SYNC_ALL_FROM = 64 };

typedef struct {
    Txn *txn;
    size_t root;
    int fds[OPEN_AT_ONCE];
    size_t open;
    StrArray folders; /* staged folders, outermost first */
    Str last_folder;
    uint64_t bytes;
    bool sync_all; /* objects are not synced one by one, but all at the end */
} Stage;

/* Units: the outermost folder that is not there yet arrives with everything in it by one rename */

typedef struct {
    Map *known; /* folder -> FOLDER_MISSING or FOLDER_THERE */
    Map *units; /* folder -> its index + 1 */
} UnitSearch;

enum { FOLDER_MISSING = 1, FOLDER_THERE }; /* what `known` holds, in place of a pointer */

static bool folder_missing(Txn *txn, size_t root, UnitSearch *search, Str folder, bool *out,
                           Error *err)
{
    uintptr_t known = (uintptr_t)map_find(search->known, folder);
    if (!known) {
        const JournalEntry *entry = journal_find(&txn->journal.roots.items[root], folder, NULL);
        FsStat st;
        bool found = false;
        if (!(entry && entry_deletes(entry)) &&
            !fs_stat_at(txn->handles[root].fd, folder, &found, &st, err))
            return false;
        known = found ? FOLDER_THERE : FOLDER_MISSING;
        map_put(search->known, folder, (void *)known);
    }
    *out = known == FOLDER_MISSING;
    return true;
}

static size_t unit_index(Txn *txn, JournalRoot *root, UnitSearch *search, Str folder)
{
    uintptr_t known = (uintptr_t)map_find(search->units, folder);
    if (known)
        return known - 1;
    ARRAY_PUSH(txn->arena, &root->units, folder);
    map_put(search->units, folder, (void *)(uintptr_t)root->units.count);
    return root->units.count - 1;
}

static bool find_unit(Txn *txn, size_t index, UnitSearch *search, JournalEntry *entry, Error *err)
{
    Str path = entry->change.path;
    for (size_t i = 0; i < path.len; i++) {
        bool missing;
        if (path.data[i] != '/')
            continue;
        Str folder = str_slice(path, 0, i);
        if (!folder_missing(txn, index, search, folder, &missing, err))
            return false;
        if (missing) {
            entry->unit = unit_index(txn, &txn->journal.roots.items[index], search, folder);
            return true;
        }
    }
    return true;
}

static bool find_units(Txn *txn, size_t index, Error *err)
{
    JournalRoot *root = &txn->journal.roots.items[index];
    UnitSearch search = {map_new(txn->arena, root->entries.count),
                         map_new(txn->arena, root->entries.count)};
    for (size_t i = 0; i < root->entries.count; i++) {
        JournalEntry *entry = &root->entries.items[i];
        if (entry_creates(entry) && !entry_is_record(entry) &&
            !find_unit(txn, index, &search, entry, err))
            return false;
    }
    RootHandle *handle = &txn->handles[index];
    handle->unit_waits = ARENA_ARRAY(txn->arena, bool, root->units.count + 1);
    for (size_t i = 0; i < root->units.count; i++)
        handle->unit_waits[i] = true;
    return true;
}

/* One object */

/* Best effort: a file system may know no attributes, and only root may give a file away. */
static void copy_attributes(int from, int to)
{
    char names[XATTR_BYTES], value[XATTR_BYTES];
    ssize_t len = flistxattr(from, names, sizeof names);
    for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
        const char *name = names + at;
        bool wanted =
            strncmp(name, "user.", 5) == 0 || strcmp(name, "system.posix_acl_access") == 0;
        ssize_t size = wanted ? fgetxattr(from, name, value, sizeof value) : -1;
        if (size >= 0)
            (void)!fsetxattr(to, name, value, (size_t)size, 0);
    }
}

static uint32_t new_mode(const FsStat *old, Mode mode)
{
    if (!old)
        return mode == MODE_EXEC ? 0755 : 0644;
    uint32_t plain = old->mode & 0666;
    return mode == MODE_EXEC ? plain | ((plain & 0444) >> 2) : plain;
}

/* Permissions, owner and attributes stay those of the file that is replaced; only the x bits are ours. */
static bool dress(Txn *txn, size_t root, const JournalEntry *entry, Mode mode, int fd, Error *err)
{
    FsStat old;
    struct stat owner;
    SCOPED(fd_close)
    int from = entry_creates(entry) ? -1
                                    : fs_open_at(txn->handles[root].fd, entry->change.path,
                                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    bool known = from >= 0 && fs_stat_fd(from, &old, err) && old.kind == FS_FILE;
    if (known) {
        copy_attributes(from, fd);
        if (fstat(from, &owner) == 0 && (owner.st_uid != geteuid() || owner.st_gid != getegid()))
            (void)!fchown(fd, owner.st_uid, owner.st_gid);
    }
    if (fchmod(fd, new_mode(known ? &old : NULL, mode)) != 0)
        return fail_errno(err, "cannot set the mode of a staged file");
    return true;
}

static bool write_object(Txn *txn, size_t root, const JournalEntry *entry, Mode mode, Str slot,
                         Str content, int *out_fd, Error *err)
{
    SCOPED(fd_close)
    int fd =
        fs_open_at(txn->handles[root].new_fd, slot, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_errno(err, "cannot stage a file");
    if (!fs_write_fd(fd, content, err) || !dress(txn, root, entry, mode, fd, err))
        return false;
    *out_fd = fd_take(&fd);
    return true;
}

bool stage_one(Txn *txn, size_t root, const JournalEntry *entry, Mode mode, Str slot, Str content,
               int *out_fd, Error *err)
{
    *out_fd = -1;
    if (mode == MODE_LINK ? fs_link_at(txn->handles[root].new_fd, slot, content, err)
                          : write_object(txn, root, entry, mode, slot, content, out_fd, err))
        return true;
    return fail_in(err, "'%s'", text_safe(txn->arena, entry->change.path));
}

bool stage_read(Txn *txn, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    if (!txn->host || !txn->host->read(txn->host->context, arena, hash, out, err))
        return txn->host ? false : fail(err, ERR_NOT_FOUND, "the content is not at hand");
    Hash actual = hash_of(*out);
    if (!hash_equal(&actual, hash))
        return fail(err, ERR_CORRUPT, "content that was asked for by hash has another");
    return true;
}

/* All objects of a root */

static bool sync_files(Stage *stage, Error *err)
{
    bool ok = true;
    for (size_t i = 0; i < stage->open; i++) {
        ok = ok && txn_sync(stage->txn, stage->fds[i], "staged file", err);
        fd_close(&stage->fds[i]);
    }
    stage->open = 0;
    return ok;
}

static void stage_close(Stage *stage)
{
    for (size_t i = 0; i < stage->open; i++)
        fd_close(&stage->fds[i]);
}

static bool stage_folder(Stage *stage, Str slot, Error *err)
{
    Txn *txn = stage->txn;
    Str folder = path_folder(slot);
    if (!folder.len || str_equal(folder, stage->last_folder))
        return true;
    for (size_t i = 1; i <= folder.len; i++) {
        bool made;
        if (i != folder.len && folder.data[i] != '/')
            continue;
        Str part = str_slice(folder, 0, i);
        if (!fs_make_folder_at(txn->handles[stage->root].new_fd, part, 0777, &made, err))
            return false;
        if (made)
            ARRAY_PUSH(txn->arena, &stage->folders, part);
    }
    stage->last_folder = folder;
    return true;
}

static bool stage_entry(Stage *stage, const JournalEntry *entry, Error *err)
{
    Txn *txn = stage->txn;
    Str content;
    Str slot = entry_slot(txn, stage->root, entry);
    if (!interrupt_check(err) || !stage_folder(stage, slot, err))
        return false;
    SCOPED(arena_close) Arena *scratch = arena_open();
    if (!stage_read(txn, scratch, &entry->change.new_hash, &content, err))
        return fail_in(err, "'%s'", text_safe(txn->arena, entry->change.path));
    stage->bytes += content.len;
    int fd;
    if (!stage_one(txn, stage->root, entry, entry->change.new_mode, slot, content, &fd, err))
        return false;
    if (fd >= 0 && stage->sync_all) {
        fd_close(&fd);
    } else if (fd >= 0) {
        /* the disk begins now, so that the syncs later find little left to do */
        (void)!sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
        stage->fds[stage->open++] = fd;
    }
    return stage->open < OPEN_AT_ONCE || sync_files(stage, err);
}

static bool sync_folders(Stage *stage, Error *err)
{
    const RootHandle *handle = &stage->txn->handles[stage->root];
    for (size_t i = 0; i < stage->folders.count; i++) {
        SCOPED(fd_close) int fd = -1;
        if (!fs_open_folder(handle->new_fd, stage->folders.items[i], &fd, err) ||
            !txn_sync(stage->txn, fd, "staged folder", err))
            return false;
    }
    return txn_sync(stage->txn, handle->new_fd, "staging folder", err);
}

static bool stage_objects(Stage *stage, Error *err)
{
    const JournalRoot *root = &stage->txn->journal.roots.items[stage->root];
    stage->sync_all = root->entries.count >= SYNC_ALL_FROM;
    for (size_t i = 0; i < root->entries.count; i++) {
        txn_at(stage->txn, stage->root, &root->entries.items[i]);
        if (!entry_deletes(&root->entries.items[i]) &&
            !stage_entry(stage, &root->entries.items[i], err))
            return false;
    }
    txn_at(stage->txn, stage->root, NULL);
    if (stage->sync_all)
        return txn_sync_all(stage->txn, stage->txn->handles[stage->root].new_fd, "staging folder",
                            err);
    return sync_files(stage, err) && sync_folders(stage, err);
}

/* The staging folder */

bool stage_make_folder(Txn *txn, size_t index, Error *err)
{
    const JournalRoot *root = &txn->journal.roots.items[index];
    RootHandle *handle = &txn->handles[index];
    const char *name = txn_stage_name(txn->arena, &txn->journal, index);
    FsStat st;
    bool made;
    if (!fs_make_folder_at(handle->fd, str_of(root->staging), 0777, &made, err) ||
        !fs_make_folder_at(handle->fd, str_of(name), 0700, &made, err) ||
        !fs_open_folder(handle->fd, str_of(name), &handle->stage_fd, err) ||
        !fs_stat_fd(handle->stage_fd, &st, err))
        return false;
    if (st.device != root->device)
        return fail(err, ERR_UNSUPPORTED, "'%s' lies on another file system than its folder",
                    root->staging);
    return fs_create_at(handle->stage_fd, STR(".gitignore"), STR("*\n"), 0600, false, err) &&
           fs_make_folder_at(handle->stage_fd, STR("new"), 0700, &made, err) &&
           fs_open_folder(handle->stage_fd, STR("new"), &handle->new_fd, err);
}

/* After this a crash leaves a staging folder that can be found from either side. */
static bool seal_folder(Txn *txn, size_t index, Error *err)
{
    const RootHandle *handle = &txn->handles[index];
    const JournalRoot *root = &txn->journal.roots.items[index];
    SCOPED(fd_close) int staging = -1;
    Str pointer = journal_write_root(txn->arena, &txn->journal, index);
    return fs_create_at(handle->stage_fd, STR("pointer"), pointer, 0600, true, err) &&
           txn_sync(txn, handle->stage_fd, "staging folder", err) &&
           fs_open_folder(handle->fd, str_of(root->staging), &staging, err) &&
           txn_sync(txn, staging, "staging folder", err) &&
           (!root->made_staging || txn_sync(txn, handle->fd, "root", err));
}

static bool check_room(const Stage *stage, Error *err)
{
    struct statvfs fs;
    if (fstatvfs(stage->txn->handles[stage->root].fd, &fs) != 0)
        return fail_errno(err, "cannot see how much space is free");
    uint64_t wanted = stage->bytes / 20 > FREE_AT_LEAST ? stage->bytes / 20 : FREE_AT_LEAST;
    if (fs.f_blocks && (uint64_t)fs.f_bavail * fs.f_frsize < wanted)
        return fail(err, ERR_DISK_FULL, "the file system of '%s' is nearly full",
                    text_safe(stage->txn->arena,
                              str_of(stage->txn->journal.roots.items[stage->root].path)));
    return true;
}

bool txn_stage(Txn *txn, Error *err)
{
    for (size_t i = 0; i < txn->journal.roots.count; i++) {
        SCOPED(stage_close) Stage stage = {.txn = txn, .root = i};
        txn_at(txn, i, NULL);
        if (!stage_make_folder(txn, i, err) || !find_units(txn, i, err) ||
            !stage_objects(&stage, err) || !seal_folder(txn, i, err) || !check_room(&stage, err))
            return false;
    }
    txn_nowhere(txn);
    Str journal = journal_write(txn->arena, &txn->journal);
    return fs_create_at(txn->dir_fd, STR("journal"), journal, 0600, true, err) &&
           txn_sync(txn, txn->dir_fd, "journal folder", err);
}
