#include "git/git_internal.h"

enum { MOVE_KNOWN = 1 }; /* a GitMove is kept in the map as itself plus this */

/* "committer Name <mail> 1700000000 +0100" → its three parts; odd ones give what there is. */
static void parse_person(Str line, Str *name, Str *email, int64_t *time_ms)
{
    size_t open = str_find(line, '<'), close = str_find_last(line, '>');
    uint64_t seconds;
    Str when, rest;
    if (open == STR_NONE || close == STR_NONE || close < open)
        return;
    *name = str_trim(str_slice(line, 0, open));
    *email = str_trim(str_slice(line, open + 1, close));
    rest = str_trim(str_slice(line, close + 1, line.len));
    if (str_next(&rest, ' ', &when) && str_to_u64(when, &seconds) && seconds < INT64_MAX / 1000)
        *time_ms = (int64_t)seconds * 1000;
}

static void parse_commit(Str text, GitCommit *commit)
{
    Str line, key, ignored_name, ignored_email;
    int64_t ignored_time;
    while (str_next(&text, '\n', &line) && line.len > 0) {
        Str value = line;
        if (!str_next(&value, ' ', &key))
            continue;
        if (str_is(key, "parent"))
            commit->parents++;
        else if (str_is(key, "author"))
            parse_person(value, &commit->author, &commit->email, &ignored_time);
        else if (str_is(key, "committer"))
            parse_person(value, &ignored_name, &ignored_email, &commit->time_ms);
    }
    while (str_next(&text, '\n', &line))
        if (str_trim(line).len > 0) {
            commit->subject = str_trim(line);
            return;
        }
}

bool git_commit_info(GitRepo *repo, Arena *arena, const GitSha *commit, GitCommit *out, Error *err)
{
    GitCommit info = {0};
    Str content;
    bool found = false;
    const char *name = arena_format(arena, "%s^{commit}", commit->text);
    if (!git_object(repo, arena, name, &found, &info.sha, &content, err))
        return false;
    if (!found)
        return fail(err, ERR_NOT_FOUND, "commit %.12s is not in the upstream's cache",
                    commit->text);
    parse_commit(content, &info);
    *out = info;
    return true;
}

bool git_is_here(GitRepo *repo, const GitSha *commit, bool *here, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    GitSha oid;
    Str content;
    const char *name = arena_format(arena, "%s^{commit}", commit->text);
    return git_object(repo, arena, name, here, &oid, &content, err);
}

bool git_is_ancestor(GitRepo *repo, const GitSha *ancestor, const GitSha *descendant, bool *out,
                     Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *const arguments[] = {"merge-base", "--is-ancestor", ancestor->text,
                                     descendant->text, NULL};
    GitCall call = {.arguments = arguments};
    int exit_code = 0;
    if (!git_call(repo, arena, &call, NULL, &exit_code, err))
        return false;
    if (exit_code > 1)
        return fail(err, ERR_GIT_FAILED, "git merge-base ended with %d", exit_code);
    *out = exit_code == 0;
    return true;
}

bool git_compare(GitRepo *repo, const GitSha *from, const GitSha *to, GitMove *out, Error *err)
{
    if (git_sha_equal(from, to)) {
        *out = GIT_SAME;
        return true;
    }
    Arena *arena = repo->arena;
    Str key = str_of(arena_format(arena, "%s %s", from->text, to->text));
    uintptr_t known = (uintptr_t)map_find(repo->moves, key);
    if (known) {
        *out = (GitMove)(known - MOVE_KNOWN);
        return true;
    }
    bool here = false;
    bool ancestor = false;
    if (!git_is_here(repo, from, &here, err) ||
        (here && !git_is_ancestor(repo, from, to, &ancestor, err)))
        return false;
    GitMove move = ancestor ? GIT_FAST_FORWARD : GIT_REWRITTEN;
    map_put(repo->moves, key, (void *)((uintptr_t)move + MOVE_KNOWN));
    *out = move;
    return true;
}
