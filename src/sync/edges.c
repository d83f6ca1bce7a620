#include "sync/edges.h"

#include "sync/pending_index.h"
#include "sync/review.h"
#include "sync/settle.h"

/* Where the edge ends in a conflict: live files stay, the merge waits. */
static bool leave_pending(Draft *draft, PlanItem *item, const EdgeInput *input, Error *err)
{
    draft_keep_side(draft, &input->base);
    draft_keep_side(draft, &input->target);
    draft_keep_side(draft, &input->source);
    return draft_pending(draft, item, err);
}

/* The target's own edits, as far as the source has not the same: what taking the source would drop. */
static bool find_lost(Draft *draft, const EdgeInput *input, PlanItem *item, Error *err)
{
    BlobReader blobs = blob_pool_reader(draft->pool);
    TreeDiffOptions options = {.no_renames = true};
    FileChanges own = {0};
    const Tree *from = input->base.exists ? &input->base.tree : &input->source.tree;
    if (!tree_diff(draft->ws->arena, from, &input->target.tree, &blobs, &options, &own, err))
        return false;
    for (size_t i = 0; i < own.count; i++) {
        const TreeEntry *mine = tree_find(&input->target.tree, own.items[i].path);
        const TreeEntry *theirs = tree_find(&input->source.tree, own.items[i].path);
        if (!tree_entry_equal(mine, theirs))
            ARRAY_PUSH(draft->ws->arena, &item->lost, own.items[i]);
    }
    return true;
}

/* One side as it stands. Without a base, all that differs is the target's own. */
static bool choose_side(Draft *draft, PlanItem *item, const EdgeEnds *ends, EdgePolicy policy,
                        Error *err)
{
    EdgeInput input;
    EdgeResult result;
    bool take = policy == POLICY_TAKE;
    if (!edge_sides(draft, ends, item->upward, &input, err) ||
        !edge_replace(draft->ws, draft->pool, &input,
                      take ? &input.source.tree : &input.target.tree, &result, err))
        return false;
    if (!result.conflicts.count && take)
        result.kind = TREE_FAST_FORWARD;
    item_fill(item, &input, &result);
    if (item->result == RESULT_CONFLICT)
        return leave_pending(draft, item, &input, err);
    if (!result.changes.count)
        item->result = RESULT_UP_TO_DATE;
    if ((take && !find_lost(draft, &input, item, err)) || !review_item(draft, item, err) ||
        !settle_edge(draft, item, ends, &input, &result, take ? NULL : "resolve", err) ||
        !draft_drop_pending(draft, item, err))
        return false;
    if (!take && item->record_only)
        item->result = RESULT_MERGED;
    return true;
}

static bool merge_ends(Draft *draft, PlanItem *item, const EdgeEnds *ends, Error *err)
{
    EdgeInput input;
    EdgeResult result;
    if (!edge_input(draft, ends, item->upward, &input, err) ||
        !edge_merge(draft->ws, draft->pool, &input, &result, err))
        return false;
    item_fill(item, &input, &result);
    if (item->result == RESULT_CONFLICT)
        return leave_pending(draft, item, &input, err);
    return review_item(draft, item, err) &&
           settle_edge(draft, item, ends, &input, &result, NULL, err) &&
           draft_drop_pending(draft, item, err);
}

static bool upstream_edge(Draft *draft, PlanItem *item, const EdgeEnds *ends, EdgePolicy policy,
                          Error *err)
{
    const Artifact *artifact = ends->artifact;
    const UpstreamSeen *seen = &ends->upstream->seen;
    item->from_version =
        artifact->upstream_version.len ? artifact->upstream_version : artifact->upstream_ref;
    if (!ends->upstream->known)
        return fail(err, ERR_NOT_CONNECTED, "the upstream of %.*s has not been seen yet",
                    STR_ARG(artifact->id));
    item->to_version = seen->version.len ? seen->version : seen->ref;
    return policy == POLICY_MERGE ? merge_ends(draft, item, ends, err)
                                  : choose_side(draft, item, ends, policy, err);
}

bool plan_upstream_edge(Draft *draft, const Artifact *artifact, const UpstreamState *state,
                        EdgePolicy policy, Error *err)
{
    Error failed = {0};
    EdgeEnds ends = {.artifact = artifact, .upstream = state};
    PlanItem *item = draft_item(draft, artifact->id, EDGE_UPSTREAM, NULL);
    item->path = artifact->path;
    if (!state->has_upstream)
        return true;
    if (!draft_check_item(draft, item, &failed))
        return draft_failed(draft, item, &failed, err);
    if (state->error.code) {
        item->removal = state->error.code == ERR_UPSTREAM_REMOVED;
        (void)fail_noted(&failed, &state->error);
        return draft_failed(draft, item, &failed, err);
    }
    return upstream_edge(draft, item, &ends, policy, &failed) ||
           draft_failed(draft, item, &failed, err);
}

static bool check_other_way(Draft *draft, const PlanItem *item, Error *err)
{
    const PendingMerge *pending = NULL;
    if (!pending_of_edge(draft->session, item->artifact, item->edge, item->project, &pending, err))
        return false;
    if (!pending || pending->upward == item->upward)
        return true;
    return fail(err, ERR_PENDING_MERGE, "a merge the other way waits for %.*s",
                STR_ARG(item->artifact));
}

bool plan_project_edge(Draft *draft, const Artifact *artifact, Root *project,
                       const Deployment *deployment, bool upward, Error *err)
{
    Error failed = {0};
    EdgeEnds ends = {.artifact = artifact, .project = project, .deployment = deployment};
    PlanItem *item = draft_item(draft, deployment->artifact, EDGE_PROJECT, project);
    item->upward = upward;
    item->path = deployment->path;
    item->removal = !artifact;
    return (draft_check_item(draft, item, &failed) && check_other_way(draft, item, &failed) &&
            merge_ends(draft, item, &ends, &failed)) ||
           draft_failed(draft, item, &failed, err);
}
