#include "sync/draft.h"

#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "base/path.h"
#include "base/text.h"
#include "sync/markers.h"
#include "sync/pending_index.h"
#include "sync/unmerged.h"

Draft *draft_new(Workspace *ws, Session *session, Plan *plan)
{
    Draft *draft = ARENA_NEW(ws->arena, Draft);
    *draft = (Draft){.ws = ws,
                     .session = session,
                     .plan = plan,
                     .pool = blob_pool_new(ws),
                     .sides = map_new(ws->arena, 0)};
    return draft;
}

/* Where weir keeps its own files no artifact may lie, around or inside. */
static bool check_not_reserved(const Root *root, Str path, Error *err)
{
    static const char *const of_collection[] = {COLLECTION_FILE, COLLECTION_LOCK_FILE,
                                                STAGING_FOLDER, NULL};
    static const char *const of_project[] = {DEPLOYED_FILE, STAGING_FOLDER "/base", NULL};
    const char *const *reserved = root->is_collection ? of_collection : of_project;
    bool staging = str_starts(path, STR(STAGING_FOLDER "/txn-"));
    for (; *reserved && !staging; reserved++)
        staging =
            path_is_inside(path, str_of(*reserved)) || path_is_inside(str_of(*reserved), path);
    if (!staging && path.len)
        return true;
    SCOPED(arena_close) Arena *arena = arena_open();
    (void)fail(err, ERR_INVALID, "'%s' is a place of weir's own records", text_safe(arena, path));
    return fail_hint(err, "Choose another path, .weir/skills/NAME for one.");
}

bool draft_check_place(const Root *root, Str path, Error *err)
{
    return check_not_reserved(root, path, err) && unmerged_check(root, path, err);
}

static Str place_key(const Draft *draft, const Root *root, Str path)
{
    return str_of(
        arena_format(draft->ws->arena, "%td/%.*s", root - draft->session->roots, STR_ARG(path)));
}

void draft_lay_ready(Draft *draft, const Root *root, Str path, Snapshot *snapshot)
{
    if (!draft->ready)
        draft->ready = map_new(draft->ws->arena, 0);
    map_put(draft->ready, place_key(draft, root, path), snapshot);
}

static bool read_side(Draft *draft, Root *root, Str path, Str key, TreeSide *out, Error *err)
{
    Arena *arena = draft->ws->arena;
    Snapshot snapshot = {0};
    if (!draft_check_place(root, path, err))
        return false;
    const Snapshot *ready = draft->ready ? map_find(draft->ready, key) : NULL;
    if (ready)
        snapshot = *ready;
    else if (!snapshot_read(arena, root->fd, path, root->cache, &snapshot, err))
        return fail_in(err, "%s", root->name);
    if (snapshot.exists) {
        KeptSnapshot kept = {root, path, snapshot};
        blob_pool_add_snapshot(draft->pool, root, path, &snapshot);
        ARRAY_PUSH(arena, &draft->snapshots, kept);
    }
    *out = side_of_snapshot(&snapshot);
    return true;
}

bool draft_snapshot(Draft *draft, Root *root, Str path, TreeSide *out, Error *err)
{
    Str key = place_key(draft, root, path);
    TreeSide *known = map_find(draft->sides, key);
    if (!known) {
        known = ARENA_NEW(draft->ws->arena, TreeSide);
        if (!read_side(draft, root, path, key, known, err))
            return false;
        map_put(draft->sides, key, known);
    }
    *out = *known;
    return true;
}

static bool planned_side(const Draft *draft, const Root *root, Str artifact, TreeSide *out)
{
    for (size_t i = draft->changes.count; i-- > 0;) {
        const TreeChange *change = &draft->changes.items[i];
        if (change->root == root && str_equal(change->artifact, artifact)) {
            *out = change->after;
            return true;
        }
    }
    return false;
}

bool draft_live(Draft *draft, Root *root, Str artifact, Str path, TreeSide *out, Error *err)
{
    return planned_side(draft, root, artifact, out) || draft_snapshot(draft, root, path, out, err);
}

bool draft_side(Draft *draft, Root *root, Str artifact, Str path, TreeSide *out, Error *err)
{
    const Marks *marks = NULL;
    TreeSide side;
    if (planned_side(draft, root, artifact, out))
        return true;
    if (!draft_snapshot(draft, root, path, &side, err) ||
        !markers_find(draft, root, artifact, &marks, err) ||
        (marks && side.exists && !markers_hide(draft, marks, &side, err)))
        return false;
    *out = side;
    return true;
}

/* What planning it took: until the next one begins. */
void draft_item_ends(Draft *draft)
{
    if (!draft->ws->tracer)
        return;
    int64_t now = clock_monotonic_us();
    if (draft->plan->items.count)
        draft->plan->items.items[draft->plan->items.count - 1].took_us = now - draft->item_began_us;
    draft->item_began_us = now;
}

PlanItem *draft_item(Draft *draft, Str artifact, Edge edge, const Root *project)
{
    draft_item_ends(draft);
    PlanItem item = {.artifact = artifact, .edge = edge, .project = project ? project->path : NULL};
    ARRAY_PUSH(draft->ws->arena, &draft->plan->items, item);
    return &draft->plan->items.items[draft->plan->items.count - 1];
}

size_t draft_group(const Draft *draft, const PlanItem *item)
{
    return (size_t)(item - draft->plan->items.items);
}

void draft_keep_side(Draft *draft, const TreeSide *side)
{
    if (side->exists)
        ARRAY_PUSH(draft->ws->arena, &draft->trees, side->tree);
}

void draft_keep_result(Draft *draft, const EdgeResult *result)
{
    for (size_t i = 0; i < result->blobs.count; i++)
        ARRAY_PUSH(draft->ws->arena, &draft->blobs, result->blobs.items[i]);
    draft_keep_side(draft, &result->after);
}

size_t draft_end(Draft *draft, size_t count)
{
    draft->selected = count;
    return draft->to < count ? draft->to : count;
}

StrArray draft_part(Draft *draft, const StrArray *all)
{
    StrArray part = {0};
    if (draft->from == 0)
        *draft->names = str_array_copy(draft->keep, all);
    size_t end = draft_end(draft, draft->names->count);
    for (size_t i = draft->from; i < end; i++)
        ARRAY_PUSH(draft->ws->arena, &part, draft->names->items[i]);
    return part;
}

static bool bars(const Draft *draft, const Barred *barred, const PlanItem *item)
{
    if (barred->artifact.len && !str_equal(barred->artifact, item->artifact))
        return false;
    if (!barred->root || (item->project && strcmp(barred->root, item->project) == 0))
        return true;
    bool of_collection = item->edge == EDGE_UPSTREAM || item->upward;
    return of_collection && draft->session->collection &&
           strcmp(barred->root, draft->session->collection->path) == 0;
}

bool draft_check_item(const Draft *draft, const PlanItem *item, Error *err)
{
    for (size_t i = 0; draft->barred && i < draft->barred->count; i++) {
        if (!bars(draft, &draft->barred->items[i], item))
            continue;
        *err = draft->barred->items[i].error;
        return false;
    }
    return true;
}

bool item_matters(const PlanItem *item)
{
    return item->artifact.len && item->result != RESULT_ERROR &&
           (item->changes.count || item->record_only || item->conflicts.count ||
            item->pending_id.len);
}

bool draft_failed(Draft *draft, PlanItem *item, const Error *failed, Error *err)
{
    if (failed->code == ERR_INTERRUPTED) {
        *err = *failed;
        return false;
    }
    item->result = RESULT_ERROR;
    item->error = error_note(draft->ws->arena, failed);
    return true;
}

void draft_version(Draft *draft, size_t group, const VersionFact *v)
{
    Arena *arena = draft->ws->arena;
    facts_add(arena, &draft->facts, FACT_VERSION, group, str_of(draft->ws->collection_name),
              v->artifact, str_of(tier_names[v->tier]), v->project, hash_format(arena, &v->hash),
              hash_format(arena, &v->parent), hash_format(arena, &v->other_parent),
              str_of(v->source), v->message);
}

static bool same_merge(const PendingMerge *pending, const PlanItem *item)
{
    return hash_equal(&pending->base, &item->base) && hash_equal(&pending->target, &item->target) &&
           hash_equal(&pending->source, &item->source);
}

bool draft_pending(Draft *draft, PlanItem *item, Error *err)
{
    Arena *arena = draft->ws->arena;
    const PendingMerge *waiting = NULL;
    if (!pending_of_edge(draft->session, item->artifact, item->edge, item->project, &waiting, err))
        return false;
    item->pending_id = waiting ? waiting->id : str_of(id_new(arena));
    if (waiting && same_merge(waiting, item))
        return true;
    Str at = str_of(arena_format(arena, "%lld", (long long)clock_ms()));
    facts_add(arena, &draft->facts, FACT_PENDING, FACT_NO_GROUP, item->pending_id,
              str_of(draft->ws->collection_name), item->artifact, str_of(edge_names[item->edge]),
              item->upward ? STR("1") : STR("0"), str_of(item->project),
              hash_format(arena, &item->base), hash_format(arena, &item->target),
              hash_format(arena, &item->source), at);
    return true;
}

bool draft_drop_pending(Draft *draft, const PlanItem *item, Error *err)
{
    const PendingMerge *waiting = NULL;
    if (!pending_of_edge(draft->session, item->artifact, item->edge, item->project, &waiting, err))
        return false;
    if (waiting)
        facts_add(draft->ws->arena, &draft->facts, FACT_PENDING_STATE, draft_group(draft, item),
                  waiting->id, STR("waiting"), STR("dropped"));
    return true;
}
