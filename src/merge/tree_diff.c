#include "merge/tree_diff.h"

#include <stdlib.h>

#include "base/map.h"
#include "merge/diff.h"
#include "merge/renames_internal.h"

const char *file_action_name(FileAction action)
{
    static const char *const names[] = {"add", "modify", "delete", "rename", "mode"};
    return names[action];
}

FileTotals file_changes_totals(const FileChanges *changes)
{
    FileTotals totals = {.files = changes->count};
    for (size_t i = 0; i < changes->count; i++) {
        totals.added += changes->items[i].added;
        totals.removed += changes->items[i].removed;
    }
    return totals;
}

static bool is_mode_change(const TreeEntry *before, const TreeEntry *after)
{
    return hash_equal(&before->hash, &after->hash) && before->mode != MODE_LINK &&
           after->mode != MODE_LINK;
}

static FileChange change_of(const TreeEntry *before, const TreeEntry *after)
{
    FileChange change = {0};
    if (before) {
        change.path = before->path;
        change.old_mode = before->mode;
        change.old_hash = before->hash;
        change.action = FILE_DELETE;
    }
    if (after) {
        change.path = after->path;
        change.new_mode = after->mode;
        change.new_hash = after->hash;
        change.action = FILE_ADD;
    }
    if (before && after)
        change.action = is_mode_change(before, after) ? FILE_MODE : FILE_MODIFY;
    return change;
}

static void add_renames(Arena *arena, const Renames *renames, FileChanges *out)
{
    for (size_t i = 0; i < renames->count; i++) {
        const Rename *rename = &renames->items[i];
        FileChange change = change_of(rename->from, rename->to);
        change.action = FILE_RENAME;
        change.from_path = rename->from->path;
        change.similarity = rename->similarity;
        ARRAY_PUSH(arena, out, change);
    }
}

static Map *renamed_to(Arena *scratch, const Renames *renames)
{
    Map *map = map_new(scratch, renames->count);
    for (size_t i = 0; i < renames->count; i++)
        map_put(map, renames->items[i].to->path, &renames->items[i]);
    return map;
}

static void add_others(Arena *arena, const Tree *before, const Tree *after, const Renames *renames,
                       FileChanges *out)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const Map *arrivals = renamed_to(scratch, renames);
    size_t i = 0, j = 0;
    while (i < before->count || j < after->count) {
        const TreeEntry *a = i < before->count ? &before->items[i] : NULL;
        const TreeEntry *b = j < after->count ? &after->items[j] : NULL;
        int order = !a ? 1 : !b ? -1 : str_compare(a->path, b->path);
        i += order <= 0;
        j += order >= 0;
        if (order < 0 && !renames_by_from(renames, a->path))
            ARRAY_PUSH(arena, out, change_of(a, NULL));
        else if (order > 0 && !map_find(arrivals, b->path))
            ARRAY_PUSH(arena, out, change_of(NULL, b));
        else if (order == 0 && !tree_entry_equal(a, b))
            ARRAY_PUSH(arena, out, change_of(a, b));
    }
}

static int change_order(const void *a, const void *b)
{
    return str_compare(((const FileChange *)a)->path, ((const FileChange *)b)->path);
}

static bool read_side(Arena *arena, const BlobReader *blobs, Mode mode, const Hash *hash, Str *out,
                      Error *err)
{
    *out = (Str){0};
    return mode == MODE_NONE || blobs->read(blobs->context, arena, hash, out, err);
}

static bool count_lines(FileChange *change, const BlobReader *blobs, Error *err)
{
    if (hash_equal(&change->old_hash, &change->new_hash) && change->old_mode != MODE_NONE)
        return true;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Str before, after;
    if (!read_side(scratch, blobs, change->old_mode, &change->old_hash, &before, err) ||
        !read_side(scratch, blobs, change->new_mode, &change->new_hash, &after, err))
        return false;
    change->binary = diff_is_binary(before) || diff_is_binary(after);
    if (change->binary)
        return true;
    DiffChanges lines;
    diff_lines(scratch, before, after, &lines);
    DiffCounts counts = diff_counts(&lines);
    change->added = counts.added;
    change->removed = counts.removed;
    return true;
}

bool tree_diff(Arena *arena, const Tree *before, const Tree *after, const BlobReader *blobs,
               const TreeDiffOptions *options, FileChanges *out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Renames renames = {0};
    if (!options->no_renames && !renames_find(scratch, before, after, blobs, &renames, err))
        return false;
    FileChanges changes = {0};
    add_renames(arena, &renames, &changes);
    add_others(arena, before, after, &renames, &changes);
    if (changes.count)
        qsort(changes.items, changes.count, sizeof(FileChange), change_order);
    for (size_t i = 0; !options->no_counts && i < changes.count; i++)
        if (!count_lines(&changes.items[i], blobs, err))
            return false;
    *out = changes;
    return true;
}
