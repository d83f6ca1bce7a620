#include <errno.h>
#include <stdio.h>
#include <sys/file.h>

#include "apply/apply_internal.h"
#include "apply/lock.h"
#include "base/limits.h"
#include "base/name.h"

/* Says that a transaction waits for a root that is not there, so that work elsewhere may go on. */
#define MARK_WAITING "WAITING"
enum { JOURNAL_BYTES = 256 << 20 };

typedef struct {
    Txn txn;
    OperationLock *lock;
    bool committed, done, undone, gone;
    ApplyRecovered *item;
    int lock_timeout_ms;
} Recovery;

static void recovery_close(Recovery *recovery)
{
    txn_close(&recovery->txn);
    operation_lock_release(&recovery->lock);
}

static bool open_journal(Recovery *recovery, const char *id, Error *err)
{
    Txn *txn = &recovery->txn;
    FsStat held, there;
    bool found;
    if (!fs_open_folder(txn->txns_fd, str_of(id), &txn->dir_fd, err))
        return false;
    if (flock(txn->dir_fd, LOCK_EX | LOCK_NB) != 0)
        return fail(err, ERR_LOCKED, "its owner is at work");
    if (!fs_stat_fd(txn->dir_fd, &held, err) ||
        !fs_stat_at(txn->txns_fd, str_of(id), &found, &there, err))
        return false;
    recovery->gone = !found || there.inode != held.inode;
    return txn_has_mark(txn, MARK_COMMIT, &recovery->committed, err) &&
           txn_has_mark(txn, MARK_DONE, &recovery->done, err) &&
           txn_has_mark(txn, MARK_UNDONE, &recovery->undone, err);
}

/* Before COMMIT the list of roots is enough, and its absence means that nothing was staged. */
static bool read_journal(Recovery *recovery, const char *id, Error *err)
{
    Txn *txn = &recovery->txn;
    Error why;
    Str text;
    bool found;
    const char *name = recovery->committed ? "journal" : "roots";
    if (!fs_read_if_any(txn->arena, txn->dir_fd, str_of(name), JOURNAL_BYTES, &found, &text, err))
        return false;
    txn->journal = (Journal){.id = id};
    bool read = found && journal_parse(txn->arena, text, &txn->journal, &why);
    if (!read && recovery->committed)
        return fail(err, ERR_CORRUPT, "the journal of a committed apply cannot be read");
    if (read && !str_is(str_of(txn->journal.id), id))
        return fail(err, ERR_CORRUPT, "the journal in '%s' belongs to another apply", id);
    txn->handles = ARENA_ARRAY(txn->arena, RootHandle, txn->journal.roots.count + 1);
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        txn->handles[i] = (RootHandle){.fd = -1, .stage_fd = -1, .new_fd = -1};
    return true;
}

/* A root is the right one when our staging is in it, or when it is the very same folder. A device's number
 * may change with a reboot, so it does not count. */
static bool is_right_root(Txn *txn, size_t index, bool *out)
{
    FsStat st, staging;
    Error ignored;
    bool found = false;
    int fd = -1;
    const JournalRoot *root = &txn->journal.roots.items[index];
    const char *name = txn_stage_name(txn->arena, &txn->journal, index);
    *out = false;
    if (fs_open_root(root->path, &fd, &ignored) && fs_stat_fd(fd, &st, &ignored) &&
        fs_stat_at(fd, str_of(name), &found, &staging, &ignored))
        *out = found || st.inode == root->inode;
    fd_close(&fd);
    return *out;
}

static bool lock_roots(Recovery *recovery, Error *err)
{
    Txn *txn = &recovery->txn;
    Journal *journal = &txn->journal;
    LockFolder *folders = ARENA_ARRAY(txn->arena, LockFolder, journal->roots.count + 1);
    size_t *index = ARENA_ARRAY(txn->arena, size_t, journal->roots.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < journal->roots.count; i++) {
        bool right;
        const char *path = journal->roots.items[i].path;
        ARRAY_PUSH(txn->arena, &recovery->item->roots, str_of(path));
        if (!is_right_root(txn, i, &right)) {
            ARRAY_PUSH(txn->arena, &recovery->item->absent, str_of(path));
            continue;
        }
        index[count] = i;
        folders[count++] = (LockFolder){.path = path, .write = true};
    }
    if (!operation_lock_acquire(txn->arena, folders, count, recovery->lock_timeout_ms,
                                &recovery->lock, err))
        return false;
    for (size_t i = 0; i < count; i++)
        txn->handles[index[i]].fd = operation_lock_fd(recovery->lock, i);
    return true;
}

static bool open_roots(Recovery *recovery, Error *err)
{
    Txn *txn = &recovery->txn;
    for (size_t i = 0; i < txn->journal.roots.count; i++) {
        RootHandle *handle = &txn->handles[i];
        if (handle->fd < 0)
            continue;
        if (!txn_open_stage(txn, i, err))
            return false;
        bool lost =
            handle->new_fd < 0 && recovery->committed && !recovery->done && !recovery->undone;
        if (lost && (!fs_remove_all_at(handle->fd,
                                       str_of(txn_stage_name(txn->arena, &txn->journal, i)), err) ||
                     !stage_make_folder(txn, i, err)))
            return false;
    }
    return true;
}

static bool say_waiting(Recovery *recovery, Error *err)
{
    recovery->item->kind = RECOVERY_WAITING;
    return txn_mark(&recovery->txn, MARK_WAITING, err);
}

static bool carry_on(Recovery *recovery, Carried *out, Error *err)
{
    Txn *txn = &recovery->txn;
    *out = recovery->done ? CARRIED_DONE : CARRIED_UNDONE;
    if (recovery->committed && !recovery->done && !recovery->undone)
        return txn_carry_on(txn, out, err);
    if (recovery->committed && !txn_read_amend(txn, err))
        return false;
    return true;
}

static bool recover_one(Recovery *recovery, const char *id, Error *err)
{
    Txn *txn = &recovery->txn;
    Carried carried;
    if (!open_journal(recovery, id, err) || recovery->gone)
        return recovery->gone;
    if (!read_journal(recovery, id, err) || !lock_roots(recovery, err) ||
        !open_roots(recovery, err) || !carry_on(recovery, &carried, err))
        return false;
    if (carried == CARRIED_WAITING)
        return say_waiting(recovery, err);
    if (carried == CARRIED_DONE && recovery->committed && !txn_finish(txn, err))
        return false;
    recovery->item->kind = carried == CARRIED_DONE ? RECOVERY_FINISHED : RECOVERY_ROLLED_BACK;
    if (recovery->item->absent.count)
        return say_waiting(recovery, err);
    return txn_clean(txn, err);
}

static void recover_id(Arena *arena, int home_fd, int txns_fd, int lock_timeout_ms,
                       const ApplyHost *host, ApplyRecovered *item)
{
    SCOPED(recovery_close)
    Recovery recovery = {.item = item, .lock_timeout_ms = lock_timeout_ms};
    recovery.txn =
        (Txn){.arena = arena, .host = host, .home_fd = home_fd, .txns_fd = txns_fd, .dir_fd = -1};
    bool ok = recover_one(&recovery, item->id, &item->error);
    recovery.txn.txns_fd = -1; /* shared by all of them */
    if (!ok)
        item->kind = item->error.code == ERR_LOCKED ? RECOVERY_BUSY : RECOVERY_FAILED;
    item->result = recovery.txn.result;
    item->result.outcome = item->kind == RECOVERY_FINISHED ? APPLY_DONE : APPLY_RACED;
}

bool apply_recover(Arena *arena, const char *home, int home_fd, int lock_timeout_ms,
                   const ApplyHost *host, ApplyRecovery *out, Error *err)
{
    FsStat st;
    FsNames names;
    Error ignored;
    bool found;
    ApplyRecovery recovery = {0};
    SCOPED(fd_close) int txns_fd = -1;
    (void)home;
    if (!fs_stat_at(home_fd, STR("txn"), &found, &st, err))
        return false;
    if (found && (!fs_open_folder(home_fd, STR("txn"), &txns_fd, err) ||
                  !fs_list(arena, txns_fd, &names, err)))
        return false;
    for (size_t i = 0; found && i < names.count; i++) {
        if (!name_check_component(names.items[i].name, &ignored))
            continue;
        ApplyRecovered item = {.id = arena_text(arena, names.items[i].name)};
        recover_id(arena, home_fd, txns_fd, lock_timeout_ms, host, &item);
        ARRAY_PUSH(arena, &recovery, item);
    }
    *out = recovery;
    return true;
}

/* A root that someone else's apply was in */

/* All old from what is in staging; what a user has changed since stays as he left it. */
static bool restore_root(Arena *arena, int root_fd, const Journal *journal, Error *err)
{
    RootHandle handle = {.fd = root_fd, .stage_fd = -1, .new_fd = -1};
    SCOPED(txn_close)
    Txn txn = {.arena = arena,
               .home_fd = -1,
               .txns_fd = -1,
               .dir_fd = -1,
               .journal = *journal,
               .handles = &handle};
    Str stage = str_of(txn_stage_name(arena, journal, 0));
    const JournalRoot *root = &journal->roots.items[0];
    bool removed;
    return txn_open_stage(&txn, 0, err) && txn_put_back(&txn, err) &&
           (handle.new_fd < 0 || txn_keep_late(&txn, 0, err)) &&
           fs_remove_all_at(root_fd, stage, err) &&
           (!root->made_staging ||
            fs_remove_empty_folder_at(root_fd, str_of(root->staging), &removed, err));
}

static bool judge_pointer(Arena *arena, int root_fd, const Journal *pointer, int home_fd,
                          bool restore, Error *err)
{
    FsStat st;
    bool ours, waits;
    const char *own = arena_format(arena, "txn/%s", pointer->id);
    const char *waiting = arena_format(arena, "%s/%s", own, MARK_WAITING);
    if (!fs_stat_at(home_fd, str_of(own), &ours, &st, err) ||
        !fs_stat_at(home_fd, str_of(waiting), &waits, &st, err))
        return false;
    if (ours)
        return waits || fail(err, ERR_CHANGED, "an apply here was interrupted just now");
    if (fs_exists(arena_format(arena, "%s/%s", pointer->home, own)))
        return fail(err, ERR_INTERRUPTED_APPLY,
                    "an apply of the weir whose WEIR_HOME is '%s' was interrupted here",
                    pointer->home);
    if (restore)
        return restore_root(arena, root_fd, pointer, err);
    return fail(err, ERR_INTERRUPTED_APPLY,
                "an apply was interrupted here, and its journal in '%s' no longer exists",
                pointer->home) ||
           fail_hint(err, "Run the command with --apply: it puts the files back as they were.");
}

bool apply_check_root(Arena *arena, int root_fd, const char *staging, const char *home, int home_fd,
                      bool restore, Error *err)
{
    FsNames names = {0};
    FsStat st;
    bool found;
    SCOPED(fd_close) int fd = -1;
    (void)home;
    if (!fs_stat_at(root_fd, str_of(staging), &found, &st, err))
        return false;
    if (!found)
        return true;
    if (!fs_open_folder(root_fd, str_of(staging), &fd, err) || !fs_list(arena, fd, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        Journal pointer;
        Error torn; /* not yet sealed, or being tidied away: nothing here has been changed by it */
        Str text;
        const char *file = arena_format(arena, "%.*s/pointer", STR_ARG(names.items[i].name));
        if (!str_starts(names.items[i].name, STR("txn-")) ||
            !fs_read_at(arena, fd, str_of(file), JOURNAL_BYTES, &text, &torn) ||
            !journal_parse(arena, text, &pointer, &torn) || pointer.roots.count != 1)
            continue;
        if (!judge_pointer(arena, root_fd, &pointer, home_fd, restore, err))
            return false;
    }
    return true;
}
