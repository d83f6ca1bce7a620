#include "base/map.h"
#include "base/name.h"
#include "merge/tree_merge_internal.h"

/* An outcome wants, or one of its sides stands at, this path. */
typedef struct Claim {
    Str path;
    Outcome *outcome;
    struct Claim *next; /* on the same folded path */
} Claim;
typedef ARRAY(Claim *) Claims;

typedef struct {
    Arena *scratch;
    Map *by_folded_path;
    Claims first; /* of each folded path, in order of the outcomes */
} Places;

static void add_claim(Places *places, Str path, Outcome *outcome)
{
    Str key = name_fold(places->scratch, path);
    Claim *claim = ARENA_NEW(places->scratch, Claim);
    *claim = (Claim){path, outcome, NULL};
    Claim *first = map_find(places->by_folded_path, key);
    if (!first) {
        map_put(places->by_folded_path, key, claim);
        ARRAY_PUSH(places->scratch, &places->first, claim);
        return;
    }
    Claim *last = first;
    for (; last->next; last = last->next)
        if (last->outcome == outcome && str_equal(last->path, path))
            return;
    if (last->outcome != outcome || !str_equal(last->path, path))
        last->next = claim;
}

static void add_claims(Places *places, Outcome *outcome)
{
    if (!outcome->present)
        return;
    if (!outcome->in_conflict) {
        add_claim(places, outcome->entry.path, outcome);
        return;
    }
    if (outcome->item.ours)
        add_claim(places, outcome->item.ours->path, outcome);
    if (outcome->item.theirs)
        add_claim(places, outcome->item.theirs->path, outcome);
}

static bool stands_at(const TreeEntry *entry, Str path)
{
    return entry && str_equal(entry->path, path);
}

/* Both paths are there already on one side: the merge did not bring them together. */
static bool came_together(const Claim *a, const Claim *b)
{
    const TreeItem *x = &a->outcome->item, *y = &b->outcome->item;
    return (stands_at(x->ours, a->path) && stands_at(y->ours, b->path)) ||
           (stands_at(x->theirs, a->path) && stands_at(y->theirs, b->path));
}

static bool same_result(const Claim *a, const Claim *b)
{
    return !a->outcome->in_conflict && !b->outcome->in_conflict && str_equal(a->path, b->path) &&
           tree_entry_equal(&a->outcome->entry, &b->outcome->entry);
}

static bool is_renamed(const TreeItem *item)
{
    return (item->base && item->ours && !str_equal(item->base->path, item->ours->path)) ||
           (item->base && item->theirs && !str_equal(item->base->path, item->theirs->path));
}

static void set_conflict(Outcome *outcome, ConflictKind kind, Str other_path)
{
    outcome->in_conflict = true;
    outcome->conflict.kind = kind;
    outcome->conflict.other_path = other_path;
    outcome->conflict.has_text = false;
    outcome->conflict.merge = (LineMerge){0};
}

/* Two clean outcomes, one brought by each side, become one record that has both. */
static bool report_together(Claim *a, Claim *b, ConflictKind kind)
{
    Claim *ours = stands_at(a->outcome->item.ours, a->path) ? a : b;
    Claim *theirs = ours == a ? b : a;
    if (a->outcome->in_conflict || b->outcome->in_conflict ||
        !stands_at(ours->outcome->item.ours, ours->path) ||
        !stands_at(theirs->outcome->item.theirs, theirs->path))
        return false;
    TreeConflict *record = &ours->outcome->conflict;
    ConflictSide base = record->base, second = theirs->outcome->conflict.base;
    bool swap = base.mode == MODE_NONE ||
                (second.mode != MODE_NONE && str_compare(second.path, base.path) < 0);
    set_conflict(ours->outcome, kind, swap ? base.path : second.path);
    record->base = swap ? second : base;
    record->theirs = theirs->outcome->conflict.theirs;
    record->path = ours->path;
    theirs->outcome->in_conflict = true;
    theirs->outcome->reported = true;
    return true;
}

static void clash_at_one_place(Claim *a, Claim *b)
{
    if (a->outcome == b->outcome || !b->outcome->present || came_together(a, b))
        return;
    if (same_result(a, b)) {
        b->outcome->present = false;
        return;
    }
    bool renamed = is_renamed(&a->outcome->item) || is_renamed(&b->outcome->item);
    ConflictKind kind = renamed && str_equal(a->path, b->path) ? CONFLICT_RENAME : CONFLICT_ADD_ADD;
    if (report_together(a, b, kind))
        return;
    if (!a->outcome->in_conflict)
        set_conflict(a->outcome, kind, b->path);
    if (!b->outcome->in_conflict)
        set_conflict(b->outcome, kind, a->path);
}

/* `file` stands where `child` needs a folder. */
static void clash_of_types(Claim *file, Claim *child)
{
    if (file->outcome == child->outcome || came_together(file, child))
        return;
    if (file->outcome->conflict.kind != CONFLICT_TYPE ||
        file->outcome->conflict.other_path.len == 0)
        set_conflict(file->outcome, CONFLICT_TYPE, child->path);
    set_conflict(child->outcome, CONFLICT_TYPE, file->path);
}

static void check_folders_of(const Places *places, Claim *child)
{
    Str folded = name_fold(places->scratch, child->path);
    Claim *whole = folded.len ? map_find(places->by_folded_path, (Str){0}) : NULL;
    for (; whole; whole = whole->next)
        clash_of_types(whole, child);
    for (size_t i = 0; i < folded.len; i++) {
        if (folded.data[i] != '/')
            continue;
        Claim *file = map_find(places->by_folded_path, str_slice(folded, 0, i));
        for (; file; file = file->next)
            clash_of_types(file, child);
    }
}

void outcomes_find_clashes(Arena *scratch, Outcomes *outcomes)
{
    Places places = {scratch, map_new(scratch, outcomes->count), {0}};
    for (size_t i = 0; i < outcomes->count; i++)
        add_claims(&places, &outcomes->items[i]);
    for (size_t i = 0; i < places.first.count; i++)
        for (Claim *a = places.first.items[i]; a; a = a->next)
            for (Claim *b = a->next; b && a->outcome->present; b = b->next)
                clash_at_one_place(a, b);
    for (size_t i = 0; i < places.first.count; i++)
        for (Claim *child = places.first.items[i]; child; child = child->next)
            check_folders_of(&places, child);
}
