#include "git/repo.h"
#include "testing/test.h"

static GitIdentity identity_in(Test *t, const char *config, const char *more)
{
    GitIdentity who = {0};
    test_write(t, "home/.gitconfig", config);
    const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM=1",
                                       arena_format(t->arena, "HOME=%s/home", t->dir), more, NULL};
    SCOPED(git_close) Git *git = NULL;
    CHECK_OK(git_open(t->arena, t->dir, &(GitSettings){.environment = environment}, &git, &t->err));
    CHECK_OK(git_identity(git, &who, &t->err));
    who.name = arena_copy(t->arena, who.name);
    who.email = arena_copy(t->arena, who.email);
    return who;
}

TEST(knows_the_user_by_environment_then_configuration)
{
    const char *config = "[user]\n\tname = Grace\n\tname = Ada\n\temail = ada@example.org\n";
    GitIdentity who = identity_in(t, config, NULL);
    CHECK_STR(who.name, STR("Ada"));
    CHECK_STR(who.email, STR("ada@example.org"));
    who = identity_in(t, config, "GIT_AUTHOR_NAME=Eve");
    CHECK_STR(who.name, STR("Eve"));
    CHECK_STR(who.email, STR("ada@example.org"));
    who = identity_in(t, "", NULL);
    CHECK_INT(who.name.len + who.email.len, 0);
}
