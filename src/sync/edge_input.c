#include "sync/edge_input.h"

#include "base/text.h"
#include "sync/markers.h"
#include "sync/missing.h"
#include "sync/old_base.h"

static bool fail_missing(Error *err, const char *where, Str artifact, Str path)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fail(err, ERR_MISSING_DEPLOYMENT, "%.*s is on record but not there: %s has no '%s'",
                STR_ARG(artifact), where, text_safe(arena, path));
}

/* Which version both ends had in common, as the record has it, and where its content came from. */
typedef struct {
    BaseWanted wanted;
    const char *other_end; /* for people */
    const char *review;    /* the command that begins a two-way review */
    bool needs_review;
} RecordedBase;

/* The base's content: here, or noted as missing, so that the network is asked when no lock is held. */
static bool base_side(Draft *draft, const RecordedBase *base, TreeSide *out, Error *err)
{
    if (base->needs_review || hash_is_zero(&base->wanted.hash))
        return fail(err, ERR_BASE_NOT_FOUND, "%.*s has no version in common with %s on record",
                    STR_ARG(base->wanted.artifact), base->other_end);
    if (base_find_here(draft, &base->wanted, out, err))
        return true;
    if (err->code == ERR_BASE_NOT_FOUND)
        (void)missing_note(draft, &base->wanted, err);
    return fail_in(err, "%.*s", STR_ARG(base->wanted.artifact));
}

static bool without_base(Draft *draft, const RecordedBase *base, EdgeInput *input, Error *err)
{
    if (err->code != ERR_BASE_NOT_FOUND)
        return false;
    if (!draft->two_way)
        return fail_hint(err, "Decide place by place, without a base: %s", base->review);
    input->two_way = true;
    input->base_label = "no base";
    return side_of_version(draft->ws, draft->pool, &HASH_NONE, &input->base, err);
}

static bool add_base(Draft *draft, const RecordedBase *base, EdgeInput *input, Error *err)
{
    if (hash_equal(&input->target.hash, &input->source.hash))
        input->base = input->source;
    else if (!base_side(draft, base, &input->base, err))
        return without_base(draft, base, input, err);
    input->base_label =
        arena_format(draft->ws->arena, "base %.8s", hash_hex(&input->base.hash).text);
    return true;
}

BaseWanted artifact_base(const Artifact *artifact)
{
    return (BaseWanted){.artifact = artifact->id,
                        .hash = artifact->base_hash,
                        .url = artifact->source,
                        .sha = artifact->upstream_sha,
                        .path = artifact->upstream_path,
                        .collection_path = artifact->path};
}

static const char *collection_label(Arena *arena, const TreeSide *side)
{
    return arena_format(arena, "collection %.8s", hash_hex(&side->hash).text);
}

static bool upstream_input(Draft *draft, const EdgeEnds *ends, EdgeInput *out, RecordedBase *base,
                           Error *err)
{
    Workspace *ws = draft->ws;
    Root *root = draft->session->collection;
    const Artifact *artifact = ends->artifact;
    const UpstreamSeen *seen = &ends->upstream->seen;
    EdgeInput input = {.root = root, .path = artifact->path};
    if (!side_of_version(ws, draft->pool, &seen->tree, &input.source, err) ||
        !draft_side(draft, root, artifact->id, artifact->path, &input.target, err))
        return false;
    if (!input.target.exists) {
        (void)fail_missing(err, "the collection", artifact->id, artifact->path);
        return fail_hint(err,
                         "`weir undo` brings it back if weir removed it; `weir remove %.*s` "
                         "forgets it.",
                         STR_ARG(artifact->id));
    }
    *base = (RecordedBase){
        .wanted = artifact_base(artifact),
        .other_end = "its upstream",
        .review =
            arena_format(ws->arena, "weir sync %.*s --two-way --apply", STR_ARG(artifact->id)),
        .needs_review = artifact->needs_review,
    };
    base->wanted.hash = base_of_artifact(draft, artifact, seen, true);
    input.target_label = collection_label(ws->arena, &input.target);
    input.source_label =
        arena_format(ws->arena, "upstream %s",
                     text_safe(ws->arena, seen->version.len ? seen->version : seen->ref));
    *out = input;
    return true;
}

static bool project_sides(Draft *draft, const EdgeEnds *ends, TreeSide *upper, TreeSide *lower,
                          Error *err)
{
    const Artifact *artifact = ends->artifact;
    const Deployment *deployment = ends->deployment;
    const Root *project = ends->project;
    if (!draft_side(draft, ends->project, deployment->artifact, deployment->path, lower, err))
        return false;
    if (!lower->exists) {
        (void)fail_missing(err, project->name, deployment->artifact, deployment->path);
        return fail_hint(
            err, "`weir deploy %.*s --project %s` puts it back, `weir undeploy` forgets it.",
            STR_ARG(deployment->artifact), text_word(draft->ws->arena, str_of(project->path)));
    }
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

BaseWanted deployment_base(const Deployment *deployment, const Artifact *artifact,
                           const Root *project)
{
    return (BaseWanted){.artifact = deployment->artifact,
                        .hash = deployment->parent_hash,
                        .url = deployment->upstream_url,
                        .sha = deployment->upstream_sha,
                        .path = deployment->upstream_path,
                        .collection_path = artifact ? artifact->path : (Str){0},
                        .project = project};
}

static bool project_input(Draft *draft, const EdgeEnds *ends, bool upward, EdgeInput *out,
                          RecordedBase *base, Error *err)
{
    Arena *arena = draft->ws->arena;
    const Deployment *deployment = ends->deployment;
    TreeSide upper;
    TreeSide lower;
    if (!project_sides(draft, ends, &upper, &lower, err))
        return false;
    const char *collection = collection_label(arena, &upper);
    const char *project = arena_format(arena, "project %s", ends->project->name);
    EdgeInput input = {
        .target = upward ? upper : lower,
        .source = upward ? lower : upper,
        .target_label = upward ? collection : project,
        .source_label = upward ? project : collection,
        .root = upward ? draft->session->collection : ends->project,
        .path = upward ? ends->artifact->path : deployment->path,
    };
    *base = (RecordedBase){
        .wanted = deployment_base(deployment, ends->artifact, ends->project),
        .other_end = "the collection",
        .review = arena_format(arena, "weir %s %.*s%s --project %s --two-way --apply",
                               upward ? "pull" : "sync", STR_ARG(deployment->artifact),
                               upward ? "" : " --direction project",
                               text_word(arena, str_of(ends->project->path))),
        .needs_review = deployment->needs_review,
    };
    base->wanted.hash = base_of_deployment(draft, ends->project, deployment);
    *out = input;
    return true;
}

/* A target with markers in its files: it is merged without them, and written over as it is. */
static bool add_live(Draft *draft, const EdgeEnds *ends, EdgeInput *input, Error *err)
{
    bool below = ends->project && input->root == ends->project;
    Root *root = below ? ends->project : draft->session->collection;
    Str artifact = ends->deployment ? ends->deployment->artifact : ends->artifact->id;
    TreeSide live;
    if (!markers_any(draft->session))
        return true;
    if (!draft_live(draft, root, artifact, input->path, &live, err))
        return false;
    if (!hash_equal(&live.hash, &input->target.hash))
        input->live = live;
    return true;
}

static bool read_ends(Draft *draft, const EdgeEnds *ends, bool upward, EdgeInput *out,
                      RecordedBase *base, Error *err)
{
    bool read = ends->project ? project_input(draft, ends, upward, out, base, err)
                              : upstream_input(draft, ends, out, base, err);
    return read && add_live(draft, ends, out, err);
}

bool edge_input(Draft *draft, const EdgeEnds *ends, bool upward, EdgeInput *out, Error *err)
{
    EdgeInput input;
    RecordedBase base;
    if (!read_ends(draft, ends, upward, &input, &base, err) || !add_base(draft, &base, &input, err))
        return false;
    *out = input;
    return true;
}

bool edge_sides(Draft *draft, const EdgeEnds *ends, bool upward, EdgeInput *out, Error *err)
{
    EdgeInput input;
    RecordedBase base;
    Error failed = {0};
    if (!read_ends(draft, ends, upward, &input, &base, err))
        return false;
    if (!add_base(draft, &base, &input, &failed) &&
        (failed.code != ERR_BASE_NOT_FOUND ||
         !side_of_version(draft->ws, draft->pool, &HASH_NONE, &input.base, &failed))) {
        *err = failed;
        return false;
    }
    *out = input;
    return true;
}
