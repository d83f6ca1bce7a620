#include "sync/edge.h"

#include <stdlib.h>

#include "base/fs.h"
#include "base/path.h"
#include "base/text.h"

/* A folder without a single file of its own is nothing: git keeps none, and nobody wants its emptiness
 * read as "delete everything". */
TreeSide side_of_snapshot(const Snapshot *snapshot)
{
    bool exists = snapshot->exists && snapshot->tree.count > 0;
    return (TreeSide){exists, snapshot->tree, exists ? snapshot->hash : HASH_NONE,
                      snapshot->ignore};
}

static bool rules_of_tree(Arena *arena, const Tree *tree, const BlobReader *blobs, Ignore **out,
                          Error *err)
{
    Str text = {0};
    const TreeEntry *entry = tree_find(tree, STR(IGNORE_FILE));
    bool is_text = entry && (entry->mode == MODE_FILE || entry->mode == MODE_EXEC);
    if (is_text && !blobs->read(blobs->context, arena, &entry->hash, &text, err))
        return false;
    return ignore_parse(arena, text, out, err);
}

bool side_of_tree(Workspace *ws, const Tree *tree, const BlobReader *blobs, TreeSide *out,
                  Error *err)
{
    Ignore *ignore = NULL;
    if (!rules_of_tree(ws->arena, tree, blobs, &ignore, err))
        return false;
    Tree filtered = tree_is_file(tree) ? *tree : ignore_filter(ws->arena, ignore, tree);
    *out = (TreeSide){true, filtered, tree_hash(&filtered), ignore};
    return true;
}

bool side_of_version(Workspace *ws, BlobPool *pool, const Hash *hash, TreeSide *out, Error *err)
{
    Tree tree = {0};
    BlobReader blobs = blob_pool_reader(pool);
    if (hash_is_zero(hash)) {
        Ignore *none = NULL;
        if (!ignore_parse(ws->arena, (Str){0}, &none, err))
            return false;
        *out = (TreeSide){.ignore = none};
        return true;
    }
    return blob_pool_tree(pool, hash, &tree, err) && side_of_tree(ws, &tree, &blobs, out, err);
}

static bool any_ignores(const EdgeInput *input, const Ignore *result, Str path)
{
    return ignore_matches(input->base.ignore, path, false) ||
           ignore_matches(input->target.ignore, path, false) ||
           ignore_matches(input->source.ignore, path, false) || ignore_matches(result, path, false);
}

static Hash rules_hash(const TreeSide *side)
{
    const TreeEntry *entry = tree_find(&side->tree, STR(IGNORE_FILE));
    return entry ? entry->hash : HASH_NONE;
}

static bool rules_differ(const EdgeInput *input)
{
    Hash base = rules_hash(&input->base);
    Hash target = rules_hash(&input->target);
    Hash source = rules_hash(&input->source);
    return !hash_equal(&target, &source) || (input->base.exists && !hash_equal(&base, &target));
}

/* Splits what the target would lose: really deleted, or still there but no longer tracked. */
static void sort_out_deletions(Arena *arena, const EdgeInput *input, EdgeResult *out)
{
    FileChanges kept = {0};
    for (size_t i = 0; i < out->changes.count; i++) {
        const FileChange *change = &out->changes.items[i];
        Str gone = change->action == FILE_RENAME ? change->from_path : change->path;
        bool loses = change->action == FILE_DELETE || change->action == FILE_RENAME;
        if (!loses || tree_is_file(&input->target.tree) ||
            !any_ignores(input, out->after.ignore, gone)) {
            ARRAY_PUSH(arena, &kept, *change);
            continue;
        }
        ARRAY_PUSH(arena, &out->untracked, gone);
        if (change->action != FILE_RENAME)
            continue;
        FileChange add = *change;
        add.action = FILE_ADD;
        add.from_path = (Str){0};
        add.old_mode = MODE_NONE;
        add.old_hash = HASH_NONE;
        ARRAY_PUSH(arena, &kept, add);
    }
    out->changes = kept;
}

static Str on_root(Arena *arena, Str path, Str inside)
{
    return str_of(path_join(arena, path, inside));
}

static bool live_entry(Workspace *ws, const EdgeInput *input, Str inside, TreeEntry *out,
                       Str *content, bool *found, Error *err)
{
    FsStat stat;
    Str bytes = {0};
    Str path = on_root(ws->arena, input->path, inside);
    if (!fs_stat_at(input->root->fd, path, found, &stat, err))
        return false;
    if (!*found)
        return true;
    *out = (TreeEntry){.path = inside, .mode = MODE_FILE, .size_bytes = stat.size_bytes};
    if (stat.kind == FS_LINK) {
        out->mode = MODE_LINK;
        if (!fs_read_link_at(ws->arena, input->root->fd, path, &bytes, err))
            return false;
    } else if (stat.kind == FS_FILE) {
        out->mode = stat.executable ? MODE_EXEC : MODE_FILE;
        if (!fs_read_at(ws->arena, input->root->fd, path, LIMIT_FILE_BYTES, &bytes, err))
            return false;
    } else {
        out->mode = MODE_NONE; /* a folder, a pipe: like nothing that could be added */
    }
    out->hash = hash_of(bytes);
    *content = bytes;
    return true;
}

static bool is_folder_of_target(const Tree *target, Str path)
{
    for (size_t i = 0; i < target->count; i++)
        if (target->items[i].path.len > path.len && path_is_inside(target->items[i].path, path))
            return true;
    return false;
}

/* A folder that shall make room for a file must hold nothing but what the target tracks. */
static bool check_folder_goes(Workspace *ws, const EdgeInput *input, Str inside, Error *err)
{
    FsNames names;
    SCOPED(fd_close) int fd = -1;
    if (!fs_open_folder(input->root->fd, on_root(ws->arena, input->path, inside), &fd, err) ||
        !fs_list_once(ws->arena, fd, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        Str path = str_of(path_join(ws->arena, inside, names.items[i].name));
        if (tree_find(&input->target.tree, path))
            continue;
        if (is_folder_of_target(&input->target.tree, path)) {
            if (!check_folder_goes(ws, input, path, err))
                return false;
            continue;
        }
        (void)fail(err, ERR_EXISTS,
                   "the folder '%s' shall become a file, but holds '%s', which "
                   "weir did not write",
                   text_safe(ws->arena, on_root(ws->arena, input->path, inside)),
                   text_safe(ws->arena, path));
        return fail_hint(err, "Move it away, then run the command again.");
    }
    return true;
}

/* What lies at a new path, or a file where it needs a folder. */
static bool entry_in_the_way(Workspace *ws, const EdgeInput *input, Str path, TreeEntry *out,
                             Str *content, bool *found, Error *err)
{
    *found = false;
    for (size_t i = 0; i < path.len; i++) {
        Str folder = str_slice(path, 0, i);
        if (path.data[i] != '/')
            continue;
        if (tree_find(&input->target.tree, folder))
            return true; /* it makes room */
        if (!live_entry(ws, input, folder, out, content, found, err))
            return false;
        if (*found && out->mode != MODE_NONE)
            return true;
    }
    return live_entry(ws, input, path, out, content, found, err);
}

/* A new path must find nothing on disk, or just what it would write: then it is adopted. */
static bool check_addition(Workspace *ws, const EdgeInput *input, const FileChange *change,
                           EdgeResult *out, bool *clash, Error *err)
{
    TreeEntry live;
    Str content = {0};
    bool found = false;
    *clash = false;
    if (tree_find(&input->target.tree, change->path))
        return true;
    if (is_folder_of_target(&input->target.tree, change->path))
        return check_folder_goes(ws, input, change->path, err);
    if (!entry_in_the_way(ws, input, change->path, &live, &content, &found, err))
        return err->code == ERR_PATH_ESCAPES ? fail_in(err, "an untracked link is in the way")
                                             : false;
    if (!found)
        return true;
    if (live.path.len == change->path.len && live.mode == change->new_mode &&
        hash_equal(&live.hash, &change->new_hash)) {
        ARRAY_PUSH(ws->arena, &out->adopted, change->path);
        return true;
    }
    *clash = true;
    TreeConflict conflict = {
        .kind = live.mode == MODE_NONE ? CONFLICT_TYPE : CONFLICT_ADD_ADD,
        .path = change->path,
        .ours = {live.path, live.mode, live.hash},
        .theirs = {change->path, change->new_mode, change->new_hash},
    };
    ARRAY_PUSH(ws->arena, &out->conflicts, conflict);
    if (live.mode != MODE_NONE)
        ARRAY_PUSH(ws->arena, &out->blobs, ((NewBlob){live.hash, content}));
    return true;
}

static bool check_additions(Workspace *ws, const EdgeInput *input, EdgeResult *out, Error *err)
{
    FileChanges kept = {0};
    for (size_t i = 0; i < out->changes.count; i++) {
        const FileChange *change = &out->changes.items[i];
        bool adds = change->action == FILE_ADD || change->action == FILE_RENAME;
        bool clash = false;
        if (adds && input->target.exists && !check_addition(ws, input, change, out, &clash, err))
            return false;
        if (!clash)
            ARRAY_PUSH(ws->arena, &kept, *change);
    }
    out->changes = kept;
    return true;
}

static void pool_blobs(BlobPool *pool, const NewBlobs *blobs)
{
    for (size_t i = 0; i < blobs->count; i++)
        blob_pool_add_bytes(pool, &blobs->items[i].hash, blobs->items[i].bytes);
}

/* `out->changes` are those from the target to `merged`; a result that its own rules filter is compared
 * again. */
static bool finish_edge(Workspace *ws, BlobPool *pool, const EdgeInput *input, const Tree *merged,
                        EdgeResult *out, Error *err)
{
    BlobReader blobs = blob_pool_reader(pool);
    TreeDiffOptions options = {.no_counts = input->statuses_only};
    pool_blobs(pool, &out->blobs);
    out->rules_changed = rules_differ(input);
    if (!side_of_tree(ws, merged, &blobs, &out->after, err))
        return false;
    if (out->conflicts.count)
        return true;
    if (out->after.tree.count != merged->count &&
        !tree_diff(ws->arena, &input->target.tree, &out->after.tree, &blobs, &options,
                   &out->changes, err))
        return false;
    sort_out_deletions(ws->arena, input, out);
    if (!check_additions(ws, input, out, err))
        return false;
    pool_blobs(pool, &out->blobs);
    if (out->conflicts.count)
        out->kind = TREE_CONFLICT;
    return true;
}

static int conflict_order(const void *a, const void *b)
{
    const TreeConflict *x = a, *y = b;
    return str_compare(x->path, y->path);
}

static ConflictSide conflict_side(const TreeEntry *entry)
{
    return entry ? (ConflictSide){entry->path, entry->mode, entry->hash} : (ConflictSide){0};
}

static bool is_in_conflict(const TreeMerge *merge, Str path)
{
    for (size_t i = 0; i < merge->conflicts.count; i++)
        if (str_equal(merge->conflicts.items[i].path, path))
            return true;
    return false;
}

/* Without a base nobody knows whether a file that one side lacks was added there or deleted here: that is a
 * place to decide, like two texts that differ. */
static void ask_about_each(Arena *arena, const EdgeInput *input, TreeMerge *merge)
{
    Tree agreed = {0};
    FileChanges none = {0};
    for (size_t i = 0; i < merge->tree.count; i++) {
        const TreeEntry *entry = &merge->tree.items[i];
        const TreeEntry *ours = tree_find(&input->target.tree, entry->path);
        const TreeEntry *theirs = tree_find(&input->source.tree, entry->path);
        if (tree_entry_equal(ours, theirs)) {
            ARRAY_PUSH(arena, &agreed, *entry);
            continue;
        }
        TreeConflict conflict = {
            .kind = CONFLICT_ADD_ADD,
            .path = entry->path,
            .mode = entry->mode,
            .ours = conflict_side(ours),
            .theirs = conflict_side(theirs),
        };
        if (!is_in_conflict(merge, entry->path))
            ARRAY_PUSH(arena, &merge->conflicts, conflict);
    }
    merge->tree = agreed;
    merge->changes = none;
    merge->clean = merge->conflicts.count == 0;
    if (merge->clean)
        return;
    merge->kind = TREE_CONFLICT;
    qsort(merge->conflicts.items, merge->conflicts.count, sizeof(TreeConflict), conflict_order);
}

bool edge_merge(Workspace *ws, BlobPool *pool, const EdgeInput *input, EdgeResult *out, Error *err)
{
    SILENT_SPAN(ws->tracer, "merge");
    BlobReader blobs = blob_pool_reader(pool);
    TreeMerge merge = {0};
    TreeMergeOptions options = {
        .lines = {.style = input->two_way ? MERGE_STYLE_MERGE : ws->marker_style,
                  .base_label = str_of(input->base_label),
                  .ours_label = str_of(input->target_label),
                  .theirs_label = str_of(input->source_label)},
        .no_counts = input->statuses_only,
        .whole_files = !ws->auto_merge,
    };
    if (!tree_merge(ws->arena, &input->base.tree, &input->target.tree, &input->source.tree, &blobs,
                    &options, &merge, err))
        return false;
    if (input->two_way)
        ask_about_each(ws->arena, input, &merge);
    EdgeResult result = {.kind = merge.kind,
                         .blobs = merge.blobs,
                         .changes = merge.changes,
                         .conflicts = merge.conflicts};
    if (!finish_edge(ws, pool, input, &merge.tree, &result, err))
        return false;
    *out = result;
    return true;
}

bool edge_replace(Workspace *ws, BlobPool *pool, const EdgeInput *input, const Tree *after,
                  EdgeResult *out, Error *err)
{
    BlobReader blobs = blob_pool_reader(pool);
    TreeDiffOptions options = {.no_counts = input->statuses_only};
    EdgeResult result = {.kind = TREE_MERGED};
    if (!tree_diff(ws->arena, &input->target.tree, after, &blobs, &options, &result.changes, err) ||
        !finish_edge(ws, pool, input, after, &result, err))
        return false;
    *out = result;
    return true;
}

void item_fill(PlanItem *item, const EdgeInput *input, const EdgeResult *result)
{
    static const ItemResult results[] = {
        [TREE_SAME] = RESULT_UP_TO_DATE,
        [TREE_FAST_FORWARD] = RESULT_FAST_FORWARD,
        [TREE_MERGED] = RESULT_MERGED,
        [TREE_CONFLICT] = RESULT_CONFLICT,
    };
    item->result = results[result->kind];
    if (result->kind == TREE_MERGED && !result->changes.count)
        item->result = RESULT_UP_TO_DATE;
    item->changes = result->changes;
    item->conflicts = result->conflicts;
    item->untracked = result->untracked;
    item->rules_changed = result->rules_changed;
    item->base = input->base.hash;
    item->target = input->target.hash;
    item->source = input->source.hash;
    item->after = result->after.hash;
    item->path = input->path;
}
