#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "git/git_internal.h"
#include "git/source_internal.h"

/* More packs than this make every look-up slow; they become one. */
enum { PACKS_MOST = 40, SLOT_DIGITS = 32 };

/* Upstream refs go to slots named by a hash: "a" and "a/b" cannot both be refs at the same time, but an
 * upstream may have had one and have the other now. */
static void add_want(Buf *lines, const GitRef *want)
{
    if (want->name.len == 0) {
        buf_format(lines, "%s:refs/keep/%s\n", want->commit.text, want->commit.text);
        return;
    }
    Hash hash = hash_of(want->name);
    buf_format(lines, "+%.*s:refs/up/%.*s\n", STR_ARG(want->name), SLOT_DIGITS,
               hash_hex(&hash).text);
}

static bool run_fetch(GitRepo *repo, const char *prune, Str refspecs, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *const arguments[] = {"fetch",
                                     "--progress",
                                     "--no-tags",
                                     "--no-recurse-submodules",
                                     "--no-write-fetch-head",
                                     "--no-auto-maintenance",
                                     "--no-show-forced-updates",
                                     "--refmap=",
                                     prune,
                                     "--stdin",
                                     "--end-of-options",
                                     arena_text(arena, repo->url),
                                     NULL};
    GitCall call = {.arguments = arguments, .input = refspecs, .network = true};
    return git_call(repo, arena, &call, NULL, NULL, err);
}

bool git_has(GitRepo *repo, const GitSha *commit)
{
    if (map_find(repo->kept, str_of(commit->text)))
        return true;
    SCOPED(arena_close) Arena *arena = arena_open();
    Error ignored;
    GitSha oid;
    Str content;
    bool found = false;
    const char *name = arena_format(arena, "refs/keep/%s^{commit}", commit->text);
    if (!git_object(repo, arena, name, &found, &oid, &content, &ignored) || !found ||
        !git_sha_equal(&oid, commit))
        return false;
    map_put(repo->kept, arena_copy(repo->arena, str_of(commit->text)), repo);
    return true;
}

/* A sha may name a tree, a file or a tag: what a person pins is a commit. */
static bool fail_no_commit(GitRepo *repo, const char *sha, Error *err)
{
    static const char *const kinds[][2] = {{"tree", "a folder (a tree)"},
                                           {"blob", "a file (a blob)"}};
    SCOPED(arena_close) Arena *arena = arena_open();
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        bool found = false;
        GitSha oid;
        Str content;
        const char *name = arena_format(arena, "%s^{%s}", sha, kinds[i][0]);
        if (!git_object(repo, arena, name, &found, &oid, &content, err))
            return false;
        if (found)
            return fail(err, ERR_REF_NOT_FOUND, "%.12s is no commit but %s", sha, kinds[i][1]) ||
                   fail_hint(err, "Pin a branch, a tag, or the sha of a commit that holds it.");
    }
    return fail(err, ERR_CHANGED, "the upstream moved away from %.12s while it was read", sha);
}

/* Commits that were used stay, whatever upstream does: they are the bases of later merges. */
static bool keep(GitRepo *repo, const GitRef *wants, size_t count, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Buf lines = buf_new(arena);
    for (size_t i = 0; i < count; i++) {
        const char *sha = wants[i].commit.text;
        bool here = false;
        if (!git_is_here(repo, &wants[i].commit, &here, err))
            return false;
        if (!here)
            return fail_no_commit(repo, sha, err);
        buf_format(&lines, "update refs/keep/%s %s\n", sha, sha);
    }
    const char *const arguments[] = {"update-ref", "--stdin", NULL};
    GitCall call = {.arguments = arguments, .input = buf_str(&lines)};
    if (!git_call(repo, arena, &call, NULL, NULL, err))
        return false;
    for (size_t i = 0; i < count; i++)
        map_put(repo->kept, arena_copy(repo->arena, str_of(wants[i].commit.text)), repo);
    return true;
}

/* One pack for many, and one file for many refs. Its failure is not the fetch's. */
static void tidy(GitRepo *repo)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Error ignored;
    const char *const repack[] = {"repack", "-a", "-d", "-q", NULL};
    const char *const pack_refs[] = {"pack-refs", "--all", NULL};
    GitCall call = {.arguments = repack};
    if (!git_call(repo, arena, &call, NULL, NULL, &ignored))
        return;
    call.arguments = pack_refs;
    (void)!git_call(repo, arena, &call, NULL, NULL, &ignored);
}

/* A server may refuse to hand out a commit by its sha, and a bundle cannot: then all is fetched. */
static bool fetch_wants(GitRepo *repo, const GitRef *wants, size_t count, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Buf lines = buf_new(arena);
    bool by_sha = false;
    for (size_t i = 0; i < count; i++) {
        add_want(&lines, &wants[i]);
        by_sha = by_sha || wants[i].name.len == 0;
    }
    if (run_fetch(repo, "--no-prune", buf_str(&lines), err))
        return true;
    if (!by_sha || (err->code != ERR_REF_NOT_FOUND && err->code != ERR_GIT_FAILED))
        return false;
    return run_fetch(repo, "--prune",
                     STR("+refs/heads/*:refs/all/heads/*\n+refs/tags/*:refs/all/tags/*\n"), err);
}

typedef bool (*FetchBody)(GitRepo *repo, const GitRef *wants, size_t count, Error *err);

static bool under_lock(GitRepo *repo, FetchBody body, const GitRef *wants, size_t count, Error *err)
{
    SCOPED(fd_close) int lock = -1;
    size_t packs;
    Error ignored;
    if (!git_cache_lock(repo, &lock, err) || !git_cache_sweep(repo, &packs, err))
        return false;
    if (!body(repo, wants, count, err)) {
        (void)!git_cache_sweep(repo, &packs, &ignored);
        return false;
    }
    if (packs >= PACKS_MOST)
        tidy(repo);
    return true;
}

static bool fetch_and_keep(GitRepo *repo, const GitRef *wants, size_t count, Error *err)
{
    return fetch_wants(repo, wants, count, err) && keep(repo, wants, count, err);
}

static bool fetch_all(GitRepo *repo, const GitRef *wants, size_t count, Error *err)
{
    (void)wants;
    (void)count;
    return run_fetch(repo, "--prune",
                     STR("+refs/heads/*:refs/all/heads/*\n+refs/tags/*:refs/all/tags/*\n"), err);
}

bool git_fetch_all(GitRepo *repo, Error *err)
{
    return under_lock(repo, fetch_all, NULL, 0, err);
}

static bool fail_offline(GitRepo *repo, const GitSha *commit, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fail(err, ERR_OFFLINE, "version %.12s of '%.300s' is not on this machine", commit->text,
                text_safe(arena, source_without_secret(arena, repo->url)));
}

/* What could not be had is not asked for again. */
static void refuse(GitRepo *repo, const GitRef *wants, size_t count, const Error *failed)
{
    if (failed->code == ERR_INTERRUPTED)
        return;
    for (size_t i = 0; i < count; i++) {
        Error *why = ARENA_NEW(repo->arena, Error);
        *why = *failed;
        map_put(repo->refused, arena_copy(repo->arena, str_of(wants[i].commit.text)), why);
    }
}

static bool is_about_one(const Error *failed)
{
    return failed->code == ERR_REF_NOT_FOUND || failed->code == ERR_GIT_FAILED ||
           failed->code == ERR_CHANGED;
}

/* All at once; where that fails because of one of them, one by one. */
static bool fetch_missing(GitRepo *repo, const GitRefArray *missing, Error *err)
{
    if (git_is_offline(repo))
        return fail_offline(repo, &missing->items[0].commit, err);
    if (under_lock(repo, fetch_and_keep, missing->items, missing->count, err))
        return true;
    bool apart = missing->count > 1 && is_about_one(err);
    if (!apart)
        refuse(repo, missing->items, missing->count, err);
    for (size_t i = 0; apart && i < missing->count; i++) {
        Error failed = {0};
        if (!under_lock(repo, fetch_and_keep, &missing->items[i], 1, &failed))
            refuse(repo, &missing->items[i], 1, &failed);
    }
    return false;
}

bool git_fetch(GitRepo *repo, const GitRef *wants, size_t count, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    GitRefArray missing = {0};
    Map *asked = map_new(arena, count);
    for (size_t i = 0; i < count; i++) {
        Str sha = str_of(wants[i].commit.text);
        const Error *refused = map_find(repo->refused, sha);
        if (map_find(asked, sha) || git_has(repo, &wants[i].commit))
            continue;
        if (refused) {
            *err = *refused;
            return false;
        }
        map_put(asked, sha, repo);
        ARRAY_PUSH(arena, &missing, wants[i]);
    }
    return missing.count == 0 || fetch_missing(repo, &missing, err);
}
