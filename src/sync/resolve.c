/* resolve: places of a waiting merge get a choice each; when all have one, the merge is carried out.
 *
 * The merge is planned again from the tiers as they are now; choices are kept under a key of the place's
 * own texts, so those that still fit count and the others are asked again.
 */
#include "sync/verbs.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "sync/edges.h"
#include "sync/pending_store.h"

typedef struct {
    const ResolveRequest *request;
    PendingMerge pending;
    ResolveResult *result;
    Map *choices; /* place in hex → Str, as text */
} ResolveContext;

static bool same_artifact(Str id, const char *name)
{
    Str given = str_of(name);
    size_t colon = str_find(id, ':');
    return str_equal(id, given) || str_equal(str_slice(id, colon + 1, id.len), given);
}

static bool fits(const PendingMerge *pending, const ResolveRequest *request)
{
    if (!same_artifact(pending->artifact, request->artifact))
        return false;
    if (!request->project_given)
        return true;
    return pending->edge == EDGE_PROJECT && request->project &&
           strcmp(pending->project, request->project) == 0;
}

/* --project names its edge; without it the upstream edge, or the only one that waits. */
static bool choose_pending(Workspace *ws, const ResolveRequest *request, PendingMerge *out,
                           Error *err)
{
    PendingMerges all = {0};
    const PendingMerge *chosen = NULL;
    size_t count = 0;
    if (!pending_list(ws, &all, err))
        return false;
    for (size_t i = 0; i < all.count; i++) {
        if (!fits(&all.items[i], request))
            continue;
        count++;
        if (!chosen || all.items[i].edge == EDGE_UPSTREAM)
            chosen = &all.items[i];
    }
    if (!chosen) {
        (void)fail(err, ERR_NOT_FOUND, "no merge of '%s' waits%s", request->artifact,
                   request->project_given ? " in that project" : "");
        return fail_hint(err, "`weir status` lists what waits.");
    }
    if (count > 1 && chosen->edge != EDGE_UPSTREAM) {
        (void)fail(err, ERR_USAGE, "merges of '%s' wait in %zu projects", request->artifact, count);
        return fail_hint(err, "Name one with --project DIR.");
    }
    *out = *chosen;
    return true;
}

static const char *role_of_side(const PendingMerge *pending, Side side)
{
    switch (side) {
    case SIDE_BASE:
        return "base";
    case SIDE_BOTH:
        return "both";
    case SIDE_UPSTREAM:
        return pending->edge == EDGE_UPSTREAM ? "source" : NULL;
    case SIDE_COLLECTION:
        return pending->edge == EDGE_UPSTREAM || pending->upward ? "target" : "source";
    case SIDE_PROJECT:
        return pending->edge == EDGE_UPSTREAM ? NULL : pending->upward ? "source" : "target";
    case SIDE_FILE:
        break;
    }
    return NULL;
}

static Str place_of_file(Arena *arena, const TreeConflict *conflict)
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
    HashHex hex = hash_hex(&hash);
    return arena_copy(arena, str_of(hex.text));
}

static Str choice_at(const ResolveContext *context, Str place)
{
    const Str *choice = map_find(context->choices, place);
    return choice ? *choice : (Str){0};
}

static void choose(Draft *draft, ResolveContext *context, Str place, Str choice)
{
    Str before = choice_at(context, place);
    if (str_equal(before, choice))
        return;
    Str *kept = ARENA_NEW(draft->ws->arena, Str);
    *kept = choice;
    map_put(context->choices, place, kept);
    facts_add(draft->ws->arena, &draft->facts, FACT_CHOICE, FACT_NO_GROUP, context->pending.id,
              place, before, choice);
}

static bool check_take(const ResolveContext *context, const TreeConflict *conflict, Str *out,
                       Error *err)
{
    const char *role = role_of_side(&context->pending, context->request->take);
    if (!role)
        return fail(err, ERR_USAGE, "that side takes no part in this merge: it is %s",
                    context->pending.edge == EDGE_UPSTREAM ? "between upstream and collection"
                                                           : "between collection and project");
    if (context->request->take == SIDE_BOTH && !conflict->has_text)
        return fail(err, ERR_USAGE, "'both' is for text: this one is a whole file (%s)",
                    conflict_kind_name(conflict->kind));
    *out = str_of(role);
    return true;
}

static bool take_file(Draft *draft, ResolveContext *context, const TreeConflict *conflict,
                      Error *err)
{
    Arena *arena = draft->ws->arena;
    size_t line = 0;
    Str text = context->request->with;
    if (merge_has_markers(text, &line)) {
        (void)fail(err, ERR_INVALID, "the resolution still has a conflict marker in line %zu",
                   line);
        return fail_hint(err, "Edit the file until no marker is left, then run the command again.");
    }
    NewBlob blob = {hash_of(text), text};
    HashHex hex = hash_hex(&blob.hash);
    ARRAY_PUSH(arena, &draft->blobs, blob);
    blob_pool_add_bytes(draft->pool, &blob.hash, text);
    choose(draft, context, place_of_file(arena, conflict),
           str_of(arena_format(arena, "text %s", hex.text)));
    return true;
}

static bool take_side(Draft *draft, ResolveContext *context, const TreeConflict *conflict,
                      Error *err)
{
    Arena *arena = draft->ws->arena;
    Str role;
    if (!check_take(context, conflict, &role, err))
        return false;
    Str file = place_of_file(arena, conflict);
    if (!conflict->has_text || !conflict->merge.regions.count) {
        choose(draft, context, file, role);
        return true;
    }
    if (choice_at(context, file).len)
        choose(draft, context, file, (Str){0});
    Hash *keys = ARENA_ARRAY(arena, Hash, conflict->merge.regions.count);
    merge_region_keys(conflict->path, &conflict->merge, keys);
    for (size_t i = 0; i < conflict->merge.regions.count; i++) {
        HashHex hex = hash_hex(&keys[i]);
        choose(draft, context, arena_copy(arena, str_of(hex.text)), role);
    }
    return true;
}

static Str shown_path(const ResolveContext *context, const PlanItem *item, Str path)
{
    (void)context;
    if (path.len)
        return path;
    size_t slash = str_find_last(item->path, '/');
    return slash == STR_NONE ? item->path : str_slice(item->path, slash + 1, item->path.len);
}

static bool choose_for_request(Draft *draft, ResolveContext *context, const PlanItem *item,
                               const TreeConflicts *conflicts, Error *err)
{
    const ResolveRequest *request = context->request;
    size_t matched = 0;
    if (request->show)
        return true;
    for (size_t i = 0; i < conflicts->count; i++) {
        const TreeConflict *conflict = &conflicts->items[i];
        if (request->file &&
            !str_equal(str_of(request->file), shown_path(context, item, conflict->path)))
            continue;
        matched++;
        bool done = request->take == SIDE_FILE ? take_file(draft, context, conflict, err)
                                               : take_side(draft, context, conflict, err);
        if (!done)
            return fail_in(err, "%s", text_safe(draft->ws->arena, conflict->path));
    }
    if (matched || !conflicts->count)
        return true;
    (void)fail(err, ERR_NOT_FOUND, "'%s' has no place in conflict", request->file);
    return fail_hint(err, "`weir resolve %.*s` lists the files that have.",
                     STR_ARG(context->pending.artifact));
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

static bool parse_take(Str choice, MergeTake *out)
{
    static const struct {
        const char *name;
        MergeTake take;
    } rows[] = {
        {"target", TAKE_OURS}, {"source", TAKE_THEIRS}, {"base", TAKE_BASE}, {"both", TAKE_BOTH}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_is(choice, rows[i].name)) {
            *out = rows[i].take;
            return true;
        }
    return false;
}

/* Joins the choices of a text's places; *done false while one is missing. */
static void settle_places(Draft *draft, const ResolveContext *context, const TreeConflict *conflict,
                          bool *done, TreeEntry *out)
{
    Arena *arena = draft->ws->arena;
    size_t count = conflict->merge.regions.count;
    Hash *keys = ARENA_ARRAY(arena, Hash, count + 1);
    MergeChoice *choices = ARENA_ARRAY(arena, MergeChoice, count + 1);
    LineMerge settled;
    MergeOptions options = {.style = draft->ws->marker_style};
    merge_region_keys(conflict->path, &conflict->merge, keys);
    for (size_t i = 0; i < count; i++) {
        HashHex hex = hash_hex(&keys[i]);
        Str choice = choice_at(context, str_of(hex.text));
        if (!parse_take(choice, &choices[i].take))
            choices[i].take = TAKE_NOTHING;
    }
    merge_apply_choices(arena, &conflict->merge, choices, &options, &settled);
    *done = settled.clean && count > 0;
    if (!*done)
        return;
    NewBlob blob = {hash_of(settled.text), settled.text};
    ARRAY_PUSH(arena, &draft->blobs, blob);
    blob_pool_add_bytes(draft->pool, &blob.hash, blob.bytes);
    *out = (TreeEntry){conflict->path, merged_mode(conflict), blob.hash, settled.text.len};
}

static bool settle_file(const TreeConflict *conflict, Str choice, TreeEntry *out)
{
    Hash given;
    const ConflictSide *side = str_is(choice, "target")   ? &conflict->ours
                               : str_is(choice, "source") ? &conflict->theirs
                                                          : &conflict->base;
    if (str_starts(choice, STR("text ")) && hash_parse(str_slice(choice, 5, choice.len), &given)) {
        Mode mode = merged_mode(conflict);
        *out = (TreeEntry){conflict->path, mode == MODE_LINK ? MODE_FILE : mode, given, 0};
        return true;
    }
    Str path = side->path.len ? side->path : conflict->path;
    *out = (TreeEntry){path, side->mode, side->hash, 0};
    return true;
}

/* Adds what the conflict became to `after`; *done false while it has no choice. */
static bool settle_conflict(Draft *draft, const ResolveContext *context,
                            const TreeConflict *conflict, Tree *after, bool *done)
{
    TreeEntry entry = {0};
    Str choice = choice_at(context, place_of_file(draft->ws->arena, conflict));
    *done = choice.len > 0;
    if (*done)
        (void)settle_file(conflict, choice, &entry);
    else if (conflict->has_text)
        settle_places(draft, context, conflict, done, &entry);
    if (*done && entry.mode != MODE_NONE && !tree_find(after, entry.path)) {
        ARRAY_PUSH(draft->ws->arena, after, entry);
        tree_sort(after);
    }
    return true;
}

static bool settle_all(Draft *draft, ResolveContext *context, const EdgeResult *merge, Tree *after,
                       TreeConflicts *left)
{
    for (size_t i = 0; i < merge->after.tree.count; i++)
        ARRAY_PUSH(draft->ws->arena, after, merge->after.tree.items[i]);
    for (size_t i = 0; i < merge->conflicts.count; i++) {
        bool done = false;
        (void)settle_conflict(draft, context, &merge->conflicts.items[i], after, &done);
        if (done)
            context->result->resolved++;
        else
            ARRAY_PUSH(draft->ws->arena, left, merge->conflicts.items[i]);
    }
    return true;
}

typedef struct {
    Artifact *artifact;
    UpstreamState state;
    Root *project;
    Deployment *deployment;
} EdgeOwner;

static bool find_upstream_owner(Draft *draft, const PendingMerge *pending, EdgeOwner *out,
                                Error *err)
{
    ArtifactList one = {0};
    UpstreamState *states = NULL;
    ARRAY_PUSH(draft->ws->arena, &one, out->artifact);
    if (!upstream_states(draft->ws, &one, false, &states, err))
        return false;
    out->state = states[0];
    if (out->state.known)
        return true;
    (void)fail(err, ERR_CHANGED, "the pin of %.*s has changed since this merge was planned",
               STR_ARG(pending->artifact));
    return fail_hint(err, "Plan it again: weir sync %.*s --apply.", STR_ARG(pending->artifact));
}

static bool find_owner(Draft *draft, const PendingMerge *pending, EdgeOwner *out, Error *err)
{
    *out = (EdgeOwner){0};
    out->artifact = collection_find(draft->session->collection->collection, pending->artifact);
    if (!out->artifact)
        return fail(err, ERR_NOT_FOUND, "%.*s is no longer in the collection",
                    STR_ARG(pending->artifact));
    if (pending->edge == EDGE_UPSTREAM)
        return find_upstream_owner(draft, pending, out, err);
    out->project = &draft->session->roots[1];
    out->deployment = deployments_find(out->project->deployments, pending->artifact);
    return out->deployment || fail(err, ERR_NOT_FOUND, "%.*s is no longer deployed in %s",
                                   STR_ARG(pending->artifact), out->project->name);
}

static bool settle_edge(Draft *draft, ResolveContext *context, PlanItem *item,
                        const EdgeOwner *owner, const EdgeInput *input, const EdgeResult *result,
                        Error *err)
{
    facts_add(draft->ws->arena, &draft->facts, FACT_PENDING_STATE, draft_group(draft, item),
              context->pending.id, STR("waiting"), STR("resolved"));
    context->result->finished = true;
    return item->edge == EDGE_UPSTREAM
               ? settle_upstream_edge(draft, item, owner->artifact, &owner->state, input, result,
                                      "resolve", err)
               : settle_project_edge(draft, item, owner->artifact, owner->project,
                                     owner->deployment, input, result, "resolve", err);
}

static bool resolve_edge(Draft *draft, ResolveContext *context, PlanItem *item, Error *err)
{
    EdgeOwner owner;
    EdgeInput input;
    EdgeResult merge;
    EdgeResult result;
    Tree after = {0};
    TreeConflicts left = {0};
    if (!find_owner(draft, &context->pending, &owner, err))
        return false;
    bool read = item->edge == EDGE_UPSTREAM
                    ? upstream_edge_input(draft, owner.artifact, &owner.state, &input, err)
                    : project_edge_input(draft, owner.artifact, owner.project, owner.deployment,
                                         item->upward, &input, err);
    if (!read || !edge_merge(draft->ws, draft->pool, &input, &merge, err))
        return false;
    item_fill(item, &input, &merge);
    if (!choose_for_request(draft, context, item, &merge.conflicts, err))
        return false;
    (void)settle_all(draft, context, &merge, &after, &left);
    item->conflicts = left;
    if (left.count || context->request->show)
        return true;
    for (size_t i = 0; i < merge.blobs.count; i++)
        ARRAY_PUSH(draft->ws->arena, &draft->blobs, merge.blobs.items[i]);
    if (!edge_replace(draft->ws, draft->pool, &input, &after, &result, err))
        return false;
    item_fill(item, &input, &result);
    if (result.conflicts.count)
        return true;
    return settle_edge(draft, context, item, &owner, &input, &result, err);
}

static bool read_choices(Draft *draft, ResolveContext *context, Error *err)
{
    PlaceChoices choices;
    context->choices = map_new(draft->ws->arena, 0);
    if (!pending_choices(draft->ws, context->pending.id, &choices, err))
        return false;
    for (size_t i = 0; i < choices.count; i++)
        map_put(context->choices, choices.items[i].place, &choices.items[i].choice);
    return true;
}

static bool plan_resolve(Draft *draft, void *opaque, Error *err)
{
    ResolveContext *context = opaque;
    context->result->resolved = 0;
    context->result->finished = false;
    const Root *project = context->pending.edge == EDGE_PROJECT ? &draft->session->roots[1] : NULL;
    PlanItem *item = draft_item(draft, context->pending.artifact, context->pending.edge, project);
    item->upward = context->pending.upward;
    item->pending_id = context->pending.id;
    if (context->request->abort) {
        facts_add(draft->ws->arena, &draft->facts, FACT_PENDING_STATE, FACT_NO_GROUP,
                  context->pending.id, STR("waiting"), STR("aborted"));
        return true;
    }
    return read_choices(draft, context, err) && resolve_edge(draft, context, item, err);
}

bool verb_resolve(Workspace *ws, const ResolveRequest *request, ResolveResult *out, Error *err)
{
    ResolveResult result = {0};
    ResolveContext context = {.request = request, .result = &result};
    DraftRun run = {.plan_it = plan_resolve, .context = &context, .apply = request->apply};
    if (!session_recover(ws, err) || !choose_pending(ws, request, &context.pending, err))
        return false;
    run.session.write_collection = request->apply;
    run.session.write_projects = request->apply;
    run.session.strict = true;
    if (context.pending.edge == EDGE_PROJECT)
        ARRAY_PUSH(ws->arena, &run.session.projects, str_of(context.pending.project));
    if (!draft_run(ws, &run, &result.plan, err))
        return false;
    result.pending = context.pending;
    *out = result;
    return true;
}
