#include "base/clock.h"
#include "git/fixture_test.h"
#include "git/gather.h"

static const char *url_of(Test *t, int port, const char *path)
{
    return arena_format(t->arena, "http://127.0.0.1:%d%s", port, path);
}

static bool refs_only(void *context, GitRepo *repo, size_t index, Error *err)
{
    const GitRefs *refs;
    Error *errors = context;
    if (git_refs(repo, &refs, err))
        return true;
    errors[index] = *err;
    return false;
}

TEST(a_host_that_cannot_be_reached_is_asked_by_one_repository_only)
{
    SCOPED(reader_close) Reader *reader = reader_new(t);
    int port = git_server_dead_port();
    const GitRefs *refs;
    Error first = {0}, second = {0};
    CHECK(!git_refs(reader_repo(reader, url_of(t, port, "/a")), &refs, &first));
    CHECK_INT(first.code, ERR_NETWORK_ERROR);
    CHECK(!git_refs(reader_repo(reader, url_of(t, port, "/b")), &refs, &second));
    CHECK_INT(second.code, ERR_NETWORK_ERROR);
    CHECK_HAS(second.message, "is not asked any more");
}

TEST(one_bad_repository_does_not_speak_for_its_host)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    const char *const paths[] = {"/status/500/x", "/status/404/x", "/status/429/x", "/garbage/x",
                                 "/open/up.git"};
    const ErrorCode codes[] = {ERR_NETWORK_ERROR, ERR_REPOSITORY_NOT_FOUND, ERR_RATE_LIMITED,
                               ERR_REPOSITORY_NOT_FOUND, ERR_NONE};
    GitRepo *repos[COUNT_OF(paths)];
    Error errors[COUNT_OF(paths)] = {0};
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        repos[i] = reader_repo(reader, url_of(t, server.port, paths[i]));
    GitGather gather = {.repos = repos,
                        .count = COUNT_OF(paths),
                        .threads = 3,
                        .ask = refs_only,
                        .context = errors};
    CHECK_OK(git_gather(reader->git, &gather, &t->err));
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        CHECK_INT(errors[i].code, codes[i]);
    int asked = git_server_requests(&server);
    CHECK_OK(git_gather(reader->git, &gather, &t->err)); /* all is remembered, failures too */
    CHECK_INT(git_server_requests(&server), asked);
    git_server_stop(&server);
}

TEST(offline_the_last_answer_counts_and_the_network_is_left_alone)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    const char *url = url_of(t, server.port, "/open/up.git");
    GitRef kept = reader_fetch(reader, reader_repo(reader, url), "main");
    upstream_commit(t, "a", "1");
    const GitRefs *refs;
    CHECK_OK(git_refs_again(reader_repo(reader, url), &refs, &t->err)); /* seen, not fetched */
    int64_t asked_ms = refs->asked_ms;
    int asked = git_server_requests(&server);
    GitRef newer;
    reader->settings.offline = true;
    reader_open(reader);
    GitRepo *repo = reader_repo(reader, url);
    CHECK_OK(git_refs(repo, &refs, &t->err));
    CHECK_INT(refs->asked_ms, asked_ms);
    CHECK_OK(git_resolve(repo, STR("main"), &newer, &t->err));
    CHECK_FAILS(ERR_OFFLINE, git_fetch(repo, &newer, 1, &t->err));
    CHECK_OK(git_fetch(repo, &kept, 1, &t->err));
    CHECK_FAILS(ERR_OFFLINE, git_refs(reader_repo(reader, url_of(t, server.port, "/open/other")),
                                      &refs, &t->err));
    CHECK_INT(git_server_requests(&server), asked);
    git_server_stop(&server);
}

TEST(a_silent_upstream_is_given_up_long_before_the_deadline)
{
    (void)test_shell(t, "mkdir -p srv");
    GitServer server = git_server_http(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    const GitRefs *refs;
    reader->settings.silence_ms = 200;
    reader->settings.attempts = 2;
    int64_t began_us = clock_monotonic_us();
    bool asked = git_refs(reader_repo(reader, url_of(t, server.port, "/hang/x")), &refs, &t->err);
    CHECK(!asked && (t->err.code == ERR_TIMEOUT || t->err.code == ERR_NETWORK_ERROR));
    CHECK(clock_monotonic_us() - began_us < 15000000);
    git_server_stop(&server);
}

TEST(a_sha_of_a_folder_or_a_file_is_told_from_a_commit)
{
    upstream_make(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    const char *const objects[][2] = {{"main^{tree}", "a folder"},
                                      {"main:skills/pdf/SKILL.md", "a file"}};
    for (size_t i = 0; i < COUNT_OF(objects); i++) {
        GitRef want = {0};
        Str sha = str_trim(str_of(git_shell(t, "git -C work rev-parse '%s'", objects[i][0])));
        CHECK(git_sha_parse(sha, &want.sha));
        want.commit = want.sha;
        CHECK_FAILS(ERR_REF_NOT_FOUND, git_fetch(repo, &want, 1, &t->err));
        CHECK_HAS(t->err.message, objects[i][1]);
    }
}
