#include "sync/base_find.h"

#include "base/path.h"
#include "git/view.h"
#include "sync/base_pack.h"
#include "sync/upstream.h"

static bool fail_not_here(const BaseWanted *wanted, Error *err)
{
    HashHex hex = hash_hex(&wanted->hash);
    return fail(err, ERR_BASE_NOT_FOUND, "the content of version %.12s is not on this machine",
                hex.text);
}

/* Only an interruption stops a search; anything else is one place where it is not. */
static bool goes_on(const Error *failed, Error *err)
{
    if (failed->code != ERR_INTERRUPTED)
        return true;
    *err = *failed;
    return false;
}

/* ── one commit, one path ── */

static bool load_if_wanted(Workspace *ws, GitRepo *repo, const GitSha *tree, Str sub_path,
                           const Hash *wanted, bool *found, Error *err)
{
    Error failed = {0};
    Hash hash = HASH_NONE;
    UpstreamChoice choice = {.repo = repo, .commit = *tree};
    if (!upstream_load(ws, &choice, &sub_path, 1, &hash, &failed))
        return goes_on(&failed, err);
    *found = hash_equal(&hash, wanted);
    return true;
}

static bool in_upstream_cache(Workspace *ws, const BaseWanted *wanted, bool *found, Error *err)
{
    GitRepo *repo = NULL;
    GitSha sha;
    Error ignored = {0};
    *found = false;
    if (!wanted->url.len || !git_sha_parse(wanted->sha, &sha) ||
        !git_repo_open(ws->git, wanted->url, &repo, &ignored) || !git_has(repo, &sha))
        return true;
    return load_if_wanted(ws, repo, &sha, wanted->path, &wanted->hash, found, err);
}

/* ── the collection's own history ── */

static bool among_places(Workspace *ws, GitRepo *repo, const GitPlaces *places, const Hash *wanted,
                         bool *found, Error *err)
{
    *found = false;
    for (size_t i = 0; !*found && i < places->count; i++)
        if (!load_if_wanted(ws, repo, &places->items[i].tree, places->items[i].sub_path, wanted,
                            found, err))
            return false;
    return true;
}

static bool open_view(Workspace *ws, const BaseWanted *wanted, GitView *view, bool *found,
                      Error *err)
{
    Error failed = {0};
    *found = false;
    return !wanted->collection_path.len ||
           git_view_open(ws->git, ws->collection_path, view, found, &failed) ||
           goes_on(&failed, err);
}

static bool in_collection_history(Workspace *ws, const BaseWanted *wanted, bool *found, Error *err)
{
    GitView view = {0};
    GitPlaces places = {0};
    Error failed = {0};
    if (!open_view(ws, wanted, &view, found, err))
        return false;
    if (!*found)
        return true;
    *found = false;
    if (!git_view_versions(&view, ws->arena, wanted->collection_path, &places, &failed))
        return goes_on(&failed, err);
    return among_places(ws, view.repo, &places, &wanted->hash, found, err);
}

static bool in_base_pack(Workspace *ws, const BaseWanted *wanted, bool *found, Error *err)
{
    Error failed = {0};
    *found = false;
    if (!wanted->project || base_pack_load(ws, wanted->project, &wanted->hash, found, &failed))
        return true;
    if (!goes_on(&failed, err))
        return false;
    workspace_notice(ws, "warning: the base pack of %s cannot be used: %s", wanted->project->name,
                     failed.message);
    return true;
}

typedef bool (*BasePlace)(Workspace *ws, const BaseWanted *wanted, bool *found, Error *err);

bool base_find_here(Draft *draft, const BaseWanted *wanted, TreeSide *out, Error *err)
{
    static const BasePlace places[] = {in_upstream_cache, in_collection_history, in_base_pack};
    bool found = false;
    if (side_of_version(draft->ws, draft->pool, &wanted->hash, out, err))
        return true;
    if (err->code != ERR_BASE_NOT_FOUND)
        return false;
    *err = (Error){0};
    for (size_t i = 0; !found && i < COUNT_OF(places); i++)
        if (!places[i](draft->ws, wanted, &found, err))
            return false;
    return found ? side_of_version(draft->ws, draft->pool, &wanted->hash, out, err)
                 : fail_not_here(wanted, err);
}

/* ── over the network ── */

/* Its refs as they are now: another machine may have pushed what this one lacks. */
static bool fetch_all_refs(GitRepo *repo, Arena *arena, Str *tips, Error *err)
{
    const GitRefs *refs = NULL;
    Buf lines = buf_new(arena);
    if (!git_refs(repo, &refs, err) || !git_fetch(repo, refs->all.items, refs->all.count, err))
        return false;
    for (size_t i = 0; i < refs->all.count; i++)
        buf_format(&lines, "%s\n", refs->all.items[i].commit.text);
    *tips = buf_str(&lines);
    return true;
}

static bool in_collection_remote(Workspace *ws, const BaseWanted *wanted, bool *found, Error *err)
{
    GitView view = {0};
    GitRepo *repo = NULL;
    GitPlaces places = {0};
    Str url = {0};
    Str tips = {0};
    Error failed = {0};
    if (!open_view(ws, wanted, &view, found, err))
        return false;
    if (!*found)
        return true;
    *found = false;
    Str path = str_of(path_join(ws->arena, view.prefix, wanted->collection_path));
    if (!git_view_remote(&view, ws->arena, &url, &failed) || !url.len ||
        !git_repo_open(ws->git, url, &repo, &failed) ||
        !fetch_all_refs(repo, ws->arena, &tips, &failed) ||
        !git_path_versions(repo, ws->arena, tips, path, &places, &failed))
        return goes_on(&failed, err);
    return among_places(ws, repo, &places, &wanted->hash, found, err);
}

bool base_fetch(Workspace *ws, const BaseWanted *wanted, Error *err)
{
    Error upstream = {0};
    bool found = false;
    if (upstream_find_version(ws, wanted->url, wanted->sha, wanted->path, &wanted->hash, &upstream))
        return true;
    if (!goes_on(&upstream, err) || !in_collection_remote(ws, wanted, &found, err))
        return false;
    if (found)
        return true;
    *err = upstream;
    return false;
}
