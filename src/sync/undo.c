/* undo: the last operation's reverse, planned and applied like anything else.
 *
 * Per artifact it is a merge whose base is what the operation left, whose target is what is there now and
 * whose source is what was there before: newer edits survive or conflict, they are never overwritten. What
 * one batch cannot hold goes back batch after batch, once all of it is known to go: waiting merges and the
 * word that it is undone come with the last. An undo that stopped on the way is gone on with by the next.
 */
#include "sync/verbs.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/path.h"
#include "base/process.h"
#include "base/text.h"
#include "sync/base_pack.h"
#include "sync/draft.h"
#include "sync/history.h"
#include "sync/log_store.h"
#include "sync/markers.h"
#include "sync/undo_records.h"

typedef struct {
    const UndoRequest *request;
    Arena *arena; /* of the whole undo */
    OperationDetail detail;
    StrArray artifacts; /* in the order of the batches */
    Map *numbers;       /* their places in it, size_t */
    UndoRecords records;
    Map *made; /* its folders, by root and path */
    UndoResult *result;
} UndoContext;

static Root *root_of(Draft *draft, Str path)
{
    for (size_t i = 0; i < draft->session->root_count; i++)
        if (str_is(path, draft->session->roots[i].path))
            return &draft->session->roots[i];
    return NULL;
}

/* The operation's part on a root that is away is left as it is, when that was asked for. */
static bool is_left(Draft *draft, const UndoContext *context, Str path)
{
    const Root *root = root_of(draft, path);
    if (!context->request->without_missing || !root || root->error.code != ERR_NOT_FOUND)
        return false;
    if (!str_array_has(&context->result->left, path))
        ARRAY_PUSH(context->arena, &context->result->left, path);
    return true;
}

static Str folder_key(Arena *arena, Str root, Str folder)
{
    return str_of(arena_format(arena, "%.*s\n%.*s", STR_ARG(root), STR_ARG(folder)));
}

static Map *index_folders(Arena *arena, const OperationDetail *detail)
{
    Map *made = map_new(arena, detail->folders.count);
    for (size_t i = 0; i < detail->folders.count; i++) {
        const OperationFolder *folder = &detail->folders.items[i];
        map_put(made, folder_key(arena, folder->root, folder->path), made);
    }
    return made;
}

/* Length of the leading part of `path` whose folders were there before the operation. */
static size_t old_part(Arena *arena, const UndoContext *context, Str root, Str path)
{
    Str folder = path_folder(path);
    while (folder.len && map_find(context->made, folder_key(arena, root, folder)))
        folder = path_folder(folder);
    return folder.len;
}

static bool undo_input(Draft *draft, Root *root, const OperationTree *tree, EdgeInput *out,
                       Error *err)
{
    EdgeInput input = {.root = root, .path = tree->path};
    Workspace *ws = draft->ws;
    if (!draft_live(draft, root, tree->artifact, tree->path, &input.target, err) ||
        !side_of_version(ws, draft->pool, &tree->after, &input.base, err) ||
        !side_of_version(ws, draft->pool, &tree->before, &input.source, err))
        return false;
    if (!input.target.exists)
        input.base = input.target; /* nothing lies there: what was there before comes back whole */
    input.target_label = root->is_collection ? "collection" : root->name;
    input.base_label = "what the operation left";
    input.source_label = "before it";
    *out = input;
    return true;
}

static Str undo_message(Arena *arena, const OperationDetail *detail)
{
    return str_of(arena_format(arena, "undo of %.*s %.*s", STR_ARG(detail->head.verb),
                               STR_ARG(detail->head.id)));
}

/* Files with the markers of a waiting merge are no version: taking the markers away makes none, and
 * bringing them back makes one of what the files were without them. */
static bool version_after(const OperationDetail *detail, const OperationTree *tree, Hash *version)
{
    for (size_t i = 0; i < detail->pendings.count; i++) {
        const OperationPending *pending = &detail->pendings.items[i];
        Hash before, written;
        if (!str_is(pending->place, MARKERS_PLACE))
            continue;
        if (markers_read(pending->after, &before, &written) && hash_equal(&written, &tree->after))
            return false;
        if (detail->trees.count == 1 && markers_read(pending->before, &before, &written))
            *version = before;
    }
    return true;
}

static bool undo_tree(Draft *draft, const UndoContext *context, const OperationTree *tree,
                      Error *err)
{
    const OperationDetail *detail = &context->detail;
    Root *root = root_of(draft, tree->root);
    EdgeInput input;
    EdgeResult result;
    if (!root || root->error.code)
        return fail(err, ERR_NOT_FOUND, "'%s' is not there",
                    text_safe(draft->ws->arena, tree->root));
    Edge edge = root->is_collection ? EDGE_UPSTREAM : EDGE_PROJECT;
    PlanItem *item = draft_item(draft, tree->artifact, edge, root->is_collection ? NULL : root);
    if (!draft_check_item(draft, item, err) || !undo_input(draft, root, tree, &input, err) ||
        !edge_merge(draft->ws, draft->pool, &input, &result, err))
        return false;
    item_fill(item, &input, &result);
    if (item->result == RESULT_CONFLICT || hash_equal(&input.target.hash, &result.after.hash))
        return true;
    bool goes = result.after.tree.count == 0 && !input.source.exists;
    if (goes)
        result.after = input.source;
    TreeChange change = {.root = root,
                         .artifact = tree->artifact,
                         .path = tree->path,
                         .before = input.target,
                         .after = result.after,
                         .untracked = result.untracked,
                         .adopted = result.adopted,
                         .group = draft_group(draft, item),
                         .edge = edge,
                         .base = input.base.hash,
                         .whole = goes,
                         .keep_bytes = old_part(draft->ws->arena, context, tree->root, tree->path)};
    ARRAY_PUSH(draft->ws->arena, &draft->changes, change);
    draft_keep_result(draft, &result);
    Hash version = result.after.hash;
    if (!version_after(detail, tree, &version))
        return true;
    draft_version(draft, draft_group(draft, item),
                  &(VersionFact){.artifact = tree->artifact,
                                 .tier = root->is_collection ? TIER_COLLECTION : TIER_PROJECT,
                                 .project = root->is_collection ? (Str){0} : str_of(root->path),
                                 .hash = version,
                                 .parent = input.target.hash,
                                 .source = "rollback",
                                 .message = undo_message(draft->ws->arena, detail)});
    return true;
}

static bool undo_record(Draft *draft, const UndoContext *context, UndoRecord *record,
                        const UndoPart *part, Error *err)
{
    Str path = record->of.root;
    const Root *root = root_of(draft, path);
    if (is_left(draft, context, path))
        return true;
    if (!root || root->error.code)
        return fail(err, ERR_NOT_FOUND, "'%s' is not there", text_safe(draft->ws->arena, path));
    return undo_record_plan(draft, context->arena, record, root, part,
                            old_part(draft->ws->arena, context, path, record->of.path), err);
}

static void undo_pending(Draft *draft, const OperationPending *pending)
{
    Arena *arena = draft->ws->arena;
    Str back = pending->before.len ? pending->before : STR("dropped");
    if (pending->place.len)
        facts_add(arena, &draft->facts, FACT_CHOICE, FACT_NO_GROUP, pending->pending,
                  pending->place, pending->after, pending->before);
    else
        facts_add(arena, &draft->facts, FACT_PENDING_STATE, FACT_NO_GROUP, pending->pending,
                  pending->after, back);
}

static bool undo_trees(Draft *draft, const UndoContext *context, const UndoPart *part, Error *err)
{
    const OperationTrees *trees = &context->detail.trees;
    for (size_t i = 0; i < trees->count; i++) {
        const OperationTree *tree = &trees->items[i];
        const size_t *number = map_find(part->numbers, tree->artifact);
        if (*number < part->from || *number >= part->to || is_left(draft, context, tree->root))
            continue;
        if (!interrupt_check(err))
            return false;
        if (!undo_tree(draft, context, tree, err))
            return fail_in(err, "%.*s", STR_ARG(tree->artifact));
    }
    return true;
}

/* All or nothing: newer edits are in the way. */
static void drop_all(Draft *draft)
{
    draft->changes.count = 0;
    draft->facts.count = 0;
    draft->blobs.count = 0;
    draft->trees.count = 0;
}

static void undo_facts(Draft *draft, const UndoContext *context, const UndoPart *part)
{
    Arena *arena = draft->ws->arena;
    const OperationDetail *detail = &context->detail;
    for (size_t i = 0; part->last && i < detail->pendings.count; i++)
        undo_pending(draft, &detail->pendings.items[i]);
    for (size_t i = part->from; i < part->to; i++)
        facts_add(arena, &draft->facts, FACT_ARTIFACT, FACT_NO_GROUP, context->artifacts.items[i]);
    if (part->last)
        facts_add(arena, &draft->facts, FACT_UNDONE, FACT_NO_GROUP, detail->head.id,
                  draft->operation);
}

static bool plan_undo(Draft *draft, void *opaque, Error *err)
{
    UndoContext *context = opaque;
    OperationRecords written = {0};
    UndoPart part = {.numbers = context->numbers,
                     .from = draft->from,
                     .to = draft_end(draft, context->artifacts.count)};
    part.last = part.to == context->artifacts.count;
    part.whole = part.last && part.from == 0;
    draft->goes_on = !part.last;
    if (!undo_trees(draft, context, &part, err))
        return false;
    if (plan_count(draft->plan, RESULT_CONFLICT)) {
        drop_all(draft);
        return true;
    }
    if (!operation_records(draft->ws->arena, draft->ws->db, draft->operation, &written, err))
        return false;
    part.written = undo_records_joined(draft->ws->arena, &written);
    for (size_t i = 0; i < context->records.count; i++)
        if (!undo_record(draft, context, &context->records.items[i], &part, err))
            return false;
    undo_facts(draft, context, &part);
    return true;
}

/* Trees decide the order, for what is newest goes first; then come artifacts whose records alone changed. */
static void number_artifact(UndoContext *context, Str artifact)
{
    if (map_find(context->numbers, artifact))
        return;
    size_t *number = ARENA_NEW(context->arena, size_t);
    *number = context->artifacts.count;
    ARRAY_PUSH(context->arena, &context->artifacts, artifact);
    map_put(context->numbers, artifact, number);
}

static void number_artifacts(UndoContext *context)
{
    const OperationDetail *detail = &context->detail;
    context->numbers = map_new(context->arena, detail->head.artifacts.count);
    for (size_t i = 0; i < detail->trees.count; i++)
        number_artifact(context, detail->trees.items[i].artifact);
    for (size_t i = 0; i < detail->head.artifacts.count; i++)
        number_artifact(context, detail->head.artifacts.items[i]);
}

static void add_project(Workspace *ws, StrArray *projects, Str root, const char *collection)
{
    if (!str_is(root, collection) && !str_array_has(projects, root))
        ARRAY_PUSH(ws->arena, projects, root);
}

static bool undo_roots(Workspace *ws, const OperationDetail *detail, StrArray *out, Error *err)
{
    char *collection = NULL;
    if (!fs_real_path(ws->arena, ws->collection_path, &collection, err))
        return false;
    for (size_t i = 0; i < detail->trees.count; i++)
        add_project(ws, out, detail->trees.items[i].root, collection);
    for (size_t i = 0; i < detail->records.count; i++)
        add_project(ws, out, detail->records.items[i].root, collection);
    return true;
}

/* Why it could not be planned, in the words of an undo. */
static bool fail_undo(const UndoContext *context, Error *err)
{
    if (err->code == ERR_NOT_FOUND)
        return fail_hint(err, "It is all or nothing: bring the folder back to where it was, or let "
                              "it keep what it has: `weir undo --without-missing`.");
    if (err->code != ERR_BASE_NOT_FOUND)
        return false;
    (void)fail(err, ERR_VERSION_GONE, "what \"%.*s\" replaced is no longer kept",
               STR_ARG(context->detail.head.command));
    return fail_hint(err, "`weir gc` frees what is older than it is told to keep; `weir show "
                          "TYPE:NAME --versions` marks what is gone.");
}

bool verb_undo_with(Workspace *ws, const UndoRequest *request, UndoResult *out, Error *err)
{
    UndoResult result = {0};
    UndoContext context = {.request = request, .result = &result, .arena = ws->arena};
    bool found = false;
    DraftRun run = {.plan_it = plan_undo,
                    .context = &context,
                    .apply = request->apply,
                    .batches = true,
                    .whole = true};
    if (!session_recover(ws, err) ||
        !operation_last_open(ws->arena, ws->db, ws->collection_name, &found, &context.detail, err))
        return false;
    if (!found) {
        (void)fail(err, ERR_NOT_FOUND, "there is nothing to undo");
        return fail_hint(err, "`weir log` lists what was done.");
    }
    run.undoes = context.detail.head.id;
    run.operation = context.detail.undo;
    run.session.write_collection = request->apply;
    run.session.write_projects = request->apply;
    run.session.strict = !request->without_missing;
    run.session.bytes_only = true;
    number_artifacts(&context);
    context.made = index_folders(ws->arena, &context.detail);
    context.records = undo_records_of(ws->arena, &context.detail.records);
    if (!undo_roots(ws, &context.detail, &run.session.projects, err))
        return false;
    if (!draft_run(ws, &run, &result.plan, err))
        return fail_undo(&context, err);
    result.undone = context.detail.head;
    *out = result;
    return true;
}
