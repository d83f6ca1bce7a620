#include <stdlib.h>

#include "base/clock.h"
#include "base/process.h"
#include "git/fixture_test.h"

static GitSha sha_of_tag(const GitRefs *refs, const char *name)
{
    const GitRef *ref = git_refs_find(refs, str_of(name));
    return ref ? ref->commit : (GitSha){0};
}

static const char *url_of(Test *t, const GitServer *server, const char *scheme, const char *path)
{
    return arena_format(t->arena, "%s://127.0.0.1:%d%s", scheme, server->port, path);
}

static int packs(Test *t)
{
    return (int)strtol(test_shell(t, "ls weir/cache/git/*.git/objects/pack/*.pack | wc -l"), NULL,
                       10);
}

/* ── reading ── */

static void check_whole_way(Reader *reader, const char *url)
{
    Test *t = reader->t;
    GitRepo *repo = reader_repo(reader, url);
    const GitRefs *refs;
    GitTree tree;
    GitCommit info;
    CHECK_OK(git_refs(repo, &refs, &t->err));
    CHECK_STR(refs->head, STR("refs/heads/main"));
    GitRef ref = reader_fetch(reader, repo, "v1");
    GitSha wanted = sha_of(t, "v1");
    CHECK_TEXT(ref.commit.text, wanted.text);
    CHECK(!git_sha_equal(&ref.sha, &ref.commit)); /* annotated */
    CHECK(git_has(repo, &wanted));
    CHECK_OK(git_tree(repo, t->arena, &wanted, STR("skills/pdf"), &tree, &t->err));
    CHECK_INT(tree.entries.count, 2);
    CHECK_STR(tree.entries.items[0].path, STR("SKILL.md"));
    CHECK_INT(tree.entries.items[0].mode, MODE_FILE);
    CHECK_INT(tree.entries.items[1].mode, MODE_EXEC);
    CHECK_STR(content_of(reader, repo, &wanted, "skills/pdf"), STR("one\nrun\n"));
    CHECK_STR(content_of(reader, repo, &wanted, "skills/pdf/SKILL.md"), STR("one\n"));
    CHECK_OK(git_commit_info(repo, t->arena, &wanted, &info, &t->err));
    CHECK_STR(info.author, STR("An Author"));
    CHECK_STR(info.email, STR("a@example.org"));
    CHECK_STR(info.subject, STR("first words"));
    CHECK(info.time_ms > 0 && info.parents == 0);
    CHECK_STR(git_version_name(t->arena, refs, &wanted), STR("v1"));
    git_close(&reader->git);
}

TEST(reads_an_upstream_through_git_daemon)
{
    upstream_make(t);
    GitServer server = git_server_daemon(t);
    check_whole_way(reader_new(t), url_of(t, &server, "git", "/up.git"));
    git_server_stop(&server);
}

TEST(reads_an_upstream_through_http)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    check_whole_way(reader_new(t), url_of(t, &server, "http", "/open/up.git"));
    git_server_stop(&server);
}

TEST(reads_a_bare_repository_a_work_tree_and_a_bundle_by_their_plain_paths)
{
    upstream_make(t);
    (void)git_shell(t, "git -C work bundle create -q ../up.bundle HEAD main v1");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    check_whole_way(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    check_whole_way(reader, arena_format(t->arena, "%s/work", t->dir));
    check_whole_way(reader, arena_format(t->arena, "%s/up.bundle", t->dir));
    check_whole_way(reader, arena_format(t->arena, "file://%s/srv/up.git", t->dir));
}

TEST(asks_the_upstream_once_for_many_artifacts)
{
    upstream_make(t);
    for (int i = 0; i < 3; i++)
        upstream_commit(t, arena_format(t->arena, "skills/s%d/SKILL.md", i), "text");
    GitServer server = git_server_http(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, url_of(t, &server, "http", "/open/up.git"));
    GitRef ref = reader_fetch(reader, repo, "main");
    int before = git_server_requests(&server);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(git_fetch(repo, &ref, 1, &t->err));
        Str text = content_of(reader, repo, &ref.commit, arena_format(t->arena, "skills/s%d", i));
        CHECK_STR(text, STR("text"));
    }
    CHECK_INT(git_server_requests(&server), before);
    git_server_stop(&server);
}

/* ── what changes ── */

TEST(a_second_fetch_brings_only_what_is_new)
{
    upstream_make(t);
    (void)git_shell(t, "cd work && head -c 3000000 /dev/urandom >big && git add big && "
                       "git commit -qm big && git push -q up main");
    GitServer server = git_server_daemon(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, url_of(t, &server, "git", "/up.git"));
    (void)reader_fetch(reader, repo, "main");
    CHECK_INT(packs(t), 1);
    upstream_commit(t, "skills/pdf/SKILL.md", "two");
    GitRef second = reader_fetch(reader, repo, "main");
    CHECK_INT(packs(t), 2);
    const char *smallest = test_shell(t, "stat -c %%s weir/cache/git/*.git/objects/pack/*.pack | "
                                         "sort -n | head -1");
    CHECK(strtol(smallest, NULL, 10) < 2000);
    CHECK_STR(content_of(reader, repo, &second.commit, "skills/pdf/SKILL.md"), STR("two"));
    git_server_stop(&server);
}

TEST(tells_a_fast_forward_from_a_rewritten_history)
{
    upstream_make(t);
    GitSha first = sha_of(t, "main");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    (void)reader_fetch(reader, repo, "main");
    upstream_commit(t, "a", "1");
    GitRef second = reader_fetch(reader, repo, "main");
    (void)git_shell(t, "cd work && git commit -q --amend -m other && git push -qf up main");
    GitRef third = reader_fetch(reader, repo, "main");
    GitMove move;
    CHECK_OK(git_compare(repo, &first, &first, &move, &t->err));
    CHECK_INT(move, GIT_SAME);
    for (int again = 0; again < 2; again++) {
        CHECK_OK(git_compare(repo, &first, &second.commit, &move, &t->err));
        CHECK_INT(move, GIT_FAST_FORWARD);
        CHECK_OK(git_compare(repo, &second.commit, &third.commit, &move, &t->err));
        CHECK_INT(move, GIT_REWRITTEN);
    }
    CHECK(git_has(repo, &second.commit)); /* the base of earlier work stays */
    CHECK_STR(content_of(reader, repo, &second.commit, "a"), STR("1"));
}

TEST(shows_that_a_tag_moved_and_keeps_what_it_was)
{
    upstream_make(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    GitRef before = reader_fetch(reader, repo, "v1");
    upstream_commit(t, "a", "1");
    (void)git_shell(t, "cd work && git tag -f v1 && git push -qf up v1");
    GitRef after = reader_fetch(reader, repo, "v1");
    CHECK(!git_sha_equal(&before.commit, &after.commit));
    CHECK(git_has(repo, &before.commit) && git_has(repo, &after.commit));
}

TEST(shows_that_a_path_vanished)
{
    upstream_make(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    GitRef before = reader_fetch(reader, repo, "main");
    (void)git_shell(t, "cd work && git mv skills/pdf skills/doc && git commit -qm move && "
                       "git push -q up main");
    GitRef after = reader_fetch(reader, repo, "main");
    GitPathKind kind;
    GitTree tree;
    CHECK_OK(git_path_kind(repo, &before.commit, STR("skills/pdf"), &kind, &t->err));
    CHECK_INT(kind, GIT_PATH_FOLDER);
    CHECK_OK(git_path_kind(repo, &after.commit, STR("skills/pdf"), &kind, &t->err));
    CHECK_INT(kind, GIT_PATH_NONE);
    CHECK_OK(git_path_kind(repo, &after.commit, STR("skills/doc/SKILL.md"), &kind, &t->err));
    CHECK_INT(kind, GIT_PATH_FILE);
    CHECK_FAILS(ERR_NOT_FOUND,
                git_tree(repo, t->arena, &after.commit, STR("skills/pdf"), &tree, &t->err));
    CHECK_HAS(t->err.message, "skills/pdf");
}

TEST(follows_a_branch_that_became_a_folder_of_branches)
{
    upstream_make(t);
    (void)git_shell(t, "cd work && git push -q up main:refs/heads/topic");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    (void)reader_fetch(reader, repo, "topic");
    upstream_commit(t, "a", "1");
    (void)git_shell(t, "cd work && git push -q up :topic && git push -q up main:topic/deep");
    GitRef deep = reader_fetch(reader, repo, "topic/deep");
    CHECK(git_has(repo, &deep.commit));
}

TEST(finds_a_commit_that_no_ref_names_by_long_and_short_sha)
{
    upstream_make(t);
    GitSha first = sha_of(t, "main");
    upstream_commit(t, "a", "1");
    (void)git_shell(t, "cd work && git push -q up :v1 && git bundle create -q ../up.bundle main");
    GitServer server = git_server_daemon(t);
    const char *urls[] = {url_of(t, &server, "git", "/up.git"),
                          arena_format(t->arena, "%s/up.bundle", t->dir)};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        SCOPED(reader_close) Reader *reader = reader_new(t);
        GitRepo *repo = reader_repo(reader, urls[i]);
        GitRef ref = reader_fetch(reader, repo, first.text);
        CHECK_TEXT(ref.commit.text, first.text);
        (void)test_shell(t, "rm -rf weir");
        reader_open(reader);
        repo = reader_repo(reader, urls[i]);
        ref = reader_fetch(reader, repo, arena_format(t->arena, "%.9s", first.text));
        CHECK_TEXT(ref.commit.text, first.text);
        (void)test_shell(t, "rm -rf weir");
    }
    git_server_stop(&server);
}

TEST(names_a_missing_ref_and_near_ones)
{
    upstream_make(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    GitRef ref;
    CHECK_FAILS(ERR_REF_NOT_FOUND, git_resolve(repo, STR("mein"), &ref, &t->err));
    CHECK_HAS(t->err.message, "'mein'");
    CHECK_HAS(t->err.hint, "'main'");
    CHECK_FAILS(ERR_REF_NOT_FOUND, git_resolve(repo, STR("deadbeefdeadbeef"), &ref, &t->err));
    CHECK_FAILS(ERR_INVALID, git_resolve(repo, STR("--upload-pack=x"), &ref, &t->err));
    GitSha absent = {"deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"};
    GitRef bare = {.sha = absent, .commit = absent};
    CHECK(!git_fetch(repo, &bare, 1, &t->err));
}

TEST(gives_the_greatest_of_several_tags)
{
    upstream_make(t);
    (void)git_shell(t, "cd work && for v in v1.2 v1.10 v1.10-rc1 v1.9; do git tag $v; done && "
                       "git push -q up --tags");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    const GitRefs *refs;
    CHECK_OK(git_refs(repo, &refs, &t->err));
    GitSha tagged = sha_of_tag(refs, "refs/tags/v1");
    CHECK_STR(git_version_name(t->arena, refs, &tagged), STR("v1.10"));
    GitSha other = {"0123456789abcdef0123456789abcdef01234567"};
    CHECK_STR(git_version_name(t->arena, refs, &other), STR("0123456789ab"));
}

TEST(an_empty_repository_has_no_commit_and_says_so)
{
    (void)git_shell(t, "git init -q --bare srv/empty.git");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/empty.git", t->dir));
    GitRef ref;
    CHECK_FAILS(ERR_REF_NOT_FOUND, git_resolve(repo, STR(""), &ref, &t->err));
}

/* ── failures ── */

static void check_refused(Reader *reader, const char *url, ErrorCode code)
{
    Test *t = reader->t;
    GitRepo *repo = reader_repo(reader, url);
    const GitRefs *refs;
    CHECK_FAILS(code, git_refs(repo, &refs, &t->err));
    CHECK(error_hint(&t->err)[0] != '\0');
}

TEST(names_the_failures_of_a_server)
{
    upstream_make(t);
    GitServer http = git_server_http(t), daemon = git_server_daemon(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    check_refused(reader, url_of(t, &http, "http", "/private/up.git"), ERR_GIT_AUTH_FAILED);
    check_refused(reader, url_of(t, &http, "http", "/status/403/x"), ERR_GIT_AUTH_FAILED);
    check_refused(reader, url_of(t, &http, "http", "/status/404/x"), ERR_REPOSITORY_NOT_FOUND);
    check_refused(reader, url_of(t, &http, "http", "/status/429/x"), ERR_RATE_LIMITED);
    check_refused(reader, url_of(t, &http, "http", "/open/absent.git"), ERR_REPOSITORY_NOT_FOUND);
    check_refused(reader, url_of(t, &http, "http", "/garbage/x"), ERR_REPOSITORY_NOT_FOUND);
    check_refused(reader, url_of(t, &daemon, "git", "/absent.git"), ERR_REPOSITORY_NOT_FOUND);
    check_refused(reader, arena_format(t->arena, "%s/nothing", t->dir), ERR_REPOSITORY_NOT_FOUND);
    git_server_stop(&http);
    git_server_stop(&daemon);
}

TEST(tries_three_times_when_it_may_pass_and_once_when_it_cannot)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    check_refused(reader, url_of(t, &server, "http", "/status/503/x"), ERR_NETWORK_ERROR);
    CHECK_INT(git_server_requests(&server), 3);
    check_refused(reader, url_of(t, &server, "http", "/status/404/x"), ERR_REPOSITORY_NOT_FOUND);
    check_refused(reader, url_of(t, &server, "http", "/status/429/x"), ERR_RATE_LIMITED);
    CHECK_INT(git_server_requests(&server), 7);
    git_server_stop(&server);
}

TEST(a_server_that_recovers_is_read)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    check_whole_way(reader_new(t), url_of(t, &server, "http", "/flaky/2/up.git"));
    git_server_stop(&server);
}

TEST(a_dead_port_is_a_network_error)
{
    SCOPED(reader_close) Reader *reader = reader_new(t);
    check_refused(reader,
                  arena_format(t->arena, "git://127.0.0.1:%d/x.git", git_server_dead_port()),
                  ERR_NETWORK_ERROR);
    check_refused(reader,
                  arena_format(t->arena, "http://127.0.0.1:%d/x.git", git_server_dead_port()),
                  ERR_NETWORK_ERROR);
}

TEST(a_silent_server_ends_at_the_deadline)
{
    GitServer server = git_server_http(t);
    (void)test_shell(t, "mkdir -p srv");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    reader->settings.timeout_ms = 400;
    int64_t began_us = clock_monotonic_us();
    check_refused(reader, url_of(t, &server, "http", "/hang/x"), ERR_TIMEOUT);
    CHECK(clock_monotonic_us() - began_us < 5000000);
    git_server_stop(&server);
}

TEST(an_interruption_ends_a_call_at_once)
{
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitServer server = git_server_http(t);
    GitRepo *repo = reader_repo(reader, url_of(t, &server, "http", "/hang/x"));
    const GitRefs *refs;
    interrupt_request();
    bool ok = git_refs(repo, &refs, &t->err);
    interrupt_clear();
    CHECK_FAILS(ERR_INTERRUPTED, ok);
    git_server_stop(&server);
}

TEST(without_git_it_says_so)
{
    SCOPED(reader_close) Reader *reader = reader_new(t);
    (void)test_shell(t, "mkdir -p empty");
    const char *path = arena_text(t->arena, str_of(getenv("PATH")));
    (void)setenv("PATH", arena_format(t->arena, "%s/empty", t->dir), 1);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv", t->dir));
    const GitRefs *refs;
    bool ok = git_refs(repo, &refs, &t->err);
    (void)setenv("PATH", path, 1);
    CHECK_FAILS(ERR_GIT_MISSING, ok);
}

TEST(a_pack_over_the_limit_is_refused_and_leaves_nothing)
{
    upstream_make(t);
    (void)git_shell(t, "cd work && head -c 3000000 /dev/urandom >big && git add big && "
                       "git commit -qm big && git push -q up main");
    GitServer server = git_server_daemon(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    reader->settings.pack_limit_bytes = 1 << 20;
    GitRepo *repo = reader_repo(reader, url_of(t, &server, "git", "/up.git"));
    GitRef ref;
    CHECK_OK(git_resolve(repo, STR("main"), &ref, &t->err));
    CHECK_FAILS(ERR_TOO_LARGE, git_fetch(repo, &ref, 1, &t->err));
    CHECK_TEXT(test_shell(t, "find weir -name 'tmp_*' -o -name '*.pack' | wc -l"), "0\n");
    git_server_stop(&server);
}

TEST(what_a_killed_fetch_left_is_swept_and_does_not_block)
{
    upstream_make(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    (void)reader_fetch(reader, repo, "main");
    (void)test_shell(t, "cd weir/cache/git/*.git && echo x >objects/pack/tmp_pack_abc && "
                        "for r in refs/up/*; do echo >$r.lock; done && echo >packed-refs.lock && "
                        "mkdir objects/tmp_objdir-incoming-q");
    upstream_commit(t, "a", "1");
    GitRef second = reader_fetch(reader, repo, "main");
    CHECK(git_has(repo, &second.commit));
    CHECK_TEXT(test_shell(t, "find weir -name 'tmp_*' -o -name '*.lock' ! -name weir.lock | wc -l"),
               "0\n");
}

TEST(many_fetches_end_in_few_packs)
{
    upstream_make(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    GitRef first = reader_fetch(reader, repo, "main");
    for (int i = 0; i < 44; i++) {
        upstream_commit(t, "a", arena_format(t->arena, "%d", i));
        (void)reader_fetch(reader, repo, "main");
    }
    CHECK(packs(t) < 10);
    CHECK(git_has(repo, &first.commit));
    CHECK_STR(content_of(reader, repo, &first.commit, "skills/pdf/SKILL.md"), STR("one\n"));
}

TEST(what_is_cached_outlives_a_rewind_of_the_callers_arena)
{
    upstream_make(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    GitRef ref = reader_fetch(reader, repo, "main");
    for (int i = 0; i < 3; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        GitTree tree;
        CHECK_OK(git_tree(repo, t->arena, &ref.commit, STR("skills"), &tree, &t->err));
        CHECK_INT(tree.entries.count, 2);
        for (int k = 0; k < 200; k++)
            (void)arena_format(t->arena, "%0200d", k);
    }
}
