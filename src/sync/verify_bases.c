/* Records that name no base (lost in an edit, or two of which a merge of git could keep neither) get one
 * again: the tree both tiers have now, else the upstream at the recorded commit, from which both come. An
 * older base only asks more. Nothing is asked of the network. */
#include "sync/verify.h"

#include "base/process.h"
#include "base/text.h"
#include "sync/select.h"
#include "sync/upstream.h"

typedef struct {
    Str artifact, url, sha, path; /* upstream's, as the record has them */
    Str where;
} Baseless;

/* The upstream's tree at the recorded commit, when the cache has that; else zero. */
static bool tree_at(Workspace *ws, const Baseless *record, Hash *out, Error *err)
{
    UpstreamChoice choice = {0};
    Error failed = {0};
    *out = HASH_NONE;
    if (!record->url.len || !git_sha_parse(record->sha, &choice.commit) ||
        !git_repo_open(ws->git, record->url, &choice.repo, &failed) ||
        !git_has(choice.repo, &choice.commit))
        return interrupt_check(err);
    if (upstream_load(ws, &choice, &record->path, 1, out, &failed))
        return true;
    *out = HASH_NONE;
    return interrupt_check(err);
}

static void found(Verify *verify, const Baseless *record, const Hash *base, const char *review)
{
    Arena *arena = verify->ws->arena;
    Finding *finding = verify_found(verify, "BASE_LOST", record->where,
                                    "the record of %s names no base to merge from",
                                    text_safe(arena, record->artifact));
    finding->advice = arena_format(arena, "Decide place by place: %s", review);
    if (!hash_is_zero(base))
        finding->repair = arena_format(
            arena, "version %.12s, which both sides come from, is its base", hash_hex(base).text);
}

static bool check_artifact(Verify *verify, Root *root, const Artifact *artifact, Error *err)
{
    Baseless record = {artifact->id, artifact->source, artifact->upstream_sha,
                       artifact->source_path, str_of(root->path)};
    Hash base;
    if (!artifact->source.len || !(artifact->needs_review || hash_is_zero(&artifact->base_hash)))
        return true;
    if (!tree_at(verify->ws, &record, &base, err))
        return false;
    found(verify, &record, &base,
          arena_format(verify->ws->arena, "weir sync %.*s --two-way", STR_ARG(artifact->id)));
    if (!verify->repair || hash_is_zero(&base))
        return true;
    Artifact next = *artifact;
    next.base_hash = base;
    next.needs_review = false;
    return collection_put(root->collection, &next, err);
}

/* Both tiers' trees, where they are the same; else zero. */
static bool tree_of_both(Verify *verify, Root *project, const Deployment *deployment, Hash *out,
                         Error *err)
{
    Root *collection = verify->draft->session->collection;
    const Artifact *artifact = collection->collection
                                   ? collection_find(collection->collection, deployment->artifact)
                                   : NULL;
    TreeSide upper;
    TreeSide lower;
    Error failed = {0};
    *out = HASH_NONE;
    if (artifact &&
        draft_side(verify->draft, collection, artifact->id, artifact->path, &upper, &failed) &&
        draft_side(verify->draft, project, artifact->id, deployment->path, &lower, &failed) &&
        hash_equal(&upper.hash, &lower.hash))
        *out = upper.hash;
    return interrupt_check(err);
}

static bool check_deployment(Verify *verify, Root *project, const Deployment *deployment,
                             Error *err)
{
    Baseless record = {deployment->artifact, deployment->upstream_url, deployment->upstream_sha,
                       deployment->upstream_path, str_of(project->path)};
    Hash base;
    if (!deployment_belongs(verify->ws, deployment) ||
        !(deployment->needs_review || hash_is_zero(&deployment->parent_hash)))
        return true;
    if (!tree_of_both(verify, project, deployment, &base, err) ||
        (hash_is_zero(&base) && !tree_at(verify->ws, &record, &base, err)))
        return false;
    found(verify, &record, &base,
          arena_format(
              verify->ws->arena, "weir sync %.*s --direction project --project %s --two-way",
              STR_ARG(deployment->artifact), text_word(verify->ws->arena, str_of(project->path))));
    if (!verify->repair || hash_is_zero(&base))
        return true;
    Deployment next = *deployment;
    next.parent_hash = base;
    next.needs_review = false;
    return deployments_put(project->deployments, &next, err);
}

static bool check_root(Verify *verify, Root *root, Error *err)
{
    if (root->error.code)
        return true;
    for (size_t i = 0; root->is_collection && i < root->collection->artifacts.count; i++) {
        verify->looked_at++;
        if (!check_artifact(verify, root, root->collection->artifacts.items[i], err))
            return false;
    }
    for (size_t i = 0; !root->is_collection && i < root->deployments->items.count; i++) {
        verify->looked_at++;
        if (!check_deployment(verify, root, root->deployments->items.items[i], err))
            return false;
    }
    return true;
}

static bool check_bases(Verify *verify, Error *err)
{
    Session *session = verify->draft->session;
    for (size_t i = 0; i < session->root_count; i++)
        if (!check_root(verify, &session->roots[i], err))
            return false;
    return true;
}

const VerifyCheck verify_bases = {
    .name = "bases",
    .about = "records",
    .check = check_bases,
};
