#include "sync/edges.h"

#include "base/path.h"
#include "base/text.h"

const char *hash_short(Arena *arena, const Hash *hash)
{
    HashHex hex = hash_hex(hash);
    return arena_format(arena, "%.8s", hex.text);
}

void item_fill(PlanItem *item, const EdgeInput *input, const EdgeResult *result)
{
    static const ItemResult results[] = {
        [TREE_SAME] = RESULT_UP_TO_DATE,
        [TREE_FAST_FORWARD] = RESULT_FAST_FORWARD,
        [TREE_MERGED] = RESULT_MERGED,
        [TREE_CONFLICT] = RESULT_CONFLICT,
    };
    item->result = results[result->kind];
    if (result->kind == TREE_MERGED && !result->changes.count)
        item->result = RESULT_UP_TO_DATE;
    item->changes = result->changes;
    item->conflicts = result->conflicts;
    item->untracked = result->untracked;
    item->rules_changed = result->rules_changed;
    item->base = input->base.hash;
    item->target = input->target.hash;
    item->source = input->source.hash;
    item->after = result->after.hash;
    item->path = input->path;
}

static bool fail_missing(Error *err, const char *where, Str artifact, Str path)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fail(err, ERR_MISSING_DEPLOYMENT, "%.*s is on record but not there: %s has no '%s'",
                STR_ARG(artifact), where, text_safe(arena, path));
}

/* The base's content: here, or in the upstream at the sha that the record names. */
static bool base_side(Draft *draft, const Hash *hash, Str url, Str sha, Str path, TreeSide *out,
                      Error *err)
{
    Workspace *ws = draft->ws;
    if (side_of_version(ws, draft->pool, hash, out, err))
        return true;
    return err->code == ERR_BASE_NOT_FOUND &&
           upstream_find_version(ws, url, sha, path, hash, err) &&
           side_of_version(ws, draft->pool, hash, out, err);
}

bool upstream_edge_input(Draft *draft, const Artifact *artifact, const UpstreamState *state,
                         EdgeInput *out, Error *err)
{
    Workspace *ws = draft->ws;
    Root *root = draft->session->collection;
    EdgeInput input = {.root = root, .path = artifact->path};
    if (!side_of_version(ws, draft->pool, &state->seen.tree, &input.source, err) ||
        !draft_side(draft, root, artifact->id, artifact->path, &input.target, err))
        return false;
    if (!input.target.exists) {
        (void)fail_missing(err, "the collection", artifact->id, artifact->path);
        return fail_hint(err,
                         "`weir undo` brings it back if weir removed it; `weir remove %.*s` "
                         "forgets it.",
                         STR_ARG(artifact->id));
    }
    bool same = hash_equal(&input.target.hash, &input.source.hash);
    if (same)
        input.base = input.source;
    else if (artifact->needs_review || hash_is_zero(&artifact->base_hash))
        return fail(err, ERR_BASE_NOT_FOUND,
                    "%.*s has no version in common with its upstream on "
                    "record",
                    STR_ARG(artifact->id));
    else if (!base_side(draft, &artifact->base_hash, artifact->source, artifact->upstream_sha,
                        artifact->upstream_path, &input.base, err))
        return fail_in(err, "%.*s", STR_ARG(artifact->id));
    const char *version = state->seen.version.len ? text_safe(ws->arena, state->seen.version)
                                                  : text_safe(ws->arena, state->seen.ref);
    input.target_label =
        arena_format(ws->arena, "collection %s", hash_short(ws->arena, &input.target.hash));
    input.base_label = arena_format(ws->arena, "base %s", hash_short(ws->arena, &input.base.hash));
    input.source_label = arena_format(ws->arena, "upstream %s", version);
    *out = input;
    return true;
}

static void add_change(Draft *draft, const PlanItem *item, Root *root, const EdgeInput *input,
                       const EdgeResult *result)
{
    TreeChange change = {
        .root = root,
        .artifact = item->artifact,
        .path = input->path,
        .before = input->target,
        .after = result->after,
        .untracked = result->untracked,
        .adopted = result->adopted,
        .group = draft_group(draft, item),
        .edge = item->edge,
        .base = input->base.hash,
    };
    ARRAY_PUSH(draft->ws->arena, &draft->changes, change);
    draft_keep_result(draft, result);
}

static const char *version_source(const EdgeResult *result, const char *plain, const char *given)
{
    if (given)
        return given;
    return result->kind == TREE_FAST_FORWARD || result->kind == TREE_SAME ? plain : "merge";
}

bool settle_upstream_edge(Draft *draft, PlanItem *item, Artifact *artifact,
                          const UpstreamState *state, const EdgeInput *input,
                          const EdgeResult *result, const char *source_word, Error *err)
{
    Arena *arena = draft->ws->arena;
    Artifact next = *artifact;
    bool advanced = !hash_equal(&artifact->base_hash, &input->source.hash);
    bool changed = !hash_equal(&input->target.hash, &result->after.hash);
    next.base_hash = input->source.hash;
    next.content_hash = result->after.hash;
    next.upstream_ref = state->seen.ref;
    next.upstream_version = state->seen.version;
    next.upstream_sha = state->seen.sha;
    next.upstream_path = state->seen.source_path;
    next.versions = lineage_push(arena, &artifact->versions, &result->after.hash);
    next.last_check_ms = state->seen.checked_ms;
    next.needs_review = false;
    item->record_only = !changed && (advanced || artifact->needs_review ||
                                     !str_equal(artifact->upstream_sha, next.upstream_sha));
    if (!changed && !item->record_only)
        return true;
    if (!collection_put(draft->session->collection->collection, &next, err))
        return false;
    draft_keep_side(draft, &input->source);
    size_t group = draft_group(draft, item);
    if (advanced)
        draft_version(draft, group,
                      &(VersionFact){.artifact = item->artifact,
                                     .tier = TIER_UPSTREAM,
                                     .hash = input->source.hash,
                                     .parent = artifact->base_hash,
                                     .source = "upstream",
                                     .message = state->seen.ref});
    if (!changed)
        return true;
    bool merged = !hash_equal(&result->after.hash, &input->source.hash);
    draft_version(draft, group,
                  &(VersionFact){.artifact = item->artifact,
                                 .tier = TIER_COLLECTION,
                                 .hash = result->after.hash,
                                 .parent = input->target.hash,
                                 .other_parent = merged ? input->source.hash : HASH_NONE,
                                 .source = version_source(result, "upstream", source_word)});
    add_change(draft, item, draft->session->collection, input, result);
    return true;
}

/* Where the edge ends in a conflict: live files stay, the merge waits. */
static bool leave_pending(Draft *draft, PlanItem *item, const EdgeInput *input, Error *err)
{
    draft_keep_side(draft, &input->base);
    draft_keep_side(draft, &input->target);
    draft_keep_side(draft, &input->source);
    return draft_pending(draft, item, err);
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

static bool upstream_edge(Draft *draft, PlanItem *item, Artifact *artifact,
                          const UpstreamState *state, Error *err)
{
    EdgeInput input;
    EdgeResult result;
    item->from_version =
        artifact->upstream_version.len ? artifact->upstream_version : artifact->upstream_ref;
    if (!state->known)
        return fail(err, ERR_NOT_CONNECTED, "the upstream of %.*s has not been seen yet",
                    STR_ARG(artifact->id));
    item->to_version = state->seen.version.len ? state->seen.version : state->seen.ref;
    if (!upstream_edge_input(draft, artifact, state, &input, err) ||
        !edge_merge(draft->ws, draft->pool, &input, &result, err))
        return false;
    item_fill(item, &input, &result);
    if (item->result != RESULT_CONFLICT)
        return settle_upstream_edge(draft, item, artifact, state, &input, &result, NULL, err) &&
               draft_drop_pending(draft, item, err);
    return leave_pending(draft, item, &input, err);
}

bool plan_upstream_edge(Draft *draft, Artifact *artifact, const UpstreamState *state, Error *err)
{
    Error failed = {0};
    PlanItem *item = draft_item(draft, artifact->id, EDGE_UPSTREAM, NULL);
    item->path = artifact->path;
    if (!state->has_upstream)
        return true;
    if (state->error.code) {
        item->removal = state->error.code == ERR_UPSTREAM_REMOVED;
        return draft_failed(item, &state->error, err);
    }
    return upstream_edge(draft, item, artifact, state, &failed) || draft_failed(item, &failed, err);
}

static bool deployment_missing(const Root *project, const Deployment *deployment, Error *err)
{
    (void)fail_missing(err, arena_text(project->deployments->arena, str_of(project->name)),
                       deployment->artifact, deployment->path);
    return fail_hint(err,
                     "`weir deploy %.*s --project %s` puts it back, `weir undeploy` forgets it.",
                     STR_ARG(deployment->artifact), project->path);
}

static bool project_sides(Draft *draft, const Artifact *artifact, Root *project,
                          const Deployment *deployment, TreeSide *upper, TreeSide *lower,
                          Error *err)
{
    if (!draft_side(draft, project, deployment->artifact, deployment->path, lower, err))
        return false;
    if (!lower->exists)
        return deployment_missing(project, deployment, err);
    if (!artifact) {
        (void)fail(err, ERR_NOT_FOUND, "%.*s is no longer in the collection",
                   STR_ARG(deployment->artifact));
        return fail_hint(err, "`weir undeploy %.*s` takes it out of the project.",
                         STR_ARG(deployment->artifact));
    }
    if (!draft_side(draft, draft->session->collection, artifact->id, artifact->path, upper, err))
        return false;
    return upper->exists || fail_missing(err, "the collection", artifact->id, artifact->path);
}

bool project_edge_input(Draft *draft, Artifact *artifact, Root *project, Deployment *deployment,
                        bool upward, EdgeInput *out, Error *err)
{
    Workspace *ws = draft->ws;
    TreeSide upper;
    TreeSide lower;
    if (!project_sides(draft, artifact, project, deployment, &upper, &lower, err))
        return false;
    EdgeInput input = {
        .target = upward ? upper : lower,
        .source = upward ? lower : upper,
        .root = upward ? draft->session->collection : project,
        .path = upward ? artifact->path : deployment->path,
    };
    if (hash_equal(&upper.hash, &lower.hash))
        input.base = upper;
    else if (deployment->needs_review || hash_is_zero(&deployment->parent_hash))
        return fail(err, ERR_BASE_NOT_FOUND,
                    "%.*s has no version in common with the collection on "
                    "record",
                    STR_ARG(deployment->artifact));
    else if (!base_side(draft, &deployment->parent_hash, deployment->upstream_url,
                        deployment->upstream_sha, deployment->upstream_path, &input.base, err))
        return fail_in(err, "%.*s", STR_ARG(deployment->artifact));
    const char *collection =
        arena_format(ws->arena, "collection %s", hash_short(ws->arena, &upper.hash));
    const char *name = arena_format(ws->arena, "project %s", project->name);
    input.target_label = upward ? collection : name;
    input.source_label = upward ? name : collection;
    input.base_label = arena_format(ws->arena, "base %s", hash_short(ws->arena, &input.base.hash));
    *out = input;
    return true;
}

static void copy_upstream(Deployment *deployment, const Artifact *artifact)
{
    deployment->upstream_url = artifact->source;
    deployment->upstream_path = artifact->source_path;
    deployment->upstream_ref = artifact->pin;
    deployment->upstream_version = artifact->upstream_version;
    deployment->upstream_sha = artifact->upstream_sha;
    deployment->last_upstream_check_ms = artifact->last_check_ms;
}

/* C→P: the project takes the collection's version. */
static bool settle_downward(Draft *draft, PlanItem *item, const Artifact *artifact, Root *project,
                            const Deployment *deployment, const EdgeInput *input,
                            const EdgeResult *result, const char *word, Error *err)
{
    Arena *arena = draft->ws->arena;
    Deployment next = *deployment;
    bool changed = !hash_equal(&input->target.hash, &result->after.hash);
    next.parent_hash = input->source.hash;
    next.content_hash = result->after.hash;
    next.version_lineage = lineage_push(arena, &deployment->version_lineage, &result->after.hash);
    next.sync_status =
        hash_equal(&result->after.hash, &input->source.hash) ? STR("synced") : STR("modified");
    next.pending_conflicts = (StrArray){0};
    next.needs_review = false;
    copy_upstream(&next, artifact);
    item->record_only = !changed && (deployment->needs_review ||
                                     !hash_equal(&deployment->parent_hash, &input->source.hash));
    if (!changed && !item->record_only)
        return true;
    if (!deployments_put(project->deployments, &next, err))
        return false;
    if (!changed)
        return true;
    bool merged = !hash_equal(&result->after.hash, &input->source.hash);
    draft_version(draft, draft_group(draft, item),
                  &(VersionFact){.artifact = item->artifact,
                                 .tier = TIER_PROJECT,
                                 .project = str_of(project->path),
                                 .hash = result->after.hash,
                                 .parent = input->target.hash,
                                 .other_parent = merged ? input->source.hash : HASH_NONE,
                                 .source = version_source(result, "collection", word)});
    add_change(draft, item, project, input, result);
    return true;
}

/* P→C: the collection takes the project's version, which becomes the base of their edge. */
static bool settle_upward(Draft *draft, PlanItem *item, const Artifact *artifact, Root *project,
                          const Deployment *deployment, const EdgeInput *input,
                          const EdgeResult *result, const char *word, Error *err)
{
    Arena *arena = draft->ws->arena;
    Artifact next = *artifact;
    Deployment below = *deployment;
    bool changed = !hash_equal(&input->target.hash, &result->after.hash);
    next.content_hash = result->after.hash;
    next.versions = lineage_push(arena, &artifact->versions, &input->source.hash);
    next.versions = lineage_push(arena, &next.versions, &result->after.hash);
    below.parent_hash = input->source.hash;
    below.content_hash = input->source.hash;
    below.version_lineage = lineage_push(arena, &deployment->version_lineage, &input->source.hash);
    bool equal = hash_equal(&result->after.hash, &input->source.hash);
    below.sync_status = equal ? STR("synced") : STR("outdated");
    below.pending_conflicts = (StrArray){0};
    below.needs_review = false;
    copy_upstream(&below, artifact);
    item->record_only = !changed && (deployment->needs_review ||
                                     !hash_equal(&deployment->parent_hash, &input->source.hash));
    if (!changed && !item->record_only)
        return true;
    if ((changed && !collection_put(draft->session->collection->collection, &next, err)) ||
        !deployments_put(project->deployments, &below, err))
        return false;
    if (!hash_equal(&deployment->parent_hash, &input->source.hash))
        draft_version(draft, draft_group(draft, item),
                      &(VersionFact){.artifact = item->artifact,
                                     .tier = TIER_PROJECT,
                                     .project = str_of(project->path),
                                     .hash = input->source.hash,
                                     .parent = deployment->parent_hash,
                                     .source = "project"});
    draft_keep_side(draft, &input->source);
    if (!changed)
        return true;
    draft_version(draft, draft_group(draft, item),
                  &(VersionFact){.artifact = item->artifact,
                                 .tier = TIER_COLLECTION,
                                 .hash = result->after.hash,
                                 .parent = input->target.hash,
                                 .other_parent = equal ? HASH_NONE : input->source.hash,
                                 .source = version_source(result, "project", word)});
    add_change(draft, item, draft->session->collection, input, result);
    return true;
}

bool settle_project_edge(Draft *draft, PlanItem *item, Artifact *artifact, Root *project,
                         Deployment *deployment, const EdgeInput *input, const EdgeResult *result,
                         const char *word, Error *err)
{
    return item->upward
               ? settle_upward(draft, item, artifact, project, deployment, input, result, word, err)
               : settle_downward(draft, item, artifact, project, deployment, input, result, word,
                                 err);
}

static bool project_edge(Draft *draft, PlanItem *item, Artifact *artifact, Root *project,
                         Deployment *deployment, Error *err)
{
    EdgeInput input;
    EdgeResult result;
    if (!check_other_way(draft, item, err) ||
        !project_edge_input(draft, artifact, project, deployment, item->upward, &input, err) ||
        !edge_merge(draft->ws, draft->pool, &input, &result, err))
        return false;
    item_fill(item, &input, &result);
    if (item->result != RESULT_CONFLICT)
        return settle_project_edge(draft, item, artifact, project, deployment, &input, &result,
                                   NULL, err) &&
               draft_drop_pending(draft, item, err);
    return leave_pending(draft, item, &input, err);
}

bool plan_project_edge(Draft *draft, Artifact *artifact, Root *project, Deployment *deployment,
                       bool upward, Error *err)
{
    Error failed = {0};
    PlanItem *item = draft_item(draft, deployment->artifact, EDGE_PROJECT, project);
    item->upward = upward;
    item->path = deployment->path;
    item->removal = !artifact;
    return project_edge(draft, item, artifact, project, deployment, &failed) ||
           draft_failed(item, &failed, err);
}
