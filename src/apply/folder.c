#include <errno.h>
#include <fcntl.h>

#include "apply/apply_internal.h"
#include "base/map.h"
#include "base/path.h"
#include "base/text.h"

/* On the way to something new */

/* Outermost first: what is below a thing that is no folder cannot be there. */
static bool folder_taken(Txn *txn, size_t root, Str folder, bool *there, bool *taken, Error *err)
{
    const JournalEntry *file = journal_find(&txn->journal.roots.items[root], folder, NULL);
    Object object;
    FsStat st;
    if (!fs_stat_at(txn->handles[root].fd, folder, there, &st, err))
        return false;
    if (!*there || st.kind == FS_FOLDER)
        return true;
    *there = false;
    if (!object_look(txn->handles[root].fd, folder, &object, err))
        return false;
    *taken = !(file && entry_deletes(file) &&
               object_is(&object, file->change.old_mode, &file->change.old_hash));
    return true;
}

bool way_is_taken(Txn *txn, size_t root, const JournalEntry *entry, bool *out, Error *err)
{
    Str path = entry->change.path;
    bool there = true;
    *out = false;
    for (size_t i = 0; there && i < path.len; i++)
        if (path.data[i] == '/' &&
            !folder_taken(txn, root, str_slice(path, 0, i), &there, out, err))
            return false;
    return true;
}

static bool make_parent(Txn *txn, size_t root, Str folder, bool *ok, Error *err)
{
    const RootHandle *handle = &txn->handles[root];
    Object object;
    bool made;
    if (!object_look(handle->fd, folder, &object, err))
        return false;
    *ok = object.mode == MODE_NONE; /* no file or link of someone's is there */
    if (object.strange || !*ok)
        return true;
    SCOPED(fd_close) int parent = -1;
    return fs_make_folder_at(handle->fd, folder, 0777, &made, err) &&
           fs_open_folder(handle->fd, path_folder(folder), &parent, err) &&
           txn_sync(txn, parent, "folder", err);
}

bool make_parents(Txn *txn, size_t root, Str path, bool *ok, Error *err)
{
    *ok = true;
    for (size_t i = 0; *ok && i < path.len; i++)
        if (path.data[i] == '/' && !make_parent(txn, root, str_slice(path, 0, i), ok, err))
            return false;
    return true;
}

/* Which folders still get something: asked for each file that goes, looked for once. */
typedef struct {
    Arena *arena;
    const JournalRoot *root;
    Map *known; /* folder to bool */
} Staying;

static bool stays_below(Staying *staying, Str folder)
{
    bool *known = map_find(staying->known, folder);
    if (!known) {
        known = ARENA_NEW(staying->arena, bool);
        *known = journal_stays_below(staying->root, folder);
        map_put(staying->known, folder, known);
    }
    return *known;
}

/* Up from `folder` while they are empty. Never one that holds anything, nor one that still gets something. */
static bool prune_up(Txn *txn, size_t root, Staying *staying, Str folder, size_t keep_bytes,
                     Error *err)
{
    bool removed = true;
    for (; removed && folder.len > keep_bytes; folder = path_folder(folder)) {
        if (stays_below(staying, folder))
            return true;
        if (!fs_remove_empty_folder_at(txn->handles[root].fd, folder, &removed, err))
            return false;
    }
    return true;
}

/* What was moved out of a folder must be durable in staging before the folder itself goes. */
static bool sync_staging_once(Txn *txn, size_t root, bool *synced, Error *err)
{
    bool ok = *synced || txn_sync(txn, txn->handles[root].new_fd, "staging folder", err);
    *synced = true;
    return ok;
}

bool prune_folders(Txn *txn, size_t root, bool giving_way, Error *err)
{
    const JournalRoot *from = &txn->journal.roots.items[root];
    Staying staying = {txn->arena, from, map_new(txn->arena, 0)};
    bool synced = false;
    for (size_t i = from->entries.count; i-- > 0;) {
        const JournalEntry *entry = &from->entries.items[i];
        if (!entry_deletes(entry) || entry_gives_way(from, entry) != giving_way)
            continue;
        Str folder = path_folder(entry->change.path);
        if (folder.len > entry->change.keep_bytes &&
            (!sync_staging_once(txn, root, &synced, err) ||
             !prune_up(txn, root, &staying, folder, entry->change.keep_bytes, err)))
            return false;
    }
    return true;
}

/* After going back: the folders that came with a unit, as far as nobody has put anything in them. */
bool prune_created(Txn *txn, size_t root, Error *err)
{
    const JournalRoot *from = &txn->journal.roots.items[root];
    bool synced = false;
    for (size_t i = from->entries.count; i-- > 0;) {
        const JournalEntry *entry = &from->entries.items[i];
        if (entry->unit == JOURNAL_NO_UNIT || in_waiting_unit(txn, root, entry))
            continue;
        bool removed = sync_staging_once(txn, root, &synced, err);
        if (!removed)
            return false;
        Str unit = from->units.items[entry->unit];
        for (Str folder = path_folder(entry->change.path); removed && folder.len >= unit.len;
             folder = path_folder(folder))
            if (!fs_remove_empty_folder_at(txn->handles[root].fd, folder, &removed, err))
                return false;
    }
    return true;
}

/* Syncs the nearest folder that is there: where `folder` itself has gone, that is what changed. */
static bool sync_nearest(Txn *txn, size_t root, Str folder, Map *synced, Error *err)
{
    for (;; folder = path_folder(folder)) {
        Str key = folder.len ? folder : STR("/");
        if (map_find(synced, key))
            return true;
        SCOPED(fd_close)
        int fd = fs_open_at(txn->handles[root].fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
        map_put(synced, key, txn);
        if (fd >= 0)
            return txn_sync(txn, fd, "folder", err);
        if (!folder.len || (errno != ENOENT && errno != ENOTDIR && errno != ELOOP))
            return fail_errno(err, "cannot open '%s'", text_safe(txn->arena, folder));
    }
}

bool sync_targets(Txn *txn, size_t root, Error *err)
{
    const JournalRoot *from = &txn->journal.roots.items[root];
    Map *synced = map_new(txn->arena, from->entries.count);
    for (size_t i = 0; i < from->entries.count; i++) {
        const JournalEntry *entry = &from->entries.items[i];
        /* after going back it may have come with its unit, which was still whole in staging, or alone */
        bool whole = entry->unit != JOURNAL_NO_UNIT;
        bool alone = !whole || txn->went_back;
        if ((whole &&
             !sync_nearest(txn, root, path_folder(from->units.items[entry->unit]), synced, err)) ||
            (alone && !sync_nearest(txn, root, path_folder(entry->change.path), synced, err)))
            return false;
    }
    return true;
}
