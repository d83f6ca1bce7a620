#include "sync/resolve_markers.h"

#include "base/text.h"
#include "sync/resolution_internal.h"

bool resolve_has_markers(const Resolution *resolution)
{
    return resolution_choice_at(resolution, STR(MARKERS_PLACE)).len > 0;
}

static Str shown(const EdgeInput *input, const TreeConflict *conflict)
{
    return shown_path(conflict->path, input->path);
}

static bool is_meant(const Resolution *resolution, const EdgeInput *input,
                     const TreeConflict *conflict)
{
    const char *file = resolution->request->file;
    return !file || str_is(shown(input, conflict), file);
}

/* A text that lies on the target, tracked: there the markers can stand. */
static const TreeEntry *find_place(const Resolution *resolution, const EdgeInput *input,
                                   const TreeConflict *conflict)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    bool open = !resolution_choice_at(resolution, resolution_file_key(scratch, conflict)).len;
    if (!open || !conflict->has_text || !conflict->merge.regions.count ||
        !is_meant(resolution, input, conflict))
        return NULL;
    return tree_find(&input->target.tree, conflict->ours.path);
}

static Hash keep_text(Draft *draft, Str text)
{
    NewBlob blob = {hash_of(text), text};
    ARRAY_PUSH(draft->ws->arena, &draft->blobs, blob);
    blob_pool_add_bytes(draft->pool, &blob.hash, blob.bytes);
    return blob.hash;
}

/* The target's tree with markers in `*count` of its files. */
static Tree mark_tree(Draft *draft, const Resolution *resolution, const EdgeInput *input,
                      const TreeConflicts *conflicts, size_t *count)
{
    Arena *arena = draft->ws->arena;
    Tree tree = {0};
    for (size_t i = 0; i < input->target.tree.count; i++)
        ARRAY_PUSH(arena, &tree, input->target.tree.items[i]);
    for (size_t i = 0; i < conflicts->count; i++) {
        const TreeConflict *conflict = &conflicts->items[i];
        const TreeEntry *place = find_place(resolution, input, conflict);
        if (!place)
            continue;
        Str text = resolution_text(draft, resolution, input, conflict);
        TreeEntry *entry = &tree.items[place - input->target.tree.items];
        entry->hash = keep_text(draft, text);
        entry->size_bytes = text.len;
        ++*count;
    }
    return tree;
}

static void add_change(Draft *draft, const PlanItem *item, const EdgeInput *input,
                       const TreeSide *after)
{
    TreeChange change = {
        .root = &draft->session->roots[input->root - draft->session->roots],
        .artifact = item->artifact,
        .path = input->path,
        .before = input->live.exists ? input->live : input->target,
        .after = *after,
        .group = draft_group(draft, item),
        .edge = item->edge,
        .base = input->base.hash,
    };
    ARRAY_PUSH(draft->ws->arena, &draft->changes, change);
    draft_keep_side(draft, &change.before);
    draft_keep_side(draft, after);
}

static bool list_changes(Draft *draft, const TreeSide *before, const TreeSide *after,
                         PlanItem *item, Error *err)
{
    BlobReader blobs = blob_pool_reader(draft->pool);
    const TreeDiffOptions options = {0};
    return tree_diff(draft->ws->arena, &before->tree, &after->tree, &blobs, &options,
                     &item->changes, err);
}

bool resolve_write_markers(Draft *draft, Resolution *resolution, PlanItem *item,
                           const EdgeInput *input, const TreeConflicts *conflicts, size_t *written,
                           Error *err)
{
    Arena *arena = draft->ws->arena;
    BlobReader blobs = blob_pool_reader(draft->pool);
    TreeSide after;
    size_t count = 0;
    if (resolve_has_markers(resolution)) {
        (void)fail(err, ERR_EXISTS, "the markers stand in the files of %.*s already",
                   STR_ARG(item->artifact));
        return fail_hint(err, "weir resolve %.*s --from-live, or --abort.",
                         STR_ARG(item->artifact));
    }
    Tree tree = mark_tree(draft, resolution, input, conflicts, &count);
    if (!count) {
        (void)fail(err, ERR_INVALID, "no file of %.*s in conflict is a text that takes markers",
                   STR_ARG(item->artifact));
        return fail_hint(err, "weir resolve %.*s", STR_ARG(item->artifact));
    }
    if (!side_of_tree(draft->ws, &tree, &blobs, &after, err) ||
        !list_changes(draft, &input->target, &after, item, err))
        return false;
    add_change(draft, item, input, &after);
    facts_add(arena, &draft->facts, FACT_CHOICE, FACT_NO_GROUP, resolution->pending.id,
              STR(MARKERS_PLACE), (Str){0},
              markers_choice(arena, &input->target.hash, &after.hash));
    item->result = RESULT_CONFLICT;
    item->marked = *written = count;
    return true;
}

/* ── and back ── */

static bool take_live_file(Draft *draft, Resolution *resolution, const PlanItem *item,
                           const TreeSide *live, const TreeConflict *conflict, Str file, Error *err)
{
    Arena *arena = draft->ws->arena;
    const TreeEntry *entry = tree_find(&live->tree, conflict->ours.path);
    BlobReader blobs = blob_pool_reader(draft->pool);
    TreeConflict copy = *conflict;
    const TreeConflicts one = {.items = &copy, .count = 1};
    ResolveRequest wish = *resolution->request;
    const ResolveRequest *asked = resolution->request;
    if (!entry || entry->mode == MODE_LINK) {
        (void)fail(err, ERR_INVALID, "'%s' is no file any more", text_safe(arena, file));
        return fail_hint(err, "Choose for it: weir resolve %.*s --file %s --take SIDE.",
                         STR_ARG(item->artifact), text_word(arena, file));
    }
    wish.take = SIDE_FILE;
    wish.file = arena_text(arena, file);
    if (!blobs.read(blobs.context, arena, &entry->hash, &wish.with, err))
        return false;
    resolution->request = &wish;
    bool taken = resolution_choose(draft, resolution, item, &one, err);
    resolution->request = asked;
    return taken;
}

bool resolve_from_live(Draft *draft, Resolution *resolution, const PlanItem *item,
                       const EdgeInput *input, const TreeConflicts *conflicts, Error *err)
{
    const Marks *marks = NULL;
    const TreeSide *live = input->live.exists ? &input->live : &input->target;
    if (!markers_find(draft, input->root, item->artifact, &marks, err))
        return false;
    if (!marks || !resolve_has_markers(resolution)) {
        (void)fail(err, ERR_USAGE, "no markers of this merge stand in the files of %.*s",
                   STR_ARG(item->artifact));
        return fail_hint(err, "weir resolve %.*s --write-markers", STR_ARG(item->artifact));
    }
    for (size_t i = 0; i < conflicts->count; i++) {
        const TreeConflict *conflict = &conflicts->items[i];
        const TreeEntry place = {.path = conflict->ours.path};
        bool marked = false, edited = false;
        if (!markers_are_in(draft, marks, &place, &marked, &edited, err))
            return false;
        if (marked && is_meant(resolution, input, conflict) &&
            !take_live_file(draft, resolution, item, live, conflict, shown(input, conflict), err))
            return false;
    }
    return true;
}

bool resolve_remove_markers(Draft *draft, PlanItem *item, Root *root, Str path, Error *err)
{
    EdgeInput input = {.root = root, .path = path};
    item->path = path;
    if (!draft_live(draft, root, item->artifact, path, &input.live, err) ||
        !draft_side(draft, root, item->artifact, path, &input.target, err) ||
        !list_changes(draft, &input.live, &input.target, item, err))
        return false;
    if (input.live.exists && item->changes.count)
        add_change(draft, item, &input, &input.target);
    return true;
}

bool resolve_note_edits(Draft *draft, PlanItem *item, const EdgeInput *input, const TreeSide *after,
                        Error *err)
{
    const Marks *marks = NULL;
    if (!input->live.exists || !markers_find(draft, input->root, item->artifact, &marks, err))
        return !input->live.exists;
    for (size_t i = 0; marks && i < input->live.tree.count; i++) {
        const TreeEntry *live = &input->live.tree.items[i];
        bool marked = false, edited = false;
        if (!markers_are_in(draft, marks, live, &marked, &edited, err))
            return false;
        if (marked && edited && !tree_entry_equal(live, tree_find(&after->tree, live->path)))
            item->note = STR("files with markers were edited since; what was chosen replaces them");
    }
    return true;
}

void resolve_forget_markers(Draft *draft, Resolution *resolution)
{
    Str choice = resolution_choice_at(resolution, STR(MARKERS_PLACE));
    if (choice.len)
        facts_add(draft->ws->arena, &draft->facts, FACT_CHOICE, FACT_NO_GROUP,
                  resolution->pending.id, STR(MARKERS_PLACE), choice, (Str){0});
}
