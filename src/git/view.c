#include "git/view.h"

#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "git/git_internal.h"

enum {
    SMALL_FILE_BYTES = 64 << 10, /* HEAD, a loose ref, .git as a file */
    REF_DEPTH = 16,
    SHA_LINE = 41,
};

/* ── finding it ── */

static bool is_folder(const char *path)
{
    FsStat stat;
    Error ignored;
    return fs_stat_path(path, &stat, &ignored) && stat.kind == FS_FOLDER;
}

static bool read_small(Arena *arena, const char *path, Str *out)
{
    Error ignored;
    FsStat stat;
    return fs_stat_path(path, &stat, &ignored) && stat.kind == FS_FILE &&
           fs_read_path(arena, path, SMALL_FILE_BYTES, out, &ignored);
}

/* What a one-line file names, seen from `folder`. */
static const char *named_path(Arena *arena, const char *folder, Str line)
{
    Str path = str_trim(line);
    if (!path.len || str_has_nul(path))
        return NULL;
    return path_absolute(arena, folder, arena_text(arena, path));
}

/* `.git` is a folder, or a file that names one (a work tree, a submodule). */
static const char *git_folder(Arena *arena, const char *top)
{
    Str text;
    const char *path = arena_format(arena, "%s/.git", top);
    if (is_folder(path))
        return path;
    if (!read_small(arena, path, &text) || !str_starts(text, STR("gitdir: ")))
        return NULL;
    return named_path(arena, top, str_slice(text, 8, text.len));
}

static bool is_repository(Arena *arena, const char *git_path, const char **common)
{
    Str text;
    *common = git_path;
    if (!read_small(arena, arena_format(arena, "%s/HEAD", git_path), &text))
        return false;
    if (read_small(arena, arena_format(arena, "%s/commondir", git_path), &text))
        *common = named_path(arena, git_path, text);
    return *common && is_folder(arena_format(arena, "%s/objects", *common));
}

static bool find_repository(Arena *arena, const char *folder, GitView *out)
{
    Str top = str_of(folder);
    while (top.len) {
        const char *path = arena_text(arena, top);
        const char *git_path = git_folder(arena, path);
        if (git_path && is_repository(arena, git_path, &out->common_path)) {
            Str rest = str_slice(str_of(folder), top.len, strlen(folder));
            out->prefix = str_starts(rest, STR("/")) ? str_slice(rest, 1, rest.len) : rest;
            out->git_path = git_path;
            return true;
        }
        top = path_folder(top);
    }
    return false;
}

/* ── borrowing its objects ── */

static bool is_sha_line(Str line)
{
    GitSha sha;
    return git_sha_parse(line, &sha);
}

/* Where a clone was cut off: without it git would miss the parents and stop. */
static Str shallow_lines(Arena *arena, const GitView *view)
{
    Str text, line;
    Buf out = buf_new(arena);
    if (read_small(arena, arena_format(arena, "%s/shallow", view->common_path), &text))
        while (str_next(&text, '\n', &line))
            if (is_sha_line(line))
                buf_format(&out, "%.*s\n", STR_ARG(line));
    return buf_str(&out);
}

static bool borrow(GitRepo *repo, Arena *arena, const GitView *view, Error *err)
{
    Str line = str_of(arena_format(arena, "%s/objects\n", view->common_path));
    Str shallow = shallow_lines(arena, view);
    return git_repo_wake(repo, err) &&
           git_cache_write(repo->fd, "objects/info/alternates", line, err) &&
           (shallow.len ? git_cache_write(repo->fd, "shallow", shallow, err)
                        : fs_remove_at(repo->fd, STR("shallow"), false, err));
}

bool git_view_find(Arena *arena, const char *folder, GitView *out, bool *found)
{
    GitView view = {0};
    ASSERT(folder[0] == '/');
    *found = find_repository(arena, folder, &view) && !strchr(view.common_path, '\n');
    if (*found)
        *out = view;
    return *found;
}

bool git_view_borrow(Git *git, GitView *view, Error *err)
{
    Str key = str_of(arena_format(git->arena, "view of %s", view->common_path));
    return (git_cache_open(git, key, &view->repo, err) &&
            borrow(view->repo, git->arena, view, err)) ||
           fail_in(err, "the git repository '%s'",
                   text_safe(git->arena, str_of(view->common_path)));
}

bool git_view_open(Git *git, const char *folder, GitView *out, bool *found, Error *err)
{
    GitView view = {0};
    if (!git_view_find(git->arena, folder, &view, found))
        return true;
    if (!git_view_borrow(git, &view, err))
        return false;
    *out = view;
    return true;
}

/* ── its refs, as files ── */

typedef struct {
    Arena *arena;
    Buf lines; /* a sha each */
    size_t count;
} Tips;

static void take_tip(Tips *tips, Str line)
{
    GitSha sha;
    if (tips->count >= LIMIT_HISTORY_REFS || line.len < SHA_LINE - 1 ||
        !git_sha_parse(str_slice(line, 0, SHA_LINE - 1), &sha))
        return;
    buf_format(&tips->lines, "%s\n", sha.text);
    tips->count++;
}

static void take_file(Tips *tips, const char *folder, const char *name)
{
    Str text, line;
    if (read_small(tips->arena, arena_format(tips->arena, "%s/%s", folder, name), &text))
        while (str_next(&text, '\n', &line))
            take_tip(tips, line);
}

static void take_loose(Tips *tips, int fd, int depth)
{
    FsNames names = {0};
    Error ignored;
    if (depth > REF_DEPTH || !fs_list(tips->arena, fd, &names, &ignored))
        return;
    for (size_t i = 0; i < names.count; i++) {
        SCOPED(fd_close) int below = -1;
        FsStat stat;
        Str text;
        bool there = false;
        if (!fs_stat_at(fd, names.items[i].name, &there, &stat, &ignored) || !there)
            continue;
        if (stat.kind == FS_FOLDER && fs_open_folder(fd, names.items[i].name, &below, &ignored))
            take_loose(tips, below, depth + 1);
        else if (stat.kind == FS_FILE && fs_read_at(tips->arena, fd, names.items[i].name,
                                                    SMALL_FILE_BYTES, &text, &ignored))
            take_tip(tips, text);
    }
}

static void take_packed(Tips *tips, const char *common)
{
    Str text, line;
    Error ignored;
    const char *path = arena_format(tips->arena, "%s/packed-refs", common);
    if (!fs_exists(path) || !fs_read_path(tips->arena, path, LIMIT_RECORD_BYTES, &text, &ignored))
        return;
    while (str_next(&text, '\n', &line))
        take_tip(tips, str_starts(line, STR("^")) ? str_slice(line, 1, line.len) : line);
}

/* The side of a merge or rebase in progress is in no branch of this repository yet. */
static Str all_tips(Arena *arena, const GitView *view)
{
    static const char *const heads[] = {"HEAD",        "MERGE_HEAD",       "ORIG_HEAD",
                                        "REBASE_HEAD", "CHERRY_PICK_HEAD", "FETCH_HEAD"};
    Tips tips = {.arena = arena, .lines = buf_new(arena)};
    SCOPED(fd_close) int refs = -1;
    Error ignored;
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        take_file(&tips, view->git_path, heads[i]);
    if (fs_open_root(arena_format(arena, "%s/refs", view->common_path), &refs, &ignored))
        take_loose(&tips, refs, 0);
    take_packed(&tips, view->common_path);
    return buf_str(&tips.lines);
}

/* ── history ── */

/* "<oid> <type> <size>", or "<name> missing". */
static bool next_answer(Str *answers, GitSha *oid, Str *type)
{
    Str line, word;
    *type = (Str){0};
    if (!str_next(answers, '\n', &line))
        return false;
    if (str_next(&line, ' ', &word) && git_sha_parse(word, oid))
        (void)str_next(&line, ' ', type);
    return true;
}

static void take_place(Arena *arena, Map *seen, const GitSha *tree, Str sub_path, GitPlaces *out)
{
    Str key = str_of(arena_text(arena, str_of(tree->text)));
    if (map_find(seen, key))
        return;
    map_put(seen, key, seen);
    ARRAY_PUSH(arena, out, ((GitPlace){*tree, sub_path}));
}

/* Two questions a commit: what the path is, and the folder it lies in. */
static bool ask_commits(GitRepo *repo, Arena *arena, Str commits, Str path, GitPlaces *out,
                        Error *err)
{
    static const char *const arguments[] = {"cat-file", "--batch-check", NULL};
    Buf questions = buf_new(arena);
    Str commit, answers, type, folder_type, folder = path_folder(path);
    GitSha oid, folder_oid;
    Map *seen = map_new(arena, 64);
    while (str_next(&commits, '\n', &commit)) {
        buf_format(&questions, "%.*s:%.*s\n", STR_ARG(commit), STR_ARG(path));
        buf_format(&questions, "%.*s:%.*s\n", STR_ARG(commit), STR_ARG(folder));
    }
    GitCall call = {.arguments = arguments, .input = buf_str(&questions)};
    if (!git_call(repo, arena, &call, &answers, NULL, err))
        return false;
    while (next_answer(&answers, &oid, &type) && next_answer(&answers, &folder_oid, &folder_type)) {
        if (str_is(type, "tree"))
            take_place(arena, seen, &oid, (Str){0}, out);
        else if (str_is(type, "blob") && str_is(folder_type, "tree"))
            take_place(arena, seen, &folder_oid, path_base(path), out);
    }
    return true;
}

bool git_path_versions(GitRepo *repo, Arena *arena, Str tips, Str path, GitPlaces *out, Error *err)
{
    const char *most = arena_format(arena, "--max-count=%d", LIMIT_HISTORY_COMMITS);
    const char *const arguments[] = {"rev-list", "--full-history", "--ignore-missing",
                                     most,       "--stdin",        NULL};
    Buf input = buf_new(arena);
    Str commits;
    *out = (GitPlaces){0};
    if (!tips.len || str_find(path, '\n') != STR_NONE)
        return true;
    buf_add(&input, tips);
    if (path.len)
        buf_format(&input, "--\n%.*s\n", STR_ARG(path));
    GitCall call = {.arguments = arguments, .input = buf_str(&input)};
    return git_call(repo, arena, &call, &commits, NULL, err) &&
           ask_commits(repo, arena, commits, path, out, err);
}

bool git_view_versions(GitView *view, Arena *arena, Str path, GitPlaces *out, Error *err)
{
    Str whole = str_of(path_join(arena, view->prefix, path));
    return git_path_versions(view->repo, arena, all_tips(arena, view), whole, out, err);
}

/* ── its remote ── */

static bool config_values(GitView *view, Arena *arena, Str *out, Error *err)
{
    const char *file = arena_format(arena, "%s/config", view->common_path);
    const char *const arguments[] = {
        "config", "--file", file, "--no-includes", "-z", "--get-regexp", "^remote\\..*\\.url$",
        NULL};
    GitCall call = {.arguments = arguments};
    int exit_code = 0;
    return git_call(view->repo, arena, &call, out, &exit_code, err);
}

bool git_view_remote(GitView *view, Arena *arena, Str *out, Error *err)
{
    Str values, entry, key;
    size_t count = 0;
    *out = (Str){0};
    if (!config_values(view, arena, &values, err))
        return false;
    while (str_next(&values, '\0', &entry)) {
        if (!str_next(&entry, '\n', &key))
            continue;
        bool origin = str_is(key, "remote.origin.url");
        if (!count++ || origin)
            *out = entry;
        if (origin)
            return true;
    }
    if (count > 1)
        *out = (Str){0};
    return true;
}

/* ── a merge that is not finished ── */

/* AUTO_MERGE is there wherever git leaves conflicts, `git stash pop` included; older ones know the rest. */
static bool is_under_way(Arena *arena, const GitView *view)
{
    static const char *const signs[] = {"AUTO_MERGE",  "MERGE_HEAD",   "CHERRY_PICK_HEAD",
                                        "REVERT_HEAD", "rebase-merge", "rebase-apply"};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (fs_exists(arena_format(arena, "%s/%s", view->git_path, signs[i])))
            return true;
    return false;
}

bool git_view_is_merging(const GitView *view)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return fs_exists(arena_format(arena, "%s/MERGE_HEAD", view->git_path));
}

static void beneath(Arena *arena, Str prefix, const GitUnmergedPaths *all, GitUnmergedPaths *out)
{
    for (size_t i = 0; i < all->count; i++) {
        GitUnmerged one = all->items[i];
        if (!path_is_inside(one.path, prefix) || one.path.len == prefix.len)
            continue;
        one.path = str_slice(one.path, prefix.len ? prefix.len + 1 : 0, one.path.len);
        ARRAY_PUSH(arena, out, one);
    }
}

bool git_view_unmerged(GitView *view, Arena *arena, GitUnmergedPaths *out, Error *err)
{
    GitUnmergedPaths all = {0};
    SCOPED(arena_close) Arena *scratch = arena_open();
    Error failed = {0};
    Str index;
    *out = (GitUnmergedPaths){0};
    if (!is_under_way(scratch, view))
        return interrupt_check(err);
    const char *path = arena_format(scratch, "%s/index", view->git_path);
    if (fs_exists(path) && fs_read_path(scratch, path, LIMIT_FILE_BYTES, &index, &failed) &&
        git_index_unmerged(arena, index, &all, &failed))
        beneath(arena, view->prefix, &all, out);
    return true;
}

bool git_view_object(GitView *view, Arena *arena, const GitSha *oid, bool *found, Str *out,
                     Error *err)
{
    GitSha ignored;
    return git_object(view->repo, arena, oid->text, found, &ignored, out, err);
}
