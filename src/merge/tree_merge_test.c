#include "merge/tree_merge.h"

#include <string.h>

#include "base/buf.h"
#include "testing/test.h"
/* above, because what follows is made from a Test */
#include "merge/memory_blobs_internal.h"
#include "merge/random_text_internal.h"

static const TreeMergeOptions plain = {
    .lines = {.base_label = {"base", 4}, .ours_label = {"ours", 4}, .theirs_label = {"theirs", 6}}};

static TreeMerge merge_trees(MemoryBlobs *blobs, const Tree *base, const Tree *ours,
                             const Tree *theirs, const TreeMergeOptions *options)
{
    Test *t = blobs->t;
    TreeMerge merge;
    CHECK_OK(tree_merge(t->arena, base, ours, theirs, &blobs->reader, options, &merge, &t->err));
    for (size_t i = 0; i < merge.blobs.count; i++) {
        Hash hash = hash_of(merge.blobs.items[i].bytes);
        CHECK(hash_equal(&hash, &merge.blobs.items[i].hash));
        memory_blobs_put(blobs, merge.blobs.items[i].bytes);
    }
    CHECK(merge.clean == (merge.conflicts.count == 0));
    return merge;
}

static TreeMerge merge_texts(Test *t, const char *base, const char *ours, const char *theirs,
                             const char **result)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree b = tree_of_text(blobs, base), o = tree_of_text(blobs, ours);
    Tree th = tree_of_text(blobs, theirs);
    TreeMerge merge = merge_trees(blobs, &b, &o, &th, &plain);
    if (result)
        *result = text_of_tree(blobs, &merge.tree);
    return merge;
}

static void add_side(Buf *buf, const char *name, ConflictSide side)
{
    if (side.mode != MODE_NONE)
        buf_format(buf, " %s:%.*s", name, STR_ARG(side.path));
}

static const char *describe(Test *t, const TreeMerge *merge)
{
    Buf buf = buf_new(t->arena);
    for (size_t i = 0; i < merge->changes.count; i++) {
        const FileChange *change = &merge->changes.items[i];
        buf_format(&buf, "%s%s %.*s", i ? ", " : "", file_action_name(change->action),
                   STR_ARG(change->path));
        if (change->action == FILE_RENAME)
            buf_format(&buf, " from %.*s", STR_ARG(change->from_path));
    }
    for (size_t i = 0; i < merge->conflicts.count; i++) {
        const TreeConflict *conflict = &merge->conflicts.items[i];
        buf_format(&buf, "; %s %.*s", conflict_kind_name(conflict->kind), STR_ARG(conflict->path));
        add_side(&buf, "base", conflict->base);
        add_side(&buf, "ours", conflict->ours);
        add_side(&buf, "theirs", conflict->theirs);
        if (conflict->other_path.len)
            buf_format(&buf, " other:%.*s", STR_ARG(conflict->other_path));
    }
    return buf_text(&buf);
}

/* The truth table of docs/merging.md, row by row. */
static const struct {
    const char *base, *ours, *theirs;
    const char *result;   /* the clean part */
    const char *expected; /* changes relative to ours; conflicts */
} rows[] = {
    /* one side only */
    {"a=1", "a=1", "a=2", "a=2", "modify a"},
    {"a=1", "a=2", "a=1", "a=2", ""},
    {"a=1", "a=1|b=2", "a=1|c=3", "a=1|b=2|c=3", "add c"},
    {"a=1|b=2", "a=1|b=2|c=3", "a=1", "a=1|c=3", "delete b"},
    {"a=1|b=2", "a=1", "a=1|b=2|c=3", "a=1|c=3", "add c"},
    {"a=1|b=2", "a=9|b=2", "a=1|b*=2", "a=9|b*=2", "mode b"},
    /* both the same */
    {"a=1|b=2", "a=5|b=3", "a=5|b=2", "a=5|b=3", ""},
    {"a=1|b=2", "b=3", "b=2", "b=3", ""},
    {"a=1", "a=1|n=7|x=0", "a=1|n=7", "a=1|n=7|x=0", ""},
    /* both, in one file */
    {"a=1~2~3~4~5~", "a=one~2~3~4~5~", "a=1~2~3~4~five~", "a=one~2~3~4~five~", "modify a"},
    {"a=1~", "a=2~", "a=3~", "", "; content a base:a ours:a theirs:a"},
    {"a=1~|b=1", "a=2~|b=1", "a=3~|b=2", "b=2", "modify b; content a base:a ours:a theirs:a"},
    {"a=1", "a*=1", "a=2", "a*=2", "modify a"},
    {"a=1", "a=2", "a*=1", "a*=2", "mode a"},
    /* delete against change */
    {"a=1|b=1", "a=2|b=1", "b=1", "b=1", "; modify_delete a base:a ours:a"},
    {"a=1|b=1", "b=1", "a=2|b=1", "b=1", "; delete_modify a base:a theirs:a"},
    {"a=1|b=1", "a*=1|b=1", "b=1", "b=1", "; modify_delete a base:a ours:a"},
    /* added by both */
    {"x=", "x=|a=1~", "x=|a=2~", "x=", "; add_add a ours:a theirs:a"},
    {"x=", "x=|a=1~", "x=|a*=1~", "x=", "; mode a ours:a theirs:a"},
    {"x=", "x=|Read=1~", "x=|read=1~", "x=", "; add_add Read ours:Read theirs:read"},
    {"x=", "x=|a@=p", "x=|a@=q", "x=", "; add_add a ours:a theirs:a"},
    /* renames */
    {"a=1~2~3~", "b=1~2~3~", "a=1~2~three~", "b=1~2~three~", "modify b"},
    {"a=1~2~3~", "a=1~2~three~", "b=1~2~3~", "b=1~2~three~", "rename b from a"},
    {"a=1~2~3~", "b=1~2~3~", "b=1~2~3~|c=1", "b=1~2~3~|c=1", "add c"},
    {"a=1~2~3~|x=", "b=1~2~3~|x=", "c=1~2~3~|x=", "x=", "; rename a base:a ours:b theirs:c"},
    {"a=1~2~3~|x=", "b=1~2~3~|x=", "x=", "x=", "; modify_delete b base:a ours:b"},
    {"a=1~2~3~|x=", "b=1~2~3~|x=", "a=1~2~3~|b=9|x=", "x=", "; rename b base:a ours:b theirs:b"},
    {"a=1~2~3~|b=4~5~6~", "c=1~2~3~|b=4~5~6~", "a=1~2~3~|c=4~5~6~", "",
     "; rename c base:a ours:c theirs:c other:b"},
    {"README=1", "readme=1", "README=2", "readme=2", "modify readme"},
    {"README=1|x=", "README=1|x=5", "readme=1|x=", "readme=1|x=5", "rename readme from README"},
    /* links and types */
    {"a@=p|x=", "a@=q|x=", "a@=r|x=", "x=", "; symlink a base:a ours:a theirs:a"},
    {"a@=p", "a@=p|x=", "a=p", "a=p|x=", "modify a"},
    {"a=1|x=", "a=2|x=", "a@=t|x=", "x=", "; type a base:a ours:a theirs:a"},
    {"x=", "x=|a=1", "x=|a/b=2", "x=", "; type a ours:a other:a/b; type a/b theirs:a/b other:a"},
    {"a=1|x=", "a=2|x=", "a/b=7|x=", "x=",
     "; type a base:a ours:a other:a/b; type a/b theirs:a/b other:a"},
    {"x=", "x=|A=1|a.b=1", "x=|a/b=2",
     "a.b=1|x=", "; type A ours:A other:a/b; type a/b theirs:a/b other:A"},
    /* one-file artifacts */
    {"=1~2~3~", "=one~2~3~", "=1~2~three~", "=one~2~three~", "modify "},
    {"=1", "=2", "SKILL.md=3", "",
     "; type  base: ours: other:SKILL.md; type SKILL.md theirs:SKILL.md"},
    {"=1", "=1", "SKILL.md=3", "SKILL.md=3", "delete , add SKILL.md"},
};

TEST(follows_the_truth_table)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *result;
        TreeMerge merge = merge_texts(t, rows[i].base, rows[i].ours, rows[i].theirs, &result);
        if (strcmp(result, rows[i].result) != 0 ||
            strcmp(describe(t, &merge), rows[i].expected) != 0)
            print_error("row %zu: %s <- %s -> %s\n", i, rows[i].ours, rows[i].base, rows[i].theirs);
        CHECK_TEXT(result, rows[i].result);
        CHECK_TEXT(describe(t, &merge), rows[i].expected);
    }
}
