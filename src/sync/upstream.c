#include "sync/upstream.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/text.h"
#include "sync/edge.h"
#include "sync/upstream_gather.h"
#include "sync/upstream_news.h"

bool upstream_choose(Workspace *ws, Str url, Str pin, UpstreamChoice *out, Error *err)
{
    UpstreamChoice choice = {0};
    GitRef want;
    const GitRefs *refs = NULL;
    if (!git_repo_open(ws->git, url, &choice.repo, err) ||
        !upstream_pick(ws->arena, choice.repo, pin, &choice.choice, &want, err) ||
        !git_fetch(choice.repo, &want, 1, err) || !git_refs(choice.repo, &refs, err))
        return false;
    choice.commit = want.commit;
    choice.asked_ms = refs->asked_ms;
    *out = choice;
    return true;
}

typedef struct {
    Workspace *ws;
    Hash *hashes; /* of each wanted blob, in order */
} LoadSink;

static bool take_blob(void *context, size_t index, Str bytes, Error *err)
{
    LoadSink *sink = context;
    return store_put(sink->ws->store, bytes, &sink->hashes[index], err);
}

typedef struct {
    GitTree *trees;
    bool *there;
    GitEntries wanted; /* each blob once */
    Map *index;        /* oid → position in wanted + 1 */
} Loading;

static bool list_trees(Workspace *ws, const UpstreamChoice *choice, const Str *paths, size_t count,
                       Loading *loading, Error *err)
{
    for (size_t i = 0; i < count; i++) {
        GitPathKind kind;
        if (!git_path_kind(choice->repo, &choice->commit, paths[i], &kind, err))
            return false;
        loading->there[i] = kind != GIT_PATH_NONE;
        if (loading->there[i] &&
            !git_tree(choice->repo, ws->arena, &choice->commit, paths[i], &loading->trees[i], err))
            return fail_in(err, "'%s'", text_safe(ws->arena, paths[i]));
    }
    return true;
}

static void want_blobs(Workspace *ws, Loading *loading, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < loading->trees[i].entries.count; j++) {
            const GitEntry *entry = &loading->trees[i].entries.items[j];
            if (map_find(loading->index, str_of(entry->oid.text)))
                continue;
            ARRAY_PUSH(ws->arena, &loading->wanted, *entry);
            size_t *position = ARENA_NEW(ws->arena, size_t);
            *position = loading->wanted.count - 1;
            map_put(loading->index, str_of(entry->oid.text), position);
        }
}

static bool put_tree(Workspace *ws, const Loading *loading, const GitTree *from, const Hash *hashes,
                     Hash *out, Error *err)
{
    Tree tree = {0};
    BlobReader blobs = blob_pool_reader(blob_pool_new(ws));
    TreeSide side;
    for (size_t i = 0; i < from->entries.count; i++) {
        const GitEntry *entry = &from->entries.items[i];
        const size_t *position = map_find(loading->index, str_of(entry->oid.text));
        TreeEntry item = {entry->path, entry->mode, hashes[*position], entry->size_bytes};
        ARRAY_PUSH(ws->arena, &tree, item);
    }
    tree_sort(&tree);
    return side_of_tree(ws, &tree, &blobs, &side, err) &&
           store_put_tree(ws->store, &side.tree, out, err);
}

static bool load_trees(Workspace *ws, const UpstreamChoice *choice, const Str *paths, size_t count,
                       Hash *hashes, Error *err)
{
    Loading loading = {
        .trees = ARENA_ARRAY(ws->arena, GitTree, count + 1),
        .there = ARENA_ARRAY(ws->arena, bool, count + 1),
        .index = map_new(ws->arena, 0),
    };
    SCOPED(store_rollback) StoreBatch batch = {0};
    if (!list_trees(ws, choice, paths, count, &loading, err))
        return false;
    want_blobs(ws, &loading, count);
    LoadSink sink = {ws, ARENA_ARRAY(ws->arena, Hash, loading.wanted.count + 1)};
    if (!store_begin(ws->store, &batch, err) ||
        !git_blobs(choice->repo, loading.wanted.items, loading.wanted.count, take_blob, &sink, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        hashes[i] = HASH_NONE;
        if (loading.there[i] &&
            !put_tree(ws, &loading, &loading.trees[i], sink.hashes, &hashes[i], err))
            return fail_in(err, "'%s'", text_safe(ws->arena, paths[i]));
    }
    return store_commit(&batch, err);
}

/* The hashes are all that stays of it: the lists of many artifacts' files go at once. */
bool upstream_load(Workspace *ws, const UpstreamChoice *choice, const Str *paths, size_t count,
                   Hash *hashes, Error *err)
{
    SCOPED(arena_close) Arena *own = arena_open();
    Arena *whole = ws->arena;
    ws->arena = own;
    bool loaded = load_trees(ws, choice, paths, count, hashes, err);
    ws->arena = whole;
    return loaded;
}

static Str pin_of(const Artifact *artifact)
{
    return artifact->pin.len ? artifact->pin : STR("latest");
}

bool upstream_seen_fits(const Artifact *artifact, const UpstreamSeen *seen)
{
    return str_equal(seen->source, artifact->source) &&
           str_equal(seen->source_path, artifact->source_path) &&
           str_equal(seen->pin, pin_of(artifact)) &&
           (str_equal(seen->lock_sha, artifact->upstream_sha) ||
            str_equal(seen->sha, artifact->upstream_sha));
}

static void state_seen(const Map *all, const Artifact *artifact, UpstreamState *out)
{
    *out = (UpstreamState){.has_upstream = artifact->source.len > 0};
    const UpstreamSeen *seen = out->has_upstream ? map_find(all, artifact->id) : NULL;
    if (seen && upstream_seen_fits(artifact, seen)) {
        out->known = true;
        out->seen = *seen;
    }
}

/* A branch that went back, or a tag that names another commit, is for a person to accept. */
static bool check_move(Workspace *ws, const Artifact *artifact, const UpstreamChoice *choice,
                       UpstreamState *out, Error *err)
{
    GitSha old;
    GitMove move;
    Error moved;
    if (!str_equal(artifact->upstream_ref, choice->choice.ref) ||
        !git_sha_parse(artifact->upstream_sha, &old) || git_sha_equal(&old, &choice->commit))
        return true;
    const char *ref = text_safe(ws->arena, choice->choice.ref);
    if (choice->choice.kind == REF_TAG) {
        (void)fail(&moved, ERR_TAG_MOVED, "tag '%s' named %.12s and now names %.12s", ref, old.text,
                   choice->commit.text);
    } else {
        if (!git_compare(choice->repo, &old, &choice->commit, &move, err))
            return false;
        if (move != GIT_REWRITTEN)
            return true;
        (void)fail(&moved, ERR_UPSTREAM_REWRITTEN,
                   "branch '%s' was rewritten: %.12s is no longer part of it", ref, old.text);
    }
    (void)fail_hint(&moved,
                    "Look with `weir diff %.*s --from collection --to upstream`, then accept it "
                    "with `weir pin %.*s @%s`.",
                    STR_ARG(artifact->id), STR_ARG(artifact->id), ref);
    out->error = error_note(ws->arena, &moved);
    return true;
}

/* Without a single file an artifact is gone, whether or not its folder still has a name. */
static Hash tree_or_gone(const Hash *tree)
{
    Hash empty = tree_hash(&(Tree){0});
    return hash_equal(tree, &empty) ? HASH_NONE : *tree;
}

bool upstream_unanswered(ErrorCode code)
{
    static const ErrorCode codes[] = {
        ERR_OFFLINE,         ERR_NETWORK_ERROR, ERR_TIMEOUT,
        ERR_RATE_LIMITED,    ERR_GIT_FAILED,    ERR_PERMISSION,
        ERR_GIT_AUTH_FAILED, ERR_GIT_MISSING,   ERR_REPOSITORY_NOT_FOUND};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (codes[i] == code)
            return true;
    return false;
}

static bool remember(Workspace *ws, const Artifact *artifact, const UpstreamChoice *choice,
                     const Hash *tree, UpstreamState *out, Error *err)
{
    bool was_known = out->known;
    Hash before = out->seen.tree;
    out->known = true;
    out->offline = git_is_offline(choice->repo);
    out->seen = (UpstreamSeen){
        .source = artifact->source,
        .source_path = artifact->source_path,
        .pin = pin_of(artifact),
        .lock_sha = artifact->upstream_sha,
        .sha = choice->choice.sha,
        .ref = choice->choice.ref,
        .version = choice->choice.version,
        .tree = tree_or_gone(tree),
        .checked_ms = choice->asked_ms,
    };
    if (!check_move(ws, artifact, choice, out, err))
        return false;
    if (!out->error.code && hash_is_zero(&out->seen.tree)) {
        Error gone;
        (void)fail(&gone, ERR_UPSTREAM_REMOVED, "'%s' is no longer in the upstream at %s",
                   text_safe(ws->arena, artifact->source_path),
                   text_safe(ws->arena, choice->choice.ref));
        out->error = error_note(ws->arena, &gone);
    }
    out->seen.note = str_of(out->error.message);
    bool same = was_known && hash_equal(&before, &out->seen.tree);
    if (!same && !upstream_tell_news(ws, artifact, &out->seen, err))
        return false;
    return upstream_seen_put(ws, artifact->id, &out->seen, err);
}

typedef struct {
    Str key; /* url and pin */
    Str url, pin;
    size_t *members;
    size_t count;
} UpstreamGroup;
typedef ARRAY(UpstreamGroup *) UpstreamGroups;

static void group_artifacts(Workspace *ws, const ArtifactList *artifacts, UpstreamGroups *out)
{
    Map *index = map_new(ws->arena, artifacts->count);
    for (size_t i = 0; i < artifacts->count; i++) {
        const Artifact *artifact = artifacts->items[i];
        if (!artifact->source.len)
            continue;
        Str pin = pin_of(artifact);
        Str key =
            str_of(arena_format(ws->arena, "%.*s\n%.*s", STR_ARG(artifact->source), STR_ARG(pin)));
        UpstreamGroup *group = map_find(index, key);
        if (!group) {
            group = ARENA_NEW(ws->arena, UpstreamGroup);
            *group = (UpstreamGroup){.key = key, .url = artifact->source, .pin = pin};
            group->members = ARENA_ARRAY(ws->arena, size_t, artifacts->count - i);
            map_put(index, key, group);
            ARRAY_PUSH(ws->arena, out, group);
        }
        group->members[group->count++] = i;
    }
}

static bool remember_all(Workspace *ws, const ArtifactList *artifacts, const UpstreamGroup *group,
                         const UpstreamChoice *choice, const Hash *hashes, UpstreamState *states,
                         Error *err)
{
    SCOPED(db_rollback) DbTransaction change = {0};
    if (!db_begin(ws->db, &change, err))
        return false;
    for (size_t i = 0; i < group->count; i++)
        if (!states[group->members[i]].error.code &&
            !remember(ws, artifacts->items[group->members[i]], choice, &hashes[i],
                      &states[group->members[i]], err))
            return false;
    return db_commit(&change, err);
}

/* A tree that was seen at this very commit, and is in the store, need not be loaded again. */
static bool tree_known(Workspace *ws, const UpstreamState *state, const UpstreamChoice *choice,
                       bool *out, Error *err)
{
    *out = false;
    if (!state->known || hash_is_zero(&state->seen.tree) ||
        !str_equal(state->seen.sha, choice->choice.sha))
        return true;
    return store_has_tree(ws->store, &state->seen.tree, out, err);
}

static bool all_known(Workspace *ws, const UpstreamGroup *group, const UpstreamChoice *choice,
                      const UpstreamState *states, Hash *hashes, bool *out, Error *err)
{
    *out = true;
    for (size_t i = 0; *out && i < group->count; i++) {
        const UpstreamState *state = &states[group->members[i]];
        if (!tree_known(ws, state, choice, out, err))
            return false;
        hashes[i] = state->seen.tree;
    }
    return true;
}

/* All at once; where that fails, one by one, so that the failure stays with the artifact it belongs to. */
static bool load_group(Workspace *ws, const UpstreamGroup *group, const UpstreamChoice *choice,
                       const Str *paths, Hash *hashes, UpstreamState *states, Error *err)
{
    Error failed = {0};
    bool known = false;
    if (!all_known(ws, group, choice, states, hashes, &known, err))
        return false;
    if (known || upstream_load(ws, choice, paths, group->count, hashes, &failed))
        return true;
    for (size_t i = 0; i < group->count; i++) {
        Error own = {0};
        if (upstream_load(ws, choice, &paths[i], 1, &hashes[i], &own))
            continue;
        if (own.code == ERR_INTERRUPTED) {
            *err = own;
            return false;
        }
        states[group->members[i]].error = error_note(ws->arena, &own);
    }
    return true;
}

static bool ask_group(Workspace *ws, const ArtifactList *artifacts, const UpstreamGroup *group,
                      UpstreamState *states, Error *err)
{
    UpstreamChoice choice;
    Str *paths = ARENA_ARRAY(ws->arena, Str, group->count);
    Hash *hashes = ARENA_ARRAY(ws->arena, Hash, group->count);
    if (!upstream_choose(ws, group->url, group->pin, &choice, err))
        return false;
    for (size_t i = 0; i < group->count; i++)
        paths[i] = artifacts->items[group->members[i]]->source_path;
    return load_group(ws, group, &choice, paths, hashes, states, err) &&
           remember_all(ws, artifacts, group, &choice, hashes, states, err);
}

static bool gather_all(Workspace *ws, const ArtifactList *artifacts, Error *err)
{
    UpstreamWant *wants = ARENA_ARRAY(ws->arena, UpstreamWant, artifacts->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < artifacts->count; i++) {
        const Artifact *artifact = artifacts->items[i];
        if (artifact->source.len)
            wants[count++] =
                (UpstreamWant){artifact->source, pin_of(artifact), artifact->upstream_sha};
    }
    return upstream_gather(ws, wants, count, err);
}

bool upstream_states(Workspace *ws, const ArtifactList *artifacts, bool network,
                     UpstreamState **out, Error *err)
{
    UpstreamState *states = ARENA_ARRAY(ws->arena, UpstreamState, artifacts->count + 1);
    UpstreamGroups groups = {0};
    Map *seen = NULL;
    Str first = {0}, last = {0};
    for (size_t i = 0; i < artifacts->count; i++) {
        Str id = artifacts->items[i]->id;
        first = i && str_compare(first, id) <= 0 ? first : id;
        last = i && str_compare(last, id) >= 0 ? last : id;
    }
    if (!upstream_seen_list(ws, first, last, &seen, err))
        return false;
    for (size_t i = 0; i < artifacts->count; i++)
        state_seen(seen, artifacts->items[i], &states[i]);
    *out = states;
    if (!network)
        return true;
    SPAN(ws->tracer, "fetch");
    group_artifacts(ws, artifacts, &groups);
    if (!gather_all(ws, artifacts, err))
        return false;
    for (size_t g = 0; g < groups.count; g++) {
        Error failed = {0};
        workspace_progress(ws, "read", g + 1, groups.count, groups.items[g]->url);
        if (ask_group(ws, artifacts, groups.items[g], states, &failed))
            continue;
        if (failed.code == ERR_INTERRUPTED) {
            *err = failed;
            return false;
        }
        for (size_t i = 0; i < groups.items[g]->count; i++)
            states[groups.items[g]->members[i]].error = error_note(ws->arena, &failed);
    }
    return true;
}

bool upstream_find_version(Workspace *ws, Str url, Str sha, Str path, const Hash *wanted,
                           Error *err)
{
    UpstreamChoice choice;
    Hash found = HASH_NONE;
    Error failed = {0};
    HashHex hex = hash_hex(wanted);
    if (!url.len || !sha.len)
        return fail(err, ERR_BASE_NOT_FOUND, "the content of version %.12s is not on this machine",
                    hex.text);
    if (!upstream_choose(ws, url, sha, &choice, &failed) ||
        !upstream_load(ws, &choice, &path, 1, &found, &failed))
        return fail(err, failed.code == ERR_INTERRUPTED ? ERR_INTERRUPTED : ERR_BASE_NOT_FOUND,
                    "the content of version %.12s is not on this machine, and its upstream cannot "
                    "be asked: %.300s",
                    hex.text, failed.message);
    return hash_equal(&found, wanted) ||
           fail(err, ERR_BASE_NOT_FOUND,
                "the content of version %.12s is not on this machine, and the upstream at %.12s is "
                "another",
                hex.text, choice.commit.text);
}
