#include "base/name.h"

#include <string.h>

#include "base/limits.h"
#include "testing/test.h"

static Str repeated(Test *t, const char *text, size_t times)
{
    char *out = arena_alloc(t->arena, strlen(text) * times + 1, 1);
    for (size_t i = 0; i < times; i++)
        memcpy(out + i * strlen(text), text, strlen(text));
    return str_of(out);
}

TEST(takes_names_that_people_use)
{
    const char *const good[] = {
        "a",
        "SKILL.md",
        ".env",
        ".gitignore",
        ".github/x.yml",
        "..a",
        "a..b",
        "...a",
        "a b/c d",
        "-x",
        "--upload-pack=x",
        "git",
        "git~2",
        "gitx",
        "console",
        "com",
        "com10",
        "lpt0",
        "nullable.txt",
        "auxiliary",
        "\xC3\xA9t\xC3\xA9.md",
        "\xE6\x97\xA5\xE6\x9C\xAC",
        "caf\xE9 latin-1",
        "\xF0\x9F\x98\x80",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        CHECK_OK(name_check_path(str_of(good[i]), &t->err));
    CHECK_OK(name_check_component(repeated(t, "a", LIMIT_NAME_BYTES), &t->err));
    CHECK_OK(name_check_path(
        str_slice(repeated(t, "a/", LIMIT_PATH_DEPTH), 0, 2 * LIMIT_PATH_DEPTH - 1), &t->err));
}

TEST(refuses_names_that_lead_away_or_mislead)
{
    const Str bad[] = {
        STR(""),
        STR("/a"),
        STR("a/"),
        STR("a//b"),
        STR("."),
        STR(".."),
        STR("a/../b"),
        STR("./a"),
        STR(".git"),
        STR("a/.GIT/b"),
        STR(".Git."),
        STR(".git "),
        STR(".git. ."),
        STR("git~1"),
        STR("GIT~1/x"),
        STR("git~1."),
        STR(".g\xE2\x80\x8Cit"),
        STR(".git\xE2\x80\x8D"),
        STR(".git::$INDEX_ALLOCATION"),
        STR("a:b"),
        STR("C:"),
        STR("a\\b"),
        STR("a\nb"),
        STR("a\0b"),
        STR("\x1b[0m"),
        STR("\x7f"),
        STR("a."),
        STR("a "),
        STR(" a"),
        STR("CON"),
        STR("con.md"),
        STR("Aux"),
        STR("nul.tar.gz"),
        STR("COM1"),
        STR("lpt9.x"),
        STR("prn .x"),
        STR("CONIN$"),
        STR("\xE2\x80\xAE"
            "fdp"),
        STR("\xEF\xBB\xBFx"),
        STR("a\xC2\xADz"),
        STR("\xF3\xA0\x80\x81x"),
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK_FAILS(ERR_NAME_REFUSED, name_check_path(bad[i], &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED, name_check_component(STR("a/b"), &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED, name_check_path(repeated(t, "a", LIMIT_NAME_BYTES + 1), &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED, name_check_path(str_slice(repeated(t, "a/", LIMIT_PATH_DEPTH + 1),
                                                            0, 2 * LIMIT_PATH_DEPTH + 1),
                                                  &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED, name_check_path(repeated(t, "abcdefg/", 200), &t->err));
}

TEST(a_refusal_shows_the_name_and_obeys_none_of_it)
{
    CHECK_FAILS(ERR_NAME_REFUSED, name_check_path(STR("x\x1b[2J\xE2\x80\xAEy"), &t->err));
    CHECK_HAS(t->err.message, "x");
    for (const char *at = t->err.message; *at; at++)
        CHECK((unsigned char)*at >= 0x20);
    CHECK(strstr(t->err.message, "\xE2\x80\xAE") == NULL);
}

TEST(a_link_stays_inside_however_other_links_bend_its_way)
{
    const struct {
        const char *link, *target;
        bool good;
    } rows[] = {
        {"l", "a", true},
        {"l", "./a/b", true},
        {"d/l", "../a", true},
        {"d/e/l", "../../a/b", true},
        {"d/l", "..", true},
        {"l", "", false},
        {"l", "/a", false},
        {"l", "\\a", false},
        {"l", "C:a", false},
        {"l", "..", false},
        {"l", "../a", false},
        {"d/l", "../../a", false},
        {"l", "a/../..", false},
        {"p/l", "d/../../x", false}, /* where p/d is itself a link to ../q */
        {"p/l", "d/../x", false},
        {"l", ".git/config", false},
        {"l", "a/.GIT", false},
        {"l", "a\\b", false},
        {"l", "CON", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool ok = name_check_link(str_of(rows[i].link), str_of(rows[i].target), &t->err);
        if (rows[i].good)
            CHECK_OK(ok);
        else
            CHECK_FAILS(ERR_LINK_REFUSED, ok);
    }
    CHECK_FAILS(ERR_LINK_REFUSED, name_check_link(STR("l"), STR("a\0b"), &t->err));
    CHECK_FAILS(ERR_LINK_REFUSED,
                name_check_link(STR("l"), repeated(t, "a/", LIMIT_LINK_BYTES), &t->err));
}

/* The kernel is the judge: whatever set of accepted links there is, none opens the file outside. */
TEST(no_set_of_accepted_links_reaches_outside)
{
    static const char *const parts[] = {"..", "a", "b", "l0", "l1", "l2", "secret", "."};
    (void)test_shell(t, "echo out >secret");
    for (int round = 0; round < test_rounds(30); round++) {
        (void)test_shell(t, "rm -rf r && mkdir -p r/a/b r/b");
        for (int i = 0; i < 3; i++) {
            const char *folders[] = {"", "a/", "a/b/", "b/"};
            const char *link =
                arena_format(t->arena, "%sl%d", folders[test_below(t, COUNT_OF(folders))], i);
            char *target = arena_text(t->arena, str_of(parts[test_below(t, COUNT_OF(parts))]));
            for (uint64_t k = test_below(t, 4); k > 0; k--)
                target =
                    arena_format(t->arena, "%s/%s", target, parts[test_below(t, COUNT_OF(parts))]);
            Error ignored;
            if (name_check_link(str_of(link), str_of(target), &ignored))
                (void)test_shell(t, "ln -s '%s' 'r/%s'", target, link);
        }
        const char *seen = test_shell(
            t, "for l in $(find r -type l); do [ -e \"$l\" ] || continue; readlink -f \"$l\" | "
               "grep -v \"^$(pwd -P)/r\" || :; done");
        if (seen[0])
            print_message("%s\n%s", seen, test_shell(t, "find r -type l -printf '%%p -> %%l\\n'"));
        CHECK(seen[0] == '\0');
    }
}

TEST(artifact_names_and_types_are_plain)
{
    const char *const good[] = {"pdf", "my-skill_2.1", "a+b@c", "\xC3\xA9t\xC3\xA9", "9x"};
    const char *const bad[] = {"", "-x", ".x", "a b", "a/b", "con", "x.", "a\tb", "\xFF", "a:b"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        CHECK_OK(name_check_artifact(str_of(good[i]), &t->err));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK_FAILS(ERR_NAME_REFUSED, name_check_artifact(str_of(bad[i]), &t->err));
    CHECK_OK(name_check_type(STR("my-type_2"), &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED, name_check_type(STR("caf\xC3\xA9"), &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED, name_check_type(STR("aux"), &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED, name_check_type(STR(""), &t->err));
}
