#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "git/fixture_test.h"
#include "git/listing.h"

/* ── trees no porcelain would write ── */

static void add_tree_entry(Buf *tree, const char *mode, Str name, const char *sha)
{
    buf_format(tree, "%s ", mode);
    buf_add(tree, name);
    buf_add_char(tree, '\0');
    for (size_t i = 0; i < 40; i += 2) {
        char pair[3] = {sha[i], sha[i + 1], '\0'};
        buf_add_char(tree, (char)strtol(pair, NULL, 16));
    }
}

static const char *hash_object(Test *t, const char *type, Str bytes)
{
    test_write_bytes(t, "object", bytes, 0644);
    Str sha = str_trim(str_of(
        git_shell(t, "git -C srv/up.git hash-object -t %s --literally -w \"$PWD/object\"", type)));
    return arena_text(t->arena, sha);
}

/* A commit on main whose skills/x holds the entries of `inner`. */
static void publish(Test *t, const Buf *inner)
{
    Buf skills = buf_new(t->arena), root = buf_new(t->arena);
    add_tree_entry(&skills, "40000", STR("x"), hash_object(t, "tree", buf_str(inner)));
    add_tree_entry(&root, "40000", STR("skills"), hash_object(t, "tree", buf_str(&skills)));
    const char *tree = hash_object(t, "tree", buf_str(&root));
    (void)git_shell(t,
                    "cd srv/up.git && git update-ref refs/heads/main "
                    "$(git commit-tree -m hostile %s)",
                    tree);
}

static Reader *hostile_reader(Test *t)
{
    (void)git_shell(t, "mkdir -p srv && git init -q -b main --bare srv/up.git");
    return reader_new(t);
}

/* NONE: taken whole. GIT_FAILED: git itself refused the objects on the way. */
static ErrorCode try_to_read(Reader *reader)
{
    Test *t = reader->t;
    GitRef ref;
    GitTree tree;
    (void)test_shell(t, "rm -rf weir");
    reader_open(reader);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    bool ok = git_resolve(repo, STR("main"), &ref, &t->err) && git_fetch(repo, &ref, 1, &t->err) &&
              git_tree(repo, t->arena, &ref.commit, STR("skills/x"), &tree, &t->err);
    return ok ? ERR_NONE : t->err.code;
}

static const Str bad_names[] = {
    {"..", 2},
    {".", 1},
    {".git", 4},
    {".GIT", 4},
    {".Git ", 5},
    {"git~1", 5},
    {"GIT~1", 5},
    {".git.", 5},
    {".git::$INDEX_ALLOCATION", 23},
    {".g\xe2\x80\x8cit", 7},
    {"a\\b", 3},
    {"..\\..\\x", 7},
    {"\x1b[2Jx", 5},
    {"a\nb", 3},
    {"a\rb", 3},
    {"a\r", 2},
    {"\x7f", 1},
    {"CON", 3},
    {"aux.txt", 7},
    {"nul", 3},
    {"foo.", 4},
    {"foo ", 4},
    {" foo", 4},
    {"f:stream", 8},
    {"C:", 2},
    {"a\xe2\x80\xae"
     "b",
     5},
    {"a\xe2\x80\x8b", 4},
};

TEST(refuses_every_hostile_name_of_a_real_tree)
{
    SCOPED(reader_close) Reader *reader = hostile_reader(t);
    const char *blob = hash_object(t, "blob", STR("x\n"));
    for (size_t i = 0; i < COUNT_OF(bad_names); i++) {
        Buf inner = buf_new(t->arena);
        add_tree_entry(&inner, "100644", bad_names[i], blob);
        publish(t, &inner);
        ErrorCode code = try_to_read(reader);
        if (code != ERR_NAME_REFUSED && code != ERR_GIT_FAILED)
            print_message("name %zu: %s\n", i, error_name(code));
        CHECK(code == ERR_NAME_REFUSED || code == ERR_GIT_FAILED);
    }
}

TEST(refuses_modes_links_and_clashes_of_a_real_tree)
{
    SCOPED(reader_close) Reader *reader = hostile_reader(t);
    const char *blob = hash_object(t, "blob", STR("x\n"));
    const struct {
        const char *mode, *name, *target;
        const char *mode2, *name2;
        ErrorCode code;
    } rows[] = {
        {"100644", "a.md", NULL, NULL, NULL, ERR_NONE},
        {"120000", "l", "a.md", "100644", "a.md", ERR_NONE},
        {"120000", "l", "/etc/passwd", NULL, NULL, ERR_LINK_REFUSED},
        {"120000", "l", "../../../x", NULL, NULL, ERR_LINK_REFUSED},
        {"120000", "l", "a/../../x", NULL, NULL, ERR_LINK_REFUSED},
        {"120000", "l", ".git/config", NULL, NULL, ERR_LINK_REFUSED},
        {"104755", "suid", NULL, NULL, NULL, ERR_NONE},
        {"100644", "A", NULL, "100644", "a", ERR_NAME_REFUSED},
        {"100644", "\xc3\xa9", NULL, "100644", "e\xcc\x81", ERR_NAME_REFUSED},
        {"100644", "\xc3\x89", NULL, "100644", "\xc3\xa9", ERR_NAME_REFUSED},
        {"100644", "a", NULL, "100644", "a", ERR_NAME_REFUSED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Buf inner = buf_new(t->arena);
        const char *sha = rows[i].target ? hash_object(t, "blob", str_of(rows[i].target)) : blob;
        bool swap = rows[i].name2 && strcmp(rows[i].name2, rows[i].name) < 0;
        if (swap)
            add_tree_entry(&inner, rows[i].mode2, str_of(rows[i].name2), blob);
        add_tree_entry(&inner, rows[i].mode, str_of(rows[i].name), sha);
        if (rows[i].name2 && !swap)
            add_tree_entry(&inner, rows[i].mode2, str_of(rows[i].name2), blob);
        publish(t, &inner);
        ErrorCode code = try_to_read(reader);
        bool by_git = code == ERR_GIT_FAILED && rows[i].code != ERR_NONE;
        if (code != rows[i].code && !by_git)
            print_message("row %zu: %s %s\n", i, error_name(code), t->err.message);
        CHECK(code == rows[i].code || by_git);
    }
}

TEST(a_submodule_is_left_out_and_listed)
{
    SCOPED(reader_close) Reader *reader = hostile_reader(t);
    Buf inner = buf_new(t->arena);
    GitRef ref;
    GitTree tree;
    add_tree_entry(&inner, "100644", STR("a.md"), hash_object(t, "blob", STR("x\n")));
    add_tree_entry(&inner, "160000", STR("sub"), "0123456789abcdef0123456789abcdef01234567");
    publish(t, &inner);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    ref = reader_fetch(reader, repo, "main");
    CHECK_OK(git_tree(repo, t->arena, &ref.commit, STR("skills/x"), &tree, &t->err));
    CHECK_INT(tree.entries.count, 1);
    CHECK_INT(tree.submodules.count, 1);
    CHECK_STR(tree.submodules.items[0], STR("sub"));
}

TEST(an_odd_name_elsewhere_does_not_keep_a_sound_artifact_out)
{
    (void)git_shell(t, "mkdir -p srv && git init -q -b main work && cd work && mkdir good odd && "
                       "echo x >good/SKILL.md && echo x >odd/aux.txt && echo x >'odd/tail.' && "
                       "git add . && git commit -qm x && git clone -q --bare . ../srv/up.git");
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitTree tree;
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    GitRef ref = reader_fetch(reader, repo, "main");
    CHECK_OK(git_tree(repo, t->arena, &ref.commit, STR("good"), &tree, &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED,
                git_tree(repo, t->arena, &ref.commit, STR("odd"), &tree, &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED, git_tree(repo, t->arena, &ref.commit, STR(""), &tree, &t->err));
    CHECK_FAILS(ERR_NAME_REFUSED,
                git_tree(repo, t->arena, &ref.commit, STR("../x"), &tree, &t->err));
}

TEST(nothing_of_a_fetched_repository_is_executed)
{
    upstream_make(t);
    (void)git_shell(t,
                    "cd srv/up.git && mkdir -p hooks && for h in pre-receive post-checkout "
                    "post-merge reference-transaction post-index-change pre-auto-gc; do "
                    "printf '#!/bin/sh\\ntouch %s/canary\\n' >hooks/$h; chmod +x hooks/$h; done && "
                    "git config core.fsmonitor 'touch %s/canary' && "
                    "git config uploadpack.packObjectsHook 'touch %s/canary; exec' && "
                    "git config core.alternateRefsCommand 'touch %s/canary; true' && "
                    "git config filter.e.smudge 'touch %s/canary' && "
                    "git config filter.e.clean 'touch %s/canary'",
                    t->dir, t->dir, t->dir, t->dir, t->dir, t->dir);
    (void)git_shell(
        t,
        "cd work && printf '* filter=e diff=e merge=e\\n' >.gitattributes && "
        "printf '[submodule \"s\"]\\n path=s\\n url=%s/x\\n update=!touch %s/canary\\n' "
        ">notmodules && git add . && git commit -qm x && git push -q up main; "
        "rm -f ../canary",
        t->dir, t->dir);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    GitRepo *repo = reader_repo(reader, arena_format(t->arena, "%s/srv/up.git", t->dir));
    GitRef ref = reader_fetch(reader, repo, "main");
    CHECK_STR(content_of(reader, repo, &ref.commit, "skills/pdf/SKILL.md"), STR("one\n"));
    CHECK_TEXT(test_shell(t, "ls canary 2>/dev/null || echo none"), "none\n");
}

TEST(a_cache_that_was_tampered_with_is_put_right)
{
    upstream_make(t);
    SCOPED(reader_close) Reader *reader = reader_new(t);
    const char *url = arena_format(t->arena, "%s/srv/up.git", t->dir);
    (void)reader_fetch(reader, reader_repo(reader, url), "main");
    (void)test_shell(t,
                     "cd weir/cache/git/*.git && printf '[core]\\n\\tfsmonitor = touch %s/canary\\n"
                     "\\thooksPath = hooks\\n' >config && mkdir hooks && "
                     "printf '#!/bin/sh\\ntouch %s/canary\\n' >hooks/reference-transaction && "
                     "chmod +x hooks/*",
                     t->dir, t->dir);
    upstream_commit(t, "a", "1");
    reader_open(reader);
    (void)reader_fetch(reader, reader_repo(reader, url), "main");
    CHECK_TEXT(test_shell(t, "ls canary 2>/dev/null || echo none"), "none\n");
}

/* ── the listing itself, without git's own checks before it ── */

static bool read_listing(Test *t, Str text, size_t step, GitListing *listing)
{
    GitListingReader reader = git_listing_reader(t->arena, listing);
    for (size_t at = 0; at < text.len; at += step)
        if (!git_listing_feed(&reader, str_slice(text, at, at + step), &t->err))
            return false;
    return git_listing_end(&reader, &t->err);
}

static void add_line(Buf *lines, const char *mode, const char *size, Str path)
{
    const char *type = strcmp(mode, "160000") == 0 ? "commit" : "blob";
    buf_format(lines, "%s %s %040d %7s\t", mode, type, 1, size);
    buf_add(lines, path);
    buf_add_char(lines, '\0');
}

static bool tree_of(Test *t, const Buf *lines, Str sub_path, GitTree *tree)
{
    GitListing listing = {0};
    return read_listing(t, buf_str(lines), lines->len + 1, &listing) &&
           git_listing_tree(t->arena, &listing, sub_path, tree, &t->err);
}

TEST(the_validator_stands_alone_behind_git)
{
    for (size_t i = 0; i < COUNT_OF(bad_names); i++) {
        Buf lines = buf_new(t->arena);
        GitTree tree;
        add_line(&lines, "100644", "1", STR("ok"));
        add_line(&lines, "100644", "1", bad_names[i]);
        CHECK_FAILS(ERR_NAME_REFUSED, tree_of(t, &lines, STR(""), &tree));
    }
}

TEST(refuses_a_path_that_is_too_long_or_too_deep)
{
    Buf lines = buf_new(t->arena), path = buf_new(t->arena);
    GitTree tree;
    for (int i = 0; i < 4200; i++)
        buf_add_char(&path, 'a');
    add_line(&lines, "100644", "1", buf_str(&path));
    CHECK_FAILS(ERR_NAME_REFUSED, tree_of(t, &lines, STR(""), &tree));
    lines = buf_new(t->arena);
    path = buf_new(t->arena);
    for (int i = 0; i < LIMIT_PATH_DEPTH + 1; i++)
        buf_add_text(&path, "a/");
    buf_add_text(&path, "a");
    add_line(&lines, "100644", "1", buf_str(&path));
    CHECK_FAILS(ERR_NAME_REFUSED, tree_of(t, &lines, STR(""), &tree));
}

TEST(counts_entries_and_bytes_before_any_content_is_read)
{
    Buf lines = buf_new(t->arena);
    GitTree tree;
    add_line(&lines, "100644", "268435457", STR("big"));
    CHECK_FAILS(ERR_TOO_LARGE, tree_of(t, &lines, STR(""), &tree));
    lines = buf_new(t->arena);
    for (int i = 0; i < 5; i++)
        add_line(&lines, "100644", "268435456", str_of(arena_format(t->arena, "f%d", i)));
    CHECK_FAILS(ERR_TOO_LARGE, tree_of(t, &lines, STR(""), &tree));
    lines = buf_new(t->arena);
    add_line(&lines, "120000", "1025", STR("link"));
    CHECK_FAILS(ERR_TOO_LARGE, tree_of(t, &lines, STR(""), &tree));
    lines = buf_new(t->arena);
    for (int i = 0; i <= LIMIT_ARTIFACT_FILES; i++)
        add_line(&lines, "100644", "1", str_of(arena_format(t->arena, "f%d", i)));
    CHECK_FAILS(ERR_TOO_LARGE, tree_of(t, &lines, STR(""), &tree));
    lines = buf_new(t->arena);
    for (int i = 0; i <= LIMIT_UPSTREAM_ENTRIES; i++)
        add_line(&lines, "100644", "1", STR("f"));
    CHECK_FAILS(ERR_TOO_LARGE, tree_of(t, &lines, STR("f"), &tree));
}

TEST(takes_three_modes_and_no_other)
{
    const char *const modes[] = {"104755", "100666", "100600", "040000", "140000", "000000"};
    GitTree tree;
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        Buf lines = buf_new(t->arena);
        add_line(&lines, modes[i], "1", STR("x"));
        CHECK_FAILS(ERR_NAME_REFUSED, tree_of(t, &lines, STR(""), &tree));
        CHECK_FAILS(ERR_NAME_REFUSED, tree_of(t, &lines, STR("x"), &tree));
    }
    Buf lines = buf_new(t->arena);
    add_line(&lines, "120000", "1", STR("x"));
    CHECK_FAILS(ERR_LINK_REFUSED, tree_of(t, &lines, STR("x"), &tree));
}

TEST(names_both_of_two_paths_that_clash)
{
    const char *const pairs[][2] = {
        {"Read.md", "read.MD"}, {"A/x", "a/y"}, {"a", "A/y"}, {"a", "a/b"}, {"a", "a"}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        Buf lines = buf_new(t->arena);
        GitTree tree;
        add_line(&lines, "100644", "1", str_of(pairs[i][0]));
        add_line(&lines, "100644", "1", str_of(pairs[i][1]));
        CHECK_FAILS(ERR_NAME_REFUSED, tree_of(t, &lines, STR(""), &tree));
        CHECK_HAS(t->err.message, arena_format(t->arena, "%.1s", pairs[i][0]));
    }
    Buf lines = buf_new(t->arena);
    GitTree tree;
    add_line(&lines, "100644", "1", STR("Read.md"));
    add_line(&lines, "100644", "1", STR("read.MD"));
    (void)!tree_of(t, &lines, STR(""), &tree);
    CHECK_HAS(t->err.message, "'Read.md' and 'read.MD'");
}

TEST(reads_the_same_listing_in_pieces_of_any_length)
{
    Buf lines = buf_new(t->arena);
    for (int i = 0; i < 40; i++)
        add_line(&lines, i % 3 ? "100644" : "100755", "7",
                 str_of(arena_format(t->arena, "d%d/%08x", i % 4, (unsigned)test_random(t))));
    GitListing whole = {0};
    CHECK_OK(read_listing(t, buf_str(&lines), lines.len, &whole));
    for (size_t step = 1; step < 200; step += 1 + test_below(t, 9)) {
        GitListing pieces = {0};
        CHECK_OK(read_listing(t, buf_str(&lines), step, &pieces));
        CHECK_INT(pieces.entries.count, whole.entries.count);
        for (size_t i = 0; i < whole.entries.count; i++) {
            CHECK_STR(pieces.entries.items[i].path, whole.entries.items[i].path);
            CHECK_INT(pieces.modes.items[i], whole.modes.items[i]);
        }
    }
    GitListing broken = {0};
    CHECK_FAILS(ERR_GIT_FAILED,
                read_listing(t, str_slice(buf_str(&lines), 0, lines.len - 1), 64, &broken));
}

TEST(cuts_exactly_the_paths_below_a_folder)
{
    const char *const paths[] = {"a", "b", "b-c", "b.d/e", "b/a", "b/b/c", "b/z", "b0", "c"};
    Buf lines = buf_new(t->arena);
    for (size_t i = COUNT_OF(paths); i > 0; i--) /* unsorted on purpose */
        if (strcmp(paths[i - 1], "b") != 0)
            add_line(&lines, "100644", "1", str_of(paths[i - 1]));
    GitTree tree;
    CHECK_OK(tree_of(t, &lines, STR("b"), &tree));
    CHECK_INT(tree.entries.count, 3);
    CHECK_STR(tree.entries.items[0].path, STR("a"));
    CHECK_STR(tree.entries.items[1].path, STR("b/c"));
    CHECK_STR(tree.entries.items[2].path, STR("z"));
    CHECK_OK(tree_of(t, &lines, STR("b-c"), &tree));
    CHECK_INT(tree.entries.items[0].path.len, 0);
    CHECK_FAILS(ERR_NOT_FOUND, tree_of(t, &lines, STR("b/"), &tree));
    CHECK_FAILS(ERR_NOT_FOUND, tree_of(t, &lines, STR("bb"), &tree));
}
