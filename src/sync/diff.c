/* diff: two versions of one artifact as a patch. Reads only. */
#include "sync/verbs.h"

#include "base/path.h"
#include "base/text.h"
#include "merge/patch.h"
#include "sync/pending_store.h"
#include "sync/select.h"

typedef struct {
    const DiffRequest *request;
    DiffResult *out;
    Map *asked; /* what an upstream said that was not seen before, or NULL */
} DiffContext;

static bool upstream_side(Draft *draft, Artifact *artifact, const Map *asked, TreeSide *out,
                          Error *err)
{
    ArtifactList one = {0};
    UpstreamState *states = NULL;
    ARRAY_PUSH(draft->ws->arena, &one, artifact);
    if (!artifact->source.len)
        return fail(err, ERR_NOT_CONNECTED, "%.*s has no upstream", STR_ARG(artifact->id));
    if (!states_of(draft->ws, &one, asked, &states, err))
        return false;
    if (!states[0].known) {
        if (states[0].error.code)
            return fail_noted(err, &states[0].error);
        return fail(err, ERR_NOT_CONNECTED, "the upstream of %.*s has not been seen yet",
                    STR_ARG(artifact->id));
    }
    return side_of_version(draft->ws, draft->pool, &states[0].seen.tree, out, err);
}

static bool project_side(Draft *draft, const Artifact *artifact, TreeSide *out, Error *err)
{
    if (draft->session->root_count < 2) {
        (void)fail(err, ERR_USAGE, "which project is meant?");
        return fail_hint(err, "Run it inside the project, or name it with --project DIR.");
    }
    Root *project = &draft->session->roots[1];
    const Deployment *deployment = deployments_find(project->deployments, artifact->id);
    if (!deployment)
        return fail(err, ERR_NOT_FOUND, "%s has no deployment of %.*s", project->name,
                    STR_ARG(artifact->id));
    return draft_side(draft, project, artifact->id, deployment->path, out, err);
}

/* The one version of this artifact whose hash starts so. */
static bool version_side(Draft *draft, const Artifact *artifact, Str start, TreeSide *out,
                         Error *err)
{
    Versions versions;
    Hash found = HASH_NONE;
    enum { LEAST_DIGITS = 4 };
    if (!version_list(draft->ws, artifact->id, &versions, err))
        return false;
    for (size_t i = 0; i < versions.count; i++) {
        HashHex hex = hash_hex(&versions.items[i].hash);
        if (start.len < LEAST_DIGITS || !str_starts(str_of(hex.text), start) ||
            hash_equal(&found, &versions.items[i].hash))
            continue;
        if (!hash_is_zero(&found))
            return fail(err, ERR_INVALID, "more than one version of %.*s starts with '%.*s'",
                        STR_ARG(artifact->id), STR_ARG(start));
        found = versions.items[i].hash;
    }
    if (!hash_is_zero(&found) || hash_parse(start, &found))
        return side_of_version(draft->ws, draft->pool, &found, out, err);
    (void)fail(err, ERR_NOT_FOUND, "'%s' is no tier and no version of %.*s",
               text_safe(draft->ws->arena, start), STR_ARG(artifact->id));
    return fail_hint(err, "Say upstream, collection, project, or a version from `weir show %.*s`.",
                     STR_ARG(artifact->id));
}

static bool named_side(Draft *draft, const DiffContext *context, Artifact *artifact,
                       const char *name, TreeSide *out, Error *err)
{
    Str side = str_of(name);
    if (str_is(side, "upstream"))
        return upstream_side(draft, artifact, context->asked, out, err);
    if (str_is(side, "collection"))
        return draft_side(draft, draft->session->collection, artifact->id, artifact->path, out,
                          err);
    if (str_is(side, "project"))
        return project_side(draft, artifact, out, err);
    return version_side(draft, artifact, side, out, err);
}

static bool plan_diff(Draft *draft, void *opaque, Error *err)
{
    const DiffContext *context = opaque;
    Artifact *artifact = NULL;
    TreeSide from;
    TreeSide to;
    BlobReader blobs = blob_pool_reader(draft->pool);
    TreeDiffOptions options = {0};
    DiffResult *out = context->out;
    if (!collection_get(draft->session->collection->collection, str_of(context->request->artifact),
                        &artifact, err) ||
        !named_side(draft, context, artifact, context->request->from, &from, err) ||
        !named_side(draft, context, artifact, context->request->to, &to, err) ||
        !tree_diff(draft->ws->arena, &from.tree, &to.tree, &blobs, &options, &out->changes, err))
        return false;
    PatchOptions patch = {.file_name = path_base(artifact->path)};
    RiskOptions risk = {.is_first = !from.exists,
                        .is_hook = str_starts(artifact->id, STR("hook:")),
                        .file_name = patch.file_name};
    out->totals = file_changes_totals(&out->changes);
    out->path = artifact->path;
    return risk_review(draft->ws->arena, &out->changes, &blobs, &risk, &out->risks, err) &&
           patch_write(draft->ws->arena, &out->changes, &blobs, &patch, &out->patch, err);
}

/* While no lock is held. */
static bool ask(Workspace *ws, const DiffRequest *request, Map **out, Error *err)
{
    ArtifactRequest what = {0};
    ARRAY_PUSH(ws->arena, &what.artifacts, str_of(request->artifact));
    return ask_unseen_upstreams(ws, &what, out, err);
}

bool verb_diff(Workspace *ws, const DiffRequest *request, DiffResult *out, Error *err)
{
    DiffResult result = {0};
    DiffContext context = {request, &result, NULL};
    DraftRun run = {.plan_it = plan_diff, .context = &context};
    Plan plan;
    bool needs_project =
        str_is(str_of(request->from), "project") || str_is(str_of(request->to), "project");
    run.session.strict = true;
    if (request->project && needs_project)
        ARRAY_PUSH(ws->arena, &run.session.projects, str_of(request->project));
    if ((str_is(str_of(request->from), "upstream") || str_is(str_of(request->to), "upstream")) &&
        !ask(ws, request, &context.asked, err))
        return false;
    if (!draft_run(ws, &run, &plan, err))
        return false;
    *out = result;
    return true;
}
