#include "sync/job_earlier.h"

#include "sync/blob_pool.h"
#include "sync/edge.h"
#include "sync/select.h"

static bool is_of(const PlanItem *item, const OperationTree *tree)
{
    bool on_project = item->edge == EDGE_PROJECT && !item->upward;
    if (!str_equal(item->artifact, tree->artifact) || on_project != str_is(tree->tier, "project"))
        return false;
    return !on_project || str_is(tree->root, item->project);
}

static PlanItem *item_of(Plan *plan, const OperationTree *tree)
{
    for (size_t i = 0; i < plan->items.count; i++)
        if (is_of(&plan->items.items[i], tree))
            return &plan->items.items[i];
    return NULL;
}

/* One that this attempt did not even plan: a verb passes over what has nothing to do. */
static PlanItem *new_item(const JobWork *work, Plan *plan, const OperationTree *tree)
{
    bool on_project = str_is(tree->tier, "project");
    bool upward = work->request.direction == DIRECTION_PROJECT_TO_COLLECTION;
    PlanItem item = {
        .artifact = tree->artifact,
        .edge = on_project || upward ? EDGE_PROJECT : EDGE_UPSTREAM,
        .upward = upward && !on_project,
        .path = tree->path,
    };
    if (on_project)
        item.project = arena_text(work->ws->arena, tree->root);
    else if (upward)
        item.project = arena_text(work->ws->arena, work->request.project_path);
    ARRAY_PUSH(work->ws->arena, &plan->items, item);
    return &plan->items.items[plan->items.count - 1];
}

static bool tell_tree(const JobWork *work, BlobPool *pool, const OperationTree *tree,
                      PlanItem *item, Error *err)
{
    TreeSide before, after;
    bool merged = false;
    BlobReader blobs = blob_pool_reader(pool);
    TreeDiffOptions options = {0};
    if (!side_of_version(work->ws, pool, &tree->before, &before, err) ||
        !side_of_version(work->ws, pool, &tree->after, &after, err) ||
        !tree_diff(work->ws->arena, &before.tree, &after.tree, &blobs, &options, &item->changes,
                   err) ||
        !operation_merged(work->ws->db, &work->earlier.head, tree, &merged, err))
        return false;
    item->result = merged ? RESULT_MERGED : RESULT_FAST_FORWARD;
    item->path = tree->path;
    item->target = tree->before;
    item->after = tree->after;
    return true;
}

bool job_join_earlier(JobWork *work, Plan *plan, Error *err)
{
    BlobPool *pool = blob_pool_new(work->ws);
    plan->operation = work->earlier.head.id;
    for (size_t i = 0; i < work->earlier.trees.count; i++) {
        const OperationTree *tree = &work->earlier.trees.items[i];
        PlanItem *item = item_of(plan, tree);
        if (item && item->result != RESULT_UP_TO_DATE)
            continue;
        if (!tell_tree(work, pool, tree, item ? item : new_item(work, plan, tree), err))
            return false;
    }
    return true;
}

static bool is_written(const JobWork *work, Str name)
{
    for (size_t i = 0; work->again && i < work->earlier.head.artifacts.count; i++)
        if (artifact_is_named(work->earlier.head.artifacts.items[i], name))
            return true;
    return false;
}

StrArray job_names_left(const JobWork *work)
{
    StrArray left = {0};
    for (size_t i = 0; i < work->request.artifacts.count; i++)
        if (!is_written(work, work->request.artifacts.items[i]))
            ARRAY_PUSH(work->ws->arena, &left, work->request.artifacts.items[i]);
    return left;
}
