/* deploy, undeploy and remove: an artifact comes to a root or leaves it as a whole. */
#include "sync/verbs.h"

#include "base/clock.h"
#include "base/ids.h"
#include "base/name.h"
#include "base/path.h"
#include "base/process.h"
#include "base/text.h"
#include "sync/operation_store.h"
#include "sync/read_ahead.h"
#include "sync/review.h"
#include "sync/select.h"
#include "sync/settle.h"

static Str deploy_path(Draft *draft, const Artifact *artifact, const Deployment *deployed,
                       const char *to, bool is_file)
{
    Arena *arena = draft->ws->arena;
    ArtifactId id = {artifact->type, artifact->name};
    Str extension = is_file ? path_extension(path_base(artifact->path)) : (Str){0};
    if (to)
        return str_of(to);
    if (deployed)
        return deployed->path;
    return artifact_project_path(arena, draft->ws->places, id, extension);
}

static bool fail_symlinked(Error *err, Str path)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    (void)fail(err, ERR_PATH_ESCAPES,
               "a folder on the way to '%s' is a link, and weir does not write "
               "through links",
               text_safe(arena, path));
    return fail_hint(err, "Name a place without links: --to PATH, for instance --to .weir/%s.",
                     text_safe(arena, path_base(path)));
}

/* The edits cannot be pulled: there is nothing left to pull them into. */
static bool fail_only_there(Error *err, const Root *project, const Deployment *deployed)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    (void)fail(err, ERR_EXISTS, "'%s' was edited in %s, and the collection no longer has it",
               text_safe(arena, deployed->path), project->name);
    return fail_hint(err,
                     "Copy it elsewhere, or `weir add` it again; --overwrite drops the edits (undo "
                     "brings them back).");
}

static bool fail_in_the_way(Error *err, const Root *project, Str path, bool ours)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *shown = text_safe(arena, path);
    if (ours) {
        (void)fail(err, ERR_EXISTS,
                   "'%s' was edited in %s, and the edits are not in the collection", shown,
                   project->name);
        return fail_hint(err,
                         "Pull them with `weir pull`, merge with `weir sync --direction project`, "
                         "or drop them with --overwrite (undo brings them back).");
    }
    (void)fail(err, ERR_EXISTS, "'%s' is there already in %s and weir did not put it there", shown,
               project->name);
    return fail_hint(err, "Choose another place with --to PATH, move it away, or replace it with "
                          "--overwrite (undo brings it back).");
}

static void put_change(Draft *draft, const PlanItem *item, Root *root, Str path,
                       const TreeSide *before, const TreeSide *after)
{
    TreeChange change = {.root = root,
                         .artifact = item->artifact,
                         .path = path,
                         .before = *before,
                         .after = *after,
                         .group = draft_group(draft, item),
                         .edge = item->edge,
                         .whole = !after->exists,
                         .keep_bytes = path_folder(path).len};
    ARRAY_PUSH(draft->ws->arena, &draft->changes, change);
    draft_keep_side(draft, before);
    draft_keep_side(draft, after);
}

/* Over what lies there: what is ignored stays, and what is untracked must not be in the way. */
static bool check_over(Draft *draft, const PlanItem *item, Root *root, const TreeSide *live,
                       const TreeSide *from, EdgeResult *out, Error *err)
{
    EdgeInput input = {
        .base = *live, .target = *live, .source = *from, .root = root, .path = item->path};
    *out = (EdgeResult){0};
    if (!live->exists)
        return true;
    if (!edge_replace(draft->ws, draft->pool, &input, &from->tree, out, err))
        return false;
    if (!out->conflicts.count)
        return true;
    (void)fail(err, ERR_EXISTS, "'%s' is in the way, which weir did not write",
               text_safe(draft->ws->arena, out->conflicts.items[0].ours.path));
    return fail_hint(err, "Move it away, then run the command again.");
}

static void put_over(Draft *draft, PlanItem *item, Root *root, const TreeSide *live,
                     const TreeSide *from, const EdgeResult *over)
{
    put_change(draft, item, root, item->path, live, from);
    TreeChange *change = &draft->changes.items[draft->changes.count - 1];
    change->untracked = over->untracked;
    change->adopted = over->adopted;
    if (!live->exists)
        return;
    item->changes = over->changes;
    item->untracked = over->untracked;
    item->rules_changed = over->rules_changed;
}

static bool show_change(Draft *draft, PlanItem *item, const TreeSide *before, const TreeSide *after,
                        Error *err)
{
    BlobReader blobs = blob_pool_reader(draft->pool);
    TreeDiffOptions options = {.no_counts = before->exists ? false : after->tree.count > 50};
    item->target = before->hash;
    item->after = after->hash;
    return tree_diff(draft->ws->arena, &before->tree, &after->tree, &blobs, &options,
                     &item->changes, err);
}

static bool record_deployment(Draft *draft, const Artifact *artifact, Root *project,
                              const Deployment *deployed, Str path, const TreeSide *side,
                              Error *err)
{
    Arena *arena = draft->ws->arena;
    Deployment next = deployed ? *deployed : (Deployment){0};
    next.artifact = artifact->id;
    next.path = path;
    next.collection = str_of(draft->ws->collection_name);
    next.content_hash = side->hash;
    next.parent_hash = side->hash;
    next.version_lineage = lineage_push(arena, &next.version_lineage, &side->hash);
    next.sync_status = STR("synced");
    next.legacy_hash = (Str){0};
    next.needs_review = false;
    settle_upstream_of(&next, artifact);
    return deployments_put(project->deployments, &next, err);
}

/* It is there already: in this place, and from this collection? */
static bool check_deployed(Draft *draft, const Root *project, const Deployment *deployed, Str path,
                           const ArtifactRequest *request, Error *err)
{
    Arena *arena = draft->ws->arena;
    if (!request->overwrite && !deployment_belongs(draft->ws, deployed)) {
        (void)fail(err, ERR_EXISTS, "%.*s is deployed in %s from collection '%s'",
                   STR_ARG(deployed->artifact), project->name,
                   text_safe(arena, deployed->collection));
        return fail_hint(err, "Undeploy that one first, or replace it with --overwrite.");
    }
    if (!request->to || str_equal(deployed->path, path))
        return true;
    (void)fail(err, ERR_EXISTS, "%.*s is deployed at '%s' already", STR_ARG(deployed->artifact),
               text_safe(arena, deployed->path));
    return fail_hint(err, "Take it out first: weir undeploy %.*s --apply.",
                     STR_ARG(deployed->artifact));
}

static bool deploy_artifact(Draft *draft, PlanItem *item, const Artifact *artifact,
                            const ArtifactRequest *request, Error *err)
{
    Root *project = &draft->session->roots[1];
    const Deployment *deployed = deployments_find(project->deployments, artifact->id);
    TreeSide from;
    TreeSide live;
    if (!draft_side(draft, draft->session->collection, artifact->id, artifact->path, &from, err))
        return false;
    if (!from.exists)
        return fail(err, ERR_NOT_FOUND, "the collection has no '%s'",
                    text_safe(draft->ws->arena, artifact->path));
    item->path = deploy_path(draft, artifact, deployed, request->to, tree_is_file(&from.tree));
    item->source = from.hash;
    if (deployed && !check_deployed(draft, project, deployed, item->path, request, err))
        return false;
    if (!name_check_path(item->path, err))
        return false;
    if (!draft_snapshot(draft, project, item->path, &live, err))
        return err->code == ERR_PATH_ESCAPES ? fail_symlinked(err, item->path) : false;
    bool ours = deployed && hash_equal(&live.hash, &deployed->parent_hash);
    bool same = live.exists && hash_equal(&live.hash, &from.hash);
    if (live.exists && !same && !ours && !request->overwrite)
        return fail_in_the_way(err, project, item->path, deployed != NULL);
    EdgeResult over;
    if (!show_change(draft, item, &live, &from, err) ||
        !check_over(draft, item, project, &live, &from, &over, err) ||
        !review_item(draft, item, err) ||
        !record_deployment(draft, artifact, project, deployed, item->path, &from, err) ||
        !draft_drop_pending(draft, item, err))
        return false;
    item->record_only = same;
    item->result = same && deployed && hash_equal(&deployed->parent_hash, &from.hash)
                       ? RESULT_UP_TO_DATE
                       : RESULT_FAST_FORWARD;
    if (item->result != RESULT_UP_TO_DATE)
        facts_add(draft->ws->arena, &draft->facts, FACT_PROJECT, FACT_NO_GROUP,
                  str_of(id_new(draft->ws->arena)), str_of(project->path),
                  str_of(arena_format(draft->ws->arena, "%lld", (long long)clock_ms())));
    if (same)
        return true;
    put_over(draft, item, project, &live, &from, &over);
    draft_version(draft, draft_group(draft, item),
                  &(VersionFact){.artifact = artifact->id,
                                 .tier = TIER_PROJECT,
                                 .project = str_of(project->path),
                                 .hash = from.hash,
                                 .parent = live.hash,
                                 .source = "collection"});
    return true;
}

static bool plan_deploy(Draft *draft, void *context, Error *err)
{
    const ArtifactRequest *request = context;
    ArtifactList part = {0};
    if (!select_batch(draft, request, &part, err))
        return false;
    size_t all = draft->selected;
    draft->base_pack = request->base_pack      ? BASE_PACK_WRITE
                       : request->no_base_pack ? BASE_PACK_REMOVE
                                               : BASE_PACK_KEEP;
    if (request->to && all > 1)
        return fail(err, ERR_USAGE, "--to names one place, but %zu artifacts are meant", all);
    StrArray ids = artifact_ids(draft->ws->arena, &part);
    read_ahead(draft, &ids, true);
    for (size_t i = 0; i < part.count; i++) {
        Error failed = {0};
        PlanItem *item =
            draft_item(draft, part.items[i]->id, EDGE_PROJECT, &draft->session->roots[1]);
        workspace_progress(draft->ws, "read", draft->from + i + 1, all, part.items[i]->id);
        if (!interrupt_check(err))
            return false;
        if (!(draft_check_item(draft, item, &failed) &&
              deploy_artifact(draft, item, part.items[i], request, &failed)) &&
            !draft_failed(draft, item, &failed, err))
            return false;
    }
    return true;
}

bool verb_deploy(Workspace *ws, const ArtifactRequest *request, Plan *out, Error *err)
{
    ArtifactRequest copy = *request;
    DraftRun run = {.plan_it = plan_deploy,
                    .context = &copy,
                    .apply = request->apply,
                    .batches = true,
                    .bulk = request->all && !request->to};
    ASSERT(request->project != NULL);
    run.session.write_projects = request->apply;
    run.session.strict = true;
    ARRAY_PUSH(ws->arena, &run.session.projects, str_of(request->project));
    return draft_run(ws, &run, out, err);
}

/* Own edits are what neither the last version in common nor the collection has; a merge that weir wrote
 * may hold some. */
static bool collection_holds(Draft *draft, const Deployment *deployed, const Hash *live, bool *out,
                             Error *err)
{
    Root *root = draft->session->collection;
    const Artifact *artifact = collection_find(root->collection, deployed->artifact);
    TreeSide upper;
    *out = hash_equal(live, &deployed->parent_hash);
    if (*out || !artifact)
        return true;
    if (!draft_snapshot(draft, root, artifact->path, &upper, err))
        return false;
    *out = hash_equal(live, &upper.hash);
    return true;
}

static bool fail_not_ours(Draft *draft, const Root *project, const Deployment *deployed, Error *err)
{
    const char *collection = text_safe(draft->ws->arena, deployed->collection);
    (void)fail(err, ERR_NOT_FOUND, "%.*s is deployed in %s from collection '%s'",
               STR_ARG(deployed->artifact), project->name, collection);
    return fail_hint(err, "weir undeploy %.*s --project %s --set collection=%s",
                     STR_ARG(deployed->artifact),
                     text_word(draft->ws->arena, str_of(project->path)),
                     text_word(draft->ws->arena, deployed->collection));
}

/* Length of the leading part of `path` whose folders weir has not made: they stay, emptied or not. */
static bool foreign_part(Draft *draft, const Root *root, Str path, size_t *out, Error *err)
{
    Str folder = path_folder(path);
    for (bool made = true; made && folder.len;) {
        if (!operation_made_folder(draft->ws, str_of(root->path), folder, &made, err))
            return false;
        if (made)
            folder = path_folder(folder);
    }
    *out = folder.len;
    return true;
}

static bool undeploy_artifact(Draft *draft, PlanItem *item, const ArtifactRequest *request,
                              Error *err)
{
    Root *project = &draft->session->roots[1];
    const Deployment *deployed = deployments_find(project->deployments, item->artifact);
    TreeSide live;
    TreeSide nothing;
    if (!deployed)
        return fail(err, ERR_NOT_FOUND, "%s has no deployment of '%.*s'", project->name,
                    STR_ARG(item->artifact));
    if (!deployment_belongs(draft->ws, deployed))
        return fail_not_ours(draft, project, deployed, err);
    item->path = deployed->path;
    item->removal = true;
    item->result = RESULT_FAST_FORWARD;
    if (!draft_snapshot(draft, project, deployed->path, &live, err) ||
        !side_of_version(draft->ws, draft->pool, &HASH_NONE, &nothing, err))
        return false;
    if (live.exists && !request->overwrite) {
        bool held = false;
        if (!collection_holds(draft, deployed, &live.hash, &held, err))
            return false;
        bool gone = !collection_find(draft->session->collection->collection, deployed->artifact);
        if (!held)
            return gone ? fail_only_there(err, project, deployed)
                        : fail_in_the_way(err, project, deployed->path, true);
    }
    if (!show_change(draft, item, &live, &nothing, err) || !draft_drop_pending(draft, item, err))
        return false;
    (void)deployments_remove(project->deployments, item->artifact);
    item->record_only = !live.exists;
    if (!live.exists)
        return true;
    put_change(draft, item, project, item->path, &live, &nothing);
    TreeChange *change = &draft->changes.items[draft->changes.count - 1];
    return foreign_part(draft, project, item->path, &change->keep_bytes, err);
}

static bool plan_undeploy(Draft *draft, void *context, Error *err)
{
    const ArtifactRequest *request = context;
    const Root *project = &draft->session->roots[1];
    StrArray names = request->artifacts;
    for (size_t i = 0; request->all && i < project->deployments->items.count; i++)
        if (deployment_belongs(draft->ws, project->deployments->items.items[i]))
            ARRAY_PUSH(draft->ws->arena, &names, project->deployments->items.items[i]->artifact);
    names = draft_part(draft, &names);
    for (size_t i = 0; i < names.count; i++) {
        Error failed = {0};
        Str id = deployment_id(project->deployments, names.items[i]);
        PlanItem *item = draft_item(draft, id.len ? id : names.items[i], EDGE_PROJECT, project);
        if (!(draft_check_item(draft, item, &failed) &&
              undeploy_artifact(draft, item, request, &failed)) &&
            !draft_failed(draft, item, &failed, err))
            return false;
    }
    return true;
}

bool verb_undeploy(Workspace *ws, const ArtifactRequest *request, Plan *out, Error *err)
{
    ArtifactRequest copy = *request;
    DraftRun run = {
        .plan_it = plan_undeploy, .context = &copy, .apply = request->apply, .batches = true};
    ASSERT(request->project != NULL);
    run.session.write_projects = request->apply;
    run.session.strict = true;
    ARRAY_PUSH(ws->arena, &run.session.projects, str_of(request->project));
    return draft_run(ws, &run, out, err);
}

static bool remove_artifact(Draft *draft, PlanItem *item, const Artifact *artifact,
                            const ArtifactRequest *request, Error *err)
{
    Root *root = draft->session->collection;
    TreeSide live;
    TreeSide nothing;
    Arena *arena = draft->ws->arena;
    item->path = artifact->path;
    item->removal = true;
    item->result = RESULT_FAST_FORWARD;
    if (!draft_snapshot(draft, root, artifact->path, &live, err) ||
        !side_of_version(draft->ws, draft->pool, &HASH_NONE, &nothing, err))
        return false;
    bool edited = live.exists && !hash_is_zero(&artifact->content_hash) &&
                  !hash_equal(&live.hash, &artifact->content_hash);
    if (edited && !request->overwrite) {
        (void)fail(err, ERR_EXISTS, "'%s' has edits in the collection that weir has not written",
                   text_safe(arena, artifact->path));
        return fail_hint(err, "Remove it with its edits by --overwrite (undo brings them back).");
    }
    if (!show_change(draft, item, &live, &nothing, err) || !draft_drop_pending(draft, item, err))
        return false;
    (void)collection_remove(root->collection, item->artifact);
    item->record_only = !live.exists;
    if (live.exists)
        put_change(draft, item, root, item->path, &live, &nothing);
    return true;
}

static bool plan_remove(Draft *draft, void *context, Error *err)
{
    const ArtifactRequest *request = context;
    ArtifactList part = {0};
    Collection *collection = draft->session->collection->collection;
    if (!select_batch(draft, request, &part, err))
        return false;
    StrArray ids = artifact_ids(draft->ws->arena, &part);
    for (size_t i = 0; i < ids.count; i++) {
        Error failed = {0};
        PlanItem *item = draft_item(draft, ids.items[i], EDGE_UPSTREAM, NULL);
        Artifact *artifact = collection_find(collection, ids.items[i]);
        if (!(draft_check_item(draft, item, &failed) &&
              remove_artifact(draft, item, artifact, request, &failed)) &&
            !draft_failed(draft, item, &failed, err))
            return false;
    }
    return true;
}

bool verb_remove(Workspace *ws, const ArtifactRequest *request, Plan *out, Error *err)
{
    ArtifactRequest copy = *request;
    DraftRun run = {
        .plan_it = plan_remove, .context = &copy, .apply = request->apply, .batches = true};
    run.session.write_collection = request->apply;
    return draft_run(ws, &run, out, err);
}
