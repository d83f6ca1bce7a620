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
    Str path;   /* verb_file: the file, and where its bytes go */
    Str *bytes;
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

static uint64_t hunk_bytes(const Hunks *hunks)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < hunks->count; i++)
        for (size_t k = 0; k < hunks->items[i].lines.count; k++)
            bytes += hunks->items[i].lines.items[k].text.len + 1;
    return bytes;
}

static bool read_blob(Arena *arena, const BlobReader *blobs, const Hash *hash, Str *out, Error *err)
{
    *out = (Str){0};
    return hash_is_zero(hash) || blobs->read(blobs->context, arena, hash, out, err);
}

/* Files are shown whole or not at all: what does not fit is left to a download. */
static bool add_hunks(Arena *arena, const BlobReader *blobs, const FileChange *change,
                      uint64_t *left_bytes, DiffResult *out, Error *err)
{
    enum { CONTEXT_LINES = 3 };
    ChangeHunks shown = {0};
    Str before, after;
    if (!change->binary && !hash_equal(&change->old_hash, &change->new_hash)) {
        if (!read_blob(arena, blobs, &change->old_hash, &before, err) ||
            !read_blob(arena, blobs, &change->new_hash, &after, err))
            return false;
        hunks_of(arena, before, after, CONTEXT_LINES, &shown.hunks);
        uint64_t bytes = hunk_bytes(&shown.hunks);
        shown.cut = bytes > *left_bytes;
        if (shown.cut)
            shown.hunks = (Hunks){0};
        else
            *left_bytes -= bytes;
        hunks_mark(arena, &shown.hunks);
    }
    ARRAY_PUSH(arena, &out->hunks, shown);
    return true;
}

static bool add_all_hunks(Draft *draft, const BlobReader *blobs, uint64_t most_bytes,
                          DiffResult *out, Error *err)
{
    for (size_t i = 0; most_bytes && i < out->changes.count; i++)
        if (!add_hunks(draft->ws->arena, blobs, &out->changes.items[i], &most_bytes, out, err))
            return false;
    return true;
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
    return add_all_hunks(draft, &blobs, context->request->hunks_bytes, out, err) &&
           risk_review(draft->ws->arena, &out->changes, &blobs, &risk, &out->risks, err) &&
           patch_write(draft->ws->arena, &out->changes, &blobs, &patch, &out->patch, err);
}

/* While no lock is held. */
static bool ask(Workspace *ws, const DiffRequest *request, Map **out, Error *err)
{
    ArtifactRequest what = {0};
    ARRAY_PUSH(ws->arena, &what.artifacts, str_of(request->artifact));
    return ask_unseen_upstreams(ws, &what, out, err);
}

static bool is_side(const char *side, const char *tier)
{
    return side && str_is(str_of(side), tier);
}

static bool read_sides(Workspace *ws, DiffContext *context, DraftPlanner plan_it, Error *err)
{
    const DiffRequest *request = context->request;
    DraftRun run = {.plan_it = plan_it, .context = context};
    Plan plan;
    run.session.strict = true;
    if (request->project && (is_side(request->from, "project") || is_side(request->to, "project")))
        ARRAY_PUSH(ws->arena, &run.session.projects, str_of(request->project));
    if ((is_side(request->from, "upstream") || is_side(request->to, "upstream")) &&
        !ask(ws, request, &context->asked, err))
        return false;
    return draft_run(ws, &run, &plan, err);
}

bool verb_diff(Workspace *ws, const DiffRequest *request, DiffResult *out, Error *err)
{
    DiffResult result = {0};
    DiffContext context = {.request = request, .out = &result};
    if (!read_sides(ws, &context, plan_diff, err))
        return false;
    *out = result;
    return true;
}

/* ── one file ── */

static bool plan_file(Draft *draft, void *opaque, Error *err)
{
    const DiffContext *context = opaque;
    Artifact *artifact = NULL;
    TreeSide side;
    BlobReader blobs = blob_pool_reader(draft->pool);
    Str path = context->path;
    if (!collection_get(draft->session->collection->collection, str_of(context->request->artifact),
                        &artifact, err) ||
        !named_side(draft, context, artifact, context->request->from, &side, err))
        return false;
    if (str_equal(path, path_base(artifact->path)) && side.tree.count == 1 &&
        !side.tree.items[0].path.len)
        path = (Str){0};
    for (size_t i = 0; i < side.tree.count; i++)
        if (str_equal(side.tree.items[i].path, path))
            return blobs.read(blobs.context, draft->ws->arena, &side.tree.items[i].hash,
                              context->bytes, err);
    return fail(err, ERR_NOT_FOUND, "%.*s has no file '%s' in %s", STR_ARG(artifact->id),
                text_safe(draft->ws->arena, context->path), context->request->from);
}

bool verb_file(Workspace *ws, const FileRequest *request, Str *out, Error *err)
{
    Str bytes = {0};
    const DiffRequest sides = {
        .artifact = request->artifact, .from = request->side, .project = request->project};
    DiffContext context = {.request = &sides, .path = request->path, .bytes = &bytes};
    if (!read_sides(ws, &context, plan_file, err))
        return false;
    *out = bytes;
    return true;
}
