#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "git/git_internal.h"
#include "git/source.h"

enum { NAME_DIGITS = 32, LOCK_WAIT_MS = 15 * 60 * 1000, LOCK_SLICE_MS = 50, SWEEP_DEPTH = 8 };

/* All of the cache's own configuration; it is put back whenever it reads otherwise. */
static const char cache_config[] = "[core]\n"
                                   "\trepositoryformatversion = 0\n"
                                   "\tfilemode = true\n"
                                   "\tbare = true\n"
                                   "\tlogAllRefUpdates = false\n"
                                   "\thooksPath = /dev/null\n"
                                   "[gc]\n"
                                   "\tauto = 0\n";

bool git_open(Arena *arena, const char *weir_home, const GitSettings *settings, Git **out,
              Error *err)
{
    if (weir_home == NULL || weir_home[0] != '/')
        return fail(err, ERR_INVALID, "the folder of the cache must be an absolute path");
    Git *git = ARENA_NEW(arena, Git);
    Arena *own = arena_open();
    *git = (Git){.arena = own,
                 .cache_path = arena_format(own, "%s/cache/git", weir_home),
                 .settings = settings ? *settings : (GitSettings){0},
                 .repos = map_new(own, 8),
                 .hosts = hosts_open()};
    *out = git;
    return true;
}

void git_close(Git **git)
{
    if (*git == NULL)
        return;
    for (size_t i = 0; i < (*git)->opened.count; i++) {
        GitRepo *repo = (*git)->opened.items[i];
        git_repo_rest(repo);
        arena_close(&repo->arena);
    }
    hosts_close(&(*git)->hosts);
    arena_close(&(*git)->arena);
    *git = NULL;
}

/* ── making it ── */

bool git_cache_write(int fd, const char *name, Str wanted, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    bool found;
    Str now;
    if (!fs_read_if_any(arena, fd, str_of(name), 1 << 16, &found, &now, err))
        return false;
    return (found && str_equal(now, wanted)) || fs_replace_at(fd, str_of(name), wanted, 0600, err);
}

/* By hand and not by `git init`: no template, nothing of this machine's configuration, no child. */
static bool make_repository(int fd, Error *err)
{
    return fs_make_folders_at(fd, STR("objects/pack"), 0700, err) &&
           fs_make_folders_at(fd, STR("objects/info"), 0700, err) &&
           fs_make_folders_at(fd, STR("refs"), 0700, err) &&
           git_cache_write(fd, "config", str_of(cache_config), err) &&
           git_cache_write(fd, "HEAD", STR("ref: refs/heads/none\n"), err);
}

Str git_cache_name(Arena *arena, Str url)
{
    Hash hash = hash_of(url);
    return str_of(arena_format(arena, "%.*s.git", NAME_DIGITS, hash_hex(&hash).text));
}

bool git_cache_folder(GitRepo *repo, Error *err)
{
    SCOPED(fd_close) int fd = -1;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Str name = git_cache_name(scratch, repo->url);
    const char *path = arena_format(scratch, "%s/%.*s", repo->git->cache_path, STR_ARG(name));
    if (!fs_make_root(path, 0700, &fd, err) || !make_repository(fd, err))
        return fail_in(err, "cache of the upstream");
    repo->fd = fd_take(&fd);
    return true;
}

bool git_cache_open(Git *git, Str url, GitRepo **out, Error *err)
{
    GitRepo *known = map_find(git->repos, url);
    if (known) {
        *out = known;
        return true;
    }
    GitRepo *repo = ARENA_NEW(git->arena, GitRepo);
    *repo = (GitRepo){.git = git, .url = arena_copy(git->arena, url), .fd = -1};
    if (!git_repo_wake(repo, err))
        return false;
    repo->arena = arena_open();
    repo->may_ask = git->settings.may_ask;
    repo->listings = map_new(repo->arena, 8);
    repo->kept = map_new(repo->arena, 16);
    repo->refused = map_new(repo->arena, 8);
    repo->moves = map_new(repo->arena, 16);
    map_put(git->repos, repo->url, repo);
    ARRAY_PUSH(git->arena, &git->opened, repo);
    *out = repo;
    return true;
}

bool git_repo_open(Git *git, Str url, GitRepo **out, Error *err)
{
    return git_url_check(url, err) && git_cache_open(git, url, out, err);
}

/* ── the lock, and what an aborted fetch leaves ── */

bool git_cache_lock(GitRepo *repo, int *lock_fd, Error *err)
{
    if (!git_repo_wake(repo, err))
        return false;
    SCOPED(fd_close)
    int fd = fs_open_at(repo->fd, STR("weir.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(err, "cannot open the lock of the upstream's cache");
    int64_t give_up_us = clock_monotonic_us() + (int64_t)LOCK_WAIT_MS * 1000;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_errno(err, "cannot lock the upstream's cache");
        if (!interrupt_check(err))
            return false;
        if (clock_monotonic_us() > give_up_us)
            return fail(err, ERR_LOCKED, "another weir has been fetching this upstream for long");
        clock_sleep_ms(LOCK_SLICE_MS);
    }
    *lock_fd = fd_take(&fd);
    return true;
}

static bool is_left_over(Str name)
{
    return str_starts(name, STR("tmp_")) || str_starts(name, STR(".tmp-")) ||
           str_starts(name, STR("incoming-")) || str_starts(name, STR("tmp-objdir-")) ||
           str_ends(name, STR(".tmp")) ||
           (str_ends(name, STR(".lock")) && !str_is(name, "weir.lock"));
}

static bool sweep(int fd, int depth, size_t *packs, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    FsNames names = {0};
    if (!fs_list(arena, fd, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        Str name = names.items[i].name;
        SCOPED(fd_close) int below = -1;
        if (is_left_over(name)) {
            if (!fs_remove_all_at(fd, name, err))
                return false;
        } else if (names.items[i].kind == FS_FOLDER && depth < SWEEP_DEPTH) {
            if (!fs_open_folder(fd, name, &below, err) || !sweep(below, depth + 1, packs, err))
                return false;
        } else if (str_ends(name, STR(".pack"))) {
            (*packs)++;
        }
    }
    return true;
}

bool git_cache_sweep(GitRepo *repo, size_t *packs, Error *err)
{
    *packs = 0;
    return sweep(repo->fd, 0, packs, err);
}
