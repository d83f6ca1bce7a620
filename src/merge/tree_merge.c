#include "merge/tree_merge.h"

#include <stdlib.h>

#include "base/map.h"
#include "merge/tree_merge_internal.h"

const char *conflict_kind_name(ConflictKind kind)
{
    static const char *const names[] = {"content", "modify_delete", "delete_modify",
                                        "add_add", "binary",        "mode",
                                        "rename",  "type",          "symlink"};
    return names[kind];
}

static bool changes_from(Arena *arena, const Tree *ours, const BlobReader *blobs,
                         const TreeMergeOptions *options, TreeMerge *merge, Error *err)
{
    TreeDiffOptions diff = {.no_counts = options->no_counts, .no_renames = options->no_renames};
    return tree_diff(arena, ours, &merge->tree, blobs, &diff, &merge->changes, err);
}

static int conflict_order(const void *a, const void *b)
{
    const TreeConflict *x = a, *y = b;
    int order = str_compare(x->path, y->path);
    return order ? order : str_compare(x->base.path, y->base.path);
}

/* The result's entries and conflicts; what of ours is in conflict is left out of `ours_left`. */
static void collect(Arena *arena, const Outcomes *outcomes, TreeMerge *merge, Tree *ours_left)
{
    for (size_t i = 0; i < outcomes->count; i++) {
        const Outcome *outcome = &outcomes->items[i];
        if (outcome->in_conflict) {
            if (!outcome->reported)
                ARRAY_PUSH(arena, &merge->conflicts, outcome->conflict);
            continue;
        }
        if (outcome->present)
            ARRAY_PUSH(arena, &merge->tree, outcome->entry);
        if (outcome->item.ours)
            ARRAY_PUSH(arena, ours_left, *outcome->item.ours);
    }
    tree_sort(&merge->tree);
    tree_sort(ours_left);
    if (merge->conflicts.count)
        qsort(merge->conflicts.items, merge->conflicts.count, sizeof(TreeConflict), conflict_order);
}

/* A merged text may belong to a file that then clashed with another: drop blobs nobody names. */
static void drop_unused_blobs(const Tree *tree, NewBlobs *blobs)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Map *used = map_new(scratch, tree->count);
    for (size_t i = 0; i < tree->count; i++) {
        Hash *hash = &tree->items[i].hash;
        map_put(used, hash_key(hash), hash);
    }
    size_t kept = 0;
    for (size_t i = 0; i < blobs->count; i++)
        if (map_find(used, hash_key(&blobs->items[i].hash)))
            blobs->items[kept++] = blobs->items[i];
    blobs->count = kept;
}

/* What the merge made is not in the caller's store yet. */
typedef struct {
    const BlobReader *below;
    const Map *made; /* hash to bytes */
} LayeredBlobs;

static bool read_layered(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    const LayeredBlobs *layers = context;
    const Str *made = map_find(layers->made, hash_key(hash));
    if (!made)
        return layers->below->read(layers->below->context, arena, hash, out, err);
    *out = *made;
    return true;
}

static Map *map_of_blobs(Arena *scratch, NewBlobs *blobs)
{
    Map *map = map_new(scratch, blobs->count);
    for (size_t i = 0; i < blobs->count; i++)
        map_put(map, hash_key(&blobs->items[i].hash), &blobs->items[i].bytes);
    return map;
}

static bool merge_files(Arena *arena, const Tree *base, const Tree *ours, const Tree *theirs,
                        const BlobReader *blobs, const TreeMergeOptions *options, TreeMerge *merge,
                        Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    TreeItems items;
    if (!tree_items_find(scratch, base, ours, theirs, blobs, !options->no_renames, &items, err))
        return false;
    MergeWork work = {arena, blobs, options, &merge->blobs};
    Outcomes outcomes = {ARENA_ARRAY(scratch, Outcome, items.count), 0, items.count};
    for (size_t i = 0; i < items.count; i++) {
        if (!outcome_decide(&work, items.items[i], &outcomes.items[i], err))
            return false;
        outcomes.count++;
    }
    outcomes_find_clashes(scratch, &outcomes);

    Tree ours_left = {0};
    collect(arena, &outcomes, merge, &ours_left);
    drop_unused_blobs(&merge->tree, &merge->blobs);
    merge->clean = merge->conflicts.count == 0;
    if (!merge->clean)
        merge->kind = TREE_CONFLICT;
    else if (tree_equal(&merge->tree, ours))
        merge->kind = TREE_SAME;
    else
        merge->kind = tree_equal(&merge->tree, theirs) ? TREE_FAST_FORWARD : TREE_MERGED;
    LayeredBlobs layers = {blobs, map_of_blobs(scratch, &merge->blobs)};
    BlobReader reader = {read_layered, &layers};
    return changes_from(arena, &ours_left, &reader, options, merge, err);
}

bool tree_merge(Arena *arena, const Tree *base, const Tree *ours, const Tree *theirs,
                const BlobReader *blobs, const TreeMergeOptions *options, TreeMerge *out,
                Error *err)
{
    TreeMerge merge = {.clean = true};
    if (tree_equal(ours, theirs) || tree_equal(theirs, base)) {
        merge.tree = *ours;
    } else if (tree_equal(ours, base)) {
        merge.kind = TREE_FAST_FORWARD;
        merge.tree = *theirs;
        if (!changes_from(arena, ours, blobs, options, &merge, err))
            return false;
    } else if (!merge_files(arena, base, ours, theirs, blobs, options, &merge, err)) {
        return false;
    }
    *out = merge;
    return true;
}
