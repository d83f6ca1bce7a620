#include "base/path.h"
#include "base/text.h"
#include "sync/patch_export.h"

typedef struct {
    Store *store;
    Hash *hashes;
} FileSink;

static bool take_file(void *context, size_t index, Str bytes, Error *err)
{
    FileSink *sink = context;
    return store_put(sink->store, bytes, &sink->hashes[index], err);
}

static bool fetch_files(Workspace *ws, const UpstreamPlace *place, GitRepo **repo, GitTree *out,
                        Error *err)
{
    GitRef want = {0};
    if (!git_sha_parse(place->sha, &want.sha))
        return fail(err, ERR_BASE_NOT_FOUND, "the upstream's commit is not on record");
    want.commit = want.sha;
    return git_repo_open(ws->git, place->source, repo, err) && git_fetch(*repo, &want, 1, err) &&
           git_tree(*repo, ws->arena, &want.commit, place->path, out, err);
}

bool upstream_files(Workspace *ws, const UpstreamPlace *place, Tree *out, Error *err)
{
    GitRepo *repo = NULL;
    GitTree files = {0};
    Tree tree = {0};
    SCOPED(store_rollback) StoreBatch batch = {0};
    if (!fetch_files(ws, place, &repo, &files, err))
        return fail_in(err, "upstream at %.12s", text_safe(ws->arena, place->sha));
    FileSink sink = {ws->store, ARENA_ARRAY(ws->arena, Hash, files.entries.count + 1)};
    if (!store_begin(ws->store, &batch, err) ||
        !git_blobs(repo, files.entries.items, files.entries.count, take_file, &sink, err) ||
        !store_commit(&batch, err))
        return false;
    for (size_t i = 0; i < files.entries.count; i++) {
        const GitEntry *entry = &files.entries.items[i];
        TreeEntry item = {entry->path, entry->mode, sink.hashes[i], entry->size_bytes};
        ARRAY_PUSH(ws->arena, &tree, item);
    }
    tree_sort(&tree);
    *out = tree;
    return true;
}

/* A file in the place of a folder, or the reverse. */
static bool is_in_the_way(const Tree *tree, Str path)
{
    for (size_t i = 0; i < tree->count; i++)
        if (path_is_inside(tree->items[i].path, path) || path_is_inside(path, tree->items[i].path))
            return true;
    return false;
}

static bool stays(const Tree *files, const TreeSide *base, const TreeSide *mine, Str path)
{
    if (tree_is_file(files) || tree_is_file(&mine->tree) || tree_find(&mine->tree, path))
        return false;
    return (ignore_matches(base->ignore, path, false) ||
            ignore_matches(mine->ignore, path, false)) &&
           !is_in_the_way(&mine->tree, path);
}

static Tree with_ignored(Arena *arena, const Tree *files, const TreeSide *base,
                         const TreeSide *mine)
{
    Tree tree = {0};
    for (size_t i = 0; i < mine->tree.count; i++)
        ARRAY_PUSH(arena, &tree, mine->tree.items[i]);
    for (size_t i = 0; i < files->count; i++)
        if (stays(files, base, mine, files->items[i].path))
            ARRAY_PUSH(arena, &tree, files->items[i]);
    tree_sort(&tree);
    return tree;
}

static Tree in_repository(Arena *arena, const Tree *tree, Str folder)
{
    Tree out = {0};
    for (size_t i = 0; i < tree->count; i++) {
        TreeEntry entry = tree->items[i];
        entry.path = str_of(path_join(arena, folder, entry.path));
        ARRAY_PUSH(arena, &out, entry);
    }
    tree_sort(&out);
    return out;
}

bool patch_trees(Workspace *ws, const UpstreamPlace *place, const TreeSide *mine,
                 const BlobReader *blobs, PatchTrees *out, Error *err)
{
    Tree files = {0};
    TreeSide base;
    TreeSide result;
    if (!upstream_files(ws, place, &files, err) || !side_of_tree(ws, &files, blobs, &base, err))
        return false;
    Tree after = with_ignored(ws->arena, &files, &base, mine);
    if (!side_of_tree(ws, &after, blobs, &result, err))
        return false;
    *out = (PatchTrees){in_repository(ws->arena, &files, place->path),
                        in_repository(ws->arena, &after, place->path), base.hash, result.hash};
    return true;
}
