#include <stdlib.h>
#include <string.h>

#include "git/fixture_test.h"

static const char *private_url(Test *t, const GitServer *server)
{
    return arena_format(t->arena, "http://127.0.0.1:%d/private/up.git", server->port);
}

/* The user's own configuration, as git itself would read it. */
static void user_config(Test *t, const char *text)
{
    (void)test_shell(t, "mkdir -p home");
    test_write(t, "home/.gitconfig", text);
}

static bool can_read(Reader *reader, const char *url)
{
    Test *t = reader->t;
    const GitRefs *refs;
    bool ok = git_refs(reader_repo(reader, url), &refs, &t->err);
    git_close(&reader->git);
    return ok;
}

TEST(a_credential_helper_of_the_user_opens_a_private_repository)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    user_config(t, "[credential]\n\thelper = \"!f() { echo username=weir; "
                   "echo password=right; }; f\"\n");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, private_url(t, &server));
    GitRef ref = reader_fetch(reader, repo, "main");
    CHECK_STR(content_of(reader, repo, &ref.commit, "skills/pdf/SKILL.md"), STR("one\n"));
    git_server_stop(&server);
}

TEST(wrong_credentials_fail_once_and_are_not_shown)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    user_config(t, "[credential]\n\thelper = \"!f() { echo username=weir; "
                   "echo password=hunter2; }; f\"\n");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    CHECK_FAILS(ERR_GIT_AUTH_FAILED, can_read(reader, private_url(t, &server)));
    CHECK(strstr(t->err.message, "hunter2") == NULL);
    CHECK(git_server_requests(&server) <= 2); /* once without, once with; no retry */
    git_server_stop(&server);
}

TEST(an_extra_header_and_an_included_file_work)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    user_config(t, "[include]\n\tpath = more\n");
    test_write(t, "home/more", "[http]\n\textraHeader = Authorization: Basic d2VpcjpyaWdodA==\n");
    CHECK_OK(can_read(reader_new(t), private_url(t, &server)));
    git_server_stop(&server);
}

TEST(instead_of_rewrites_the_address)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    user_config(t, arena_format(t->arena,
                                "[url \"http://127.0.0.1:%d/open/\"]\n"
                                "\tinsteadOf = https://example.org/\n",
                                server.port));
    CHECK_OK(can_read(reader_new(t), "https://example.org/up.git"));
    git_server_stop(&server);
}

TEST(the_users_ssh_command_is_used)
{
    upstream_make(t);
    user_config(t, arena_format(t->arena, "[core]\n\tsshCommand = %s/fake-ssh\n", t->dir));
    test_write_bytes(t, "fake-ssh",
                     str_of(arena_format(t->arena,
                                         "#!/bin/sh\nunset GIT_DIR\n"
                                         "exec git upload-pack '%s/srv/up.git'\n",
                                         t->dir)),
                     0755);
    CHECK_OK(can_read(reader_new(t), "git@example.org:o/up.git"));
    CHECK_OK(can_read(reader_new(t), "ssh://git@example.org/o/up.git"));
}

TEST(nothing_else_of_the_users_configuration_is_obeyed)
{
    upstream_make(t);
    user_config(t, arena_format(t->arena,
                                "[core]\n\thooksPath = %s/hooks\n\tfsmonitor = touch %s/canary\n"
                                "[fetch]\n\tprune = true\n[uploadpack]\n"
                                "\tpackObjectsHook = touch %s/canary\n",
                                t->dir, t->dir, t->dir));
    (void)test_shell(t,
                     "mkdir hooks && printf '#!/bin/sh\\ntouch %s/canary\\n' "
                     ">hooks/reference-transaction && chmod +x hooks/*",
                     t->dir);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    (void)reader_fetch(reader, repo, "main");
    CHECK_TEXT(test_shell(t, "ls canary 2>/dev/null || echo none"), "none\n");
}

TEST(secrets_are_not_on_a_command_line)
{
    upstream_make(t);
    GitServer server = git_server_http(t);
    user_config(t, "[http]\n\textraHeader = Authorization: Basic d2VpcjpyaWdodA==\n");
    (void)test_shell(t,
                     "mkdir bin && printf '#!/bin/sh\\necho \"$@\" >>%s/seen\\n"
                     "exec %s \"$@\"\\n' >bin/git && chmod +x bin/git",
                     t->dir,
                     str_trim(str_of(test_shell(t, "command -v git"))).data
                         ? arena_text(t->arena, str_trim(str_of(test_shell(t, "command -v git"))))
                         : "");
    const char *path = arena_text(t->arena, str_of(getenv("PATH")));
    (void)setenv("PATH", arena_format(t->arena, "%s/bin:%s", t->dir, path), 1);
    bool ok = can_read(reader_new(t), private_url(t, &server));
    (void)setenv("PATH", path, 1);
    CHECK_OK(ok);
    const char *seen = test_shell(t, "cat seen");
    CHECK_HAS(seen, "ls-remote");
    CHECK(strstr(seen, "d2VpcjpyaWdodA") == NULL);
    git_server_stop(&server);
}

TEST(broken_configuration_of_the_user_is_named)
{
    user_config(t, "[http\n");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    CHECK_FAILS(ERR_CONFIG_INVALID, can_read(reader, arena_format(t->arena, "%s/x", t->dir)));
}
