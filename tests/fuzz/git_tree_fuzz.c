/* The reader of `git ls-tree -r -z -l`: the same listing in one piece and in small ones, and a tree cut
 * from it has sorted, checked, unclashing paths within the limits. The first byte is the step. */
#include "base/limits.h"
#include "base/name.h"
#include "git/listing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_in_steps(Arena *arena, Str text, size_t step, GitListing *listing)
{
    Error err;
    GitListingReader reader = git_listing_reader(arena, listing);
    for (size_t at = 0; at < text.len; at += step)
        if (!git_listing_feed(&reader, str_slice(text, at, at + step), &err))
            return false;
    return git_listing_end(&reader, &err);
}

static void check_tree(Arena *arena, const GitListing *listing, Str sub_path)
{
    Error err;
    GitTree tree;
    uint64_t bytes = 0;
    if (!git_listing_tree(arena, listing, sub_path, &tree, &err))
        return;
    for (size_t i = 0; i < tree.entries.count; i++) {
        const GitEntry *entry = &tree.entries.items[i];
        ASSERT(entry->mode != MODE_NONE && entry->size_bytes <= LIMIT_FILE_BYTES);
        ASSERT(entry->path.len == 0 || name_check_path(entry->path, &err));
        ASSERT(entry->path.len > 0 || tree.entries.count == 1);
        ASSERT(i == 0 || str_compare(tree.entries.items[i - 1].path, entry->path) < 0);
        bytes += entry->size_bytes;
    }
    ASSERT(bytes == tree.size_bytes && bytes <= LIMIT_ARTIFACT_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    if (size == 0)
        return 0;
    Str text = {(const char *)data + 1, size - 1};
    GitListing whole = {0}, pieces = {0};
    bool ok = read_in_steps(arena, text, size, &whole);
    ASSERT(ok == read_in_steps(arena, text, 1U + data[0] % 64U, &pieces));
    if (!ok)
        return 0;
    ASSERT(whole.entries.count == pieces.entries.count);
    check_tree(arena, &whole, (Str){0});
    for (size_t i = 0; i < whole.entries.count && i < 8; i++) {
        Str path = whole.entries.items[i].path;
        size_t slash = str_find(path, '/');
        check_tree(arena, &whole, path);
        check_tree(arena, &whole, str_slice(path, 0, slash == STR_NONE ? 0 : slash));
    }
    return 0;
}
