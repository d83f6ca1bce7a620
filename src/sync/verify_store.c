/* Every object of the store, unpacked and hashed. One that is damaged is put aside and put again, from a
 * tier that still has it or from the upstream at the commit that a record names. */
#include "sync/verify.h"

#include "content/check.h"
#include "sync/edge_input.h"
#include "sync/pending_store.h"
#include "sync/upstream.h"

typedef struct {
    bool asked; /* the upstreams: once is enough */
} Sources;

typedef struct {
    DamagedObject object;
    Sources *sources; /* shared by all findings */
} Damage;

static void tell_progress(void *context, size_t done, size_t total)
{
    workspace_progress(context, "check", done, total, STR("store"));
}

/* ── where it can be had again ── */

static void read_side(Draft *draft, Root *root, Str path)
{
    TreeSide side;
    Error ignored = {0};
    (void)!draft_snapshot(draft, root, path, &side, &ignored);
}

typedef ARRAY(BaseWanted) BaseWanteds;

/* Everything that lies on the tiers becomes known to the draft's pool. */
static void read_tiers(Draft *draft)
{
    Session *session = draft->session;
    for (size_t i = 0; i < session->root_count; i++) {
        Root *root = &session->roots[i];
        if (root->error.code)
            continue;
        if (root->is_collection)
            for (size_t j = 0; j < root->collection->artifacts.count; j++)
                read_side(draft, root, root->collection->artifacts.items[j]->path);
        else
            for (size_t j = 0; j < root->deployments->items.count; j++)
                read_side(draft, root, root->deployments->items.items[j]->path);
    }
}

static void list_sources(const Session *session, Arena *arena, BaseWanteds *out)
{
    for (size_t i = 0; i < session->root_count; i++) {
        const Root *root = &session->roots[i];
        if (root->error.code)
            continue;
        for (size_t j = 0; root->is_collection && j < root->collection->artifacts.count; j++)
            ARRAY_PUSH(arena, out, artifact_base(root->collection->artifacts.items[j]));
        for (size_t j = 0; !root->is_collection && j < root->deployments->items.count; j++)
            ARRAY_PUSH(arena, out, deployment_base(root->deployments->items.items[j], NULL, NULL));
    }
}

/* Each brings the blobs of its tree into the store, where it still has them. No folder is held meanwhile. */
static void ask_upstreams_again(Workspace *ws, const BaseWanteds *sources)
{
    Error ignored = {0};
    for (size_t i = 0; i < sources->count; i++) {
        const BaseWanted *one = &sources->items[i];
        (void)!upstream_find_version(ws, one->url, one->sha, one->path, &one->hash, &ignored);
    }
}

static bool is_there(Workspace *ws, const DamagedObject *object)
{
    Error ignored = {0};
    bool found = false;
    return (object->is_tree ? store_has_tree(ws->store, &object->hash, &found, &ignored)
                            : store_has(ws->store, &object->hash, &found, &ignored)) &&
           found;
}

static bool put_from_tiers(Draft *draft, const DamagedObject *object)
{
    Error ignored = {0};
    BlobReader blobs = blob_pool_reader(draft->pool);
    Hash hash;
    Str bytes;
    Tree tree;
    if (object->is_tree)
        return blob_pool_tree(draft->pool, &object->hash, &tree, &ignored) &&
               store_put_tree(draft->ws->store, &tree, &hash, &ignored);
    return blobs.read(blobs.context, draft->ws->arena, &object->hash, &bytes, &ignored) &&
           store_put(draft->ws->store, bytes, &hash, &ignored);
}

static bool put_again(Workspace *ws, Damage *damage, Error *err)
{
    SCOPED(session_close) Session *session = NULL;
    SessionSpec spec = {.damaged = true};
    Plan plan = {0};
    if (!project_paths(ws, &spec.projects, err) || !session_open(ws, &spec, &session, err))
        return false;
    Draft *draft = draft_new(ws, session, &plan);
    read_tiers(draft);
    if (put_from_tiers(draft, &damage->object))
        return true;
    BaseWanteds sources = {0};
    list_sources(session, ws->arena, &sources);
    session_close(&session);
    if (!damage->sources->asked)
        ask_upstreams_again(ws, &sources);
    damage->sources->asked = true;
    return is_there(ws, &damage->object) ||
           fail(err, ERR_VERSION_GONE, "no tier and no upstream has it; it was put aside");
}

static bool mend_object(Verify *verify, Finding *finding, Error *err)
{
    Damage *damage = finding->context;
    DamagedObject *object = &damage->object;
    if (object->error.code ==
        ERR_NOT_FOUND) { /* the tree is sound, one of its blobs is not there */
        object->hash = object->missing;
        object->is_tree = false;
    } else if (!store_put_aside(verify->ws->store, &object->hash, object->is_tree, err)) {
        return false;
    } else {
        damage->sources->asked = false;
    }
    finding->mended = put_again(verify->ws, damage, err);
    return finding->mended;
}

static bool check_store(Verify *verify, Error *err)
{
    Workspace *ws = verify->ws;
    DamagedObjects damaged;
    StoreCheck check = {tell_progress, ws};
    Sources *sources = ARENA_NEW(ws->arena, Sources);
    if (!store_check(ws->arena, ws->store, &check, &verify->looked_at, &damaged, err))
        return false;
    for (size_t i = 0; i < damaged.count; i++) {
        const DamagedObject *object = &damaged.items[i];
        Damage *damage = ARENA_NEW(ws->arena, Damage);
        *damage = (Damage){*object, sources};
        Finding *finding =
            object->error.code == ERR_NOT_FOUND
                ? verify_found(verify, "STORE_INCOMPLETE", STR("objects.db"), "tree %.12s: %s",
                               hash_hex(&object->hash).text, object->error.message)
                : verify_found(verify, "STORE_DAMAGED", STR("objects.db"), "%s",
                               object->error.message);
        finding->advice = "Undo, rollback and merges that need it fail until it is mended.";
        finding->repair = "put aside, and put again from a tier or an upstream that has it";
        finding->mend = mend_object;
        finding->context = damage;
    }
    return true;
}

const VerifyCheck verify_store = {
    .name = "store",
    .about = "objects",
    .apart = true,
    .check = check_store,
};
