/* The part of snapshot.h that reads content again, to merge it or to keep it. */
#include "content/snapshot.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"

bool snapshot_blob(Arena *arena, int root_fd, Str path, const TreeEntry *entry, Str *out,
                   Error *err)
{
    Str full = str_of(path_join(arena, path, entry->path));
    Str bytes;
    bool read = entry->mode == MODE_LINK
                    ? fs_read_link_at(arena, root_fd, full, &bytes, err)
                    : fs_read_at(arena, root_fd, full, LIMIT_FILE_BYTES, &bytes, err);
    if (!read)
        return false;
    Hash hash = hash_of(bytes);
    if (!hash_equal(&hash, &entry->hash))
        return fail(err, ERR_CHANGED, "'%s' is no longer what it was", text_safe(arena, full));
    *out = bytes;
    return true;
}

static bool keep_entry(Store *store, int root_fd, Str path, const TreeEntry *entry, Error *err)
{
    bool found;
    Str bytes;
    Hash hash;
    if (!store_keep(store, &entry->hash, &found, err))
        return false;
    if (found)
        return true;
    SCOPED(arena_close) Arena *scratch = arena_open();
    return snapshot_blob(scratch, root_fd, path, entry, &bytes, err) &&
           store_put(store, bytes, &hash, err);
}

static bool keep_all(Store *store, int root_fd, Str path, const Snapshot *snapshot, Error *err)
{
    Hash hash;
    for (size_t i = 0; i < snapshot->tree.count; i++)
        if (!keep_entry(store, root_fd, path, &snapshot->tree.items[i], err))
            return false;
    return store_put_tree(store, &snapshot->tree, &hash, err);
}

bool snapshot_keep(Store *store, int root_fd, Str path, const Snapshot *snapshot, Error *err)
{
    if (store_in_batch(store))
        return keep_all(store, root_fd, path, snapshot, err);
    SCOPED(store_rollback) StoreBatch batch = {0};
    return store_begin(store, &batch, err) && keep_all(store, root_fd, path, snapshot, err) &&
           store_commit(&batch, err);
}
