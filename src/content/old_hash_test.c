#include "content/old_hash.h"

#include "base/buf.h"
#include "testing/test.h"

static const char *old_hash(Test *t, const char *path)
{
    Hash hash;
    CHECK_OK(old_hash_read(t->dir_fd, str_of(path), &hash, &t->err));
    return arena_text(t->arena, str_of(hash_hex(&hash).text));
}

static const char *sha256(Test *t, const char *text)
{
    Hash hash = hash_of(str_of(text));
    return arena_text(t->arena, str_of(hash_hex(&hash).text));
}

TEST(hashes_a_file_as_its_bytes_and_a_folder_without_separators)
{
    test_write(t, "fix.md", "fix it\n");
    test_write(t, "one/a", "bc");
    test_write(t, "two/ab", "c");
    CHECK_TEXT(old_hash(t, "fix.md"), sha256(t, "fix it\n"));
    CHECK_TEXT(old_hash(t, "one"), sha256(t, "abc"));
    CHECK_TEXT(old_hash(t, "two"), old_hash(t, "one")); /* that rule could not tell them apart */
}

TEST(orders_by_components_so_that_a_folder_stands_before_a_longer_name)
{
    test_write(t, "s/a.txt", "2");
    test_write(t, "s/a/b", "1");
    test_write(t, "s/a-b", "3");
    CHECK_TEXT(old_hash(t, "s"), sha256(t, "a/b1a-b3a.txt2"));
}

TEST(counts_what_weir_ignores_and_follows_links_to_files)
{
    test_write(t, "s/__pycache__/x.pyc", "p");
    test_write(t, "s/.git/config", "g");
    test_write(t, "s/deep/one", "1");
    (void)test_shell(t, "cd s && ln -s deep/one here && ln -s ../here deep/up && ln -s deep folder "
                        "&& ln -s nowhere broken && mkdir empty");
    CHECK_TEXT(old_hash(t, "s"), sha256(t, ".git/configg__pycache__/x.pycpdeep/one1deep/up1here1"));
}

TEST(has_no_answer_where_the_old_rule_had_none_or_a_link_leads_out)
{
    Hash hash;
    test_write(t, "odd/n\xff", "x");
    test_write(t, "out/a", "x");
    (void)test_shell(t, "ln -s ../../etc/passwd out/b; mkdir abs loop; ln -s /etc/passwd abs/p; ln "
                        "-s b loop/a; ln -s a loop/b; mkfifo pipe; ln -s odd link");
    CHECK_FAILS(ERR_UNSUPPORTED, old_hash_read(t->dir_fd, STR("odd"), &hash, &t->err));
    CHECK_FAILS(ERR_UNSUPPORTED, old_hash_read(t->dir_fd, STR("out"), &hash, &t->err));
    CHECK_FAILS(ERR_UNSUPPORTED, old_hash_read(t->dir_fd, STR("abs"), &hash, &t->err));
    CHECK_FAILS(ERR_UNSUPPORTED, old_hash_read(t->dir_fd, STR("loop"), &hash, &t->err));
    CHECK_FAILS(ERR_UNSUPPORTED, old_hash_read(t->dir_fd, STR("pipe"), &hash, &t->err));
    CHECK_FAILS(ERR_UNSUPPORTED, old_hash_read(t->dir_fd, STR("link"), &hash, &t->err));
    CHECK_FAILS(ERR_NOT_FOUND, old_hash_read(t->dir_fd, STR("none"), &hash, &t->err));
}

/* The rule once more, by somebody else's paths and hashes. */
static const char python[] = "import hashlib, pathlib, sys\n"
                             "for name in sys.argv[1:]:\n"
                             "    root = pathlib.Path(name)\n"
                             "    digest = hashlib.sha256()\n"
                             "    for path in sorted(root.rglob('*')):\n"
                             "        if path.is_file():\n"
                             "            digest.update(str(path.relative_to(root)).encode())\n"
                             "            digest.update(path.read_bytes())\n"
                             "    print(digest.hexdigest())\n";

static void random_folder(Test *t, const char *folder)
{
    static const char *const parts[] = {
        "a", "a.txt", "a-b", "B", "\xc3\xa9", "\xef\xbf\xbd", ".x", "a b", "z", "\xf0\x9f\x98\x80"};
    size_t files = test_below(t, 9);
    (void)test_shell(t, "mkdir %s", folder);
    for (size_t i = 0; i < files; i++) {
        const char *path = folder;
        for (size_t deep = test_below(t, 3) + 1; deep; deep--)
            path = arena_format(t->arena, "%s/%s", path, parts[test_below(t, COUNT_OF(parts))]);
        (void)test_shell(t,
                         "mkdir -p \"$(dirname '%s')\" 2>/dev/null && [ ! -d '%s' ] && "
                         "echo %llu >'%s'; true",
                         path, path, (unsigned long long)test_below(t, 100), path);
    }
}

TEST(gives_what_python_gives_over_random_folders)
{
    enum { FOLDERS = 25 };
    Buf names = buf_new(t->arena);
    Buf ours = buf_new(t->arena);
    if (!*test_shell(t, "python3 -c 'print(1)' 2>/dev/null; true"))
        test_skip("no python3");
    test_write(t, "rule.py", python);
    for (int i = 0; i < FOLDERS; i++) {
        const char *folder = arena_format(t->arena, "f%d", i);
        random_folder(t, folder);
        buf_format(&names, " %s", folder);
        buf_format(&ours, "%s\n", old_hash(t, folder));
    }
    CHECK_TEXT(buf_text(&ours), test_shell(t, "PYTHONUTF8=1 python3 rule.py%s", buf_text(&names)));
}
