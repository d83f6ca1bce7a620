#include "git/source.h"

#include <string.h>

#include "testing/test.h"

typedef struct {
    const char *typed;
    GitSourceKind kind;
    const char *url, *path, *ref;
} Good;

static GitSourceOptions options(Test *t)
{
    return (GitSourceOptions){.cwd = t->dir, .home = arena_format(t->arena, "%s/home", t->dir)};
}

TEST(reads_every_form_of_a_remote_source)
{
    const Good rows[] = {
        {"https://github.com/o/r", GIT_SOURCE_REMOTE, "https://github.com/o/r", "", ""},
        {"https://github.com/o/r/", GIT_SOURCE_REMOTE, "https://github.com/o/r", "", ""},
        {"https://github.com/o/r.git@v1.2", 0, "https://github.com/o/r.git", "", "v1.2"},
        {"https://github.com/o/r@feature/x", 0, "https://github.com/o/r", "", "feature/x"},
        {"https://github.com/o/r@^1.2", 0, "https://github.com/o/r", "", "^1.2"},
        {"https://github.com/o/r@>=1.2 <2", 0, "https://github.com/o/r", "", ">=1.2 <2"},
        {"https://example.org:8443/a/b/c", 0, "https://example.org:8443/a/b/c", "", ""},
        {"https://[2001:db8::1]/a/b", 0, "https://[2001:db8::1]/a/b", "", ""},
        {"https://[2001:db8::1]:8443/a/b@v1", 0, "https://[2001:db8::1]:8443/a/b", "", "v1"},
        {"https://example.org/~u/a%20b.git", 0, "https://example.org/~u/a%20b.git", "", ""},
        {"https://example.org/p@q/r@v1", 0, "https://example.org/p@q/r", "", "v1"},
        {"https://github.com/o/r/tree/v1/skills/pdf", 0, "https://github.com/o/r", "skills/pdf",
         "v1"},
        {"https://github.com/o/r/tree/v1", 0, "https://github.com/o/r", "", "v1"},
        {"https://github.com/o/r/tree/main/a%20b/", 0, "https://github.com/o/r", "a b", "main"},
        {"https://github.com/o/r/blob/main/a/SKILL.md", 0, "https://github.com/o/r", "a/SKILL.md",
         "main"},
        {"https://example.org/g/s/r/-/tree/v2/x", 0, "https://example.org/g/s/r", "x", "v2"},
        {"https://example.org/g/tree/x/y", 0, "https://example.org/g/tree/x/y", "", ""},
        {"ssh://git@example.org/o/r", 0, "ssh://git@example.org/o/r", "", ""},
        {"ssh://example.org:2222/o/r@v1", 0, "ssh://example.org:2222/o/r", "", "v1"},
        {"git@github.com:o/r.git", 0, "git@github.com:o/r.git", "", ""},
        {"git@github.com:o/r.git@v1", 0, "git@github.com:o/r.git", "", "v1"},
        {"me.2@host:/srv/r", 0, "me.2@host:/srv/r", "", ""},
        {"host:r", 0, "host:r", "", ""},
        {"http://127.0.0.1:8080/r", 0, "http://127.0.0.1:8080/r", "", ""},
        {"http://localhost/r", 0, "http://localhost/r", "", ""},
        {"git://[::1]:9418/r@v1", 0, "git://[::1]:9418/r", "", "v1"},
        {"o/r", 0, "https://github.com/o/r", "", ""},
        {"o/r@v1", 0, "https://github.com/o/r", "", "v1"},
        {"o/r/skills/pdf@v1", 0, "https://github.com/o/r", "skills/pdf", "v1"},
        {"o/r/skills/pdf/", 0, "https://github.com/o/r", "skills/pdf", ""},
        {"o/.claude/x", 0, "https://github.com/o/.claude", "x", ""},
        {"o/r@feature/x", 0, "https://github.com/o/r", "", "feature/x"},
        {"o/r@1.x", 0, "https://github.com/o/r", "", "1.x"},
        {"o/r@*", 0, "https://github.com/o/r", "", "*"},
        {"o/r@0123456789abcdef0123456789abcdef01234567", 0, "https://github.com/o/r", "",
         "0123456789abcdef0123456789abcdef01234567"},
    };
    GitSourceOptions how = options(t);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        GitSource got;
        CHECK_OK(git_source_parse(t->arena, &how, str_of(rows[i].typed), &got, &t->err));
        CHECK_INT(got.kind, GIT_SOURCE_REMOTE);
        CHECK_STR(got.url, str_of(rows[i].url));
        CHECK_STR(got.path, str_of(rows[i].path));
        CHECK_STR(got.ref, str_of(rows[i].ref));
        CHECK_OK(git_url_check(got.url, &t->err));
    }
}

static const char *const refused[] = {
    "",
    "-",
    "--upload-pack=touch x",
    "-oProxyCommand=x",
    "ext::sh -c id",
    "fd::17",
    "x::https://example.org/r",
    "ext::sh@v1",
    "https://user@example.org/r",
    "https://user:secret@example.org/r",
    "https://token@github.com/o/r@v1",
    "http://example.org/r",
    "git://example.org/r",
    "http://127.0.0.1.evil.example/r",
    "http://1270.0.0.1/r",
    "HTTPS://example.org/r",
    "ftp://example.org/r",
    "javascript://x/y",
    "https://",
    "https:///r",
    "https://example.org",
    "https://example.org/",
    "https://-oProxyCommand=x/r",
    "ssh://-oProxyCommand=x/r",
    "ssh://git:pw@example.org/r",
    "ssh://-x@example.org/r",
    "ssh://example.org/-x",
    "ssh://example.org/%2dx",
    "-x@host:r",
    "git@-host:r",
    "git@host:-r",
    "git@host:",
    "git@ho st:r",
    "https://example.org:0/r",
    "https://example.org:99999/r",
    "https://example.org:8x/r",
    "https://exa mple.org/r",
    "https://example.org/a b",
    "https://example.org/r?x=1",
    "https://example.org/r#main",
    "https://example.org/a/../b",
    "https://example.org/a/%2e%2e/b",
    "https://example.org/%0aHost:x/r",
    "https://example.org/%zz",
    "https://example.org/r\n",
    "https://example.org/\x1b[31m",
    "https://example.org/r@",
    "https://github.com/o/r/tree/v1/x@v2",
    "https://example.org\\@evil.example/r",
    "file://host/r",
    "file://r",
    "o",
    "o/r@",
    "-o/r",
    "o/-r",
    "../o\x7f",
    "@scope/pkg",
};

TEST(refuses_what_git_could_read_as_more_than_an_address)
{
    GitSourceOptions how = options(t);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        GitSource got;
        if (git_source_parse(t->arena, &how, str_of(refused[i]), &got, &t->err))
            print_message("accepted: %s\n", refused[i]);
        CHECK_FAILS(ERR_URL_REFUSED,
                    git_source_parse(t->arena, &how, str_of(refused[i]), &got, &t->err));
        CHECK(error_hint(&t->err)[0] != '\0');
    }
}

TEST(refuses_refs_and_paths_that_are_not_well_formed)
{
    const struct {
        const char *typed;
        ErrorCode code;
    } rows[] = {
        {"o/r@-x", ERR_INVALID},
        {"o/r@a..b", ERR_INVALID},
        {"o/r@a//b", ERR_INVALID},
        {"o/r@a.lock", ERR_INVALID},
        {"o/r@.a", ERR_INVALID},
        {"o/r@a/", ERR_INVALID},
        {"o/r@a b", ERR_INVALID},
        {"o/r@a~1", ERR_INVALID},
        {"o/r@a:b", ERR_INVALID},
        {"o/r@a\\b", ERR_INVALID},
        {"o/r@HEAD^{", ERR_INVALID},
        {"o/r/../x", ERR_NAME_REFUSED},
        {"o/r/.git/x", ERR_NAME_REFUSED},
        {"https://github.com/o/r/tree/v1/.git/config", ERR_NAME_REFUSED},
        {"/nothing/is/here", ERR_NOT_FOUND},
        {"./nothing@v1", ERR_NOT_FOUND},
    };
    GitSourceOptions how = options(t);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        GitSource got;
        CHECK_FAILS(rows[i].code,
                    git_source_parse(t->arena, &how, str_of(rows[i].typed), &got, &t->err));
    }
}

TEST(a_pasted_password_is_not_repeated_in_the_message)
{
    GitSourceOptions how = options(t);
    GitSource got;
    CHECK_FAILS(
        ERR_URL_REFUSED,
        git_source_parse(t->arena, &how, STR("https://me:hunter2@example.org/r"), &got, &t->err));
    CHECK(strstr(t->err.message, "hunter2") == NULL);
    CHECK_HAS(t->err.hint, "credential");
}

TEST(tells_a_repository_a_bundle_and_a_plain_folder_apart)
{
    (void)test_shell(t, "mkdir -p home/h plain/sub 'a@b' o/r && git init -q repo && mkdir repo/in "
                        "&& git init -q --bare bare.git && printf '# v2 git bundle\\n' >x.bundle "
                        "&& echo hi >f.md && ln -s repo link");
    const Good rows[] = {
        {"./repo", GIT_SOURCE_LOCAL, "repo", "", ""},
        {"repo", GIT_SOURCE_LOCAL, "repo", "", ""},
        {"./repo/", GIT_SOURCE_LOCAL, "repo", "", ""},
        {"./repo@v1", GIT_SOURCE_LOCAL, "repo", "", "v1"},
        {"./link", GIT_SOURCE_LOCAL, "link", "", ""},
        {"./plain/../repo", GIT_SOURCE_LOCAL, "repo", "", ""},
        {"bare.git@^1.2", GIT_SOURCE_LOCAL, "bare.git", "", "^1.2"},
        {"./x.bundle", GIT_SOURCE_LOCAL, "x.bundle", "", ""},
        {"x.bundle@v4.0.0", GIT_SOURCE_LOCAL, "x.bundle", "", "v4.0.0"},
        {"./plain", GIT_SOURCE_PLAIN, "plain", "", ""},
        {"./repo/in", GIT_SOURCE_PLAIN, "repo/in", "", ""},
        {"f.md", GIT_SOURCE_PLAIN, "f.md", "", ""},
        {"./a@b", GIT_SOURCE_PLAIN, "a@b", "", ""},
        {"~/h", GIT_SOURCE_PLAIN, "home/h", "", ""},
        {"o/r", GIT_SOURCE_PLAIN, "o/r", "", ""},
        {"./o/r", GIT_SOURCE_PLAIN, "o/r", "", ""},
    };
    GitSourceOptions how = options(t);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        GitSource got;
        CHECK_OK(git_source_parse(t->arena, &how, str_of(rows[i].typed), &got, &t->err));
        CHECK_INT(got.kind, rows[i].kind);
        CHECK_STR(got.url, str_of(arena_format(t->arena, "%s/%s", t->dir, rows[i].url)));
        CHECK_STR(got.ref, str_of(rows[i].ref));
    }
    GitSource got;
    const char *file = arena_format(t->arena, "file://%s/bare.git@v1", t->dir);
    CHECK_OK(git_source_parse(t->arena, &how, str_of(file), &got, &t->err));
    CHECK_STR(got.url, str_of(arena_format(t->arena, "%s/bare.git", t->dir)));
    CHECK_FAILS(ERR_INVALID, git_source_parse(t->arena, &how, STR("./plain@v1"), &got, &t->err));
}

TEST(the_shorthand_takes_its_host_from_the_setting)
{
    GitSourceOptions how = options(t);
    GitSource got;
    how.default_host = "git.example.org:8443";
    CHECK_OK(git_source_parse(t->arena, &how, STR("o/r/x@v1"), &got, &t->err));
    CHECK_STR(got.url, STR("https://git.example.org:8443/o/r"));
    CHECK_OK(git_source_parse(t->arena, &how, STR("https://git.example.org:8443/o/r/tree/m/x"),
                              &got, &t->err));
    CHECK_STR(got.path, STR("x"));
}

TEST(agrees_with_git_on_which_ref_names_are_well_formed)
{
    static const char alphabet[] = "ab./-@{~^: *[\\?\x01lock";
    size_t accepted = 0;
    for (int round = 0; round < test_rounds(300); round++) {
        char ref[12] = {0};
        size_t len = 1 + test_below(t, 8);
        for (size_t i = 0; i < len; i++)
            ref[i] = alphabet[test_below(t, sizeof alphabet - 1)];
        Error ignored;
        bool ours = git_ref_check(str_of(ref), &ignored);
        test_write(t, "ref", ref);
        const char *said = test_shell(t, "git check-ref-format --allow-onelevel \"$(cat ref)\" "
                                         "2>/dev/null && echo yes || echo no");
        bool theirs = strcmp(said, "yes\n") == 0;
        accepted += ours;
        CHECK(!ours || theirs);
        CHECK(ours || !theirs || ref[0] == '-');
    }
    CHECK(accepted > 10);
}

TEST(knows_a_version_range_from_a_ref)
{
    const char *const ranges[] = {"^1.2", "~1",   ">=1.2 <2", "1.*",
                                  "*",    "v1.x", "1.2 || 2", "=1.0.0"};
    const char *const refs[] = {"v1.2", "1.2.3", "main", "x", "1.2-rc.1", "latest", "xx", "a|b"};
    for (size_t i = 0; i < COUNT_OF(ranges); i++)
        CHECK(git_pin_is_range(str_of(ranges[i])));
    for (size_t i = 0; i + 1 < COUNT_OF(refs); i++)
        if (strcmp(refs[i], "x") != 0)
            CHECK(!git_pin_is_range(str_of(refs[i])));
}
