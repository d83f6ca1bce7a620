#include "merge/patch.h"

#include <string.h>

#include "base/fs.h"
#include "base/path.h"
#include "testing/test.h"
/* above, because what follows is made from a Test */
#include "merge/random_text_internal.h"
#include "merge/random_tree_internal.h"

static Str in_folder(Test *t, const char *folder, Str path)
{
    return str_of(path_join(t->arena, str_of(folder), path));
}

static void write_tree(MemoryBlobs *blobs, const char *folder, const Tree *tree)
{
    Test *t = blobs->t;
    CHECK_OK(fs_make_folders_at(t->dir_fd, str_of(folder), 0755, &t->err));
    for (size_t i = 0; i < tree->count; i++) {
        const TreeEntry *entry = &tree->items[i];
        Str path = in_folder(t, folder, entry->path);
        Str bytes = memory_blobs_get(blobs, &entry->hash);
        CHECK_OK(fs_make_folders_at(t->dir_fd, path_folder(path), 0755, &t->err));
        if (entry->mode == MODE_LINK)
            CHECK_OK(fs_link_at(t->dir_fd, path, bytes, &t->err));
        else
            CHECK_OK(fs_create_at(t->dir_fd, path, bytes, entry->mode == MODE_EXEC ? 0755 : 0644,
                                  false, &t->err));
    }
}

static void check_entry(MemoryBlobs *blobs, const char *folder, const TreeEntry *entry)
{
    Test *t = blobs->t;
    Str path = in_folder(t, folder, entry->path);
    bool found;
    FsStat stat;
    CHECK_OK(fs_stat_at(t->dir_fd, path, &found, &stat, &t->err));
    CHECK(found);
    Str bytes;
    if (entry->mode == MODE_LINK) {
        CHECK_INT(stat.kind, FS_LINK);
        CHECK_OK(fs_read_link_at(t->arena, t->dir_fd, path, &bytes, &t->err));
    } else {
        CHECK_INT(stat.kind, FS_FILE);
        CHECK(stat.executable == (entry->mode == MODE_EXEC));
        CHECK_OK(fs_read_at(t->arena, t->dir_fd, path, 1 << 20, &bytes, &t->err));
    }
    CHECK_STR(bytes, memory_blobs_get(blobs, &entry->hash));
}

static void check_folder_is(MemoryBlobs *blobs, const char *folder, const Tree *tree)
{
    Test *t = blobs->t;
    for (size_t i = 0; i < tree->count; i++)
        check_entry(blobs, folder, &tree->items[i]);
    const char *files = test_shell(t, "find %s ! -type d -print0 | tr -dc '\\0' | wc -c", folder);
    CHECK_TEXT(arena_text(t->arena, str_trim(str_of(files))),
               arena_format(t->arena, "%zu", tree->count));
}

static Str patch_between(MemoryBlobs *blobs, const Tree *before, const Tree *after)
{
    Test *t = blobs->t;
    FileChanges changes;
    Str patch;
    TreeDiffOptions diff = {0};
    PatchOptions options = {0};
    CHECK_OK(tree_diff(t->arena, before, after, &blobs->reader, &diff, &changes, &t->err));
    CHECK_OK(patch_write(t->arena, &changes, &blobs->reader, &options, &patch, &t->err));
    return patch;
}

static void git_apply(Test *t, const char *folder, const char *flags)
{
    const char *said = test_shell(
        t, "cd %s && git apply %s --whitespace=nowarn ../p.patch 2>&1; echo $?", folder, flags);
    CHECK_TEXT(said, "0\n");
}

TEST(git_applies_patches_of_random_trees_forward_and_backward)
{
    for (int round = test_rounds(60); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        MemoryBlobs *blobs = memory_blobs_new(t);
        Tree before = random_tree(blobs, 10);
        Tree after = random_tree_edit(blobs, &before, 6);
        Str patch = patch_between(blobs, &before, &after);
        if (patch.len == 0)
            continue;
        test_write_bytes(t, "p.patch", patch, 0644);
        write_tree(blobs, "work", &before);
        git_apply(t, "work", "");
        check_folder_is(blobs, "work", &after);
        git_apply(t, "work", "-R");
        check_folder_is(blobs, "work", &before);
        CHECK_OK(fs_remove_all_at(t->dir_fd, STR("work"), &t->err));
    }
}

TEST(hunks_are_those_of_git_diff)
{
    for (int round = test_rounds(120); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomTriple texts = random_triple(t);
        Str patch = patch_of_texts(t->arena, STR("a"), texts.ours, STR("b"), texts.theirs, 0);
        test_write_bytes(t, "a", texts.ours, 0644);
        test_write_bytes(t, "b", texts.theirs, 0644);
        const char *expected =
            test_shell(t, "git diff --no-index --no-color a b | sed -e '1,/^index /d' -e "
                          "'s/^\\(@@ [^@]* @@\\).*/\\1/'; true");
        CHECK_STR(patch, str_of(expected));
    }
}

TEST(quotes_names_as_git_does)
{
    CHECK_STR(patch_quote(t->arena, STR("plain name")), STR("plain name"));
    CHECK_STR(patch_quote(t->arena, STR("t\tq\"b\\")), STR("\"t\\tq\\\"b\\\\\""));
    CHECK_STR(patch_quote(t->arena, STR("\xc3\xbc\x01\x7f")), STR("\"\\303\\274\\001\\177\""));
}

TEST(puts_the_prefix_before_every_path_and_names_a_one_file_tree)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree before = tree_of_text(blobs, "=1~"), after = tree_of_text(blobs, "=2~");
    FileChanges changes;
    Str patch;
    TreeDiffOptions diff = {0};
    PatchOptions options = {.prefix = STR("commands/"), .file_name = STR("go.md")};
    CHECK_OK(tree_diff(t->arena, &before, &after, &blobs->reader, &diff, &changes, &t->err));
    CHECK_OK(patch_write(t->arena, &changes, &blobs->reader, &options, &patch, &t->err));
    CHECK_HAS(arena_text(t->arena, patch),
              "--- a/commands/go.md\n+++ b/commands/go.md\n@@ -1 +1 @@\n-1\n+2\n");
}

TEST(says_only_that_binary_files_differ_when_asked_for_people)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree before = {0}, after = {0};
    tree_add(blobs, &before, STR("x"), MODE_FILE, STR("a\0b"));
    tree_add(blobs, &after, STR("x"), MODE_FILE, STR("a\0c"));
    FileChanges changes;
    Str patch;
    TreeDiffOptions diff = {0};
    PatchOptions options = {.no_binary = true};
    CHECK_OK(tree_diff(t->arena, &before, &after, &blobs->reader, &diff, &changes, &t->err));
    CHECK(changes.items[0].binary);
    CHECK_OK(patch_write(t->arena, &changes, &blobs->reader, &options, &patch, &t->err));
    CHECK_HAS(arena_text(t->arena, patch), "Binary files a/x and b/x differ\n");
}

TEST(lines_that_end_in_cr_lf_go_as_binary_in_a_mail)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree before = {0}, after = {0};
    tree_add(blobs, &before, STR("dos"), MODE_FILE, STR("a\r\nb\r\n"));
    tree_add(blobs, &after, STR("dos"), MODE_FILE, STR("a\r\nc\r\n"));
    tree_add(blobs, &before, STR("unix"), MODE_FILE, STR("a\rb\n"));
    tree_add(blobs, &after, STR("unix"), MODE_FILE, STR("a\rc\n"));
    FileChanges changes;
    Str patch;
    TreeDiffOptions diff = {0};
    PatchOptions options = {.for_mail = true};
    CHECK_OK(tree_diff(t->arena, &before, &after, &blobs->reader, &diff, &changes, &t->err));
    CHECK_OK(patch_write(t->arena, &changes, &blobs->reader, &options, &patch, &t->err));
    CHECK(str_search(patch, STR("\r\n")) == STR_NONE);
    CHECK_HAS(arena_text(t->arena, patch), " 100644\nGIT binary patch\nliteral 6\n");
    CHECK_HAS(arena_text(t->arena, patch), "--- a/unix\n+++ b/unix\n@@ -1 +1 @@\n");
}
