/* How many repositories have handles open: the folder of the cache, a child that answers for blobs. */
#include "base/fs.h"
#include "base/limits.h"
#include "git/git_internal.h"

void git_repo_rest(GitRepo *repo)
{
    git_objects_close(repo);
    fd_close(&repo->fd);
}

static void forget(Git *git, const GitRepo *repo)
{
    size_t kept = 0;
    for (size_t i = 0; i < git->awake.count; i++)
        if (git->awake.items[i] != repo)
            git->awake.items[kept++] = git->awake.items[i];
    git->awake.count = kept;
}

/* It is the one that was used last; the one that was not used for longest may have to rest. */
static void note_used(GitRepo *repo)
{
    Git *git = repo->git;
    forget(git, repo);
    if (git->awake.count == LIMIT_OPEN_REPOSITORIES) {
        git_repo_rest(git->awake.items[0]);
        forget(git, git->awake.items[0]);
    }
    ARRAY_PUSH(git->arena, &git->awake, repo);
}

bool git_repo_wake(GitRepo *repo, Error *err)
{
    if (repo->fd < 0 && !git_cache_folder(repo, err))
        return false;
    if (!repo->lent)
        note_used(repo);
    return true;
}

void git_repo_lend(GitRepo *repo)
{
    forget(repo->git, repo);
    git_repo_rest(repo);
    repo->lent = true;
}
