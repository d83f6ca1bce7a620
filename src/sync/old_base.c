#include "sync/old_base.h"

#include "content/old_hash.h"
#include "sync/edge_input.h"
#include "sync/missing.h"

static bool lies_there(Draft *draft, Root *root, Str path, const Hash *wanted, Hash *out)
{
    Error unknown;
    Hash old;
    TreeSide side;
    if (!old_hash_read(root->fd, path, &old, &unknown) || !hash_equal(&old, wanted) ||
        !draft_snapshot(draft, root, path, &side, &unknown) || !side.exists)
        return false;
    *out = side.hash;
    return true;
}

Hash base_of_deployment(Draft *draft, Root *project, const Deployment *deployment)
{
    Root *root = draft->session->collection;
    const Artifact *artifact =
        root ? collection_find(root->collection, deployment->artifact) : NULL;
    Hash wanted;
    Hash base = HASH_NONE;
    if (deployment->needs_review)
        return HASH_NONE;
    if (!hash_is_zero(&deployment->parent_hash) || !hash_parse(deployment->legacy_hash, &wanted))
        return deployment->parent_hash;
    if (artifact && lies_there(draft, root, artifact->path, &wanted, &base))
        return base;
    return lies_there(draft, project, deployment->path, &wanted, &base) ? base : HASH_NONE;
}

static bool is_version(Draft *draft, const Hash *version, const Hash *wanted)
{
    Error unknown;
    Hash old;
    TreeSide side;
    BlobReader blobs = blob_pool_reader(draft->pool);
    return !hash_is_zero(version) &&
           side_of_version(draft->ws, draft->pool, version, &side, &unknown) &&
           old_hash_tree(&side.tree, blobs.read, blobs.context, &old, &unknown) &&
           hash_equal(&old, wanted);
}

static bool is_fetched(Draft *draft, const Artifact *artifact, UpstreamChoice *out)
{
    Error unknown;
    GitRepo *repo = NULL;
    GitSha sha;
    if (!git_sha_parse(artifact->upstream_sha, &sha) ||
        !git_repo_open(draft->ws->git, artifact->source, &repo, &unknown) || !git_has(repo, &sha))
        return false;
    *out = (UpstreamChoice){.repo = repo, .commit = sha};
    return true;
}

/* What the upstream holds at the commit that the record names. One that is not here is noted, so that the
 * network is asked for it when no lock is held. */
static Hash fetched_version(Draft *draft, const Artifact *artifact)
{
    Error unknown;
    UpstreamChoice choice;
    Hash found = HASH_NONE;
    Str path = artifact->upstream_path;
    if (!artifact->source.len || !artifact->upstream_sha.len)
        return HASH_NONE;
    if (!is_fetched(draft, artifact, &choice)) {
        BaseWanted commit = artifact_base(artifact);
        commit.hash = HASH_NONE;
        (void)missing_note(draft, &commit, &unknown);
        return HASH_NONE;
    }
    return upstream_load(draft->ws, &choice, &path, 1, &found, &unknown) ? found : HASH_NONE;
}

Hash base_of_artifact(Draft *draft, const Artifact *artifact, const UpstreamSeen *seen, bool ask)
{
    Hash wanted;
    Hash base = HASH_NONE;
    if (artifact->needs_review)
        return HASH_NONE;
    if (!hash_is_zero(&artifact->base_hash) || !hash_parse(artifact->legacy_hash, &wanted))
        return artifact->base_hash;
    if (lies_there(draft, draft->session->collection, artifact->path, &wanted, &base))
        return base;
    if (seen && is_version(draft, &seen->tree, &wanted))
        return seen->tree;
    if (!ask)
        return HASH_NONE;
    base = fetched_version(draft, artifact);
    return is_version(draft, &base, &wanted) ? base : HASH_NONE;
}
