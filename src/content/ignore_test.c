#include "content/ignore.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "testing/test.h"

static const Ignore *rules(Test *t, Str text)
{
    Ignore *ignore = NULL;
    CHECK_OK(ignore_parse(t->arena, text, &ignore, &t->err));
    return ignore;
}

static bool ignored(Test *t, const char *text, const char *path)
{
    Str s = str_of(path);
    bool folder = str_ends(s, STR("/"));
    return ignore_matches(rules(t, str_of(text)), str_slice(s, 0, s.len - folder), folder);
}

TEST(leaves_out_the_droppings_of_tools_at_any_depth)
{
    static const char *const droppings[] = {
        ".git/",   "a/.git/config", "__pycache__/", "x/__pycache__/y.txt", "m.pyc",
        "a/m.pyo", ".DS_Store",     "a/.DS_Store",  "Thumbs.db",           "notes.md~",
        ".a.swp",  "..swp",         ".#lock",       "#autosave#",          "##",
        "~",       ".pyc",          "a~/b",
    };
    static const char *const content[] = {
        ".gitignore", "git/",  "__pycache__", "m.py", "pyc",   "DS_Store", "thumbs.db", "~a",
        ".swp",       "a.swp", ".a.sw",       "#",    "#note", "note#",    ".git",      "a.pycx",
    };
    for (size_t i = 0; i < COUNT_OF(droppings); i++)
        if (!ignored(t, "", droppings[i])) {
            print_error("\'%s\' should be ignored\n", droppings[i]);
            CHECK(false);
        }
    for (size_t i = 0; i < COUNT_OF(content); i++)
        if (ignored(t, "", content[i])) {
            print_error("\'%s\' should be content\n", content[i]);
            CHECK(false);
        }
}

TEST(never_ignores_its_own_rules)
{
    CHECK(!ignored(t, "*", ".weirignore"));
    CHECK(!ignored(t, ".weirignore\n/.*", ".weirignore"));
    CHECK(ignored(t, "*", "a/.weirignore"));
}

TEST(lets_rules_take_back_a_built_in_but_not_git)
{
    CHECK(!ignored(t, "!*.pyc", "a.pyc"));
    CHECK(!ignored(t, "!__pycache__/\n!*.pyc", "__pycache__/a.pyc"));
    CHECK(ignored(t, "!.git/\n!.git", ".git/config"));
}

TEST(never_ignores_the_artifacts_own_root)
{
    CHECK(!ignored(t, "*", ""));
}

TEST(answers_a_hostile_rule_in_bounded_time)
{
    Buf rule = buf_new(t->arena);
    Buf path = buf_new(t->arena);
    for (int i = 0; i < 200; i++)
        buf_add_text(&rule, i % 2 ? "*a" : "**/");
    buf_add_text(&rule, "b");
    for (int i = 0; i < 500; i++)
        buf_add_text(&path, "a/");
    int64_t started = clock_monotonic_us();
    for (int i = 0; i < 50; i++)
        CHECK(!ignore_matches_here(rules(t, buf_str(&rule)), buf_str(&path), false));
    CHECK(clock_monotonic_us() - started < 5000000);
}

TEST(refuses_too_many_rules_and_too_long_ones)
{
    Buf text = buf_new(t->arena);
    Ignore *ignore;
    for (int i = 0; i < 10001; i++)
        buf_add_text(&text, "a\n");
    CHECK_FAILS(ERR_TOO_LARGE, ignore_parse(t->arena, buf_str(&text), &ignore, &t->err));
    Str line = {memset(arena_alloc(t->arena, 5000, 1), 'a', 5000), 5000};
    CHECK_FAILS(ERR_TOO_LARGE, ignore_parse(t->arena, line, &ignore, &t->err));
}

TEST(filters_a_tree_by_its_rules)
{
    Tree tree = {0};
    const char *paths[] = {".weirignore", "a.log", "a.md", "b/c.log", "d.pyc"};
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        ARRAY_PUSH(t->arena, &tree, (TreeEntry){.path = str_of(paths[i]), .mode = MODE_FILE});
    Tree left = ignore_filter(t->arena, rules(t, STR("*.log\n")), &tree);
    CHECK_INT(left.count, 2);
    CHECK_STR(left.items[0].path, STR(".weirignore"));
    CHECK_STR(left.items[1].path, STR("a.md"));
}

/* ---- the same answers as git ---- */

#define BUILT_INS                                                                                  \
    ".git/\n__pycache__/\n*.pyc\n*.pyo\n.DS_Store\nThumbs.db\n*~\n.*.sw?\n.#*\n\\#*#\n"

static const char *some_name(Test *t)
{
    static const char *const names[] = {
        "a",  "b",   "foo", "bar", "foobar", "a.c", "b.md",     "x y",   "end ", "#x#",
        "!a", "a]b", "a-b", "[a]", "a\\b",   ".a",  ".a.swp",   "a.pyc", "~",    "foo~",
        "A",  "9",   "_",   "*",   "a*b",    "?",   "\xc3\xa9", "\xff",  "bin",  "a\tb",
    };
    return names[test_below(t, COUNT_OF(names))];
}

/* A rule made of pieces that mean something, so that it often matches. */
static Str some_rule(Test *t)
{
    static const char *const pieces[] = {
        "*",     "**",         "?",      "/",    "/**/",        "**/",
        "/**",   "foo",        "bar",    "a",    "b",           ".",
        "[a-c]", "[!a]",       "[^b-z]", "[]a]", "[[:alpha:]]", "[[:digit:]_]",
        "[a",    "[[:nope:]]", "\\",     "\\*",  "\\a",         " ",
        "\\ ",   "!",          "#",      "[a-]", "[\\]]",       "[!]a]",
        "~",     "***",        ".c",     "[[:]", "[a-\\c]",     "[z-a]",
        "\xff",  "\xc3\xa9",   "\t",     "[*]",
    };
    Buf rule = buf_new(t->arena);
    uint64_t count = 1 + test_below(t, 5);
    if (test_below(t, 5) == 0)
        buf_add_char(&rule, '!');
    if (test_below(t, 4) == 0)
        buf_add_char(&rule, '/');
    for (uint64_t i = 0; i < count; i++)
        buf_add_text(&rule,
                     test_below(t, 3) ? pieces[test_below(t, COUNT_OF(pieces))] : some_name(t));
    if (test_below(t, 4) == 0)
        buf_add_char(&rule, '/');
    if (test_below(t, 12) == 0)
        buf_add_char(&rule, '\r');
    return buf_str(&rule);
}

typedef struct {
    StrArray paths; /* folders end in '/' */
} World;

/* Folders and files under tree/, made with the shell from lists of names ended by NUL. */
static void make_world(Test *t, World *world)
{
    Buf folders = buf_new(t->arena);
    Buf files = buf_new(t->arena);
    for (int i = 0; i < 60; i++) {
        Buf folder = buf_new(t->arena);
        for (uint64_t depth = test_below(t, 4); depth > 0; depth--)
            buf_format(&folder, "%s/", some_name(t));
        buf_format(&folders, "tree/%s", buf_text(&folder));
        buf_add_char(&folders, '\0');
        for (int j = 0; j < 4; j++) {
            buf_format(&files, "tree/%s%s", buf_text(&folder), some_name(t));
            buf_add_char(&files, '\0');
        }
    }
    test_write_bytes(t, "folders", buf_str(&folders), 0600);
    test_write_bytes(t, "files", buf_str(&files), 0600);
    test_shell(t,
               "mkdir tree && git init -q tree && xargs -0 mkdir -p -- <folders && "
               "xargs -0 touch -- <files 2>&1; cd tree && "
               "find . -mindepth 1 -path ./.git -prune -o \\( -type d -printf '%%P/\\0' -o -printf "
               "'%%P\\0' \\) >../paths; sed -z 's,/$,,' <../paths >../plain");
    Str all = test_read(t, "paths");
    Str path;
    while (str_next(&all, '\0', &path))
        if (path.len)
            ARRAY_PUSH(t->arena, &world->paths, path);
}

static void compare_with_git(Test *t, const World *world, Str text)
{
    Buf ours = buf_new(t->arena);
    const Ignore *ignore = rules(t, text);
    for (size_t i = 0; i < world->paths.count; i++) {
        Str path = world->paths.items[i];
        bool folder = str_ends(path, STR("/"));
        if (ignore_matches(ignore, str_slice(path, 0, path.len - folder), folder)) {
            buf_add(&ours, str_slice(path, 0, path.len - folder));
            buf_add_char(&ours, '\n');
        }
    }
    test_write_bytes(t, "built-ins", STR(BUILT_INS), 0600);
    test_write_bytes(t, "tree/.git/info/exclude", text, 0600);
    const char *git =
        test_shell(t, "cd tree && git -c core.excludesFile=../built-ins check-ignore --no-index "
                      "-z --stdin <../plain | tr '\\0' '\\n'");
    if (!str_equal(str_of(git), buf_str(&ours))) {
        print_error("rules:\n%.*s\ngit ignores:\n%s\nweir ignores:\n%s", STR_ARG(text), git,
                    buf_text(&ours));
        CHECK(false);
    }
}

TEST(ignores_what_git_ignores_whatever_the_rules)
{
    World world = {0};
    make_world(t, &world);
    CHECK(world.paths.count > 100);
    int rounds = test_rounds(150);
    for (int round = 0; round < rounds; round++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        Buf text = buf_new(t->arena);
        for (uint64_t lines = 1 + test_below(t, 4); lines > 0; lines--) {
            buf_add(&text, some_rule(t));
            buf_add_char(&text, '\n');
        }
        compare_with_git(t, &world, buf_str(&text));
    }
}

TEST(reads_the_forms_of_a_line_as_git_does)
{
    static const Str texts[] = {
        {"\xef\xbb\xbf"
         "a\nb",
         6},
        {"a \nfoo\\ \n", 10},
        {"foo\r\nbar\r", 9},
        {"#a\n\\#x#\n!#x#\n", 14},
        {"a\0b\nbar\n", 8},
        {"/\n//\n!\n!/\n\\\n", 12},
        {"  a\n", 4},
        {"foo**/bar\n", 10},
        {"**\n!**/\n", 8},
        {"foo/*\n!foo/a\n", 13},
        {"f*/\n", 4},
        {"/f*/**/a\n", 9},
        {"foo/\n", 5},
        {"/foo/\n/a/b/\n", 12},
    };
    World world = {0};
    make_world(t, &world);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        compare_with_git(t, &world, texts[i]);
}
