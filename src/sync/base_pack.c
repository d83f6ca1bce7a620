#include "sync/base_pack.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/name.h"
#include "base/path.h"
#include "base/text.h"

#define MARKER BASE_PACK_FOLDER "/.gitattributes"
#define TREES BASE_PACK_FOLDER "/trees"
#define BLOBS BASE_PACK_FOLDER "/blobs"

/* git must hand these bytes on as they are, whatever the project's own attributes say. */
static const char marker_text[] =
    "# Written by weir: the versions that this project's merges start from. Commit it.\n"
    "* -text -ident -filter -working-tree-encoding -diff -merge\n";

bool base_pack_owns(Str path)
{
    return path_is_inside(path, STR(BASE_PACK_FOLDER));
}

static const char *place_of(Arena *arena, const char *folder, const Hash *hash)
{
    return arena_format(arena, "%s/%s", folder, hash_hex(hash).text);
}

/* ── reading ── */

static bool read_blob(Arena *arena, const Root *project, const TreeEntry *entry, Str *out,
                      Error *err)
{
    bool found = false;
    const char *path = place_of(arena, BLOBS, &entry->hash);
    uint64_t limit = entry->mode == MODE_LINK ? LIMIT_LINK_BYTES : LIMIT_FILE_BYTES;
    if (!fs_read_if_any(arena, project->fd, str_of(path), limit, &found, out, err))
        return false;
    Hash hash = hash_of(*out);
    if (!hash_equal(&hash, &entry->hash))
        return fail(err, ERR_CORRUPT,
                    found ? "'%s' is not what its name says" : "'%s' is not there", path);
    return entry->mode != MODE_LINK || name_check_link(entry->path, *out, err);
}

/* Names are checked by tree_read; two that are one on some systems are not let in either. */
static bool check_tree(const Tree *tree, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Map *folded = map_new(arena, tree->count);
    if (tree->count > LIMIT_ARTIFACT_FILES || tree_bytes(tree) > LIMIT_ARTIFACT_BYTES)
        return fail(err, ERR_TOO_LARGE, "it has %zu files and %llu bytes", tree->count,
                    (unsigned long long)tree_bytes(tree));
    for (size_t i = 0; i < tree->count; i++) {
        Str key = name_fold(arena, tree->items[i].path);
        if (map_find(folded, key))
            return fail(err, ERR_NAME_REFUSED, "'%s' is there twice, for some systems",
                        text_safe(arena, tree->items[i].path));
        map_put(folded, key, folded);
    }
    return true;
}

static bool read_tree(Arena *arena, const Root *project, const Hash *version, bool *found,
                      Tree *out, Error *err)
{
    Str text;
    const char *path = place_of(arena, TREES, version);
    if (!fs_read_if_any(arena, project->fd, str_of(path), LIMIT_RECORD_BYTES, found, &text, err))
        return false;
    if (!*found)
        return true;
    if (!tree_read(arena, text, out, err) || !check_tree(out, err))
        return fail_in(err, "%s", path);
    Hash hash = tree_hash(out);
    return hash_equal(&hash, version) ||
           fail(err, ERR_CORRUPT, "'%s' is not what its name says", path);
}

static bool keep_blobs(Workspace *ws, const Root *project, const Tree *tree, Error *err)
{
    uint64_t total = 0;
    for (size_t i = 0; i < tree->count; i++) {
        SCOPED(arena_close) Arena *scratch = arena_open();
        Str bytes;
        Hash ignored;
        if (!read_blob(scratch, project, &tree->items[i], &bytes, err))
            return false;
        total += bytes.len;
        if (total > LIMIT_ARTIFACT_BYTES)
            return fail(err, ERR_TOO_LARGE, "a version in the base pack is over %llu bytes",
                        (unsigned long long)LIMIT_ARTIFACT_BYTES);
        if (!store_put(ws->store, bytes, &ignored, err))
            return false;
    }
    return true;
}

bool base_pack_load(Workspace *ws, const Root *project, const Hash *version, bool *found,
                    Error *err)
{
    Tree tree = {0};
    Hash ignored;
    bool own_batch = !store_in_batch(ws->store);
    SCOPED(store_rollback) StoreBatch batch = {0};
    if (!read_tree(ws->arena, project, version, found, &tree, err))
        return false;
    if (!*found)
        return true;
    return (!own_batch || store_begin(ws->store, &batch, err)) &&
           keep_blobs(ws, project, &tree, err) && store_put_tree(ws->store, &tree, &ignored, err) &&
           (!own_batch || store_commit(&batch, err));
}

/* ── planning ── */

typedef struct {
    Draft *draft;
    const Root *project;
    Map *wanted; /* paths that stay or come */
    PackFiles *out;
} PackWork;

static bool has_pack(const Root *project)
{
    FsStat stat;
    Error ignored;
    bool found = false;
    return fs_stat_at(project->fd, STR(MARKER), &found, &stat, &ignored) && found;
}

static void stays(PackWork *work, const char *path)
{
    Arena *arena = work->draft->ws->arena;
    if (!map_find(work->wanted, str_of(path)))
        map_put(work->wanted, arena_copy(arena, str_of(path)), work);
}

/* `bytes` need not outlive the call: what has not to change is not kept. */
static bool want(PackWork *work, const char *path, Str bytes, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Arena *arena = work->draft->ws->arena;
    PackFile file = {0};
    if (!bytes.len || map_find(work->wanted, str_of(path)))
        return true;
    stays(work, path);
    if (!fs_read_if_any(scratch, work->project->fd, str_of(path), LIMIT_FILE_BYTES, &file.existed,
                        &file.before, err))
        return false;
    if (file.existed && str_equal(file.before, bytes))
        return true;
    file.path = arena_text(arena, str_of(path));
    file.before = arena_copy(arena, file.before);
    file.after = arena_copy(arena, bytes);
    ARRAY_PUSH(arena, work->out, file);
    return true;
}

static bool is_packed(const Root *project, const char *path, uint64_t size_bytes)
{
    FsStat stat;
    Error ignored;
    bool found = false;
    return fs_stat_at(project->fd, str_of(path), &found, &stat, &ignored) && found &&
           stat.kind == FS_FILE && stat.size_bytes == size_bytes;
}

/* Its list is sound and its files have their sizes. Their bytes are not read for each batch anew: who takes a
 * base out of the pack checks every hash. */
static bool version_is_packed(PackWork *work, const Hash *version)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Error ignored;
    Tree tree = {0};
    bool found = false;
    if (!read_tree(scratch, work->project, version, &found, &tree, &ignored) || !found)
        return false;
    for (size_t i = 0; i < tree.count; i++) {
        const TreeEntry *entry = &tree.items[i];
        if (entry->size_bytes &&
            !is_packed(work->project, place_of(scratch, BLOBS, &entry->hash), entry->size_bytes))
            return false;
    }
    for (size_t i = 0; i < tree.count; i++)
        if (tree.items[i].size_bytes)
            stays(work, place_of(scratch, BLOBS, &tree.items[i].hash));
    stays(work, place_of(scratch, TREES, version));
    return true;
}

/* What the pack holds already is the last place where it may still be had. */
static bool side_of_base(PackWork *work, const Hash *version, TreeSide *out, bool *found,
                         Error *err)
{
    Workspace *ws = work->draft->ws;
    Error failed = {0};
    *found = side_of_version(ws, work->draft->pool, version, out, &failed);
    if (*found)
        return true;
    if (failed.code == ERR_INTERRUPTED) {
        *err = failed;
        return false;
    }
    bool packed = false;
    *found = base_pack_load(ws, work->project, version, &packed, &failed) && packed &&
             side_of_version(ws, work->draft->pool, version, out, &failed);
    if (!*found)
        workspace_notice(ws,
                         "warning: %s: version %.12s cannot be had here and is not in the base "
                         "pack.",
                         work->project->name, hash_hex(version).text);
    return true;
}

static bool want_version(PackWork *work, const Hash *version, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    BlobReader blobs = blob_pool_reader(work->draft->pool);
    TreeSide side;
    bool found = false;
    if (hash_is_zero(version) ||
        map_find(work->wanted, str_of(place_of(scratch, TREES, version))) ||
        version_is_packed(work, version))
        return true;
    if (!side_of_base(work, version, &side, &found, err))
        return false;
    if (!found)
        return true;
    for (size_t i = 0; i < side.tree.count; i++) {
        const TreeEntry *entry = &side.tree.items[i];
        Str bytes;
        if (!blobs.read(blobs.context, scratch, &entry->hash, &bytes, err) ||
            !want(work, place_of(scratch, BLOBS, &entry->hash), bytes, err))
            return false;
    }
    return want(work, place_of(scratch, TREES, version), tree_write(scratch, &side.tree), err);
}

static bool want_all(PackWork *work, Str deployed, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Deployments *deployments = NULL;
    if (!deployments_read(scratch, deployed, NULL, &deployments, err) ||
        !want(work, MARKER, str_of(marker_text), err))
        return false;
    for (size_t i = 0; i < deployments->items.count; i++)
        if (!want_version(work, &deployments->items.items[i]->parent_hash, err))
            return false;
    return true;
}

static bool drop(PackWork *work, const char *path, Error *err)
{
    Arena *arena = work->draft->ws->arena;
    PackFile file = {.path = path};
    if (map_find(work->wanted, str_of(path)))
        return true;
    if (!fs_read_if_any(arena, work->project->fd, str_of(path), LIMIT_FILE_BYTES, &file.existed,
                        &file.before, err))
        return false;
    if (file.existed)
        ARRAY_PUSH(arena, work->out, file);
    return true;
}

/* Only names that weir gives: what else lies there is somebody's own. */
static bool drop_unwanted(PackWork *work, const char *folder, Error *err)
{
    Workspace *ws = work->draft->ws;
    FsNames names = {0};
    FsStat stat;
    Hash hash;
    bool found = false;
    SCOPED(fd_close) int fd = -1;
    if (!fs_stat_at(work->project->fd, str_of(folder), &found, &stat, err))
        return false;
    if (!found || stat.kind != FS_FOLDER)
        return true;
    if (!fs_open_folder(work->project->fd, str_of(folder), &fd, err) ||
        !fs_list(ws->arena, fd, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        Str name = names.items[i].name;
        if (names.items[i].kind == FS_FILE && hash_parse(name, &hash) &&
            !drop(work, arena_format(ws->arena, "%s/%.*s", folder, STR_ARG(name)), err))
            return false;
    }
    return true;
}

/* What an undo gives back, where the file is still as the operation left it and no base needs it. */
static bool give_back(PackWork *work, Error *err)
{
    Arena *arena = work->draft->ws->arena;
    for (size_t i = 0; i < work->draft->raw_records.count; i++) {
        const RawRecord *raw = &work->draft->raw_records.items[i];
        PackFile file = {.path = raw->path, .after = raw->bytes};
        if (raw->root != work->project || !base_pack_owns(str_of(raw->path)) ||
            map_find(work->wanted, str_of(raw->path)))
            continue;
        map_put(work->wanted, str_of(raw->path), work);
        if (!fs_read_if_any(arena, work->project->fd, str_of(raw->path), LIMIT_FILE_BYTES,
                            &file.existed, &file.before, err))
            return false;
        if (file.existed != (file.after.len > 0) || !str_equal(file.before, file.after))
            ARRAY_PUSH(arena, work->out, file);
    }
    return true;
}

/* In passing nothing is dropped: git takes a file that goes and one that comes for a rename, and two people's
 * packs would conflict; and a base that git's merge goes back to must still be there. */
bool base_pack_plan(Draft *draft, const Root *project, Str deployed, PackFiles *out, Error *err)
{
    PackWork work = {draft, project, map_new(draft->ws->arena, 0), out};
    *out = (PackFiles){0};
    if (draft->base_pack == BASE_PACK_KEEP && !has_pack(project))
        return true;
    if (draft->base_pack != BASE_PACK_REMOVE && deployed.len && !want_all(&work, deployed, err))
        return false;
    if (draft->base_pack == BASE_PACK_KEEP || draft->undoes.len)
        return give_back(&work, err);
    return drop_unwanted(&work, TREES, err) && drop_unwanted(&work, BLOBS, err) &&
           (map_find(work.wanted, STR(MARKER)) || drop(&work, MARKER, err));
}

void base_pack_undo(Draft *draft, const RawRecord *before, bool was_there)
{
    RawRecord raw = *before;
    ARRAY_PUSH(draft->ws->arena, &draft->raw_records, raw);
    if (str_is(str_of(raw.path), MARKER) && was_there == !raw.bytes.len)
        draft->base_pack = raw.bytes.len ? BASE_PACK_WRITE : BASE_PACK_REMOVE;
}
