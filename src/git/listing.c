#include "git/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/name.h"
#include "base/text.h"

/* Room for "120000 blob <sha> <size>" and a name; longer ones could never be an artifact's. */
enum { PARTIAL_BYTES = 64 << 10 };

#define NAME_BYTES_MOST ((uint64_t)128 << 20)

/* ── reading ── */

static bool parse_mode(Str text, uint32_t *out)
{
    uint32_t mode = 0;
    if (text.len != 6)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '7')
            return false;
        mode = mode * 8 + (uint32_t)(text.data[i] - '0');
    }
    *out = mode;
    return true;
}

/* git shows 100664 and 104755, which old or hostile trees hold, as one of these already. */
static Mode mode_of(uint32_t mode)
{
    switch (mode) {
    case 0100644:
        return MODE_FILE;
    case 0100755:
        return MODE_EXEC;
    case 0120000:
        return MODE_LINK;
    default:
        return MODE_NONE;
    }
}

/* "<mode> SP <type> SP <sha> SP <size or -> TAB <path>" */
static bool parse_entry(Str text, GitEntry *out, uint32_t *mode)
{
    Str head, word;
    if (!str_next(&text, '\t', &head) || text.len == 0)
        return false;
    if (!str_next(&head, ' ', &word) || !parse_mode(word, mode))
        return false;
    if (!str_next(&head, ' ', &word) || (!str_is(word, "blob") && !str_is(word, "commit")))
        return false;
    bool blob = str_is(word, "blob");
    if (blob == (*mode == GIT_MODE_SUBMODULE))
        return false;
    if (!str_next(&head, ' ', &word) || !git_sha_parse(word, &out->oid))
        return false;
    Str size = str_trim(head);
    out->size_bytes = 0;
    if (blob ? !str_to_u64(size, &out->size_bytes) : !str_is(size, "-"))
        return false;
    out->mode = mode_of(*mode);
    out->path = text;
    return true;
}

static bool take_entry(GitListingReader *reader, Str text, Error *err)
{
    GitEntry entry = {0};
    uint32_t mode;
    if (!parse_entry(text, &entry, &mode))
        return fail(err, ERR_GIT_FAILED, "git ls-tree answered in an unknown form");
    reader->name_bytes += entry.path.len;
    if (reader->listing->entries.count >= LIMIT_UPSTREAM_ENTRIES ||
        reader->name_bytes > NAME_BYTES_MOST)
        return fail(err, ERR_TOO_LARGE, "the upstream has more than %d files",
                    LIMIT_UPSTREAM_ENTRIES);
    entry.path = arena_copy(reader->arena, entry.path);
    ARRAY_PUSH(reader->arena, &reader->listing->entries, entry);
    ARRAY_PUSH(reader->arena, &reader->listing->modes, mode);
    return true;
}

GitListingReader git_listing_reader(Arena *arena, GitListing *listing)
{
    return (GitListingReader){
        .arena = arena, .listing = listing, .partial = ARENA_ARRAY(arena, char, PARTIAL_BYTES)};
}

bool git_listing_feed(GitListingReader *reader, Str bytes, Error *err)
{
    while (bytes.len > 0) {
        size_t end = str_find(bytes, '\0');
        Str part = str_slice(bytes, 0, end == STR_NONE ? bytes.len : end);
        if (reader->partial_len + part.len > PARTIAL_BYTES)
            return fail(err, ERR_TOO_LARGE, "the upstream has a path over %d bytes", PARTIAL_BYTES);
        bool whole = end != STR_NONE && reader->partial_len == 0;
        if (!whole && part.len) {
            memcpy(reader->partial + reader->partial_len, part.data, part.len);
            reader->partial_len += part.len;
        }
        if (end == STR_NONE)
            return true;
        Str entry = whole ? part : (Str){reader->partial, reader->partial_len};
        if (!take_entry(reader, entry, err))
            return false;
        reader->partial_len = 0;
        bytes = str_slice(bytes, end + 1, bytes.len);
    }
    return true;
}

typedef struct {
    GitEntry entry;
    uint32_t mode;
} Pair;

static int compare_pairs(const void *a, const void *b)
{
    const Pair *left = a, *right = b;
    return str_compare(left->entry.path, right->entry.path);
}

/* git writes them sorted; a tree that was made by hand need not be. */
static void sort(Arena *arena, GitListing *listing)
{
    size_t count = listing->entries.count;
    bool sorted = true;
    for (size_t i = 1; i < count && sorted; i++)
        sorted =
            str_compare(listing->entries.items[i - 1].path, listing->entries.items[i].path) < 0;
    if (sorted)
        return;
    Pair *pairs = ARENA_ARRAY(arena, Pair, count);
    for (size_t i = 0; i < count; i++)
        pairs[i] = (Pair){listing->entries.items[i], listing->modes.items[i]};
    qsort(pairs, count, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < count; i++) {
        listing->entries.items[i] = pairs[i].entry;
        listing->modes.items[i] = pairs[i].mode;
    }
}

bool git_listing_end(GitListingReader *reader, Error *err)
{
    if (reader->partial_len > 0)
        return fail(err, ERR_GIT_FAILED, "git ls-tree broke off");
    sort(reader->arena, reader->listing);
    return true;
}

/* ── slicing ── */

static size_t lower_bound(const GitListing *listing, Str path)
{
    size_t from = 0, to = listing->entries.count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (str_compare(listing->entries.items[middle].path, path) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

GitSlice git_listing_slice(const GitListing *listing, Str sub_path)
{
    const GitEntry *items = listing->entries.items;
    size_t count = listing->entries.count;
    if (sub_path.len == 0)
        return (GitSlice){0, count, count ? GIT_PATH_FOLDER : GIT_PATH_NONE};
    SCOPED(arena_close) Arena *arena = arena_open();
    size_t from = lower_bound(listing, sub_path);
    if (from < count && str_equal(items[from].path, sub_path))
        return (GitSlice){from, from + 1, GIT_PATH_FILE};
    Str folder = str_of(arena_format(arena, "%.*s/", STR_ARG(sub_path)));
    from = lower_bound(listing, folder);
    size_t to = from;
    while (to < count && str_starts(items[to].path, folder))
        to++;
    return (GitSlice){from, to, to > from ? GIT_PATH_FOLDER : GIT_PATH_NONE};
}

/* ── checking ── */

typedef struct {
    Str path;
    bool folder;
} Claimed; /* a name that the artifact uses, found by its folded form */

static bool claim(Arena *arena, Map *claimed, Str path, bool folder, Error *err)
{
    Str key = name_fold(arena, path);
    const Claimed *other = map_find(claimed, key);
    if (other && folder && other->folder && str_equal(other->path, path))
        return true;
    if (other)
        return fail(err, ERR_NAME_REFUSED, "'%.300s' and '%.300s' are one name on some systems",
                    text_safe(arena, other->path), text_safe(arena, path));
    Claimed *mine = ARENA_NEW(arena, Claimed);
    *mine = (Claimed){path, folder};
    map_put(claimed, key, mine);
    return true;
}

/* The path, and each folder on the way that the entry before did not have. */
static bool claim_all(Arena *arena, Map *claimed, Str before, Str path, Error *err)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] != '/')
            continue;
        Str folder = str_slice(path, 0, i);
        if (!str_starts(before, str_slice(path, 0, i + 1)) &&
            !claim(arena, claimed, folder, true, err))
            return false;
    }
    return claim(arena, claimed, path, false, err);
}

static bool refuse_mode(const GitEntry *entry, uint32_t mode, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fail(err, ERR_NAME_REFUSED, "'%.300s' has mode %06o", text_safe(arena, entry->path),
                mode) ||
           fail_hint(err, "An artifact holds plain files, executable files and links only.");
}

static bool check_size(const GitEntry *entry, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    uint64_t limit = entry->mode == MODE_LINK ? LIMIT_LINK_BYTES : LIMIT_FILE_BYTES;
    return entry->size_bytes <= limit ||
           fail(err, ERR_TOO_LARGE, "'%.300s' has %llu bytes, at most %llu are taken",
                text_safe(arena, entry->path), (unsigned long long)entry->size_bytes,
                (unsigned long long)limit);
}

static bool check_total(const GitTree *tree, Error *err)
{
    if (tree->entries.count > LIMIT_ARTIFACT_FILES)
        return fail(err, ERR_TOO_LARGE, "it has more than %d files", LIMIT_ARTIFACT_FILES);
    return tree->size_bytes <= LIMIT_ARTIFACT_BYTES ||
           fail(err, ERR_TOO_LARGE, "its files have more than %llu bytes together",
                (unsigned long long)LIMIT_ARTIFACT_BYTES);
}

static bool add_one_file(Arena *arena, const GitEntry *entry, uint32_t mode, GitTree *tree,
                         Error *err)
{
    if (entry->mode == MODE_NONE)
        return refuse_mode(entry, mode, err);
    if (entry->mode == MODE_LINK)
        return fail(err, ERR_LINK_REFUSED, "the artifact is itself a link");
    if (!check_size(entry, err))
        return false;
    GitEntry file = *entry;
    file.path = (Str){0};
    tree->size_bytes = file.size_bytes;
    ARRAY_PUSH(arena, &tree->entries, file);
    return true;
}

static bool add_all(Arena *arena, const GitListing *listing, GitSlice slice, size_t skip,
                    GitTree *tree, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Map *claimed = map_new(scratch, slice.to - slice.from);
    Str before = {0};
    for (size_t i = slice.from; i < slice.to; i++) {
        GitEntry entry = listing->entries.items[i];
        entry.path = str_slice(entry.path, skip, entry.path.len);
        if (!name_check_path(entry.path, err) ||
            !claim_all(scratch, claimed, before, entry.path, err))
            return false;
        before = entry.path;
        entry.path = arena_copy(arena, entry.path);
        if (listing->modes.items[i] == GIT_MODE_SUBMODULE) {
            ARRAY_PUSH(arena, &tree->submodules, entry.path);
            continue;
        }
        if (entry.mode == MODE_NONE)
            return refuse_mode(&entry, listing->modes.items[i], err);
        ARRAY_PUSH(arena, &tree->entries, entry);
        tree->size_bytes += entry.size_bytes;
        if (!check_size(&entry, err) || !check_total(tree, err))
            return false;
    }
    return true;
}

bool git_listing_tree(Arena *arena, const GitListing *listing, Str sub_path, GitTree *out,
                      Error *err)
{
    GitTree tree = {0};
    GitSlice slice = git_listing_slice(listing, sub_path);
    if (slice.kind == GIT_PATH_NONE)
        return fail(err, ERR_NOT_FOUND, "nothing is there") ||
               fail_hint(err, "Look at the folders of the upstream at this version.");
    size_t skip = sub_path.len ? sub_path.len + 1 : 0;
    bool ok = slice.kind == GIT_PATH_FILE
                  ? add_one_file(arena, &listing->entries.items[slice.from],
                                 listing->modes.items[slice.from], &tree, err)
                  : add_all(arena, listing, slice, skip, &tree, err);
    if (ok)
        *out = tree;
    return ok;
}
