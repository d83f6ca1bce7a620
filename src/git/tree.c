#include "base/name.h"
#include "base/text.h"
#include "git/git_internal.h"
#include "git/listing.h"

static bool feed(void *context, Str bytes, bool *done, Error *err)
{
    (void)done;
    return git_listing_feed(context, bytes, err);
}

static bool read_listing(GitRepo *repo, const GitSha *commit, GitListing *listing, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    GitListingReader reader = git_listing_reader(repo->arena, listing);
    const char *const arguments[] = {"ls-tree",     "-r",         "-z", "-l",
                                     "--full-tree", commit->text, NULL};
    GitCall call = {.arguments = arguments, .sink = feed, .context = &reader};
    return git_call(repo, scratch, &call, NULL, NULL, err) && git_listing_end(&reader, err);
}

/* One ls-tree per commit, however many artifacts are cut from it. */
static bool listing_of(GitRepo *repo, const GitSha *commit, GitListing **out, Error *err)
{
    GitSha sha;
    GitListing *listing = map_find(repo->listings, str_of(commit->text));
    if (listing == NULL) {
        if (!git_sha_parse(str_of(commit->text), &sha))
            return fail(err, ERR_INVALID, "no commit was named");
        listing = ARENA_NEW(repo->arena, GitListing);
        if (!read_listing(repo, commit, listing, err))
            return fail_in(err, "version %.12s", commit->text);
        map_put(repo->listings, arena_copy(repo->arena, str_of(commit->text)), listing);
    }
    *out = listing;
    return true;
}

bool git_listing(GitRepo *repo, const GitSha *commit, const GitEntries **out, Error *err)
{
    GitListing *listing = NULL;
    if (!listing_of(repo, commit, &listing, err))
        return false;
    *out = &listing->entries;
    return true;
}

bool git_path_kind(GitRepo *repo, const GitSha *commit, Str sub_path, GitPathKind *out, Error *err)
{
    GitListing *listing = NULL;
    if (!listing_of(repo, commit, &listing, err))
        return false;
    *out = git_listing_slice(listing, sub_path).kind;
    return true;
}

/* ── links ── */

typedef struct {
    const GitEntries *links;
} LinkCheck;

static bool check_link(void *context, size_t index, Str target, Error *err)
{
    const LinkCheck *check = context;
    return name_check_link(check->links->items[index].path, target, err);
}

static bool check_links(GitRepo *repo, const GitTree *tree, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    GitEntries links = {0};
    for (size_t i = 0; i < tree->entries.count; i++)
        if (tree->entries.items[i].mode == MODE_LINK)
            ARRAY_PUSH(scratch, &links, tree->entries.items[i]);
    LinkCheck check = {&links};
    return git_blobs(repo, links.items, links.count, check_link, &check, err);
}

bool git_tree(GitRepo *repo, Arena *arena, const GitSha *commit, Str sub_path, GitTree *out,
              Error *err)
{
    GitListing *listing = NULL;
    GitTree tree;
    SCOPED(arena_close) Arena *scratch = arena_open();
    if (sub_path.len && !name_check_path(sub_path, err))
        return false;
    if (!listing_of(repo, commit, &listing, err))
        return false;
    if (!git_listing_tree(arena, listing, sub_path, &tree, err) || !check_links(repo, &tree, err))
        return fail_in(err, "'%.300s' at %.12s", text_safe(scratch, sub_path), commit->text);
    *out = tree;
    return true;
}
