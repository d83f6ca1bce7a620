#include "merge/tree_diff.h"

#include "base/buf.h"
#include "testing/test.h"
/* above, because what follows is made from a Test */
#include "merge/memory_blobs_internal.h"

static const char *diff_of(Test *t, const char *before_text, const char *after_text)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree before = tree_of_text(blobs, before_text), after = tree_of_text(blobs, after_text);
    TreeDiffOptions options = {0};
    FileChanges changes;
    CHECK_OK(tree_diff(t->arena, &before, &after, &blobs->reader, &options, &changes, &t->err));
    Buf buf = buf_new(t->arena);
    for (size_t i = 0; i < changes.count; i++) {
        const FileChange *change = &changes.items[i];
        buf_format(&buf, "%s%s %.*s +%zu -%zu", i ? ", " : "", file_action_name(change->action),
                   STR_ARG(change->path), change->added, change->removed);
        if (change->action == FILE_RENAME)
            buf_format(&buf, " from %.*s %d%%", STR_ARG(change->from_path), change->similarity);
    }
    return buf_text(&buf);
}

TEST(names_each_change_and_counts_its_lines)
{
    CHECK_TEXT(diff_of(t, "a=1~2~|b=x|c=y|d=z", "a=1~3~4~|b*=x|d@=z|e=5~"),
               "modify a +2 -1, mode b +0 -0, delete c +0 -1, modify d +0 -0, add e +1 -0");
    CHECK_TEXT(diff_of(t, "a=1", "a=1"), "");
    CHECK_TEXT(diff_of(t, "", "a=1~2"), "add a +2 -0");
}

TEST(a_moved_file_is_a_rename)
{
    CHECK_TEXT(diff_of(t, "old/a=1~2~3~4~", "new/a=1~2~3~4~"),
               "rename new/a +0 -0 from old/a 100%");
    CHECK_TEXT(diff_of(t, "old/a=1~2~3~4~", "new/b*=1~2~3~5~"),
               "rename new/b +1 -1 from old/a 75%");
    CHECK_TEXT(diff_of(t, "a=1~2~3~4~", "b=1~7~8~9~"), "delete a +0 -4, add b +4 -0");
}

TEST(equal_content_is_paired_by_name_first)
{
    CHECK_TEXT(diff_of(t, "x/a=1~|x/b=1~", "y/b=1~|z/a=1~"),
               "rename y/b +0 -0 from x/b 100%, rename z/a +0 -0 from x/a 100%");
}

TEST(the_most_similar_pair_wins)
{
    CHECK_TEXT(diff_of(t, "a=1~2~3~4~", "b=1~2~8~9~|c=1~2~3~9~"),
               "add b +4 -0, rename c +1 -1 from a 75%");
}

TEST(a_change_of_case_is_a_rename_whatever_became_of_the_content)
{
    CHECK_TEXT(diff_of(t, "README=1~", "Readme=2~"), "rename Readme +1 -1 from README 0%");
    CHECK_TEXT(diff_of(t, "A=", "a="), "rename a +0 -0 from A 100%");
}

TEST(empty_files_links_and_one_file_trees_are_not_paired_by_content)
{
    CHECK_TEXT(diff_of(t, "a=", "b="), "delete a +0 -0, add b +0 -0");
    CHECK_TEXT(diff_of(t, "a@=1", "b=1"), "delete a +0 -1, add b +1 -0");
    CHECK_TEXT(diff_of(t, "=1~2~", "SKILL.md=1~2~"), "delete  +0 -2, add SKILL.md +2 -0");
}

TEST(sums_up_files_and_lines)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree before = tree_of_text(blobs, "a=1~|b=2~3~"), after = tree_of_text(blobs, "a=9~|c=4~");
    TreeDiffOptions options = {0};
    FileChanges changes;
    CHECK_OK(tree_diff(t->arena, &before, &after, &blobs->reader, &options, &changes, &t->err));
    FileTotals totals = file_changes_totals(&changes);
    CHECK_INT(totals.files, 3);
    CHECK_INT(totals.added, 2);
    CHECK_INT(totals.removed, 3);
}
