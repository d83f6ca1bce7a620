#include "apply/apply_internal.h"
#include "base/path.h"
#include "base/text.h"

/* Places */

static size_t index_of(const Txn *txn, size_t root, const JournalEntry *entry)
{
    return (size_t)(entry - txn->journal.roots.items[root].entries.items);
}

bool in_waiting_unit(const Txn *txn, size_t root, const JournalEntry *entry)
{
    return entry->unit != JOURNAL_NO_UNIT && txn->handles[root].unit_waits &&
           txn->handles[root].unit_waits[entry->unit];
}

Str entry_slot(Txn *txn, size_t root, const JournalEntry *entry)
{
    if (!in_waiting_unit(txn, root, entry))
        return str_of(arena_format(txn->arena, "%zu", index_of(txn, root, entry)));
    Str unit = txn->journal.roots.items[root].units.items[entry->unit];
    Str rest = str_slice(entry->change.path, unit.len, entry->change.path.len);
    return str_of(arena_format(txn->arena, "u%zu%.*s", entry->unit, STR_ARG(rest)));
}

/* Where a replaced object goes when the file system cannot exchange. */
static Str entry_spare(Txn *txn, size_t root, const JournalEntry *entry)
{
    return str_of(arena_format(txn->arena, "o%zu", index_of(txn, root, entry)));
}

static void at_work(Txn *txn, size_t root, const JournalEntry *entry)
{
    txn->place = (ApplyPlace){root, entry->change.path, entry->change.group, {{0}}};
}

/* Looking */

typedef struct {
    Str slot_name, spare_name; /* of a replaced entry: where the object is, and the other name */
    Object slot, target;
    bool slot_new, slot_old, slot_absent; /* none of them: a user's save, moved by a crash */
    bool target_new, target_old;
} View;

static bool look_at_slot(Txn *txn, size_t root, Str name, Object *out, Error *err)
{
    *out = (Object){0};
    return txn->handles[root].new_fd < 0 || object_look(txn->handles[root].new_fd, name, out, err);
}

/* The way is clear where a folder stands that this apply empties, or where its own new folder has
 * come in place of a file it deletes. */
static bool target_is_ours(Txn *txn, size_t root, const JournalEntry *entry, bool *out, Error *err)
{
    if (entry_creates(entry))
        return folder_gives_way(txn, root, entry->change.path, out, err);
    *out = entry_deletes(entry) && entry_gives_way(&txn->journal.roots.items[root], entry) &&
           journal_first_below(&txn->journal.roots.items[root], entry->change.path) <
               txn->journal.roots.items[root].entries.count;
    return true;
}

static bool look_at_target(Txn *txn, size_t root, const JournalEntry *entry, Object *out,
                           Error *err)
{
    bool ours = false;
    if (!object_look(txn->handles[root].fd, entry->change.path, out, err))
        return false;
    if (out->strange && !target_is_ours(txn, root, entry, &ours, err))
        return false;
    if (ours)
        *out = (Object){0};
    return true;
}

static void judge(View *view, const ApplyEntry *change)
{
    view->slot_absent = object_absent(&view->slot);
    view->slot_new =
        !view->slot_absent && object_is(&view->slot, change->new_mode, &change->new_hash);
    view->slot_old =
        !view->slot_absent && object_is(&view->slot, change->old_mode, &change->old_hash);
    view->target_new = object_is(&view->target, change->new_mode, &change->new_hash);
    view->target_old = object_is(&view->target, change->old_mode, &change->old_hash);
}

/* With the fallback an old object may be under the spare name, alone or beside the new one. */
static bool consider_spare(Txn *txn, size_t root, const JournalEntry *entry, View *view, Error *err)
{
    Object spare;
    if (entry_creates(entry) || entry_deletes(entry))
        return true;
    if (!look_at_slot(txn, root, view->spare_name, &spare, err))
        return false;
    bool came_out =
        object_is(&spare, entry->change.old_mode, &entry->change.old_hash) && view->target_new;
    if (object_absent(&spare) || !(view->slot_absent || came_out))
        return true;
    Str name = view->slot_name;
    view->slot_name = view->spare_name;
    view->spare_name = name;
    view->slot = spare;
    judge(view, &entry->change);
    return true;
}

/* The fallback puts in place by a second name; a failure left the first one behind. */
static bool drop_second_name(Txn *txn, size_t root, View *view, Error *err)
{
    if (object_absent(&view->slot) || view->slot.strange ||
        view->slot.inode != view->target.inode || view->slot.device != view->target.device)
        return true;
    view->slot = (Object){0};
    return fs_remove_at(txn->handles[root].new_fd, view->slot_name, false, err);
}

static bool look(Txn *txn, size_t root, const JournalEntry *entry, View *view, Error *err)
{
    *view = (View){.slot_name = entry_slot(txn, root, entry),
                   .spare_name = entry_spare(txn, root, entry)};
    if (!look_at_slot(txn, root, view->slot_name, &view->slot, err) ||
        !look_at_target(txn, root, entry, &view->target, err) ||
        ((entry_creates(entry) || entry_deletes(entry)) && !drop_second_name(txn, root, view, err)))
        return false;
    judge(view, &entry->change);
    return consider_spare(txn, root, entry, view, err);
}

/* A crash came between a move and the look at what it brought: what is in the slot is a user's. The
 * move is taken back; what cannot go back, because he has saved again, is kept. */
static bool give_back(Txn *txn, size_t root, const JournalEntry *entry, const View *view,
                      EntryState *state, Error *err)
{
    Mover mover = txn_mover(txn, root);
    const ApplyEntry *change = &entry->change;
    bool replaces = !entry_creates(entry) && !entry_deletes(entry);
    bool going_back = entry_creates(entry) || (replaces && txn->went_back && view->target_old);
    bool moved = false;
    *state = going_back ? ENTRY_AFTER : ENTRY_BEFORE;
    if (!replaces && object_absent(&view->target)) {
        if (!move_in(&mover, view->slot_name, change->path, &moved, err))
            return false;
    } else if (replaces && (view->target_new || going_back)) {
        Wanted was_new = {change->new_mode, change->new_hash};
        Wanted was_old = {change->old_mode, change->old_hash};
        if (!move_swap(&mover, view->slot_name, view->spare_name, change->path,
                       view->target_new ? &was_new : &was_old, &moved, err))
            return false;
    }
    return moved || mover.keep(txn, mover.new_fd, view->slot_name, err);
}

static bool unit_in_the_way(Txn *txn, size_t root, const JournalEntry *entry, bool *out, Error *err)
{
    const JournalRoot *from = &txn->journal.roots.items[root];
    Object object;
    *out = false;
    if (!in_waiting_unit(txn, root, entry))
        return true;
    Str folder = from->units.items[entry->unit];
    const JournalEntry *file = journal_find(from, folder, NULL);
    if (!object_look(txn->handles[root].fd, folder, &object, err))
        return false;
    bool gives_way = file && entry_deletes(file) &&
                     object_is(&object, file->change.old_mode, &file->change.old_hash);
    *out = !gives_way && !object_absent(&object);
    return true;
}

static EntryState state_of(const JournalEntry *entry, const View *view)
{
    bool lost = view->slot_absent && !entry_creates(entry) && !entry_deletes(entry);
    bool waits = entry_deletes(entry) ? view->slot_absent : view->slot_new || lost;
    if (waits && view->target_old)
        return view->target.in_use ? ENTRY_BEFORE : ENTRY_DUE;
    if (view->target_new && (lost || !waits))
        return ENTRY_DONE;
    if (view->target_new)
        return ENTRY_SETTLED;
    return waits ? ENTRY_BEFORE : ENTRY_AFTER;
}

bool entry_look(Txn *txn, size_t root, const JournalEntry *entry, EntryState *out, Error *err)
{
    View view;
    bool in_the_way;
    at_work(txn, root, entry);
    if (!look(txn, root, entry, &view, err) || !unit_in_the_way(txn, root, entry, &in_the_way, err))
        return false;
    /* what somebody has open for writing came out from under his hands: nobody comes by it in staging */
    bool users = !view.slot_absent && (view.slot.in_use || (!view.slot_new && !view.slot_old));
    if (users)
        return give_back(txn, root, entry, &view, out, err);
    *out = in_the_way ? ENTRY_BEFORE : state_of(entry, &view);
    if (*out != ENTRY_DUE || !entry_creates(entry))
        return true;
    bool taken;
    if (!way_is_taken(txn, root, entry, &taken, err))
        return false;
    *out = taken ? ENTRY_BEFORE : ENTRY_DUE;
    return true;
}

/* Moving */

/* The slot has vanished, by someone's tidying hand: the content store still has what belongs there. */
static bool restage(Txn *txn, size_t root, const JournalEntry *entry, Str slot, Mode mode,
                    const Hash *hash, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    SCOPED(fd_close) int fd = -1;
    Str content;
    return stage_read(txn, scratch, hash, &content, err) &&
           stage_one(txn, root, entry, mode, slot, content, &fd, err) &&
           (fd < 0 || txn_sync(txn, fd, "staged file", err));
}

static bool replace_forward(Txn *txn, size_t root, const JournalEntry *entry, bool *moved,
                            Error *err)
{
    const ApplyEntry *change = &entry->change;
    Mover mover = txn_mover(txn, root);
    Wanted wanted = {change->old_mode, change->old_hash};
    Str slot = entry_slot(txn, root, entry);
    FsStat st;
    bool there;
    if (!fs_stat_at(mover.new_fd, slot, &there, &st, err))
        return false;
    if (!there && !restage(txn, root, entry, slot, change->new_mode, &change->new_hash, err))
        return false;
    return move_swap(&mover, slot, entry_spare(txn, root, entry), change->path, &wanted, moved,
                     err);
}

bool entry_forward(Txn *txn, size_t root, const JournalEntry *entry, bool *moved, Error *err)
{
    const ApplyEntry *change = &entry->change;
    Mover mover = txn_mover(txn, root);
    Str slot = entry_slot(txn, root, entry);
    at_work(txn, root, entry);
    if (entry_creates(entry)) {
        if (!make_parents(txn, root, change->path, moved, err))
            return false;
        return !*moved || move_in(&mover, slot, change->path, moved, err);
    }
    if (!entry_deletes(entry))
        return replace_forward(txn, root, entry, moved, err);
    Wanted wanted = {change->old_mode, change->old_hash};
    return move_out(&mover, change->path, slot, &wanted, moved, err);
}

static bool replace_back(Txn *txn, size_t root, const JournalEntry *entry, bool *moved, Error *err)
{
    const ApplyEntry *change = &entry->change;
    Mover mover = txn_mover(txn, root);
    Wanted wanted = {change->new_mode, change->new_hash};
    View view;
    if (!look(txn, root, entry, &view, err))
        return false;
    if (view.slot_absent &&
        !restage(txn, root, entry, view.slot_name, change->old_mode, &change->old_hash, err))
        return false;
    return move_swap(&mover, view.slot_name, view.spare_name, change->path, &wanted, moved, err);
}

bool entry_back(Txn *txn, size_t root, const JournalEntry *entry, bool *moved, Error *err)
{
    const ApplyEntry *change = &entry->change;
    Mover mover = txn_mover(txn, root);
    Str slot = entry_slot(txn, root, entry);
    at_work(txn, root, entry);
    if (entry_creates(entry)) {
        Wanted wanted = {change->new_mode, change->new_hash};
        return move_out(&mover, change->path, slot, &wanted, moved, err);
    }
    if (!entry_deletes(entry))
        return replace_back(txn, root, entry, moved, err);
    if (!make_parents(txn, root, change->path, moved, err))
        return false;
    return !*moved || move_in(&mover, slot, change->path, moved, err);
}

bool unit_forward(Txn *txn, size_t root, size_t unit, bool *moved, Error *err)
{
    Mover mover = txn_mover(txn, root);
    Str folder = txn->journal.roots.items[root].units.items[unit];
    Str slot = str_of(arena_format(txn->arena, "u%zu", unit));
    bool clear = false;
    if (!move_in(&mover, slot, folder, moved, err))
        return false;
    /* he may have removed the folder that it goes into */
    if (!*moved && (!make_parents(txn, root, folder, &clear, err) ||
                    (clear && !move_in(&mover, slot, folder, moved, err))))
        return false;
    txn->handles[root].unit_waits[unit] = !*moved;
    const char *made = arena_format(txn->arena, "%zu/%.*s", root, STR_ARG(folder));
    if (*moved)
        ARRAY_PUSH(txn->arena, &txn->result.made, str_of(made));
    return true;
}
