#include "sync/edges.h"

#include "sync/settle.h"

/* Where the edge ends in a conflict: live files stay, the merge waits. */
static bool leave_pending(Draft *draft, PlanItem *item, const EdgeInput *input, Error *err)
{
    draft_keep_side(draft, &input->base);
    draft_keep_side(draft, &input->target);
    draft_keep_side(draft, &input->source);
    return draft_pending(draft, item, err);
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
    return settle_edge(draft, item, ends, &input, &result, NULL, err) &&
           draft_drop_pending(draft, item, err);
}

static bool upstream_edge(Draft *draft, PlanItem *item, const EdgeEnds *ends, Error *err)
{
    const Artifact *artifact = ends->artifact;
    const UpstreamSeen *seen = &ends->upstream->seen;
    item->from_version =
        artifact->upstream_version.len ? artifact->upstream_version : artifact->upstream_ref;
    if (!ends->upstream->known)
        return fail(err, ERR_NOT_CONNECTED, "the upstream of %.*s has not been seen yet",
                    STR_ARG(artifact->id));
    item->to_version = seen->version.len ? seen->version : seen->ref;
    return merge_ends(draft, item, ends, err);
}

bool plan_upstream_edge(Draft *draft, const Artifact *artifact, const UpstreamState *state,
                        Error *err)
{
    Error failed = {0};
    EdgeEnds ends = {.artifact = artifact, .upstream = state};
    PlanItem *item = draft_item(draft, artifact->id, EDGE_UPSTREAM, NULL);
    item->path = artifact->path;
    if (!state->has_upstream)
        return true;
    if (state->error.code) {
        item->removal = state->error.code == ERR_UPSTREAM_REMOVED;
        return draft_failed(item, &state->error, err);
    }
    return upstream_edge(draft, item, &ends, &failed) || draft_failed(item, &failed, err);
}

static bool check_other_way(Draft *draft, const PlanItem *item, Error *err)
{
    bool found = false;
    PendingMerge pending;
    if (!pending_find(draft->ws, item->artifact, item->edge, str_of(item->project), &found,
                      &pending, err))
        return false;
    if (!found || pending.upward == item->upward)
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
    return (check_other_way(draft, item, &failed) && merge_ends(draft, item, &ends, &failed)) ||
           draft_failed(item, &failed, err);
}
