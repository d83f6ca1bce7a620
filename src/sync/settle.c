#include "sync/settle.h"

void settle_upstream_of(Deployment *deployment, const Artifact *artifact)
{
    deployment->upstream_url = artifact->source;
    deployment->upstream_path = artifact->source_path;
    deployment->upstream_ref = artifact->pin;
    deployment->upstream_version = artifact->upstream_version;
    deployment->upstream_sha = artifact->upstream_sha;
    deployment->last_upstream_check_ms = artifact->last_check_ms;
}

static Tier source_tier(const PlanItem *item)
{
    if (item->edge == EDGE_UPSTREAM)
        return TIER_UPSTREAM;
    return item->upward ? TIER_PROJECT : TIER_COLLECTION;
}

static const char *version_source(const PlanItem *item, const EdgeResult *result)
{
    bool taken = result->kind == TREE_FAST_FORWARD || result->kind == TREE_SAME;
    return taken ? tier_names[source_tier(item)] : "merge";
}

void settle_target(Draft *draft, const PlanItem *item, Root *root, const EdgeInput *input,
                   const EdgeResult *result, const char *source_word)
{
    bool merged = !hash_equal(&result->after.hash, &input->source.hash);
    VersionFact version = {
        .artifact = item->artifact,
        .tier = root->is_collection ? TIER_COLLECTION : TIER_PROJECT,
        .project = root->is_collection ? (Str){0} : str_of(root->path),
        .hash = result->after.hash,
        .parent = input->target.hash,
        .other_parent = merged ? input->source.hash : HASH_NONE,
        .source = source_word ? source_word : version_source(item, result),
    };
    TreeChange change = {
        .root = root,
        .artifact = item->artifact,
        .path = input->path,
        .before = input->live.exists ? input->live : input->target,
        .after = result->after,
        .untracked = result->untracked,
        .adopted = result->adopted,
        .group = draft_group(draft, item),
        .edge = item->edge,
        .base = input->base.hash,
    };
    draft_version(draft, change.group, &version);
    ARRAY_PUSH(draft->ws->arena, &draft->changes, change);
    draft_keep_result(draft, result);
}

static bool is_changed(const EdgeInput *input, const EdgeResult *result)
{
    if (input->live.exists && input->over_markers)
        return !hash_equal(&input->live.hash, &result->after.hash);
    return !hash_equal(&input->target.hash, &result->after.hash);
}

/* U→C: the collection takes what upstream has. */
static bool settle_from_upstream(Draft *draft, PlanItem *item, const EdgeEnds *ends,
                                 const EdgeInput *input, const EdgeResult *result,
                                 const char *source_word, Error *err)
{
    Root *root = draft->session->collection;
    const Artifact *artifact = ends->artifact;
    const UpstreamSeen *seen = &ends->upstream->seen;
    bool advanced = !hash_equal(&artifact->base_hash, &input->source.hash);
    bool changed = is_changed(input, result);
    item->record_only = !changed && (advanced || artifact->needs_review ||
                                     !str_equal(artifact->upstream_sha, seen->sha));
    if (!changed && !item->record_only)
        return true;
    Artifact next = *artifact;
    next.base_hash = input->source.hash;
    next.content_hash = result->after.hash;
    next.upstream_ref = seen->ref;
    next.upstream_version = seen->version;
    next.upstream_sha = seen->sha;
    next.upstream_path = seen->source_path;
    next.versions = lineage_push(draft->ws->arena, &artifact->versions, &result->after.hash);
    next.last_check_ms = seen->checked_ms;
    next.legacy_hash = (Str){0};
    next.needs_review = false;
    VersionFact upstream = {
        .artifact = item->artifact,
        .tier = TIER_UPSTREAM,
        .hash = input->source.hash,
        .parent = artifact->base_hash,
        .source = "upstream",
        .message = seen->ref,
    };
    if (!collection_put(root->collection, &next, err))
        return false;
    draft_keep_side(draft, &input->source);
    if (advanced)
        draft_version(draft, draft_group(draft, item), &upstream);
    if (changed)
        settle_target(draft, item, root, input, result, source_word);
    return true;
}

/* The deployment's record after a merge in either direction; `content` is what the project then holds. */
static Deployment next_deployment(Draft *draft, const EdgeEnds *ends, const EdgeInput *input,
                                  const Hash *content, const char *status)
{
    Deployment next = *ends->deployment;
    next.parent_hash = input->source.hash;
    next.content_hash = *content;
    next.version_lineage = lineage_push(draft->ws->arena, &next.version_lineage, content);
    next.sync_status = str_of(status);
    next.pending_conflicts = (StrArray){0};
    next.legacy_hash = (Str){0};
    next.needs_review = false;
    return next;
}

/* C→P: the project takes the collection's version. */
static bool settle_downward(Draft *draft, const PlanItem *item, const EdgeEnds *ends,
                            const EdgeInput *input, const EdgeResult *result,
                            const char *source_word, Error *err)
{
    bool equal = hash_equal(&result->after.hash, &input->source.hash);
    Deployment next =
        next_deployment(draft, ends, input, &result->after.hash, equal ? "synced" : "modified");
    settle_upstream_of(&next, ends->artifact);
    if (!deployments_put(ends->project->deployments, &next, err))
        return false;
    if (is_changed(input, result))
        settle_target(draft, item, ends->project, input, result, source_word);
    return true;
}

/* P→C: the collection takes the project's version, which becomes the base of their edge. */
static bool settle_upward(Draft *draft, const PlanItem *item, const EdgeEnds *ends,
                          const EdgeInput *input, const EdgeResult *result, const char *source_word,
                          Error *err)
{
    Arena *arena = draft->ws->arena;
    Root *root = draft->session->collection;
    bool equal = hash_equal(&result->after.hash, &input->source.hash);
    bool changed = is_changed(input, result);
    Deployment below =
        next_deployment(draft, ends, input, &input->source.hash, equal ? "synced" : "outdated");
    /* A project that the merge leaves behind still has its content from where it had it. */
    if (equal || !below.upstream_sha.len)
        settle_upstream_of(&below, ends->artifact);
    Artifact next = *ends->artifact;
    next.content_hash = result->after.hash;
    next.versions = lineage_push(arena, &next.versions, &input->source.hash);
    next.versions = lineage_push(arena, &next.versions, &result->after.hash);
    VersionFact lower = {
        .artifact = item->artifact,
        .tier = TIER_PROJECT,
        .project = str_of(ends->project->path),
        .hash = input->source.hash,
        .parent = ends->deployment->content_hash,
        .source = "project",
    };
    bool edited = !hash_equal(&ends->deployment->content_hash, &input->source.hash);
    Artifact before = *ends->artifact;
    Error ignored; /* what could be read once can be put back */
    if (changed && !collection_put(root->collection, &next, err))
        return false;
    if (!deployments_put(ends->project->deployments, &below, err)) {
        if (changed)
            (void)!collection_put(root->collection, &before, &ignored);
        return false;
    }
    if (edited)
        draft_version(draft, draft_group(draft, item), &lower);
    draft_keep_side(draft, &input->source);
    if (changed)
        settle_target(draft, item, root, input, result, source_word);
    return true;
}

static bool settle_project(Draft *draft, PlanItem *item, const EdgeEnds *ends,
                           const EdgeInput *input, const EdgeResult *result,
                           const char *source_word, Error *err)
{
    bool changed = is_changed(input, result);
    item->record_only =
        !changed && (ends->deployment->needs_review ||
                     !hash_equal(&ends->deployment->parent_hash, &input->source.hash));
    if (!changed && !item->record_only)
        return true;
    return item->upward ? settle_upward(draft, item, ends, input, result, source_word, err)
                        : settle_downward(draft, item, ends, input, result, source_word, err);
}

/* The markers of a waiting merge are somebody's work: only its resolution writes over them. */
static bool check_markers(const PlanItem *item, const EdgeInput *input, const EdgeResult *result,
                          Error *err)
{
    if (!input->live.exists || input->over_markers ||
        hash_equal(&input->target.hash, &result->after.hash))
        return true;
    (void)fail(err, ERR_PENDING_MERGE, "the markers of a waiting merge stand in the files of %.*s",
               STR_ARG(item->artifact));
    return fail_hint(err, "weir resolve %.*s --from-live, or --abort.", STR_ARG(item->artifact));
}

bool settle_edge(Draft *draft, PlanItem *item, const EdgeEnds *ends, const EdgeInput *input,
                 const EdgeResult *result, const char *source_word, Error *err)
{
    if (!check_markers(item, input, result, err))
        return false;
    return ends->project ? settle_project(draft, item, ends, input, result, source_word, err)
                         : settle_from_upstream(draft, item, ends, input, result, source_word, err);
}
