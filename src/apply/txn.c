#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "apply/apply_internal.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"

static void close_handle(RootHandle *handle)
{
    fd_close(&handle->new_fd);
    fd_close(&handle->stage_fd);
    if (handle->own_fd)
        fd_close(&handle->fd);
}

void txn_close(Txn *txn)
{
    for (size_t i = 0; txn->handles && i < txn->journal.roots.count; i++)
        close_handle(&txn->handles[i]);
    fd_close(&txn->dir_fd); /* frees the owner's lock */
    fd_close(&txn->txns_fd);
}

const char *txn_stage_name(Arena *arena, const Journal *journal, size_t root)
{
    return arena_format(arena, "%s/txn-%s", journal->roots.items[root].staging, journal->id);
}

bool txn_sync(Txn *txn, int fd, const char *what, Error *err)
{
    if (fs_sync_fd(fd, what, err))
        return true;
    txn->sync_failed = true;
    return false;
}

bool txn_sync_all(Txn *txn, int fd, const char *what, Error *err)
{
    if (fs_sync_all_fd(fd, what, err))
        return true;
    txn->sync_failed = true;
    return false;
}

bool txn_unfinished(Error *err)
{
    char words[sizeof err->message];
    (void)snprintf(words, sizeof words, "%s", err->message);
    return fail(err, ERR_UNFINISHED_APPLY, "an apply was begun but not finished: %.900s", words);
}

bool txn_mark(Txn *txn, const char *mark, Error *err)
{
    bool there;
    if (!txn_has_mark(txn, mark, &there, err))
        return false;
    if (!there && !fs_create_at(txn->dir_fd, str_of(mark), (Str){0}, 0600, false, err))
        return false;
    return txn_sync(txn, txn->dir_fd, "journal folder", err);
}

bool txn_has_mark(const Txn *txn, const char *mark, bool *has, Error *err)
{
    FsStat st;
    return fs_stat_at(txn->dir_fd, str_of(mark), has, &st, err);
}

void txn_at(Txn *txn, size_t root, const JournalEntry *entry)
{
    txn->at = entry ? (ApplyPlace){root, entry->change.path, entry->change.group, {{0}}}
                    : (ApplyPlace){.root = root, .group = APPLY_RECORD};
}

void txn_nowhere(Txn *txn)
{
    txn->at = (ApplyPlace){.root = SIZE_MAX, .group = APPLY_RECORD};
}

void txn_note(Txn *txn, ApplyPlaces *places, size_t root, const JournalEntry *entry, Hash hash)
{
    for (size_t i = 0; i < places->count; i++)
        if (places->items[i].root == root && str_equal(places->items[i].path, entry->change.path) &&
            hash_equal(&places->items[i].hash, &hash))
            return;
    ApplyPlace place = {root, entry->change.path, entry->change.group, hash};
    ARRAY_PUSH(txn->arena, places, place);
}

static bool sync_folder_of(Txn *txn, size_t root, Str path, Error *err)
{
    SCOPED(fd_close) int fd = -1;
    return fs_open_folder(txn->handles[root].fd, path_folder(path), &fd, err) &&
           txn_sync(txn, fd, "folder", err);
}

bool txn_is_second_name(const Txn *txn, size_t root, Str slot, Str path)
{
    FsStat held, live;
    bool in_staging, there;
    Error ignored; /* what cannot be looked at counts as another one */
    return fs_stat_at(txn->handles[root].new_fd, slot, &in_staging, &held, &ignored) &&
           fs_stat_at(txn->handles[root].fd, path, &there, &live, &ignored) && in_staging &&
           there && held.kind == FS_FILE && held.inode == live.inode && held.device == live.device;
}

/* The folder it lay in may be gone: it is made again. Someone's file may stand there: then beside that. */
static bool find_room(Txn *txn, size_t root, Str *target, Error *err)
{
    bool clear = false;
    while (!clear) {
        if (!make_parents(txn, root, *target, &clear, err))
            return false;
        *target = clear ? *target : path_folder(*target);
    }
    return true;
}

bool txn_set_aside(Txn *txn, size_t root, Str slot, Str target, Error *err)
{
    enum { NAMES_AT_MOST = 1000 };
    Mover mover = txn_mover(txn, root);
    bool moved = false;
    Str beside = {0};
    if (!find_room(txn, root, &target, err))
        return false;
    for (int i = 1; !moved && i < NAMES_AT_MOST; i++) {
        beside = str_of(arena_format(txn->arena, "%.*s.weir-kept-%d", STR_ARG(target), i));
        /* a crash came when it had its new name already: without an exchange that is a second one */
        moved = txn_is_second_name(txn, root, slot, beside);
        if (moved ? !fs_remove_at(mover.new_fd, slot, false, err)
                  : !move_in(&mover, slot, beside, &moved, err))
            return fail_in(err, "to set aside what was found in staging");
    }
    if (!moved)
        return fail(err, ERR_EXISTS, "there is no room beside '%s' for what was found in staging",
                    text_safe(txn->arena, target));
    ApplyPlace place = {root, beside, txn->place.group, {{0}}};
    ARRAY_PUSH(txn->arena, &txn->result.late, place);
    return sync_folder_of(txn, root, beside, err);
}

/* A save that its own author has replaced while we moved: not live any more, but not lost either. What he
 * still writes to keeps a name, because it has no content yet that could be kept. */
static bool keep_save(void *context, int dir_fd, Str path, Error *err)
{
    Txn *txn = context;
    Object object;
    Str bytes;
    SCOPED(arena_close) Arena *arena = arena_open();
    if (!object_look(dir_fd, path, &object, err))
        return false;
    if (object_absent(&object))
        return true;
    if (object.strange || object.in_use || !txn->host)
        return txn_set_aside(txn, txn->place.root, path, txn->place.path, err);
    bool read = object.mode == MODE_LINK
                    ? fs_read_link_at(arena, dir_fd, path, &bytes, err)
                    : fs_read_at(arena, dir_fd, path, UINT64_MAX - 1, &bytes, err);
    if (!read)
        return false;
    Hash hash = hash_of(bytes);
    if (!txn->host->keep_old(txn->host->context, bytes, &hash, err))
        return false;
    if (txn->host->keep_sync && !txn->host->keep_sync(txn->host->context, err))
        return false;
    txn->place.hash = hash;
    ARRAY_PUSH(txn->arena, &txn->result.late, txn->place);
    return true;
}

Mover txn_mover(Txn *txn, size_t root)
{
    RootHandle *handle = &txn->handles[root];
    return (Mover){handle->fd, handle->new_fd, &handle->weaker, keep_save, txn};
}

/* Beginning */

static bool fill_journal(Txn *txn, const ApplySpec *spec, Error *err)
{
    Journal *journal = &txn->journal;
    *journal = (Journal){.id = spec->id, .home = spec->home, .payload = spec->payload};
    txn->handles = ARENA_ARRAY(txn->arena, RootHandle, spec->root_count);
    for (size_t i = 0; i < spec->root_count; i++) {
        txn->handles[i] = (RootHandle){.fd = spec->roots[i].fd, .stage_fd = -1, .new_fd = -1};
        if (!journal_add_root(txn->arena, journal, &spec->roots[i], err))
            return false;
        FsStat st, staging;
        bool found;
        JournalRoot *root = &journal->roots.items[i];
        if (!fs_stat_fd(spec->roots[i].fd, &st, err) ||
            !fs_stat_at(spec->roots[i].fd, str_of(root->staging), &found, &staging, err))
            return false;
        root->device = st.device;
        root->inode = st.inode;
        root->made_staging = !found;
        for (size_t other = 0; other < i; other++)
            if (journal->roots.items[other].inode == st.inode &&
                journal->roots.items[other].device == st.device)
                return fail(err, ERR_INVALID, "two roots of an apply are the same folder");
    }
    return true;
}

/* Another weir's recovery may come between the making of the folder and our lock on it, and tidy it
 * away: then the folder we hold is no longer the one that is there. */
static bool claim_folder(Txn *txn, bool *ours, Error *err)
{
    FsStat held, there;
    bool found;
    bool made;
    Str id = str_of(txn->journal.id);
    if (!fs_make_folder_at(txn->txns_fd, id, 0700, &made, err))
        return false;
    if (!made)
        return fail(err, ERR_EXISTS, "an apply '%s' is there already", txn->journal.id);
    if (!fs_open_folder(txn->txns_fd, id, &txn->dir_fd, err))
        return false;
    if (flock(txn->dir_fd, LOCK_EX) != 0)
        return fail_errno(err, "cannot lock the journal");
    if (!fs_stat_fd(txn->dir_fd, &held, err) || !fs_stat_at(txn->txns_fd, id, &found, &there, err))
        return false;
    *ours = found && there.inode == held.inode && there.device == held.device;
    if (!*ours)
        fd_close(&txn->dir_fd);
    return true;
}

static bool begin_folder(Txn *txn, Error *err)
{
    bool made, ours = false;
    if (!fs_make_folder_at(txn->home_fd, STR("txn"), 0700, &made, err) ||
        !fs_open_folder(txn->home_fd, STR("txn"), &txn->txns_fd, err))
        return false;
    if (made && !txn_sync(txn, txn->home_fd, "weir's home", err))
        return false;
    while (!ours)
        if (!claim_folder(txn, &ours, err))
            return false;
    return true;
}

/* Until `roots` is durable nothing is made in any root: so whatever is found there can be traced back. */
bool txn_begin(Txn *txn, const ApplySpec *spec, Error *err)
{
    if (!fill_journal(txn, spec, err) || !begin_folder(txn, err))
        return false;
    Str roots = journal_write_roots(txn->arena, &txn->journal);
    return fs_create_at(txn->dir_fd, STR("roots"), roots, 0600, true, err) &&
           txn_sync(txn, txn->dir_fd, "journal folder", err) &&
           txn_sync(txn, txn->txns_fd, "journal folder", err);
}

static bool find_units(Txn *txn, size_t root, Error *err)
{
    RootHandle *handle = &txn->handles[root];
    const JournalRoot *from = &txn->journal.roots.items[root];
    handle->unit_waits = ARENA_ARRAY(txn->arena, bool, from->units.count + 1);
    for (size_t i = 0; i < from->units.count; i++) {
        FsStat st;
        const char *name = arena_format(txn->arena, "u%zu", i);
        if (!fs_stat_at(handle->new_fd, str_of(name), &handle->unit_waits[i], &st, err))
            return false;
    }
    return true;
}

bool txn_open_stage(Txn *txn, size_t root, Error *err)
{
    RootHandle *handle = &txn->handles[root];
    FsStat st;
    bool found;
    Str name = str_of(txn_stage_name(txn->arena, &txn->journal, root));
    if (!fs_stat_at(handle->fd, name, &found, &st, err))
        return false;
    if (!found)
        return true;
    if (!fs_open_folder(handle->fd, name, &handle->stage_fd, err) ||
        !fs_stat_at(handle->stage_fd, STR("new"), &found, &st, err))
        return false;
    return !found || (fs_open_folder(handle->stage_fd, STR("new"), &handle->new_fd, err) &&
                      find_units(txn, root, err));
}
