#include <errno.h>
#include <fcntl.h>

#include "apply/apply_internal.h"
#include "base/path.h"
#include "base/text.h"

/* What this apply deletes, still as it was: what someone has put there since will not go away. */
static bool will_go(Txn *txn, size_t root, Str path, bool *out, Error *err)
{
    const JournalEntry *entry = journal_find(&txn->journal.roots.items[root], path, NULL);
    Object object;
    *out = false;
    if (!entry || !entry_deletes(entry))
        return true;
    if (!object_look(txn->handles[root].fd, path, &object, err))
        return false;
    *out = object_is(&object, entry->change.old_mode, &entry->change.old_hash);
    return true;
}

/* A folder that is to become a file may hold only what this apply deletes. */
static bool holds_only_deleted(Txn *txn, size_t root, Str folder, bool *out, Error *err)
{
    const JournalRoot *from = &txn->journal.roots.items[root];
    SCOPED(fd_close) int fd = -1;
    FsNames names;
    if (!fs_open_folder(txn->handles[root].fd, folder, &fd, err) ||
        !fs_list(txn->arena, fd, &names, err))
        return false;
    *out = true;
    for (size_t i = 0; *out && i < names.count; i++) {
        Str path = str_of(path_join(txn->arena, folder, names.items[i].name));
        bool nested = names.items[i].kind == FS_FOLDER &&
                      journal_first_below(from, path) < from->entries.count;
        if (nested ? !holds_only_deleted(txn, root, path, out, err)
                   : !will_go(txn, root, path, out, err))
            return false;
    }
    return true;
}

bool folder_gives_way(Txn *txn, size_t root, Str folder, bool *out, Error *err)
{
    const JournalRoot *from = &txn->journal.roots.items[root];
    *out = false;
    if (journal_first_below(from, folder) == from->entries.count)
        return true;
    SCOPED(fd_close)
    int fd = fs_open_at(txn->handles[root].fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd < 0) /* ELOOP: someone's link leads there */
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
               fail_errno(err, "cannot open '%s'", text_safe(txn->arena, folder));
    return holds_only_deleted(txn, root, folder, out, err);
}

static bool check_device(Txn *txn, size_t root, Str folder, Error *err)
{
    FsStat st;
    bool found;
    if (!fs_stat_at(txn->handles[root].fd, folder, &found, &st, err))
        return false;
    if (found && st.device != txn->journal.roots.items[root].device)
        return fail(err, ERR_UNSUPPORTED, "'%s' is on another file system than its project",
                    text_safe(txn->arena, folder));
    return true;
}

/* Someone renamed it away, or replaced it, between the look and the reading: that is a save, not an error. */
static bool gone_since(int fd, const ApplyEntry *change, bool *as_planned)
{
    Object now;
    Error ignored; /* the first error is the one to tell */
    *as_planned = !object_look(fd, change->path, &now, &ignored) ||
                  object_is(&now, change->old_mode, &change->old_hash);
    return !*as_planned;
}

static bool keep_old(Txn *txn, size_t root, const JournalEntry *entry, bool *as_planned, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const ApplyEntry *change = &entry->change;
    int fd = txn->handles[root].fd;
    Str bytes;
    bool read = change->old_mode == MODE_LINK
                    ? fs_read_link_at(scratch, fd, change->path, &bytes, err)
                    : fs_read_at(scratch, fd, change->path, UINT64_MAX - 1, &bytes, err);
    if (!read)
        return gone_since(fd, change, as_planned);
    Hash hash = hash_of(bytes);
    *as_planned = hash_equal(&hash, &change->old_hash);
    return !*as_planned || txn->host->keep_old(txn->host->context, bytes, &hash, err);
}

static bool check_target(Txn *txn, size_t root, const JournalEntry *entry, bool *as_planned,
                         Error *err)
{
    const ApplyEntry *change = &entry->change;
    Object object;
    if (!object_look(txn->handles[root].fd, change->path, &object, err))
        return false;
    *as_planned = object_rests(&object, change->old_mode, &change->old_hash);
    if (*as_planned && change->old_mode != MODE_NONE)
        return keep_old(txn, root, entry, as_planned, err);
    if (!*as_planned && object.strange && entry_creates(entry))
        return folder_gives_way(txn, root, change->path, as_planned, err);
    return true;
}

static bool check_unit(Txn *txn, size_t root, size_t unit, bool *as_planned, Error *err)
{
    const JournalRoot *from = &txn->journal.roots.items[root];
    Str folder = from->units.items[unit];
    Object object;
    if (!check_device(txn, root, path_folder(folder), err) ||
        !object_look(txn->handles[root].fd, folder, &object, err))
        return false;
    const JournalEntry *file = journal_find(from, folder, NULL);
    *as_planned = object_absent(&object) || (file && entry_deletes(file));
    return true;
}

static bool check_entry(Txn *txn, size_t root, const JournalEntry *entry, bool *as_planned,
                        Error *err)
{
    if (entry->unit != JOURNAL_NO_UNIT)
        return check_unit(txn, root, entry->unit, as_planned, err);
    return check_device(txn, root, path_folder(entry->change.path), err) &&
           check_target(txn, root, entry, as_planned, err);
}

static bool check_root(Txn *txn, size_t root, bool *raced, Error *err)
{
    const JournalRoot *from = &txn->journal.roots.items[root];
    size_t last_unit = JOURNAL_NO_UNIT;
    bool as_planned = true;
    for (size_t i = 0; i < from->entries.count; i++) {
        const JournalEntry *entry = &from->entries.items[i];
        txn_at(txn, root, entry);
        bool same_unit = entry->unit != JOURNAL_NO_UNIT && entry->unit == last_unit;
        if (!same_unit && !check_entry(txn, root, entry, &as_planned, err))
            return false;
        last_unit = entry->unit;
        if (!as_planned) {
            *raced = true;
            txn_note(txn, &txn->result.raced, root, entry, (Hash){0});
        }
    }
    return true;
}

bool txn_check(Txn *txn, bool *raced, Error *err)
{
    *raced = false;
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        if (!check_root(txn, i, raced, err))
            return false;
    txn_nowhere(txn);
    return *raced || !txn->host->keep_sync || txn->host->keep_sync(txn->host->context, err);
}
