#include "merge/renames_internal.h"
#include "merge/tree_merge_internal.h"

/* One side: where files of base went, and which of its paths are not yet known to be one of base. */
typedef struct {
    const Tree *tree;
    Renames renames;
    bool *known; /* per entry of `tree` */
} Side;

static bool side_open(Arena *arena, const Tree *base, const Tree *tree, const BlobReader *blobs,
                      bool renames, Side *out, Error *err)
{
    *out = (Side){.tree = tree, .known = ARENA_ARRAY(arena, bool, tree->count)};
    return !renames || renames_find(arena, base, tree, blobs, &out->renames, err);
}

static void mark_known(Side *side, const TreeEntry *entry)
{
    side->known[entry - side->tree->items] = true;
}

static const TreeEntry *follow(Side *side, const TreeEntry *base)
{
    const TreeEntry *entry = tree_find(side->tree, base->path);
    if (!entry) {
        const Rename *rename = renames_by_from(&side->renames, base->path);
        entry = rename ? rename->to : NULL;
    }
    if (entry)
        mark_known(side, entry);
    return entry;
}

static const TreeEntry *unknown_at(Side *side, Str path)
{
    const TreeEntry *entry = tree_find(side->tree, path);
    if (!entry || side->known[entry - side->tree->items])
        return NULL;
    mark_known(side, entry);
    return entry;
}

/* One side renamed a file, the other seems to have deleted it but has something new under that very
 * name: the same rename, with more changes than a rename is recognised by. */
static void join_same_rename(TreeItems *items, Side *ours, Side *theirs)
{
    for (size_t i = 0; i < items->count; i++) {
        TreeItem *item = &items->items[i];
        if (item->ours && !item->theirs)
            item->theirs = unknown_at(theirs, item->ours->path);
        else if (item->theirs && !item->ours)
            item->ours = unknown_at(ours, item->theirs->path);
    }
}

static void add_new(Arena *arena, TreeItems *items, Side *ours, Side *theirs)
{
    for (size_t i = 0; i < ours->tree->count; i++) {
        const TreeEntry *entry = &ours->tree->items[i];
        if (ours->known[i])
            continue;
        TreeItem item = {NULL, entry, unknown_at(theirs, entry->path)};
        ARRAY_PUSH(arena, items, item);
    }
    for (size_t i = 0; i < theirs->tree->count; i++)
        if (!theirs->known[i])
            ARRAY_PUSH(arena, items, (TreeItem){NULL, NULL, &theirs->tree->items[i]});
}

bool tree_items_find(Arena *arena, const Tree *base, const Tree *ours, const Tree *theirs,
                     const BlobReader *blobs, bool renames, TreeItems *out, Error *err)
{
    Side our_side, their_side;
    if (!side_open(arena, base, ours, blobs, renames, &our_side, err) ||
        !side_open(arena, base, theirs, blobs, renames, &their_side, err))
        return false;
    TreeItems items = {0};
    for (size_t i = 0; i < base->count; i++) {
        const TreeEntry *entry = &base->items[i];
        ARRAY_PUSH(arena, &items,
                   (TreeItem){entry, follow(&our_side, entry), follow(&their_side, entry)});
    }
    join_same_rename(&items, &our_side, &their_side);
    add_new(arena, &items, &our_side, &their_side);
    *out = items;
    return true;
}
