#include "git/gather.h"

#include <stdatomic.h>

#include "base/workers.h"
#include "git/git_internal.h"

typedef struct {
    const GitGather *gather;
    Error *errors;
    _Atomic bool *at_work;
} Gathering;

static void ask_one(void *context, size_t index)
{
    Gathering *all = context;
    const GitGather *gather = all->gather;
    Error *err = &all->errors[index];
    if (!interrupt_check(err))
        return;
    atomic_store(&all->at_work[index], true);
    if (gather->ask(gather->context, gather->repos[index], index, err))
        *err = (Error){0};
    git_repo_rest(gather->repos[index]);
    atomic_store(&all->at_work[index], false);
}

static void look_on(void *context, size_t done)
{
    Gathering *all = context;
    const GitGather *gather = all->gather;
    for (size_t i = 0; i < gather->count; i++) {
        if (!atomic_load(&all->at_work[i]))
            continue;
        gather->watch(gather->context, done, i, atomic_load(&gather->repos[i]->percent));
        return;
    }
}

static void ask_with_login(Gathering *all, size_t index)
{
    GitRepo *repo = all->gather->repos[index];
    if (!repo->may_ask || all->errors[index].code != ERR_GIT_AUTH_FAILED)
        return;
    repo->refs_error = (Error){0};
    repo->refused = map_new(repo->arena, 0);
    ask_one(all, index);
}

static void lend(GitRepo *repo)
{
    repo->may_ask = false;
    git_repo_lend(repo);
}

bool git_gather(Git *git, const GitGather *gather, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Gathering all = {gather, ARENA_ARRAY(arena, Error, gather->count + 1),
                     ARENA_ARRAY(arena, _Atomic bool, gather->count + 1)};
    Work work = {.jobs = gather->count,
                 .threads = gather->threads > 0 ? (size_t)gather->threads : 1,
                 .run = ask_one,
                 .watch = gather->watch ? look_on : NULL,
                 .context = &all};
    if (gather->count == 0)
        return true;
    if (!git_environment(git, err))
        return false;
    for (size_t i = 0; i < gather->count; i++)
        lend(gather->repos[i]);
    work_run(&work);
    for (size_t i = 0; i < gather->count; i++) {
        gather->repos[i]->may_ask = git->settings.may_ask;
        gather->repos[i]->lent = false;
        ask_with_login(&all, i);
    }
    return interrupt_check(err);
}
