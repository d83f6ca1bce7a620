/* What records name can be had: the artifacts' files, and the content of each base. Files that differ from
 * a record are drift and no finding. */
#include "sync/verify.h"

#include "base/text.h"
#include "sync/upstream.h"

typedef struct {
    Str url, sha, path;
    Hash base;
} BasePlace;

static bool mend_base(Verify *verify, Finding *finding, Error *err)
{
    const BasePlace *place = finding->context;
    finding->mended =
        upstream_find_version(verify->ws, place->url, place->sha, place->path, &place->base, err);
    return finding->mended;
}

static bool check_base(Verify *verify, const Root *root, Str artifact, const BasePlace *place,
                       Error *err)
{
    bool kept = false;
    Arena *arena = verify->ws->arena;
    if (hash_is_zero(&place->base) || !store_has_tree(verify->ws->store, &place->base, &kept, err))
        return hash_is_zero(&place->base);
    if (kept)
        return true;
    BasePlace *copy = ARENA_NEW(arena, BasePlace);
    *copy = *place;
    Finding *finding = verify_found(
        verify, "BASE_NOT_HERE", artifact, "the base %.12s that %s records is not in the store",
        hash_hex(&place->base).text, root->is_collection ? "the collection" : root->name);
    finding->note =
        true; /* on another machine than the one that recorded it this is as it must be */
    finding->advice = "The next sync looks for it on the tiers and in the upstream.";
    if (place->sha.len) {
        finding->repair = "fetched again from the upstream";
        finding->mend = mend_base;
        finding->context = copy;
    }
    return true;
}

/* Read errors are findings: a folder that cannot be read must not stop the rest. */
static void check_files(Verify *verify, Root *root, Str artifact, Str path)
{
    TreeSide side;
    Error failed = {0};
    verify->looked_at++;
    bool read = draft_snapshot(verify->draft, root, path, &side, &failed);
    if (read && side.exists)
        return;
    Finding *finding =
        read ? verify_found(verify, "FILES_MISSING", artifact, "%s has no '%s'",
                            root->is_collection ? "the collection" : root->name,
                            text_safe(verify->ws->arena, path))
             : verify_found(verify, "FILES_UNREADABLE", artifact, "%s", failed.message);
    finding->advice = root->is_collection
                          ? "`weir undo` or git bring them back; `weir remove` forgets it."
                          : "`weir deploy` puts them back, `weir undeploy` forgets it.";
}

static bool check_collection(Verify *verify, Root *root, Error *err)
{
    for (size_t i = 0; i < root->collection->artifacts.count; i++) {
        const Artifact *one = root->collection->artifacts.items[i];
        BasePlace base = {one->source, one->upstream_sha, one->upstream_path, one->base_hash};
        check_files(verify, root, one->id, one->path);
        if (!check_base(verify, root, one->id, &base, err))
            return false;
    }
    return true;
}

static bool check_project(Verify *verify, Root *root, Error *err)
{
    for (size_t i = 0; i < root->deployments->items.count; i++) {
        const Deployment *one = root->deployments->items.items[i];
        BasePlace base = {one->upstream_url, one->upstream_sha, one->upstream_path,
                          one->parent_hash};
        check_files(verify, root, one->artifact, one->path);
        if (!check_base(verify, root, one->artifact, &base, err))
            return false;
    }
    return true;
}

static bool check_trees(Verify *verify, Error *err)
{
    Session *session = verify->draft->session;
    for (size_t i = 0; i < session->root_count; i++) {
        Root *root = &session->roots[i];
        if (root->error.code)
            continue;
        if (!(root->is_collection ? check_collection(verify, root, err)
                                  : check_project(verify, root, err)))
            return false;
    }
    return true;
}

const VerifyCheck verify_trees = {
    .name = "trees",
    .about = "artifacts",
    .check = check_trees,
};
