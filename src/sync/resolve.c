/* resolve: places of a waiting merge get a choice each; when all have one, the merge is carried out.
 *
 * The merge is planned again from the tiers as they are now; choices are kept under a key of the place's
 * own texts, so those that still fit count and the others are asked again.
 */
#include "sync/verbs.h"

#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "merge/patch.h"
#include "sync/pending_store.h"
#include "sync/resolution.h"
#include "sync/resolve_markers.h"
#include "sync/review.h"
#include "sync/select.h"
#include "sync/settle.h"

typedef struct {
    Resolution resolution;
    ResolveResult *result;
} ResolveContext;

static bool fits(const PendingMerge *pending, const ResolveRequest *request)
{
    if (!artifact_is_named(pending->artifact, str_of(request->artifact)))
        return false;
    if (!request->project_given)
        return true;
    return pending->edge == EDGE_PROJECT && request->project &&
           strcmp(pending->project, request->project) == 0;
}

/* --project names its edge; without it the upstream edge, or the only one that waits. */
static bool choose_pending(Workspace *ws, const ResolveRequest *request, PendingMerge *out,
                           Error *err)
{
    PendingMerges all = {0};
    const PendingMerge *chosen = NULL;
    size_t count = 0;
    if (!pending_list(ws, &all, err))
        return false;
    for (size_t i = 0; i < all.count; i++) {
        if (!fits(&all.items[i], request))
            continue;
        count++;
        if (!chosen || all.items[i].edge == EDGE_UPSTREAM)
            chosen = &all.items[i];
    }
    if (!chosen) {
        (void)fail(err, ERR_NOT_FOUND, "no merge of '%s' waits%s", request->artifact,
                   request->project_given ? " in that project" : "");
        return fail_hint(err, "`weir status` lists what waits.");
    }
    if (count > 1 && chosen->edge != EDGE_UPSTREAM) {
        (void)fail(err, ERR_USAGE, "merges of '%s' wait in %zu projects", request->artifact, count);
        return fail_hint(err, "Name one with --project DIR.");
    }
    *out = *chosen;
    return true;
}

static bool find_upstream(Draft *draft, Artifact *artifact, EdgeEnds *out, Error *err)
{
    ArtifactList one = {0};
    UpstreamState *states = NULL;
    ARRAY_PUSH(draft->ws->arena, &one, artifact);
    if (!upstream_states(draft->ws, &one, false, &states, err))
        return false;
    *out = (EdgeEnds){.artifact = artifact, .upstream = states};
    if (states->known)
        return true;
    (void)fail(err, ERR_CHANGED, "the pin of %.*s has changed since this merge was planned",
               STR_ARG(artifact->id));
    return fail_hint(err, "Plan it again: weir sync %.*s --apply.", STR_ARG(artifact->id));
}

static bool find_ends(Draft *draft, const PendingMerge *pending, EdgeEnds *out, Error *err)
{
    Artifact *artifact = collection_find(draft->session->collection->collection, pending->artifact);
    if (!artifact)
        return fail(err, ERR_NOT_FOUND, "%.*s is no longer in the collection",
                    STR_ARG(pending->artifact));
    if (pending->edge == EDGE_UPSTREAM)
        return find_upstream(draft, artifact, out, err);
    Root *project = &draft->session->roots[1];
    const Deployment *deployment = deployments_find(project->deployments, pending->artifact);
    *out = (EdgeEnds){.artifact = artifact, .project = project, .deployment = deployment};
    return deployment || fail(err, ERR_NOT_FOUND, "%.*s is no longer deployed in %s",
                              STR_ARG(pending->artifact), project->name);
}

/* What a person reviews before it is written. */
static bool write_patch(Draft *draft, const PlanItem *item, ResolveResult *result, Error *err)
{
    BlobReader blobs = blob_pool_reader(draft->pool);
    PatchOptions options = {.file_name = path_base(item->path), .no_binary = true};
    return patch_write(draft->ws->arena, &item->changes, &blobs, &options, &result->patch, err);
}

static bool resolve_edge(Draft *draft, ResolveContext *context, PlanItem *item, Error *err)
{
    EdgeEnds ends;
    EdgeInput input;
    EdgeResult merge;
    EdgeResult result;
    Tree after = {0};
    TreeConflicts left = {0};
    if (!find_ends(draft, &context->resolution.pending, &ends, err) ||
        !edge_input(draft, &ends, item->upward, &input, err) ||
        !edge_merge(draft->ws, draft->pool, &input, &merge, err))
        return false;
    input.over_markers = true;
    item_fill(item, &input, &merge);
    const ResolveRequest *request = context->resolution.request;
    if (request->write_markers)
        return resolve_write_markers(draft, &context->resolution, item, &input, &merge.conflicts,
                                     &context->result->marked, err);
    bool chosen =
        request->from_live
            ? resolve_from_live(draft, &context->resolution, item, &input, &merge.conflicts, err)
            : resolution_choose(draft, &context->resolution, item, &merge.conflicts, err);
    if (!chosen)
        return false;
    context->result->resolved =
        resolution_settle(draft, &context->resolution, &input, &merge, &after, &left);
    if (!resolution_places(draft, &context->resolution, &input, &merge.conflicts,
                           &context->result->places, err))
        return false;
    item->conflicts = left;
    if (left.count || request->show || request->choose_only)
        return true;
    for (size_t i = 0; i < merge.blobs.count; i++)
        ARRAY_PUSH(draft->ws->arena, &draft->blobs, merge.blobs.items[i]);
    if (!edge_replace(draft->ws, draft->pool, &input, &after, &result, err))
        return false;
    item_fill(item, &input, &result);
    if (result.conflicts.count) {
        (void)fail(err, ERR_EXISTS, "'%s' is in the way, which weir does not track",
                   text_safe(draft->ws->arena, result.conflicts.items[0].ours.path));
        return fail_hint(err, "Move it away, then run the command again.");
    }
    if (!review_item(draft, item, err))
        return false;
    if (!request->apply && !write_patch(draft, item, context->result, err))
        return false;
    facts_add(draft->ws->arena, &draft->facts, FACT_PENDING_STATE, draft_group(draft, item),
              context->resolution.pending.id, STR("waiting"), STR("resolved"));
    context->result->finished = true;
    resolve_forget_markers(draft, &context->resolution);
    if (!request->from_live && !resolve_note_edits(draft, item, &input, &result.after, err))
        return false;
    return settle_edge(draft, item, &ends, &input, &result, "resolve", err);
}

static bool read_choices(Draft *draft, ResolveContext *context, Error *err)
{
    PlaceChoices choices;
    context->resolution.choices = map_new(draft->ws->arena, 0);
    if (!pending_choices(draft->ws, context->resolution.pending.id, &choices, err))
        return false;
    for (size_t i = 0; i < choices.count; i++)
        map_put(context->resolution.choices, choices.items[i].place, &choices.items[i].choice);
    return true;
}

/* The artifact's files become what they were before the markers. */
static bool take_markers_away(Draft *draft, ResolveContext *context, PlanItem *item, Error *err)
{
    EdgeEnds ends;
    const PendingMerge *pending = &context->resolution.pending;
    if (!resolve_has_markers(&context->resolution))
        return true;
    if (!find_ends(draft, pending, &ends, err))
        return false;
    resolve_forget_markers(draft, &context->resolution);
    bool below = ends.project && !pending->upward;
    return resolve_remove_markers(draft, item, below ? ends.project : draft->session->collection,
                                  below ? ends.deployment->path : ends.artifact->path, err);
}

static bool plan_resolve(Draft *draft, void *opaque, Error *err)
{
    ResolveContext *context = opaque;
    context->result->resolved = 0;
    context->result->finished = false;
    const Root *project =
        context->resolution.pending.edge == EDGE_PROJECT ? &draft->session->roots[1] : NULL;
    PlanItem *item = draft_item(draft, context->resolution.pending.artifact,
                                context->resolution.pending.edge, project);
    draft->two_way = hash_is_zero(&context->resolution.pending.base);
    item->upward = context->resolution.pending.upward;
    item->pending_id = context->resolution.pending.id;
    if (!draft_check_item(draft, item, err))
        return false;
    if (context->resolution.request->abort) {
        if (!read_choices(draft, context, err) || !take_markers_away(draft, context, item, err))
            return false;
        facts_add(draft->ws->arena, &draft->facts, FACT_PENDING_STATE, FACT_NO_GROUP,
                  context->resolution.pending.id, STR("waiting"), STR("aborted"));
        return true;
    }
    return read_choices(draft, context, err) && resolve_edge(draft, context, item, err);
}

bool verb_resolve(Workspace *ws, const ResolveRequest *request, ResolveResult *out, Error *err)
{
    ResolveResult result = {0};
    ResolveContext context = {.resolution = {.request = request}, .result = &result};
    DraftRun run = {.plan_it = plan_resolve, .context = &context, .apply = request->apply};
    run.operation = request->operation;
    if (!session_recover(ws, err) || !choose_pending(ws, request, &context.resolution.pending, err))
        return false;
    run.session.write_collection = request->apply;
    run.session.write_projects = request->apply;
    run.session.strict = true;
    if (context.resolution.pending.edge == EDGE_PROJECT)
        ARRAY_PUSH(ws->arena, &run.session.projects, str_of(context.resolution.pending.project));
    if (!draft_run(ws, &run, &result.plan, err))
        return false;
    result.pending = context.resolution.pending;
    *out = result;
    return true;
}
