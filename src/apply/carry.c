#include "apply/apply_internal.h"
#include "base/text.h"

/* Rounds of looking and moving: each more than one needs a user who saves at the wrong moment. */
enum { ROUNDS_AT_MOST = 16 };

/* What is in the way goes first, whole new folders before single files, record files last: so that a
 * record never speaks of content that is not there yet. */
typedef enum { PHASE_WAY, PHASE_FILES, PHASE_DELETES, PHASE_RECORDS, PHASES } Phase;

static Phase phase_of(const JournalRoot *root, const JournalEntry *entry)
{
    if (entry_is_record(entry))
        return PHASE_RECORDS;
    if (!entry_deletes(entry))
        return PHASE_FILES;
    return entry_gives_way(root, entry) ? PHASE_WAY : PHASE_DELETES;
}

/* Everything there is to do, as a flat list in order. */
typedef struct {
    size_t root, entry;
} Step;
typedef ARRAY(Step) Steps;

static Steps steps_of(Txn *txn)
{
    Steps steps = {0};
    for (Phase phase = PHASE_WAY; phase < PHASES; phase++)
        for (size_t r = 0; r < txn->journal.roots.count; r++) {
            const JournalRoot *root = &txn->journal.roots.items[r];
            for (size_t i = 0; i < root->entries.count; i++) {
                Step step = {r, i};
                if (phase_of(root, &root->entries.items[i]) == phase)
                    ARRAY_PUSH(txn->arena, &steps, step);
            }
        }
    return steps;
}

static const JournalEntry *entry_at(const Txn *txn, Step step)
{
    return &txn->journal.roots.items[step.root].entries.items[step.entry];
}

static bool is_way(const Txn *txn, Step step)
{
    return phase_of(&txn->journal.roots.items[step.root], entry_at(txn, step)) == PHASE_WAY;
}

static bool is_absent(const Txn *txn, size_t root)
{
    return txn->handles[root].fd < 0;
}

static bool any_absent(const Txn *txn)
{
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        if (is_absent(txn, i))
            return true;
    return false;
}

static bool sync_roots(Txn *txn, Error *err)
{
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        if (!is_absent(txn, i) && !sync_targets(txn, i, err))
            return false;
    return true;
}

static bool prune_roots(Txn *txn, bool giving_way, Error *err)
{
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        if (!is_absent(txn, i) && !prune_folders(txn, i, giving_way, err))
            return false;
    return true;
}

/* Whatever is empty by what has been deleted, now or before a crash. */
static bool prune_emptied(Txn *txn, Error *err)
{
    return prune_roots(txn, true, err) && prune_roots(txn, false, err);
}

/* Forward */

/* An entry of a unit is done with its unit, and looked at alone only when that has moved. */
static bool do_step(Txn *txn, Step step, bool *moved, Error *err)
{
    const JournalEntry *entry = entry_at(txn, step);
    const RootHandle *handle = &txn->handles[step.root];
    if (entry->unit != JOURNAL_NO_UNIT && handle->unit_waits[entry->unit])
        return unit_forward(txn, step.root, entry->unit, moved, err);
    return entry_forward(txn, step.root, entry, moved, err);
}

/* Right after the check: no need to look at each entry again, the moves verify. */
static bool first_go(Txn *txn, const Steps *steps, bool *moved, Error *err)
{
    *moved = true;
    for (size_t i = 0; *moved && i < steps->count; i++) {
        Step step = steps->items[i];
        const JournalEntry *entry = entry_at(txn, step);
        txn_at(txn, step.root, entry);
        if (i > 0 && !is_way(txn, step) && is_way(txn, steps->items[i - 1]) &&
            !prune_roots(txn, true, err))
            return false;
        bool went =
            entry->unit != JOURNAL_NO_UNIT && !txn->handles[step.root].unit_waits[entry->unit];
        if (!went && !do_step(txn, step, moved, err))
            return false;
    }
    txn_nowhere(txn);
    return !*moved || prune_roots(txn, false, err);
}

typedef struct {
    size_t before, after, due, records_due;
} Survey;

static bool survey(Txn *txn, const Steps *steps, EntryState *states, Survey *out, Error *err)
{
    *out = (Survey){0};
    for (size_t i = 0; i < steps->count; i++) {
        Step step = steps->items[i];
        const JournalEntry *entry = entry_at(txn, step);
        states[i] = ENTRY_SETTLED;
        if (is_absent(txn, step.root))
            continue;
        if (!entry_look(txn, step.root, entry, &states[i], err))
            return false;
        out->before += states[i] == ENTRY_BEFORE;
        out->after += states[i] == ENTRY_AFTER;
        out->due += states[i] == ENTRY_DUE && !entry_is_record(entry);
        out->records_due += states[i] == ENTRY_DUE && entry_is_record(entry);
        if (states[i] == ENTRY_BEFORE)
            txn_note(txn, &txn->result.raced, step.root, entry, (Hash){{0}});
        if (states[i] == ENTRY_AFTER)
            txn_note(txn, &txn->result.edited, step.root, entry, (Hash){{0}});
    }
    return true;
}

/* Does what the survey found to do, but for record files when `records` is not set. */
static bool go_on(Txn *txn, const Steps *steps, const EntryState *states, bool records, Error *err)
{
    bool moved = true;
    bool way_cleared = false;
    for (size_t i = 0; i < steps->count; i++) {
        Step step = steps->items[i];
        const JournalEntry *entry = entry_at(txn, step);
        Phase phase = phase_of(&txn->journal.roots.items[step.root], entry);
        if (phase != PHASE_WAY && !way_cleared && !prune_roots(txn, true, err))
            return false;
        way_cleared = way_cleared || phase != PHASE_WAY;
        bool went = entry->unit != JOURNAL_NO_UNIT && !is_absent(txn, step.root) &&
                    !txn->went_back && !txn->handles[step.root].unit_waits[entry->unit];
        if (states[i] != ENTRY_DUE || went || (phase == PHASE_RECORDS && !records))
            continue;
        if (!do_step(txn, step, &moved, err))
            return false;
    }
    return prune_roots(txn, false, err);
}

static bool finish_forward(Txn *txn, Carried *out, Error *err)
{
    if (!sync_roots(txn, err))
        return false;
    *out = any_absent(txn) ? CARRIED_WAITING : CARRIED_DONE;
    return *out == CARRIED_WAITING || txn_mark(txn, MARK_DONE, err);
}

static void add_group(Txn *txn, ApplyGroups *groups, size_t group)
{
    for (size_t i = 0; i < groups->count; i++)
        if (groups->items[i] == group)
            return;
    ARRAY_PUSH(txn->arena, groups, group);
}

static bool do_records(Txn *txn, const Steps *steps, Error *err)
{
    for (size_t i = 0; i < steps->count; i++) {
        const JournalEntry *entry = entry_at(txn, steps->items[i]);
        if (entry_is_record(entry) && !is_absent(txn, steps->items[i].root) &&
            !record_forward(txn, steps->items[i].root, entry, err))
            return false;
    }
    return true;
}

/* Going back is not possible: what a user changed first stays his, and its group keeps its old record.
 * The records are decided only when all else is durable, so that the list of groups cannot grow. */
static bool go_forward(Txn *txn, const Steps *steps, EntryState *states, Carried *out, Error *err)
{
    Survey found;
    ApplyGroups failed = {0};
    if (!survey(txn, steps, states, &found, err))
        return false;
    for (int round = 0; found.due && round < ROUNDS_AT_MOST; round++)
        if (!go_on(txn, steps, states, false, err) || !survey(txn, steps, states, &found, err))
            return false;
    if (found.due)
        return fail(err, ERR_CHANGED, "the same files are being changed without end");
    for (size_t i = 0; i < steps->count; i++)
        if (states[i] == ENTRY_BEFORE && !entry_is_record(entry_at(txn, steps->items[i])))
            add_group(txn, &failed, entry_at(txn, steps->items[i])->change.group);
    if (!prune_emptied(txn, err) || !sync_roots(txn, err))
        return false;
    if (failed.count && !txn->amended && !txn_amend(txn, &failed, err))
        return false;
    return do_records(txn, steps, err) && finish_forward(txn, out, err);
}

/* Back */

/* What went forward must be durable before anything is taken out of it again: else a whole new folder could
 * be found back in staging without the files that were taken out of it. */
static bool sync_staging(Txn *txn, Error *err)
{
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        if (!is_absent(txn, i) && !txn_sync(txn, txn->handles[i].new_fd, "staging folder", err))
            return false;
    return true;
}

static bool prune_all_created(Txn *txn, Error *err)
{
    for (size_t i = 0; i < txn->journal.roots.count; i++)
        if (!is_absent(txn, i) && !prune_created(txn, i, err))
            return false;
    return true;
}

/* `*moved` false: something of a user's stands where the old has to go; the rest has gone back. */
static bool go_back(Txn *txn, const Steps *steps, const EntryState *states, bool *moved, Error *err)
{
    bool all = true;
    bool pruned = false;
    if (!sync_staging(txn, err))
        return false;
    for (size_t i = steps->count; i-- > 0;) {
        if (is_way(txn, steps->items[i]) && !pruned && !prune_all_created(txn, err))
            return false;
        pruned = pruned || is_way(txn, steps->items[i]);
        bool went = true;
        if (states[i] == ENTRY_DONE &&
            !entry_back(txn, steps->items[i].root, entry_at(txn, steps->items[i]), &went, err))
            return false;
        all = all && went;
    }
    *moved = all;
    return pruned || prune_all_created(txn, err);
}

/* The old content is nowhere else any more: it stays in staging until its place is free. */
static bool fail_blocked(Txn *txn, const Steps *steps, const EntryState *states, Error *err)
{
    for (size_t i = 0; i < steps->count; i++) {
        Str path = entry_at(txn, steps->items[i])->change.path;
        if (states[i] != ENTRY_DONE)
            continue;
        const char *name = text_safe(txn->arena, path);
        (void)!fail(err, ERR_INTERRUPTED_APPLY,
                    "'%s' cannot go back to its place: something else stands there", name);
        return fail_hint(
            err, "Move away what stands where '%s' was, then run the command with --apply.", name);
    }
    return true;
}

bool txn_put_back(Txn *txn, Error *err)
{
    bool moved = false;
    Survey found;
    Steps steps = steps_of(txn);
    EntryState *states = ARENA_ARRAY(txn->arena, EntryState, steps.count + 1);
    txn->went_back = true;
    for (int round = 0; !moved && round < ROUNDS_AT_MOST; round++)
        if (!survey(txn, &steps, states, &found, err) || !go_back(txn, &steps, states, &moved, err))
            return false;
    return survey(txn, &steps, states, &found, err) && sync_roots(txn, err) &&
           fail_blocked(txn, &steps, states, err);
}

static bool finish_back(Txn *txn, Carried *out, Error *err)
{
    if (!sync_roots(txn, err))
        return false;
    *out = any_absent(txn) ? CARRIED_WAITING : CARRIED_UNDONE;
    return *out == CARRIED_WAITING || txn_mark(txn, MARK_UNDONE, err);
}

/* The table of docs/crash-safety.md, applied until nothing more moves. */
static bool decide(Txn *txn, const Steps *steps, bool back, Carried *out, Error *err)
{
    EntryState *states = ARENA_ARRAY(txn->arena, EntryState, steps->count + 1);
    for (int round = 0; round < ROUNDS_AT_MOST; round++) {
        Survey found;
        bool moved = false;
        if (!survey(txn, steps, states, &found, err))
            return false;
        if (found.after && (back || found.before))
            return txn_mark(txn, MARK_FORWARD, err) && go_forward(txn, steps, states, out, err);
        if (found.before && !back && !txn_mark(txn, MARK_BACK, err))
            return false;
        back = back || found.before;
        if (!back && !found.due && !found.records_due)
            return prune_emptied(txn, err) && finish_forward(txn, out, err);
        if (!back && !go_on(txn, steps, states, true, err))
            return false;
        txn->went_back = txn->went_back || back;
        if (back && !go_back(txn, steps, states, &moved, err))
            return false;
        if (back && moved)
            return finish_back(txn, out, err);
        if (back) /* something of a user's stands where the old has to go */
            return txn_mark(txn, MARK_FORWARD, err) && go_forward(txn, steps, states, out, err);
    }
    return fail(err, ERR_CHANGED, "the same files are being changed without end");
}

bool txn_carry_on(Txn *txn, Carried *out, Error *err)
{
    bool back, forward;
    Steps steps = steps_of(txn);
    if (!txn_has_mark(txn, MARK_BACK, &back, err) ||
        !txn_has_mark(txn, MARK_FORWARD, &forward, err) || !txn_read_amend(txn, err))
        return false;
    txn->went_back = back;
    if (!forward)
        return decide(txn, &steps, back, out, err);
    EntryState *states = ARENA_ARRAY(txn->arena, EntryState, steps.count + 1);
    return go_forward(txn, &steps, states, out, err);
}

/* What the machine refuses is undone at once; only a failed sync leaves everything to recovery, because
 * then nobody knows what is on the disk. */
static bool abandon(Txn *txn, const Steps *steps, Error *err)
{
    Error why = *err, again;
    Carried carried;
    bool forward;
    if (txn->sync_failed || !txn_has_mark(txn, MARK_FORWARD, &forward, &again) || forward ||
        !txn_mark(txn, MARK_BACK, &again) || !decide(txn, steps, true, &carried, &again) ||
        carried != CARRIED_UNDONE || !txn_clean(txn, &again))
        return txn_unfinished(err);
    *err = why;
    return false;
}

bool txn_carry_out(Txn *txn, Carried *out, Error *err)
{
    bool moved;
    Steps steps = steps_of(txn);
    if (!first_go(txn, &steps, &moved, err))
        return abandon(txn, &steps, err);
    if (moved ? finish_forward(txn, out, err) : decide(txn, &steps, false, out, err))
        return true;
    return txn_unfinished(err);
}
