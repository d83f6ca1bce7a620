#include "sync/draft.h"

#include "base/clock.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "sync/item_log.h"
#include "sync/markers.h"
#include "sync/pending_store.h"
#include "sync/review.h"
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
    return fail(err, ERR_INVALID, "'%s' is a place of weir's own records", text_safe(arena, path));
}

static bool read_side(Draft *draft, Root *root, Str path, TreeSide *out, Error *err)
{
    Snapshot snapshot = {0};
    if (!check_not_reserved(root, path, err) || !unmerged_check(root, path, err))
        return false;
    if (!snapshot_read(draft->ws->arena, root->fd, path, root->cache, &snapshot, err))
        return fail_in(err, "%s", root->name);
    if (snapshot.exists) {
        KeptSnapshot kept = {root, path, snapshot};
        blob_pool_add_snapshot(draft->pool, root, path, &snapshot);
        ARRAY_PUSH(draft->ws->arena, &draft->snapshots, kept);
    }
    *out = side_of_snapshot(&snapshot);
    return true;
}

bool draft_snapshot(Draft *draft, Root *root, Str path, TreeSide *out, Error *err)
{
    Arena *arena = draft->ws->arena;
    Str key = str_of(arena_format(arena, "%td/%.*s", root - draft->session->roots, STR_ARG(path)));
    TreeSide *known = map_find(draft->sides, key);
    if (!known) {
        known = ARENA_NEW(arena, TreeSide);
        if (!read_side(draft, root, path, known, err))
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
static void draft_item_ends(Draft *draft)
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
    bool found = false;
    PendingMerge waiting;
    if (!pending_find(draft->ws, item->artifact, item->edge, str_of(item->project), &found,
                      &waiting, err))
        return false;
    item->pending_id = found ? waiting.id : str_of(id_new(arena));
    if (found && same_merge(&waiting, item))
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
    bool found = false;
    PendingMerge waiting;
    if (!pending_find(draft->ws, item->artifact, item->edge, str_of(item->project), &found,
                      &waiting, err))
        return false;
    if (found)
        facts_add(draft->ws->arena, &draft->facts, FACT_PENDING_STATE, draft_group(draft, item),
                  waiting.id, STR("waiting"), STR("dropped"));
    return true;
}

typedef struct {
    Str operation; /* the batches of one command are one operation */
    size_t from, selected;
    size_t planned; /* items of the batches before */
    Session *session;
    Str raced;
} Batch;

static bool same_item(const PlanItem *a, const PlanItem *b)
{
    return str_equal(a->artifact, b->artifact) && a->edge == b->edge && a->result == b->result &&
           str_equal(str_of(a->project), str_of(b->project)) && hash_equal(&a->base, &b->base) &&
           hash_equal(&a->target, &b->target) && hash_equal(&a->source, &b->source) &&
           hash_equal(&a->after, &b->after);
}

/* Under the locks: is this what the person said yes to? */
static bool check_agreed(const Workspace *ws, const Batch *batch, const Plan *plan, Error *err)
{
    bool same = true;
    size_t from = batch->planned;
    bool last = batch->from + LIMIT_BATCH_ARTIFACTS >= batch->selected;
    if (!ws->agreed)
        return true;
    size_t left = ws->agreed->items.count > from ? ws->agreed->items.count - from : 0;
    same = last ? left == plan->items.count : left >= plan->items.count;
    for (size_t i = 0; same && i < plan->items.count; i++)
        same = same_item(&ws->agreed->items.items[from + i], &plan->items.items[i]);
    if (same)
        return true;
    if (from)
        return fail(err, ERR_CHANGED,
                    "something changed while you were asked; the first %zu items were written, "
                    "the rest not",
                    from);
    return fail(err, ERR_CHANGED, "something changed while you were asked; nothing was written");
}

static bool plan_draft(Draft *draft, const DraftRun *run, Error *err)
{
    SPAN(draft->ws->tracer, "plan");
    if (!run->plan_it(draft, run->context, err) || !review_draft(draft, err))
        return false;
    draft_item_ends(draft);
    return true;
}

static bool run_once(Workspace *ws, const DraftRun *run, Batch *batch, Plan *plan,
                     CommitOutcome *outcome, Error *err)
{
    *plan = (Plan){.dry_run = !run->apply};
    *outcome = COMMIT_NOTHING;
    Draft *draft = draft_new(ws, batch->session, plan);
    draft->undoes = run->undoes;
    draft->operation = batch->operation;
    draft->from = batch->from;
    draft->to = batch->from + LIMIT_BATCH_ARTIFACTS;
    if (!plan_draft(draft, run, err))
        return false;
    batch->selected = draft->selected;
    bool done =
        !run->apply || (check_agreed(ws, batch, plan, err) && draft_commit(draft, outcome, err));
    batch->raced = draft->raced;
    if (done && *outcome != COMMIT_RACED)
        item_log(ws, plan);
    return done;
}

/* The session's folders and records outlive the batch, so they go into the caller's arena. */
static bool need_session(Workspace *ws, const DraftRun *run, Batch *batch, Error *err)
{
    return batch->session || session_open(ws, &run->session, &batch->session, err);
}

static void keep_plan(Arena *arena, const DraftRun *run, const Plan *part, Plan *whole)
{
    for (size_t i = 0; i < part->items.count; i++)
        ARRAY_PUSH(arena, &whole->items,
                   run->batches ? plan_item_copy(arena, &part->items.items[i])
                                : part->items.items[i]);
    if (part->operation.len)
        whole->operation = arena_copy(arena, part->operation);
}

/* One try of one batch; what it made beyond the plan goes with the arena it was made in. */
static bool try_batch(Workspace *ws, const DraftRun *run, Batch *batch, Plan *whole,
                      CommitOutcome *outcome, Error *err)
{
    Arena *arena = ws->arena;
    SCOPED(arena_close) Arena *own = NULL;
    Plan part;
    if (!need_session(ws, run, batch, err))
        return false;
    if (run->batches)
        ws->arena = own = arena_open();
    bool ran = run_once(ws, run, batch, &part, outcome, err);
    ws->arena = arena;
    batch->raced = arena_copy(arena, batch->raced);
    if (!ran || *outcome == COMMIT_RACED) {
        session_close(&batch->session);
        return ran;
    }
    keep_plan(arena, run, &part, whole);
    if (*outcome == COMMIT_DONE)
        session_written(batch->session);
    if (*outcome == COMMIT_PARTLY)
        session_close(&batch->session);
    return true;
}

static bool run_batch(Workspace *ws, const DraftRun *run, Batch *batch, Plan *whole, Error *err)
{
    enum { TRIES = 3 };
    bool ran = false;
    for (int i = 0; i < TRIES; i++) {
        CommitOutcome outcome = COMMIT_NOTHING;
        ran = try_batch(ws, run, batch, whole, &outcome, err);
        if (ran && outcome != COMMIT_RACED)
            return true;
        /* a save while it was read is a race like any other */
        if (!ran && err->code != ERR_CHANGED)
            return false;
    }
    return ran &&
           fail(err, ERR_CHANGED,
                "'%s' keeps changing, or is open for writing in another program; nothing was "
                "written",
                text_safe(ws->arena, batch->raced));
}

bool draft_run(Workspace *ws, const DraftRun *run, Plan *out, Error *err)
{
    Plan whole = {.dry_run = !run->apply};
    Batch batch = {.operation = run->operation};
    bool ran = true;
    if (!batch.operation.len)
        batch.operation = str_of(id_new(ws->arena));
    do {
        ran = run_batch(ws, run, &batch, &whole, err);
        batch.planned = whole.items.count;
        batch.from += LIMIT_BATCH_ARTIFACTS;
    } while (ran && batch.from < batch.selected);
    session_close(&batch.session);
    if (ran)
        *out = whole;
    return ran;
}
