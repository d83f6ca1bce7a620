/* rollback: a tier gets an older version's files, as a new version. */
#include "sync/history.h"

#include "base/text.h"
#include "sync/ancestry.h"
#include "sync/missing.h"
#include "sync/pending_store.h"
#include "sync/select.h"
#include "sync/settle.h"
#include "sync/version_store.h"

/* The artifact on the tier that goes back. */
typedef struct {
    Str id;
    Str path;
    Root *root;
    EdgeEnds ends; /* of the edge above it */
    Hash content;  /* as weir last wrote it */
    Hash base;
    const Hashes *lineage;
} Place;

static bool find_deployment(Draft *draft, Root *project, Str name, Place *out, Error *err)
{
    Str id = deployment_id(project->deployments, name);
    if (!id.len) {
        (void)fail(err, ERR_NOT_FOUND, "%s has no deployment of '%s'", project->name,
                   text_safe(draft->ws->arena, name));
        return fail_hint(err, "`weir status --project %s` lists what is deployed there.",
                         text_word(draft->ws->arena, str_of(project->path)));
    }
    const Deployment *deployment = deployments_find(project->deployments, id);
    *out = (Place){
        .id = id,
        .path = deployment->path,
        .root = project,
        .ends = {.artifact = collection_find(draft->session->collection->collection, id),
                 .project = project,
                 .deployment = deployment},
        .content = deployment->content_hash,
        .base = deployment->parent_hash,
        .lineage = &deployment->version_lineage,
    };
    return true;
}

static bool find_artifact(Draft *draft, Str name, Place *out, Error *err)
{
    Artifact *artifact = NULL;
    ArtifactList one = {0};
    UpstreamState *states = NULL;
    if (!collection_get(draft->session->collection->collection, name, &artifact, err))
        return false;
    ARRAY_PUSH(draft->ws->arena, &one, artifact);
    if (!upstream_states(draft->ws, &one, false, &states, err))
        return false;
    *out = (Place){
        .id = artifact->id,
        .path = artifact->path,
        .root = draft->session->collection,
        .ends = {.artifact = artifact, .upstream = states},
        .content = artifact->content_hash,
        .base = artifact->base_hash,
        .lineage = &artifact->versions,
    };
    return true;
}

static bool check_nothing_waits(Draft *draft, const PlanItem *item, Error *err)
{
    bool found = false;
    PendingMerge waiting;
    if (!pending_find(draft->ws, item->artifact, item->edge, str_of(item->project), &found,
                      &waiting, err))
        return false;
    if (!found)
        return true;
    Arena *arena = draft->ws->arena;
    const char *where = item->project ? arena_format(arena, " --project %s",
                                                     text_word(arena, str_of(item->project)))
                                      : "";
    (void)fail(err, ERR_PENDING_MERGE, "a merge of %.*s waits there", STR_ARG(item->artifact));
    return fail_hint(err,
                     "Resolve it with `weir resolve %.*s%s`, or drop it: the same with --abort.",
                     STR_ARG(item->artifact), where);
}

static bool fail_missing(Draft *draft, const Place *place, Error *err)
{
    Root *root = place->root;
    (void)fail(err, ERR_MISSING_DEPLOYMENT, "%.*s is on record but not there: %s has no '%s'",
               STR_ARG(place->id), root->is_collection ? "the collection" : root->name,
               text_safe(draft->ws->arena, place->path));
    return root->is_collection
               ? fail_hint(err, "`weir undo` brings it back if weir removed it.")
               : fail_hint(err, "`weir deploy %.*s --project %s` puts it back first.",
                           STR_ARG(place->id), text_word(draft->ws->arena, str_of(root->path)));
}

/* Its content: on a tier, in the store, or where the record says it came from. */
static bool version_side(Draft *draft, const Place *place, const Hash *hash, TreeSide *out,
                         Error *err)
{
    const Artifact *artifact = place->ends.artifact;
    if (side_of_version(draft->ws, draft->pool, hash, out, err))
        return true;
    if (err->code != ERR_BASE_NOT_FOUND && err->code != ERR_NOT_FOUND)
        return false;
    if (artifact && hash_equal(hash, &artifact->base_hash)) {
        BaseWanted wanted = artifact_base(artifact);
        (void)missing_note(draft, &wanted, err);
    }
    (void)fail(err, ERR_VERSION_GONE, "the content of version %.12s of %.*s is no longer kept",
               hash_hex(hash).text, STR_ARG(place->id));
    return fail_hint(err, "`weir show %.*s --versions` marks those that are gone.",
                     STR_ARG(place->id));
}

static bool wanted_version(Draft *draft, const Place *place, const char *start, Hash *out,
                           Error *err)
{
    Arena *arena = draft->ws->arena;
    Hashes recorded = lineage_push(arena, place->lineage, &place->content);
    if (!hash_is_zero(&place->base))
        ARRAY_PUSH(arena, &recorded, place->base);
    return version_choose(draft->ws, place->id, &recorded, str_of(start), out, err);
}

/* What is above it holds just this: then the edge is as after a sync. */
static bool upper_holds(Draft *draft, const Place *place, const Hash *hash, bool *out, Error *err)
{
    const EdgeEnds *ends = &place->ends;
    TreeSide upper;
    *out = false;
    if (!ends->project) {
        *out = ends->upstream->known && hash_equal(&ends->upstream->seen.tree, hash);
        return true;
    }
    if (!ends->artifact)
        return true;
    if (!draft_side(draft, draft->session->collection, place->id, ends->artifact->path, &upper,
                    err))
        return false;
    *out = upper.exists && hash_equal(&upper.hash, hash);
    return true;
}

static const char *status_word(Draft *draft, const Place *place, const Hash *now)
{
    TreeSide upper = {0};
    Error unread = {0};
    const Artifact *artifact = place->ends.artifact;
    if (artifact &&
        !draft_side(draft, draft->session->collection, place->id, artifact->path, &upper, &unread))
        upper.hash = HASH_NONE;
    EdgeFacts facts = {.base = place->base, .upper = upper.hash, .lower = *now};
    return sync_status_names[status_of(&facts).status];
}

/* The record keeps its base. */
static bool put_record(Draft *draft, const Place *place, const Hash *now, Error *err)
{
    Arena *arena = draft->ws->arena;
    if (place->root->is_collection) {
        Artifact next = *place->ends.artifact;
        next.content_hash = *now;
        next.versions = lineage_push(arena, &next.versions, now);
        return collection_put(place->root->collection, &next, err);
    }
    Deployment next = *place->ends.deployment;
    next.content_hash = *now;
    next.version_lineage = lineage_push(arena, &next.version_lineage, now);
    next.sync_status = str_of(status_word(draft, place, now));
    return deployments_put(place->root->deployments, &next, err);
}

static bool settle_rollback(Draft *draft, PlanItem *item, const Place *place,
                            const EdgeInput *input, const EdgeResult *result, Error *err)
{
    bool joined = false;
    if (!upper_holds(draft, place, &result->after.hash, &joined, err))
        return false;
    if (joined)
        return settle_edge(draft, item, &place->ends, input, result, "rollback", err);
    settle_target(draft, item, place->root, input, result, "rollback");
    return put_record(draft, place, &result->after.hash, err);
}

static bool fail_in_the_way(Draft *draft, const EdgeResult *result, Error *err)
{
    const TreeConflict *conflict = &result->conflicts.items[0];
    (void)fail(err, ERR_EXISTS, "'%s' is in the way, which weir does not track",
               text_safe(draft->ws->arena, conflict->path));
    return fail_hint(err, "Move it away, then run the command again.");
}

static bool roll_back(Draft *draft, PlanItem *item, const Place *place, const char *start,
                      Error *err)
{
    Hash wanted;
    EdgeResult result;
    EdgeInput input = {.root = place->root, .path = place->path};
    if (!draft_check_item(draft, item, err) || !check_nothing_waits(draft, item, err) ||
        !ancestry_check(draft->ws, place->id, err) ||
        !wanted_version(draft, place, start, &wanted, err) ||
        !draft_side(draft, place->root, place->id, place->path, &input.target, err))
        return false;
    if (!input.target.exists)
        return fail_missing(draft, place, err);
    if (!version_side(draft, place, &wanted, &input.source, err))
        return false;
    input.base = input.target; /* nothing is merged: its rules of what is ignored count, no more */
    if (!edge_replace(draft->ws, draft->pool, &input, &input.source.tree, &result, err))
        return false;
    if (result.conflicts.count)
        return fail_in_the_way(draft, &result, err);
    bool same = hash_equal(&input.target.hash, &result.after.hash);
    result.kind = same ? TREE_SAME : TREE_FAST_FORWARD;
    item_fill(item, &input, &result);
    item->base = place->base;
    return same || settle_rollback(draft, item, place, &input, &result, err);
}

static bool plan_rollback(Draft *draft, void *context, Error *err)
{
    const RollbackRequest *request = context;
    Str name = str_of(request->artifact);
    Root *project = request->project ? &draft->session->roots[1] : NULL;
    Place place;
    if (!(project ? find_deployment(draft, project, name, &place, err)
                  : find_artifact(draft, name, &place, err)))
        return false;
    PlanItem *item = draft_item(draft, place.id, project ? EDGE_PROJECT : EDGE_UPSTREAM, project);
    return roll_back(draft, item, &place, request->to, err);
}

bool verb_rollback(Workspace *ws, const RollbackRequest *request, Plan *out, Error *err)
{
    RollbackRequest copy = *request;
    DraftRun run = {.plan_it = plan_rollback, .context = &copy, .apply = request->apply};
    run.session.write_collection = request->apply && !request->project;
    run.session.write_projects = request->apply;
    run.session.strict = true;
    if (request->project)
        ARRAY_PUSH(ws->arena, &run.session.projects, str_of(request->project));
    return draft_run(ws, &run, out, err);
}
