/* add: artifacts come from an upstream, or from a plain folder or file, into the collection. */
#include "sync/verbs.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/name.h"
#include "base/path.h"
#include "base/process.h"
#include "base/text.h"
#include "git/source.h"
#include "model/pin.h"
#include "sync/review.h"
#include "sync/select.h"

typedef struct {
    Str path; /* in the upstream; empty: all of it */
    Hash tree;
} Candidate;
typedef ARRAY(Candidate) Candidates;

typedef struct {
    const AddRequest *request;
    GitSource source;
    Str pin;
    UpstreamChoice choice;
    bool has_upstream;
    Candidates candidates;
} AddContext;

static bool has_glob(Str path)
{
    return str_find(path, '*') != STR_NONE || str_find(path, '?') != STR_NONE ||
           str_find(path, '[') != STR_NONE;
}

static size_t count_slashes(Str path)
{
    size_t count = 0;
    for (size_t i = 0; i < path.len; i++)
        count += path.data[i] == '/';
    return count;
}

/* The first `parts` components of a path; empty when it has fewer. */
static Str first_parts(Str path, size_t parts)
{
    for (size_t i = 0; i < path.len; i++)
        if (path.data[i] == '/' && --parts == 0)
            return str_slice(path, 0, i);
    return parts == 1 ? path : (Str){0};
}

static void match_glob(Arena *arena, const GitEntries *listing, Str glob, Candidates *out)
{
    Map *seen = map_new(arena, listing->count);
    size_t parts = count_slashes(glob) + 1;
    const char *pattern = arena_text(arena, glob);
    for (size_t i = 0; i < listing->count; i++) {
        Str path = first_parts(listing->items[i].path, parts);
        if (!path.len || str_has_nul(path) || map_find(seen, path))
            continue;
        map_put(seen, path, out);
        if (fnmatch(pattern, arena_text(arena, path), FNM_PATHNAME | FNM_PERIOD) == 0)
            ARRAY_PUSH(arena, out, (Candidate){.path = path});
    }
}

static Str trim_slashes(Str path)
{
    while (path.len && path.data[path.len - 1] == '/')
        path.len--;
    while (str_starts(path, STR("./")))
        path = str_slice(path, 2, path.len);
    return str_is(path, ".") ? (Str){0} : path;
}

static bool holds_file(const GitEntries *listing, Str path)
{
    for (size_t i = 0; i < listing->count; i++)
        if (str_equal(listing->items[i].path, path))
            return true;
    return false;
}

/* Without a path: the whole repository when it is one artifact, else a word about what it holds. */
static bool check_whole(const AddContext *add, const GitEntries *listing, Arena *arena, Error *err)
{
    Candidates skills = {0};
    if (add->request->type || holds_file(listing, STR("SKILL.md")))
        return true;
    match_glob(arena, listing, STR("skills/*"), &skills);
    (void)fail(err, ERR_USAGE,
               "which part of the repository is meant? It holds no SKILL.md at its top");
    if (skills.count)
        return fail_hint(err, "For its %zu skills: --path 'skills/*'.", skills.count);
    return fail_hint(err, "Name a path in it with --path, or say what the whole is with --type.");
}

static bool find_candidates(Workspace *ws, AddContext *add, Error *err)
{
    const GitEntries *listing = NULL;
    Str path = trim_slashes(add->request->path ? str_of(add->request->path) : add->source.path);
    if (!git_listing(add->choice.repo, &add->choice.commit, &listing, err))
        return false;
    if (!path.len) {
        ARRAY_PUSH(ws->arena, &add->candidates, (Candidate){0});
        return check_whole(add, listing, ws->arena, err);
    }
    if (has_glob(path))
        match_glob(ws->arena, listing, path, &add->candidates);
    else
        ARRAY_PUSH(ws->arena, &add->candidates, (Candidate){.path = path});
    if (add->candidates.count)
        return true;
    (void)fail(err, ERR_NOT_FOUND, "nothing matches '%s' in the upstream at %s",
               text_safe(ws->arena, path), text_safe(ws->arena, add->choice.choice.ref));
    return fail_hint(err, "Quote the glob, and check its folders: it matches whole path parts.");
}

static bool load_candidates(Workspace *ws, AddContext *add, Error *err)
{
    size_t count = add->candidates.count;
    Str *paths = ARENA_ARRAY(ws->arena, Str, count);
    Hash *hashes = ARENA_ARRAY(ws->arena, Hash, count);
    for (size_t i = 0; i < count; i++)
        paths[i] = add->candidates.items[i].path;
    if (!upstream_load(ws, &add->choice, paths, count, hashes, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (hash_is_zero(&hashes[i]))
            return fail(err, ERR_NOT_FOUND, "the upstream at %s has no '%s'",
                        text_safe(ws->arena, add->choice.choice.ref),
                        text_safe(ws->arena, paths[i]));
        add->candidates.items[i].tree = hashes[i];
    }
    return true;
}

static bool open_upstream(Workspace *ws, AddContext *add, Error *err)
{
    Str ref = add->request->ref ? str_of(add->request->ref) : add->source.ref;
    Pin pin;
    if (!pin_parse(ws->arena, ref, &pin, err))
        return false;
    add->pin = pin.text.len ? pin.text : STR("latest");
    SPAN(ws->tracer, "fetch");
    return upstream_choose(ws, add->source.url, add->pin, &add->choice, err) &&
           find_candidates(ws, add, err) && load_candidates(ws, add, err);
}

/* A folder or file that is no repository: its content goes to the store as it lies there. */
static bool open_plain(Workspace *ws, AddContext *add, Error *err)
{
    Snapshot snapshot = {0};
    char *real = NULL;
    if (!fs_real_path(ws->arena, arena_text(ws->arena, add->source.url), &real, err))
        return false;
    Str name = path_base(str_of(real));
    Str folder = path_folder(str_of(real));
    SCOPED(fd_close) int fd = -1;
    Candidate candidate = {.path = name};
    if (!fs_open_root(folder.len ? arena_text(ws->arena, folder) : "/", &fd, err) ||
        !snapshot_read(ws->arena, fd, name, NULL, &snapshot, err) ||
        !snapshot_keep(ws->store, fd, name, &snapshot, err))
        return false;
    candidate.tree = snapshot.hash;
    ARRAY_PUSH(ws->arena, &add->candidates, candidate);
    return true;
}

static const char *type_of_folder(Str folder)
{
    static const char *const known[][2] = {{"skills", "skill"},
                                           {"commands", "command"},
                                           {"agents", "agent"},
                                           {"hooks", "hook"},
                                           {"prompts", "prompt"}};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_is(path_base(folder), known[i][0]))
            return known[i][1];
    return NULL;
}

static bool artifact_type(const AddContext *add, const Candidate *candidate, const Tree *tree,
                          Str *out, Error *err)
{
    const char *type = add->request->type;
    Str where = add->has_upstream ? candidate->path : add->source.url;
    if (!type)
        type = type_of_folder(path_folder(where));
    if (!type && tree_find(tree, STR("SKILL.md")))
        type = "skill";
    *out = str_of(type);
    if (type)
        return name_check_type(*out, err);
    (void)fail(err, ERR_USAGE, "what type of artifact is it? Its folder does not tell");
    return fail_hint(err, "Say it with --type, for instance --type skill or --type config.");
}

static Str repository_name(Str url)
{
    while (url.len && url.data[url.len - 1] == '/')
        url.len--;
    Str base = path_base(url);
    size_t colon = str_find_last(base, ':');
    if (colon != STR_NONE)
        base = str_slice(base, colon + 1, base.len);
    if (str_ends(base, STR(".git")) && base.len > 4)
        return str_slice(base, 0, base.len - 4);
    return str_ends(base, STR(".bundle")) ? str_slice(base, 0, base.len - 7) : base;
}

static bool artifact_name(const AddContext *add, const Candidate *candidate, bool is_file, Str *out,
                          Error *err)
{
    Str base = candidate->path.len ? path_base(candidate->path) : repository_name(add->source.url);
    if (add->request->name && add->candidates.count > 1)
        return fail(err, ERR_USAGE, "--name names one artifact, but %zu match",
                    add->candidates.count);
    *out = add->request->name ? str_of(add->request->name) : is_file ? path_stem(base) : base;
    return name_check_artifact(*out, err);
}

static bool make_artifact(Workspace *ws, const AddContext *add, const Candidate *candidate,
                          const Tree *tree, Artifact *out, Error *err)
{
    ArtifactId id;
    bool is_file = tree_is_file(tree);
    if (!artifact_type(add, candidate, tree, &id.type, err) ||
        !artifact_name(add, candidate, is_file, &id.name, err))
        return false;
    Str extension = is_file ? path_extension(path_base(candidate->path)) : (Str){0};
    *out = (Artifact){
        .id = artifact_id_format(ws->arena, id),
        .path = artifact_collection_path(ws->arena, ws->places, id, extension),
    };
    if (!add->has_upstream)
        return true;
    out->source = add->source.url;
    out->source_path = candidate->path;
    out->pin = add->pin;
    out->upstream_ref = add->choice.choice.ref;
    out->upstream_version = add->choice.choice.version;
    out->upstream_sha = add->choice.choice.sha;
    out->upstream_path = candidate->path;
    return true;
}

static bool check_place(Draft *draft, const Artifact *artifact, const TreeSide *fresh,
                        TreeSide *live, Error *err)
{
    Root *root = draft->session->collection;
    if (collection_find(root->collection, artifact->id)) {
        (void)fail(err, ERR_EXISTS, "%.*s is in the collection already", STR_ARG(artifact->id));
        return fail_hint(err, "Update it with `weir sync %.*s`, or add it under another --name.",
                         STR_ARG(artifact->id));
    }
    if (!draft_snapshot(draft, root, artifact->path, live, err))
        return false;
    if (!live->exists || hash_equal(&live->hash, &fresh->hash))
        return true;
    (void)fail(err, ERR_EXISTS, "the collection holds a '%s' that weir did not put there",
               text_safe(draft->ws->arena, artifact->path));
    return fail_hint(err, "Move it away, or add this one under another --name.");
}

static void tell_versions(Draft *draft, const PlanItem *item, const Artifact *artifact,
                          const Hash *hash, bool written)
{
    VersionFact version = {.artifact = artifact->id,
                           .tier = TIER_UPSTREAM,
                           .hash = *hash,
                           .source = "upstream",
                           .message = artifact->upstream_ref};
    if (artifact->source.len)
        draft_version(draft, draft_group(draft, item), &version);
    version.tier = TIER_COLLECTION;
    version.source = artifact->source.len ? "upstream" : "collection";
    version.message = (Str){0};
    if (written)
        draft_version(draft, draft_group(draft, item), &version);
}

static bool add_one(Draft *draft, PlanItem *item, const AddContext *add, const Candidate *candidate,
                    Error *err)
{
    Workspace *ws = draft->ws;
    TreeSide fresh;
    TreeSide live;
    Artifact artifact;
    if (!side_of_version(ws, draft->pool, &candidate->tree, &fresh, err) ||
        !make_artifact(ws, add, candidate, &fresh.tree, &artifact, err))
        return false;
    item->artifact = artifact.id;
    if (!draft_check_item(draft, item, err))
        return false;
    item->path = artifact.path;
    item->to_version =
        artifact.upstream_version.len ? artifact.upstream_version : artifact.upstream_ref;
    item->source = item->after = fresh.hash;
    if (!fresh.tree.count) {
        (void)fail(err, ERR_INVALID, "'%s' holds no file that is not ignored",
                   text_safe(ws->arena, candidate->path));
        return fail_hint(err, "An artifact is a file, or a folder with at least one: see --path.");
    }
    if (!check_place(draft, &artifact, &fresh, &live, err))
        return false;
    artifact.base_hash = artifact.source.len ? fresh.hash : HASH_NONE;
    artifact.content_hash = fresh.hash;
    artifact.versions = lineage_push(ws->arena, &artifact.versions, &fresh.hash);
    BlobReader blobs = blob_pool_reader(draft->pool);
    TreeDiffOptions options = {.no_counts = add->candidates.count > LIMIT_BATCH_ARTIFACTS};
    if (!tree_diff(ws->arena, &live.tree, &fresh.tree, &blobs, &options, &item->changes, err) ||
        !review_item(draft, item, err) ||
        !collection_put(draft->session->collection->collection, &artifact, err))
        return false;
    item->result = RESULT_FAST_FORWARD;
    item->record_only = live.exists;
    tell_versions(draft, item, &artifact, &fresh.hash, !live.exists);
    draft_keep_side(draft, &fresh);
    if (live.exists)
        return true;
    TreeChange change = {.root = draft->session->collection,
                         .artifact = artifact.id,
                         .path = artifact.path,
                         .before = live,
                         .after = fresh,
                         .group = draft_group(draft, item),
                         .edge = EDGE_UPSTREAM};
    ARRAY_PUSH(ws->arena, &draft->changes, change);
    return true;
}

static bool plan_add(Draft *draft, void *context, Error *err)
{
    const AddContext *add = context;
    size_t end = draft_end(draft, add->candidates.count);
    for (size_t i = draft->from; i < end; i++) {
        Error failed = {0};
        PlanItem *item = draft_item(draft, add->candidates.items[i].path, EDGE_UPSTREAM, NULL);
        workspace_progress(draft->ws, "read", i + 1, add->candidates.count,
                           add->candidates.items[i].path);
        if (!interrupt_check(err))
            return false;
        if (!add_one(draft, item, add, &add->candidates.items[i], &failed) &&
            !draft_failed(draft, item, &failed, err))
            return false;
    }
    return true;
}

static bool remember_seen(Workspace *ws, const AddContext *add, const Plan *plan, Error *err)
{
    SCOPED(db_rollback) DbTransaction change = {0};
    if (!db_begin(ws->db, &change, err))
        return false;
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        UpstreamSeen seen = {.source = add->source.url,
                             .source_path = add->candidates.items[i].path,
                             .pin = add->pin,
                             .lock_sha = add->choice.choice.sha,
                             .sha = add->choice.choice.sha,
                             .ref = add->choice.choice.ref,
                             .version = add->choice.choice.version,
                             .tree = item->source,
                             .checked_ms = clock_ms()};
        if (item->result != RESULT_ERROR && !upstream_seen_put(ws, item->artifact, &seen, err))
            return false;
    }
    return db_commit(&change, err);
}

bool verb_add(Workspace *ws, const AddRequest *request, Plan *out, Error *err)
{
    AddContext add = {.request = request};
    GitSourceOptions options = {ws->default_host, request->cwd, getenv("HOME")};
    DraftRun run = {.plan_it = plan_add, .context = &add, .apply = request->apply, .batches = true};
    Plan plan;
    run.session.write_collection = request->apply;
    if (!git_source_parse(ws->arena, &options, str_of(request->source), &add.source, err))
        return false;
    add.has_upstream = add.source.kind != GIT_SOURCE_PLAIN;
    if (!(add.has_upstream ? open_upstream(ws, &add, err) : open_plain(ws, &add, err)))
        return false;
    if (!draft_run(ws, &run, &plan, err))
        return false;
    Error forgot = {0}; /* what was applied is applied */
    if (request->apply && add.has_upstream && !remember_seen(ws, &add, &plan, &forgot))
        workspace_notice(ws, "warning: what the upstream holds was not noted: %s", forgot.message);
    *out = plan;
    return true;
}
