/* Handles: more upstreams than a process may have files open. */
#include <stdatomic.h>
#include <sys/resource.h>

#include "base/fs.h"
#include "base/limits.h"
#include "git/fixture_test.h"
#include "git/gather.h"

enum { UPSTREAMS = 150, FILES_MOST = 128 };

typedef struct {
    GitRepo *repos[UPSTREAMS];
    GitRef refs[UPSTREAMS];
    _Atomic int asked;
} Many;

static bool ask(void *context, GitRepo *repo, size_t index, Error *err)
{
    Many *many = context;
    const GitRefs *refs = NULL;
    if (!git_refs(repo, &refs, err) || !git_resolve(repo, STR("main"), &many->refs[index], err) ||
        !git_fetch(repo, &many->refs[index], 1, err))
        return false;
    (void)atomic_fetch_add(&many->asked, 1);
    return true;
}

static size_t open_files(Test *t)
{
    FsNames names = {0};
    SCOPED(fd_close) int fd = -1;
    CHECK_OK(fs_open_root("/proc/self/fd", &fd, &t->err));
    CHECK_OK(fs_list(t->arena, fd, &names, &t->err));
    return names.count;
}

static void copy_upstreams(Test *t, int count)
{
    (void)test_shell(t, "cd srv && for i in $(seq 0 %d); do cp -r up.git $i.git; done", count - 1);
}

static const char *url_of(Test *t, int index)
{
    return arena_format(t->arena, "%s/srv/%d.git", t->dir, index);
}

TEST(more_upstreams_than_files_may_be_open_are_asked_fetched_and_read)
{
    struct rlimit before;
    Reader *reader = reader_new(t);
    Many *many = ARENA_NEW(t->arena, Many);
    upstream_make(t);
    copy_upstreams(t, UPSTREAMS);
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit few = {FILES_MOST, before.rlim_max};
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), 0);
    reader_open(reader);
    size_t at_first = open_files(t);
    for (int i = 0; i < UPSTREAMS; i++)
        many->repos[i] = reader_repo(reader, url_of(t, i));
    GitGather gather = {
        .repos = many->repos, .count = UPSTREAMS, .threads = 8, .ask = ask, .context = many};
    CHECK_OK(git_gather(reader->git, &gather, &t->err));
    CHECK_INT(many->asked, UPSTREAMS);
    CHECK_INT(open_files(t), at_first);
    for (int i = 0; i < UPSTREAMS; i++)
        CHECK(content_of(reader, many->repos[i], &many->refs[i].commit, "skills/pdf/SKILL.md").len);
    CHECK(open_files(t) < FILES_MOST / 2);
    for (int i = 0; i < UPSTREAMS; i += 7) /* one that rests is woken by whatever is asked */
        CHECK(git_has(many->repos[i], &many->refs[i].commit));
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    reader_close(&reader);
}

TEST(a_repository_in_use_keeps_its_child_and_those_not_used_for_long_rest)
{
    enum { FEW = LIMIT_OPEN_REPOSITORIES + 8 };
    Reader *reader = reader_new(t);
    Many *many = ARENA_NEW(t->arena, Many);
    size_t most = 0;
    upstream_make(t);
    copy_upstreams(t, FEW);
    reader_open(reader);
    for (int i = 0; i < FEW; i++) {
        many->repos[i] = reader_repo(reader, url_of(t, i));
        many->refs[i] = reader_fetch(reader, many->repos[i], "main");
        (void)content_of(reader, many->repos[i], &many->refs[i].commit, "skills/pdf/SKILL.md");
        size_t now = open_files(t);
        (void)content_of(reader, many->repos[i], &many->refs[i].commit, "skills/pdf/run.sh");
        CHECK_INT(open_files(t), now);
        if (i < LIMIT_OPEN_REPOSITORIES) {
            CHECK(now > most);
            most = now;
        }
        CHECK_INT(now, most);
    }
    reader_close(&reader);
}
