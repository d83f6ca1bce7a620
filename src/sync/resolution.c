#include "sync/resolution_internal.h"

#include "base/text.h"

static const char *role_of_side(const PendingMerge *pending, Side side)
{
    switch (side) {
    case SIDE_BASE:
        return "base";
    case SIDE_BOTH:
        return "both";
    case SIDE_BOTH_REVERSED:
        return "both-reversed";
    case SIDE_UPSTREAM:
        return pending->edge == EDGE_UPSTREAM ? "source" : NULL;
    case SIDE_COLLECTION:
        return pending->edge == EDGE_UPSTREAM || pending->upward ? "target" : "source";
    case SIDE_PROJECT:
        return pending->edge == EDGE_UPSTREAM ? NULL : pending->upward ? "source" : "target";
    case SIDE_OURS:
        return "target";
    case SIDE_THEIRS:
        return "source";
    case SIDE_OPEN:
        return "";
    case SIDE_FILE:
    case SIDE_COUNT:
        break;
    }
    return NULL;
}

Str resolution_file_key(Arena *arena, const TreeConflict *conflict)
{
    Hasher hasher;
    const ConflictSide *sides[] = {&conflict->base, &conflict->ours, &conflict->theirs};
    hash_begin(&hasher);
    hash_add(&hasher, "file", sizeof "file");
    hash_add(&hasher, conflict->path.data, conflict->path.len);
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        uint8_t mode = (uint8_t)sides[i]->mode;
        hash_add(&hasher, &mode, 1);
        hash_add(&hasher, sides[i]->hash.bytes, sizeof sides[i]->hash.bytes);
    }
    Hash hash = hash_end(&hasher);
    return hash_format(arena, &hash);
}

Str resolution_choice_at(const Resolution *resolution, Str place)
{
    const Str *choice = map_find(resolution->choices, place);
    return choice ? *choice : (Str){0};
}

static void choose(Draft *draft, Resolution *resolution, Str place, Str choice)
{
    Str before = resolution_choice_at(resolution, place);
    const ResolveRequest *request = resolution->request;
    bool all = !request->file && !request->place.len;
    bool decided = before.len && all; /* "all" means all that are still open */
    if (decided || str_equal(before, choice))
        return;
    Str *kept = ARENA_NEW(draft->ws->arena, Str);
    *kept = choice;
    map_put(resolution->choices, place, kept);
    facts_add(draft->ws->arena, &draft->facts, FACT_CHOICE, FACT_NO_GROUP, resolution->pending.id,
              place, before, choice);
}

static bool check_take(const Resolution *resolution, const TreeConflict *conflict, Str *out,
                       Error *err)
{
    const char *role = role_of_side(&resolution->pending, resolution->request->take);
    if (!role)
        return fail(err, ERR_USAGE, "that side takes no part in this merge: it is %s",
                    resolution->pending.edge == EDGE_UPSTREAM ? "between upstream and collection"
                                                              : "between collection and project");
    if (resolution->request->take == SIDE_BASE && hash_is_zero(&resolution->pending.base))
        return fail(err, ERR_USAGE, "this review has no base: it is between the two sides alone");
    bool both =
        resolution->request->take == SIDE_BOTH || resolution->request->take == SIDE_BOTH_REVERSED;
    if (both && !conflict->has_text)
        return fail(err, ERR_USAGE, "'both' is for text: this one is a whole file (%s)",
                    conflict_kind_name(conflict->kind));
    *out = str_of(role);
    return true;
}

static Hash keep_text(Draft *draft, Str text)
{
    NewBlob blob = {hash_of(text), text};
    ARRAY_PUSH(draft->ws->arena, &draft->blobs, blob);
    blob_pool_add_bytes(draft->pool, &blob.hash, blob.bytes);
    return blob.hash;
}

/* The three sides' texts: lines of theirs that look like markers are no leftovers. */
bool resolution_side_texts(Draft *draft, const TreeConflict *conflict, Str out[3], Error *err)
{
    const ConflictSide *sides[] = {&conflict->base, &conflict->ours, &conflict->theirs};
    BlobReader blobs = blob_pool_reader(draft->pool);
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        out[i] = (Str){0};
        if (sides[i]->mode != MODE_NONE &&
            !blobs.read(blobs.context, draft->ws->arena, &sides[i]->hash, &out[i], err))
            return false;
    }
    return true;
}

/* The text a person gave, kept; "text <hash>" is the choice. */
static bool keep_given(Draft *draft, const Resolution *resolution, const Str sides[3], Str *out,
                       Error *err)
{
    size_t line = 0;
    Str text = resolution->request->with;
    if (merge_leaves_markers(text, sides, 3, &line)) {
        (void)fail(err, ERR_INVALID, "the resolution still has a conflict marker in line %zu",
                   line);
        return fail_hint(err, "Edit the file until no marker is left, then run the command again.");
    }
    Hash kept = keep_text(draft, text);
    HashHex hex = hash_hex(&kept);
    *out = str_of(arena_format(draft->ws->arena, "text %s", hex.text));
    return true;
}

static bool take_file(Draft *draft, Resolution *resolution, const TreeConflict *conflict,
                      Error *err)
{
    Str sides[3], choice;
    if (!resolution_side_texts(draft, conflict, sides, err) ||
        !keep_given(draft, resolution, sides, &choice, err))
        return false;
    choose(draft, resolution, resolution_file_key(draft->ws->arena, conflict), choice);
    return true;
}

Str *resolution_region_keys(Arena *arena, const TreeConflict *conflict)
{
    size_t count = conflict->has_text ? conflict->merge.regions.count : 0;
    Hash *keys = ARENA_ARRAY(arena, Hash, count + 1);
    Str *places = ARENA_ARRAY(arena, Str, count + 1);
    if (count)
        merge_region_keys(conflict->path, &conflict->merge, keys);
    for (size_t i = 0; i < count; i++) {
        HashHex hex = hash_hex(&keys[i]);
        places[i] = arena_copy(arena, str_of(hex.text));
    }
    return places;
}

/* One place of a text. A choice for the whole file gives way to it. */
static bool take_region(Draft *draft, Resolution *resolution, const TreeConflict *conflict,
                        const MergeRegion *region, Error *err)
{
    const ResolveRequest *request = resolution->request;
    const Str sides[] = {region->base_text, region->ours_text, region->theirs_text};
    Str file = resolution_file_key(draft->ws->arena, conflict), choice;
    bool made = request->take == SIDE_FILE ? keep_given(draft, resolution, sides, &choice, err)
                                           : check_take(resolution, conflict, &choice, err);
    if (!made)
        return false;
    if (resolution_choice_at(resolution, file).len)
        choose(draft, resolution, file, (Str){0});
    choose(draft, resolution, request->place, choice);
    return true;
}

static bool take_side(Draft *draft, Resolution *resolution, const TreeConflict *conflict,
                      Error *err)
{
    Arena *arena = draft->ws->arena;
    Str role;
    if (!check_take(resolution, conflict, &role, err))
        return false;
    Str file = resolution_file_key(arena, conflict);
    bool no_file = resolution->request->take == SIDE_BASE && conflict->base.mode == MODE_NONE;
    if (!conflict->has_text || !conflict->merge.regions.count || no_file) {
        choose(draft, resolution, file, role);
        return true;
    }
    if (resolution_choice_at(resolution, file).len)
        choose(draft, resolution, file, (Str){0});
    Hash *keys = ARENA_ARRAY(arena, Hash, conflict->merge.regions.count);
    merge_region_keys(conflict->path, &conflict->merge, keys);
    for (size_t i = 0; i < conflict->merge.regions.count; i++)
        choose(draft, resolution, hash_format(arena, &keys[i]), role);
    return true;
}

/* They want one place, as a file and what lies in a folder of that name: one choice settles both. */
static bool is_twin(const TreeConflict *a, const TreeConflict *b)
{
    bool named = (a->other_path.len && str_equal(a->other_path, b->path)) ||
                 (b->other_path.len && str_equal(b->other_path, a->path));
    return a != b && (named || (a->other_path.len && str_equal(a->other_path, b->other_path)));
}

/* Both in the folder that stands against a file: each may have a text of its own. */
static bool are_siblings(const TreeConflict *a, const TreeConflict *b)
{
    return str_equal(a->other_path, b->other_path);
}

static bool choose_one(Draft *draft, Resolution *resolution, const TreeConflict *conflict,
                       Error *err)
{
    bool done = resolution->request->take == SIDE_FILE
                    ? take_file(draft, resolution, conflict, err)
                    : take_side(draft, resolution, conflict, err);
    return done || fail_in(err, "%s", text_safe(draft->ws->arena, conflict->path));
}

static bool choose_twins(Draft *draft, Resolution *resolution, const TreeConflicts *conflicts,
                         const TreeConflict *chosen, Error *err)
{
    bool text = resolution->request->take == SIDE_FILE;
    for (size_t i = 0; i < conflicts->count; i++) {
        const TreeConflict *twin = &conflicts->items[i];
        if (!is_twin(twin, chosen))
            continue;
        if (!text && !take_side(draft, resolution, twin, err))
            return fail_in(err, "%s", text_safe(draft->ws->arena, twin->path));
        if (text && !are_siblings(twin, chosen))
            choose(draft, resolution, resolution_file_key(draft->ws->arena, twin), STR("absent"));
    }
    return true;
}

/* The one place that the request names by its key; *found false when this conflict has it not. */
static bool choose_place(Draft *draft, Resolution *resolution, const TreeConflict *conflict,
                         bool *found, Error *err)
{
    Arena *arena = draft->ws->arena;
    size_t count = conflict->has_text ? conflict->merge.regions.count : 0;
    const Str *places = resolution_region_keys(arena, conflict);
    Str wanted = resolution->request->place;
    *found = true;
    for (size_t i = 0; i < count; i++)
        if (str_equal(places[i], wanted))
            return take_region(draft, resolution, conflict, &conflict->merge.regions.items[i],
                               err) ||
                   fail_in(err, "%s", text_safe(arena, conflict->path));
    *found = str_equal(resolution_file_key(arena, conflict), wanted);
    return !*found || choose_one(draft, resolution, conflict, err);
}

static bool choose_named(Draft *draft, Resolution *resolution, const TreeConflicts *conflicts,
                         Error *err)
{
    bool found = false;
    size_t at = 0;
    for (; !found && at < conflicts->count; at++)
        if (!choose_place(draft, resolution, &conflicts->items[at], &found, err))
            return false;
    if (!found)
        return fail(err, ERR_CHANGED, "that place has changed meanwhile, or is gone");
    return choose_twins(draft, resolution, conflicts, &conflicts->items[at - 1], err);
}

static bool choose_files(Draft *draft, Resolution *resolution, const PlanItem *item,
                         const TreeConflicts *conflicts, Error *err)
{
    const ResolveRequest *request = resolution->request;
    size_t matched = 0;
    for (size_t i = 0; i < conflicts->count; i++) {
        const TreeConflict *conflict = &conflicts->items[i];
        if (request->file && !str_is(shown_path(conflict->path, item->path), request->file))
            continue;
        matched++;
        if (!choose_one(draft, resolution, conflict, err) ||
            (request->file && !choose_twins(draft, resolution, conflicts, conflict, err)))
            return false;
    }
    if (matched || !conflicts->count)
        return true;
    (void)fail(err, ERR_NOT_FOUND, "'%s' has no place in conflict", request->file);
    return fail_hint(err, "`weir resolve %.*s` lists the files that have.",
                     STR_ARG(resolution->pending.artifact));
}

/* Each as if it were the request's only one. */
static bool choose_each(Draft *draft, Resolution *resolution, const PlanItem *item,
                        const TreeConflicts *conflicts, Error *err)
{
    const ResolveRequest *whole = resolution->request;
    bool done = true;
    for (size_t i = 0; done && i < whole->choices.count; i++) {
        const ResolveChoice *choice = &whole->choices.items[i];
        ResolveRequest one = *whole;
        one.choices = (ResolveChoices){0};
        one.file = choice->file;
        one.place = choice->place;
        one.take = choice->take;
        one.with = choice->with;
        resolution->request = &one;
        done = resolution_choose(draft, resolution, item, conflicts, err);
        resolution->request = whole;
    }
    return done;
}

bool resolution_choose(Draft *draft, Resolution *resolution, const PlanItem *item,
                       const TreeConflicts *conflicts, Error *err)
{
    const ResolveRequest *request = resolution->request;
    if (request->show || request->carry_out || request->write_markers)
        return true;
    if (request->choices.count)
        return choose_each(draft, resolution, item, conflicts, err);
    if (request->place.len)
        return choose_named(draft, resolution, conflicts, err);
    return choose_files(draft, resolution, item, conflicts, err);
}

static Mode merged_mode(const TreeConflict *conflict)
{
    Mode base = conflict->base.mode;
    Mode ours = conflict->ours.mode;
    Mode theirs = conflict->theirs.mode;
    if (ours == MODE_NONE || (ours == base && theirs != MODE_NONE))
        return theirs;
    return ours;
}

/* False: no choice, or one that cannot be used any more, which is asked again. */
bool resolution_read_take(Draft *draft, Str choice, MergeChoice *out)
{
    static const struct {
        const char *name;
        MergeTake take;
    } rows[] = {{"target", TAKE_OURS},
                {"source", TAKE_THEIRS},
                {"base", TAKE_BASE},
                {"both", TAKE_BOTH},
                {"both-reversed", TAKE_BOTH_REVERSED}};
    *out = (MergeChoice){.take = TAKE_NOTHING};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_is(choice, rows[i].name))
            out->take = rows[i].take;
    Hash given;
    Str text = {0};
    Error unread = {0};
    BlobReader blobs = blob_pool_reader(draft->pool);
    if (str_starts(choice, STR("text ")) && hash_parse(str_slice(choice, 5, choice.len), &given) &&
        blobs.read(blobs.context, draft->ws->arena, &given, &text, &unread))
        *out = (MergeChoice){TAKE_TEXT, text};
    return out->take != TAKE_NOTHING;
}

/* Joins the choices of a text's places; *done false while one is missing. */
static void settle_places(Draft *draft, const Resolution *resolution, const TreeConflict *conflict,
                          bool *done, TreeEntry *out)
{
    Arena *arena = draft->ws->arena;
    size_t count = conflict->merge.regions.count;
    const Str *places = resolution_region_keys(arena, conflict);
    MergeChoice *choices = ARENA_ARRAY(arena, MergeChoice, count + 1);
    LineMerge settled;
    MergeOptions options = {.style = draft->ws->marker_style};
    for (size_t i = 0; i < count; i++)
        (void)resolution_read_take(draft, resolution_choice_at(resolution, places[i]), &choices[i]);
    merge_apply_choices(arena, &conflict->merge, choices, &options, &settled);
    *done = settled.clean && count > 0;
    if (!*done)
        return;
    *out = (TreeEntry){conflict->path, merged_mode(conflict), keep_text(draft, settled.text),
                       settled.text.len};
}

static void put_entry(Draft *draft, Tree *after, TreeEntry entry)
{
    if (entry.mode == MODE_NONE || tree_find(after, entry.path))
        return;
    ARRAY_PUSH(draft->ws->arena, after, entry);
    tree_sort(after);
}

/* Every path that the conflict speaks for gets the state it has on the chosen side. */
static void take_paths(Draft *draft, const TreeConflict *conflict, const Tree *side, Tree *after)
{
    Str paths[] = {conflict->path, conflict->base.path, conflict->ours.path, conflict->theirs.path,
                   conflict->other_path};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const TreeEntry *entry = tree_find(side, paths[i]);
        if (entry)
            put_entry(draft, after, *entry);
    }
}

/* Only the name or the mode is in question and the texts merged: the choice must not lose what merged. */
static bool take_merged(Draft *draft, const TreeConflict *conflict, const ConflictSide *side,
                        Tree *after)
{
    bool settled = conflict->kind == CONFLICT_RENAME || conflict->kind == CONFLICT_MODE;
    if (!settled || !conflict->has_text || !conflict->merge.clean || side->mode == MODE_NONE)
        return false;
    Str text = conflict->merge.text;
    put_entry(draft, after, (TreeEntry){side->path, side->mode, keep_text(draft, text), text.len});
    return true;
}

static void settle_file(Draft *draft, const EdgeInput *input, const TreeConflict *conflict,
                        Str choice, Tree *after)
{
    Hash given;
    if (str_starts(choice, STR("text ")) && hash_parse(str_slice(choice, 5, choice.len), &given)) {
        Mode mode = merged_mode(conflict);
        put_entry(draft, after,
                  (TreeEntry){conflict->path, mode == MODE_EXEC ? mode : MODE_FILE, given, 0});
        return;
    }
    if (str_is(choice, "absent"))
        return;
    bool target = str_is(choice, "target");
    bool source = str_is(choice, "source");
    const ConflictSide *side = target   ? &conflict->ours
                               : source ? &conflict->theirs
                                        : &conflict->base;
    const TreeSide *tree = target ? &input->target : source ? &input->source : &input->base;
    if (!take_merged(draft, conflict, side, after))
        take_paths(draft, conflict, &tree->tree, after);
}

/* Adds what the conflict became to `after`; false while it has no choice. */
static bool settle_conflict(Draft *draft, const Resolution *resolution, const EdgeInput *input,
                            const TreeConflict *conflict, Tree *after)
{
    TreeEntry entry = {0};
    bool done = false;
    Str choice = resolution_choice_at(resolution, resolution_file_key(draft->ws->arena, conflict));
    if (choice.len) {
        settle_file(draft, input, conflict, choice, after);
        return true;
    }
    if (conflict->has_text)
        settle_places(draft, resolution, conflict, &done, &entry);
    if (done)
        put_entry(draft, after, entry);
    return done;
}

/* What an untracked file is in the way of has merged, but still asks for a choice. */
static bool is_open(const TreeConflicts *conflicts, Str path)
{
    for (size_t i = 0; i < conflicts->count; i++)
        if (str_equal(conflicts->items[i].path, path))
            return true;
    return false;
}

size_t resolution_settle(Draft *draft, const Resolution *resolution, const EdgeInput *input,
                         const EdgeResult *merge, Tree *after, TreeConflicts *left)
{
    size_t settled = 0;
    for (size_t i = 0; i < merge->after.tree.count; i++)
        if (!is_open(&merge->conflicts, merge->after.tree.items[i].path))
            ARRAY_PUSH(draft->ws->arena, after, merge->after.tree.items[i]);
    for (size_t i = 0; i < merge->conflicts.count; i++) {
        if (settle_conflict(draft, resolution, input, &merge->conflicts.items[i], after))
            settled++;
        else
            ARRAY_PUSH(draft->ws->arena, left, merge->conflicts.items[i]);
    }
    return settled;
}
