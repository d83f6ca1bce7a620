#include "merge/renames_internal.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/name.h"
#include "base/path.h"
#include "merge/likeness_internal.h"

enum { SIMILAR_PERCENT = 50 };

/* A path that only one of the trees has. */
typedef struct {
    const TreeEntry *entry;
    bool used;
    bool readable; /* small enough to compare by content */
    Likeness likeness;
} Lonely;
typedef ARRAY(Lonely) Lonelies;

typedef struct {
    Lonely *from, *to;
    int similarity;
    bool same_name; /* moved, but the last component stayed */
} Candidate;
typedef ARRAY(Candidate) Candidates;

static void add_lonely(Arena *arena, Lonelies *list, const TreeEntry *entry)
{
    if (entry->path.len)
        ARRAY_PUSH(arena, list, (Lonely){.entry = entry});
}

static void find_lonely(Arena *arena, const Tree *before, const Tree *after, Lonelies *deleted,
                        Lonelies *added)
{
    size_t i = 0, j = 0;
    while (i < before->count || j < after->count) {
        int order = i == before->count  ? 1
                    : j == after->count ? -1
                                        : str_compare(before->items[i].path, after->items[j].path);
        if (order < 0)
            add_lonely(arena, deleted, &before->items[i]);
        else if (order > 0)
            add_lonely(arena, added, &after->items[j]);
        i += order <= 0;
        j += order >= 0;
    }
}

static bool same_type(const TreeEntry *a, const TreeEntry *b)
{
    return (a->mode == MODE_LINK) == (b->mode == MODE_LINK);
}

static void pair(Arena *arena, Renames *out, Lonely *from, Lonely *to, int similarity)
{
    from->used = true;
    to->used = true;
    ARRAY_PUSH(arena, out, (Rename){from->entry, to->entry, similarity});
}

/* A name that changed in case or accents only is the same file, whatever became of its content. */
static void pair_by_folded_name(Arena *arena, Arena *scratch, Lonelies *deleted, Lonelies *added,
                                Renames *out)
{
    Map *by_name = map_new(scratch, deleted->count);
    for (size_t i = 0; i < deleted->count; i++)
        map_put(by_name, name_fold(scratch, deleted->items[i].entry->path), &deleted->items[i]);
    for (size_t j = 0; j < added->count; j++) {
        Lonely *to = &added->items[j];
        Lonely *from = map_find(by_name, name_fold(scratch, to->entry->path));
        if (!from || from->used || !same_type(from->entry, to->entry))
            continue;
        bool equal = hash_equal(&from->entry->hash, &to->entry->hash);
        pair(arena, out, from, to, equal ? 100 : 0);
    }
}

static int candidate_order(const void *a, const void *b)
{
    const Candidate *x = a, *y = b;
    if (x->similarity != y->similarity)
        return y->similarity - x->similarity;
    if (x->same_name != y->same_name)
        return x->same_name ? -1 : 1;
    int order = str_compare(x->from->entry->path, y->from->entry->path);
    return order ? order : str_compare(x->to->entry->path, y->to->entry->path);
}

static void pair_best_first(Arena *arena, Candidates *candidates, Renames *out)
{
    if (candidates->count == 0)
        return;
    qsort(candidates->items, candidates->count, sizeof(Candidate), candidate_order);
    for (size_t i = 0; i < candidates->count; i++) {
        const Candidate *c = &candidates->items[i];
        if (!c->from->used && !c->to->used)
            pair(arena, out, c->from, c->to, c->similarity);
    }
}

static void add_candidate(Arena *scratch, Candidates *candidates, Lonely *from, Lonely *to,
                          int similarity)
{
    bool same_name = str_equal(path_base(from->entry->path), path_base(to->entry->path));
    ARRAY_PUSH(scratch, candidates, (Candidate){from, to, similarity, same_name});
}

/* Deleted paths of one content, in a chain. */
typedef struct Twins {
    Lonely *lonely;
    struct Twins *next;
} Twins;

static void pair_equal(Arena *arena, Arena *scratch, Lonelies *deleted, Lonelies *added,
                       Renames *out)
{
    const Hash empty = hash_of((Str){0});
    Map *by_hash = map_new(scratch, deleted->count);
    for (size_t i = 0; i < deleted->count; i++) {
        Lonely *from = &deleted->items[i];
        if (from->used || hash_equal(&from->entry->hash, &empty))
            continue;
        Str key = {(const char *)from->entry->hash.bytes, sizeof from->entry->hash.bytes};
        Twins *twins = ARENA_NEW(scratch, Twins);
        *twins = (Twins){from, map_find(by_hash, key)};
        map_put(by_hash, key, twins);
    }
    Candidates candidates = {0};
    for (size_t j = 0; j < added->count && candidates.count < RENAME_PAIRS; j++) {
        Lonely *to = &added->items[j];
        Str key = {(const char *)to->entry->hash.bytes, sizeof to->entry->hash.bytes};
        for (const Twins *twins = to->used ? NULL : map_find(by_hash, key); twins;
             twins = twins->next)
            if (same_type(twins->lonely->entry, to->entry))
                add_candidate(scratch, &candidates, twins->lonely, to, 100);
    }
    pair_best_first(arena, &candidates, out);
}

static size_t count_unused(const Lonelies *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += !list->items[i].used && list->items[i].entry->mode != MODE_LINK;
    return count;
}

static bool read_likeness(Arena *scratch, const BlobReader *blobs, Lonelies *list,
                          uint64_t *bytes_left, Error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        Lonely *lonely = &list->items[i];
        const TreeEntry *entry = lonely->entry;
        if (lonely->used || entry->mode == MODE_LINK || entry->size_bytes > RENAME_FILE_BYTES ||
            entry->size_bytes > *bytes_left)
            continue;
        SCOPED(arena_close) Arena *reading = arena_open();
        Str text;
        if (!blobs->read(blobs->context, reading, &entry->hash, &text, err))
            return false;
        *bytes_left -= text.len < *bytes_left ? text.len : *bytes_left;
        lonely->readable = text.len > 0 && text.len <= RENAME_FILE_BYTES;
        if (lonely->readable)
            lonely->likeness = likeness_of(scratch, text);
    }
    return true;
}

static bool pair_similar(Arena *arena, Arena *scratch, const BlobReader *blobs, Lonelies *deleted,
                         Lonelies *added, Renames *out, Error *err)
{
    size_t pairs = count_unused(deleted) * count_unused(added);
    uint64_t bytes_left = RENAME_BYTES;
    if (pairs == 0 || pairs > RENAME_PAIRS)
        return true;
    if (!read_likeness(scratch, blobs, deleted, &bytes_left, err) ||
        !read_likeness(scratch, blobs, added, &bytes_left, err))
        return false;

    Candidates candidates = {0};
    for (size_t i = 0; i < deleted->count; i++) {
        for (size_t j = 0; j < added->count; j++) {
            Lonely *from = &deleted->items[i], *to = &added->items[j];
            if (!from->readable || !to->readable)
                continue;
            int percent = likeness_percent(&from->likeness, &to->likeness);
            if (percent >= SIMILAR_PERCENT)
                add_candidate(scratch, &candidates, from, to, percent);
        }
    }
    pair_best_first(arena, &candidates, out);
    return true;
}

static int rename_order(const void *a, const void *b)
{
    return str_compare(((const Rename *)a)->from->path, ((const Rename *)b)->from->path);
}

bool renames_find(Arena *arena, const Tree *before, const Tree *after, const BlobReader *blobs,
                  Renames *out, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Lonelies deleted = {0}, added = {0};
    find_lonely(scratch, before, after, &deleted, &added);
    *out = (Renames){0};
    if (deleted.count == 0 || added.count == 0)
        return true;

    pair_by_folded_name(arena, scratch, &deleted, &added, out);
    pair_equal(arena, scratch, &deleted, &added, out);
    if (!pair_similar(arena, scratch, blobs, &deleted, &added, out, err))
        return false;
    if (out->count)
        qsort(out->items, out->count, sizeof(Rename), rename_order);
    return true;
}

const Rename *renames_by_from(const Renames *renames, Str path)
{
    TreeEntry entry = {.path = path};
    Rename key = {.from = &entry};
    if (renames->count == 0)
        return NULL;
    return bsearch(&key, renames->items, renames->count, sizeof(Rename), rename_order);
}
