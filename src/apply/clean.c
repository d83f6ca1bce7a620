#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "apply/apply_internal.h"
#include "base/path.h"

bool txn_finish(Txn *txn, Error *err)
{
    ApplyFinish finish = {txn->journal.id, txn->journal.payload, txn->result.failed};
    return txn->host->finish(txn->host->context, &finish, err) || txn_unfinished(err);
}

/* The entry whose object may lie under this name in new/: "7", "o7", "a7" or "a7o". NULL: none. */
static const JournalEntry *entry_of_slot(const JournalRoot *root, Str name)
{
    uint64_t index;
    if (name.len && (name.data[0] == 'o' || name.data[0] == 'a'))
        name = str_slice(name, 1, name.len);
    if (str_ends(name, STR("o")))
        name = str_slice(name, 0, name.len - 1);
    if (!str_to_u64(name, &index) || index >= root->entries.count)
        return NULL;
    return &root->entries.items[index];
}

static bool is_ours(const Txn *txn, const JournalEntry *entry, const Object *object)
{
    const ApplyEntry *change = &entry->change;
    if (object_is(object, change->old_mode, &change->old_hash) ||
        object_is(object, change->new_mode, &change->new_hash))
        return true;
    for (size_t i = 0; i < txn->amendments.count; i++)
        if (object_is(object, MODE_FILE, &txn->amendments.items[i].hash))
            return true;
    return false;
}

/* An open() that had found the old object before weir took it away, and was held up since, finds that it
 * may not write: it fails where the program sees it, instead of writing to what is about to go. Root still
 * may. */
static void take_write_permission(int fd, mode_t *mode)
{
    struct stat st;
    *mode = 0;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
        fchmod(fd, st.st_mode & 07555) == 0)
        *mode = st.st_mode & 07777;
}

/* A save that its author has replaced himself was kept when it was met. */
static bool is_kept(const Txn *txn, size_t root, const JournalEntry *entry, const Object *object)
{
    for (size_t i = 0; i < txn->result.late.count; i++) {
        const ApplyPlace *late = &txn->result.late.items[i];
        if (late->root == root && str_equal(late->path, entry->change.path) &&
            hash_equal(&late->hash, &object->hash))
            return true;
    }
    return false;
}

/* Someone may have written to an old object, or be about to, whose open came to its end only after weir had
 * looked: that is his, and gets a name beside the new one. */
static bool keep_if_late(Txn *txn, size_t index, const JournalEntry *entry, Str name, Error *err)
{
    const RootHandle *handle = &txn->handles[index];
    Object object;
    mode_t mode;
    SCOPED(fd_close)
    int fd = fs_open_at(handle->new_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    take_write_permission(fd, &mode);
    if (!object_look(handle->new_fd, name, &object, err))
        return false;
    bool known = is_ours(txn, entry, &object) || is_kept(txn, index, entry, &object);
    if (!object.in_use && known)
        return true;
    /* without an exchange it gets a second name before it is replaced: a crash came in between */
    if (txn_is_second_name(txn, index, name, entry->change.path))
        return true;
    if (mode && fchmod(fd, mode) != 0)
        return fail_errno(err, "cannot give back the mode of a file that was replaced");
    txn->place = (ApplyPlace){index, entry->change.path, entry->change.group, {{0}}};
    return txn_set_aside(txn, index, name, entry->change.path, err);
}

bool txn_keep_late(Txn *txn, size_t index, Error *err)
{
    const JournalRoot *root = &txn->journal.roots.items[index];
    FsNames names;
    if (!fs_list(txn->arena, txn->handles[index].new_fd, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        const JournalEntry *entry = entry_of_slot(root, names.items[i].name);
        if (entry && !keep_if_late(txn, index, entry, names.items[i].name, err))
            return false;
    }
    return true;
}

/* The staging folder itself goes when weir made it for this apply, or when a record in it was deleted and
 * its folder need not stay: pruning could not take it while the staging was in it. */
static bool staging_may_go(const JournalRoot *root)
{
    Str staging = str_of(root->staging);
    bool deleted = false;
    for (size_t i = 0; i < root->entries.count; i++) {
        const ApplyEntry *change = &root->entries.items[i].change;
        deleted |= change->new_mode == MODE_NONE && change->keep_bytes < staging.len &&
                   path_is_inside(change->path, staging);
    }
    return root->made_staging || deleted;
}

static bool clean_root(Txn *txn, size_t index, bool committed, Error *err)
{
    const JournalRoot *root = &txn->journal.roots.items[index];
    RootHandle *handle = &txn->handles[index];
    const char *name = txn_stage_name(txn->arena, &txn->journal, index);
    if (handle->fd < 0)
        return true;
    if (committed && handle->new_fd >= 0 && !txn_keep_late(txn, index, err))
        return false;
    if (!fs_remove_all_at(handle->fd, str_of(name), err))
        return false;
    SCOPED(fd_close)
    int staging = fs_open_at(handle->fd, str_of(root->staging), O_RDONLY | O_DIRECTORY, 0);
    if (staging < 0)
        return errno == ENOENT || fail_errno(err, "cannot open '%s'", root->staging);
    bool removed = false;
    if (!txn_sync(txn, staging, "staging folder", err) ||
        (staging_may_go(root) &&
         !fs_remove_empty_folder_at(handle->fd, str_of(root->staging), &removed, err)))
        return false;
    return !removed || txn_sync(txn, handle->fd, "root", err);
}

/* The journal goes only when no staging can come back after a power loss, and COMMIT goes before the rest:
 * a journal without COMMIT is only ever tidied away, never carried on with. */
bool txn_clean(Txn *txn, Error *err)
{
    bool committed, removed;
    if (!txn_has_mark(txn, MARK_COMMIT, &committed, err))
        return false;
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        if (!clean_root(txn, i, committed, err))
            return false;
    if (committed && (!fs_remove_at(txn->dir_fd, STR(MARK_COMMIT), false, err) ||
                      !txn_sync(txn, txn->dir_fd, "journal folder", err)))
        return false;
    FsNames names;
    if (!fs_list(txn->arena, txn->dir_fd, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++)
        if (!fs_remove_at(txn->dir_fd, names.items[i].name, false, err))
            return false;
    return fs_remove_empty_folder_at(txn->txns_fd, str_of(txn->journal.id), &removed, err);
}
