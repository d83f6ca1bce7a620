#include "sync/markers.h"

#include "sync/pending_store.h"

enum { HEX = 64 };

Str markers_choice(Arena *arena, const Hash *before, const Hash *written)
{
    HashHex first = hash_hex(before), second = hash_hex(written);
    return str_of(arena_format(arena, "%s %s", first.text, second.text));
}

bool markers_read(Str choice, Hash *before, Hash *written)
{
    return choice.len == 2 * HEX + 1 && hash_parse(str_slice(choice, 0, HEX), before) &&
           hash_parse(str_slice(choice, HEX + 1, choice.len), written);
}

/* "" is the collection: it is the target of both other edges. */
static Str key_of(Arena *arena, Str artifact, Str project)
{
    return str_of(arena_format(arena, "%.*s\n%.*s", STR_ARG(artifact), STR_ARG(project)));
}

/* For all batches of the session, as the waiting merges are (sync/pending_index.h). */
static bool load(Session *session, Error *err)
{
    Arena *arena = session->arena;
    MarkedMerges list = {0};
    Workspace own = *session->ws;
    own.arena = arena;
    Map *all = map_new(arena, 0);
    if (!pending_marked(&own, STR(MARKERS_PLACE), &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const MarkedMerge *one = &list.items[i];
        bool collection = one->merge.edge == EDGE_UPSTREAM || one->merge.upward;
        Marks *marks = ARENA_NEW(arena, Marks);
        marks->pending = one->merge.id;
        if (markers_read(one->choice, &marks->before, &marks->written))
            map_put(all,
                    key_of(arena, one->merge.artifact,
                           collection ? (Str){0} : str_of(one->merge.project)),
                    marks);
    }
    session->marks = all;
    return true;
}

bool markers_any(const Session *session)
{
    return session->marks && map_count(session->marks);
}

bool markers_find(Draft *draft, const Root *root, Str artifact, const Marks **out, Error *err)
{
    *out = NULL;
    Session *session = draft->session;
    if (!session->marks && !load(session, err))
        return false;
    if (markers_any(session))
        *out =
            map_find(session->marks, key_of(draft->ws->arena, artifact,
                                            root->is_collection ? (Str){0} : str_of(root->path)));
    return true;
}

static bool read_trees(Draft *draft, const Marks *marks, Tree *before, Tree *written, Error *err)
{
    return blob_pool_tree(draft->pool, &marks->before, before, err) &&
           blob_pool_tree(draft->pool, &marks->written, written, err);
}

static bool is_marked(const Tree *before, const Tree *written, Str path)
{
    return !tree_entry_equal(tree_find(before, path), tree_find(written, path));
}

bool markers_are_in(Draft *draft, const Marks *marks, const TreeEntry *file, bool *marked,
                    bool *edited, Error *err)
{
    Tree before, written;
    if (!read_trees(draft, marks, &before, &written, err))
        return false;
    *marked = is_marked(&before, &written, file->path);
    *edited = !tree_entry_equal(file, tree_find(&written, file->path));
    return true;
}

bool markers_hide(Draft *draft, const Marks *marks, TreeSide *side, Error *err)
{
    Tree before, written, shown = {0};
    BlobReader blobs = blob_pool_reader(draft->pool);
    if (!read_trees(draft, marks, &before, &written, err))
        return false;
    for (size_t i = 0; i < side->tree.count; i++)
        if (!is_marked(&before, &written, side->tree.items[i].path))
            ARRAY_PUSH(draft->ws->arena, &shown, side->tree.items[i]);
    for (size_t i = 0; i < before.count; i++)
        if (is_marked(&before, &written, before.items[i].path))
            ARRAY_PUSH(draft->ws->arena, &shown, before.items[i]);
    tree_sort(&shown);
    return side_of_tree(draft->ws, &shown, &blobs, side, err);
}
