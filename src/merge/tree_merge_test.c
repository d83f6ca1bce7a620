#include "merge/tree_merge.h"

#include <string.h>

#include "base/buf.h"
#include "testing/test.h"
/* above, because what follows is made from a Test */
#include "merge/memory_blobs_internal.h"
#include "merge/random_tree_internal.h"

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
    {"a=1~2~3~|x=", "b=1~2~3~|x=", "b=7~8~9~|x=", "b=7~8~9~|x=", "modify b"},
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

/* Kinds as seen from the other side. */
static ConflictKind mirrored(ConflictKind kind)
{
    return kind == CONFLICT_MODIFY_DELETE   ? CONFLICT_DELETE_MODIFY
           : kind == CONFLICT_DELETE_MODIFY ? CONFLICT_MODIFY_DELETE
                                            : kind;
}

static void check_same_side(ConflictSide a, ConflictSide b)
{
    CHECK_STR(a.path, b.path);
    CHECK_INT(a.mode, b.mode);
    CHECK(hash_equal(&a.hash, &b.hash));
}

static void check_mirrored(const TreeMerge *merge, const TreeMerge *swapped)
{
    CHECK(tree_equal(&merge->tree, &swapped->tree));
    CHECK_INT(merge->conflicts.count, swapped->conflicts.count);
    for (size_t i = 0; i < merge->conflicts.count; i++) {
        const TreeConflict *a = &merge->conflicts.items[i];
        const TreeConflict *b = NULL;
        for (size_t j = 0; j < swapped->conflicts.count && !b; j++) {
            const TreeConflict *other = &swapped->conflicts.items[j];
            if (str_equal(other->base.path, a->base.path) &&
                str_equal(other->ours.path, a->theirs.path) &&
                str_equal(other->theirs.path, a->ours.path))
                b = other;
        }
        CHECK(b != NULL);
        if (!b)
            return;
        CHECK_INT(a->kind, mirrored(b->kind));
        check_same_side(a->ours, b->theirs);
        check_same_side(a->theirs, b->ours);
        check_same_side(a->base, b->base);
        CHECK_INT(a->has_text, b->has_text);
        CHECK_INT(a->merge.regions.count, b->merge.regions.count);
        for (size_t k = 0; k < a->merge.regions.count; k++) {
            CHECK_STR(a->merge.regions.items[k].ours_text, b->merge.regions.items[k].theirs_text);
            CHECK_STR(a->merge.regions.items[k].theirs_text, b->merge.regions.items[k].ours_text);
            CHECK_STR(a->merge.regions.items[k].base_text, b->merge.regions.items[k].base_text);
        }
    }
}

typedef struct {
    MemoryBlobs *blobs;
    Tree base, ours, theirs;
} RandomMerge;

static RandomMerge random_merge(Test *t)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    RandomMerge trees = {.blobs = blobs, .base = random_tree(blobs, 10)};
    Tree shared = test_below(t, 4) == 0 ? random_tree_edit(blobs, &trees.base, 3) : trees.base;
    trees.ours = random_tree_edit(blobs, &shared, 5);
    trees.theirs = random_tree_edit(blobs, &shared, 5);
    return trees;
}

static void show_trees(const RandomMerge *r)
{
    print_error("base:   %s\nours:   %s\ntheirs: %s\n", text_of_tree(r->blobs, &r->base),
                text_of_tree(r->blobs, &r->ours), text_of_tree(r->blobs, &r->theirs));
}

TEST(merging_is_symmetric)
{
    for (int round = test_rounds(2000); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomMerge r = random_merge(t);
        TreeMerge merge = merge_trees(r.blobs, &r.base, &r.ours, &r.theirs, &plain);
        TreeMerge swapped = merge_trees(r.blobs, &r.base, &r.theirs, &r.ours, &plain);
        if (!tree_equal(&merge.tree, &swapped.tree) ||
            merge.conflicts.count != swapped.conflicts.count) {
            show_trees(&r);
            print_error("%s\n%s\n", describe(t, &merge), describe(t, &swapped));
        }
        check_mirrored(&merge, &swapped);
    }
}

TEST(a_side_without_changes_takes_the_other_whole)
{
    for (int round = test_rounds(500); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomMerge r = random_merge(t);
        TreeMerge forward = merge_trees(r.blobs, &r.base, &r.base, &r.theirs, &plain);
        TreeMerge kept = merge_trees(r.blobs, &r.base, &r.ours, &r.base, &plain);
        TreeMerge same = merge_trees(r.blobs, &r.base, &r.ours, &r.ours, &plain);
        CHECK(forward.clean && kept.clean && same.clean);
        CHECK(tree_equal(&forward.tree, &r.theirs));
        CHECK(tree_equal(&kept.tree, &r.ours));
        CHECK(tree_equal(&same.tree, &r.ours));
        CHECK_INT(kept.changes.count + same.changes.count, 0);
    }
}

/* Applies the changes to ours: must give the merged tree plus what of ours is in conflict. */
static void check_changes_lead_to_result(Test *t, const RandomMerge *r, const TreeMerge *merge)
{
    Map *gone = map_new(t->arena, 16);
    for (size_t i = 0; i < merge->changes.count; i++) {
        const FileChange *change = &merge->changes.items[i];
        if (change->old_mode != MODE_NONE) {
            Str old = change->action == FILE_RENAME ? change->from_path : change->path;
            const TreeEntry *entry = tree_find(&r->ours, old);
            CHECK(entry && hash_equal(&entry->hash, &change->old_hash) &&
                  entry->mode == change->old_mode);
            map_put(gone, old, arena_text(t->arena, old));
        }
        if (change->new_mode != MODE_NONE) {
            const TreeEntry *entry = tree_find(&merge->tree, change->path);
            CHECK(entry && hash_equal(&entry->hash, &change->new_hash) &&
                  entry->mode == change->new_mode);
        }
    }
    for (size_t i = 0; i < r->ours.count; i++) {
        const TreeEntry *entry = &r->ours.items[i];
        const TreeEntry *after = tree_find(&merge->tree, entry->path);
        bool in_conflict = false;
        for (size_t k = 0; k < merge->conflicts.count; k++)
            in_conflict |= str_equal(merge->conflicts.items[k].ours.path, entry->path) ||
                           str_equal(merge->conflicts.items[k].other_path, entry->path) ||
                           str_equal(merge->conflicts.items[k].base.path, entry->path);
        CHECK(tree_entry_equal(entry, after) || map_find(gone, entry->path) || in_conflict);
    }
}

TEST(changes_lead_from_ours_to_the_result_and_nothing_is_lost)
{
    for (int round = test_rounds(1500); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomMerge r = random_merge(t);
        TreeMerge merge = merge_trees(r.blobs, &r.base, &r.ours, &r.theirs, &plain);
        check_changes_lead_to_result(t, &r, &merge);
        for (size_t i = 1; i < merge.tree.count; i++)
            CHECK(str_compare(merge.tree.items[i - 1].path, merge.tree.items[i].path) < 0);
    }
}

TEST(merging_the_result_again_with_either_side_changes_nothing)
{
    size_t clean = 0;
    for (int round = test_rounds(1500); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomMerge r = random_merge(t);
        TreeMerge merge = merge_trees(r.blobs, &r.base, &r.ours, &r.theirs, &plain);
        if (!merge.clean)
            continue;
        clean++;
        TreeMerge again = merge_trees(r.blobs, &r.theirs, &merge.tree, &r.theirs, &plain);
        TreeMerge back = merge_trees(r.blobs, &r.ours, &r.ours, &merge.tree, &plain);
        CHECK_INT(again.kind, TREE_SAME);
        CHECK(tree_equal(&back.tree, &merge.tree));
    }
    CHECK(clean > 100);
}

/* With the old base too, where no text had to be merged and no rename had to be recognised. */
TEST(merging_whole_files_again_with_the_old_base_changes_nothing)
{
    TreeMergeOptions options = plain;
    options.no_renames = true;
    size_t clean = 0;
    for (int round = test_rounds(1500); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomMerge r = random_merge(t);
        TreeMerge merge = merge_trees(r.blobs, &r.base, &r.ours, &r.theirs, &options);
        if (!merge.clean || merge.blobs.count > 0)
            continue;
        clean++;
        TreeMerge again = merge_trees(r.blobs, &r.base, &merge.tree, &r.theirs, &options);
        CHECK(again.clean);
        CHECK(tree_equal(&again.tree, &merge.tree));
    }
    CHECK(clean > 100);
}

TEST(fast_forward_reads_no_blob_when_counts_are_not_asked_for)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree base = tree_of_text(blobs, "a=1|b=2|c=3"), theirs = tree_of_text(blobs, "a=9|c=3|d=5|e=6");
    TreeMergeOptions options = plain;
    options.no_counts = true;
    options.no_renames = true;
    TreeMerge merge = merge_trees(blobs, &base, &base, &theirs, &options);
    CHECK_INT(merge.kind, TREE_FAST_FORWARD);
    CHECK_INT(blobs->reads, 0);
    CHECK_TEXT(describe(t, &merge), "modify a, delete b, add d, add e");
}

TEST(counts_lines_of_what_changes_relative_to_ours)
{
    TreeMerge merge =
        merge_texts(t, "a=1~2~3~|x=0", "a=1~2~3~|x=1", "a=1~two~3~4~|n=1~2~|x=0", NULL);
    FileTotals totals = file_changes_totals(&merge.changes);
    CHECK_INT(totals.files, 2);
    CHECK_INT(totals.added, 4);
    CHECK_INT(totals.removed, 1);
}

TEST(conflicting_text_comes_with_markers_and_regions)
{
    TreeMerge merge = merge_texts(t, "a=1~2~3~", "a=1~two~3~", "a=1~zwei~3~", NULL);
    CHECK_INT(merge.conflicts.count, 1);
    const TreeConflict *conflict = &merge.conflicts.items[0];
    CHECK(conflict->has_text);
    CHECK_STR(conflict->merge.text,
              STR("1\n<<<<<<< ours\ntwo\n=======\nzwei\n>>>>>>> theirs\n3\n"));
    CHECK_INT(conflict->merge.regions.items[0].base.start, 2);
    CHECK_INT(conflict->merge.regions.items[0].base.count, 1);
}

TEST(two_added_texts_are_a_conflict_with_a_two_way_text)
{
    TreeMerge merge = merge_texts(t, "x=", "x=|a=same~mine~same~", "x=|a=same~yours~same~", NULL);
    const TreeConflict *conflict = &merge.conflicts.items[0];
    CHECK_INT(conflict->kind, CONFLICT_ADD_ADD);
    CHECK_HAS(arena_text(t->arena, conflict->merge.text), "mine\n=======\nyours\n");
}

TEST(binary_files_are_never_merged)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree base = {0}, ours = {0}, theirs = {0};
    tree_add(blobs, &base, STR("x"), MODE_FILE, STR("a\0\nb\nc\n"));
    tree_add(blobs, &ours, STR("x"), MODE_FILE, STR("A\0\nb\nc\n"));
    tree_add(blobs, &theirs, STR("x"), MODE_FILE, STR("a\0\nb\nC\n"));
    TreeMerge merge = merge_trees(blobs, &base, &ours, &theirs, &plain);
    CHECK_INT(merge.conflicts.count, 1);
    CHECK_INT(merge.conflicts.items[0].kind, CONFLICT_BINARY);
    CHECK(!merge.conflicts.items[0].has_text);
}

static void improve_by_taking_ours(void *context, Arena *arena, Str path, Str base, Str ours,
                                   Str theirs, const MergeOptions *options, LineMerge *merge)
{
    (void)arena, (void)path, (void)base, (void)theirs, (void)options;
    *(size_t *)context += 1;
    *merge = (LineMerge){.clean = true, .text = ours};
}

TEST(a_content_strategy_may_settle_a_conflict)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree base = tree_of_text(blobs, "a=1"), ours = tree_of_text(blobs, "a=2");
    Tree theirs = tree_of_text(blobs, "a=3");
    size_t calls = 0;
    MergeContent content = {improve_by_taking_ours, &calls};
    TreeMergeOptions options = plain;
    options.content = &content;
    TreeMerge merge = merge_trees(blobs, &base, &ours, &theirs, &options);
    CHECK(merge.clean);
    CHECK_INT(calls, 1);
    CHECK_INT(merge.kind, TREE_SAME);
}

TEST(favor_settles_texts_and_nothing_else)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree base = tree_of_text(blobs, "a=1~|b=1~"), ours = tree_of_text(blobs, "a=2~|b=2~");
    Tree theirs = tree_of_text(blobs, "a=3~");
    TreeMergeOptions options = plain;
    options.lines.favor = MERGE_FAVOR_THEIRS;
    TreeMerge merge = merge_trees(blobs, &base, &ours, &theirs, &options);
    CHECK_TEXT(text_of_tree(blobs, &merge.tree), "a=3~");
    CHECK_INT(merge.conflicts.count, 1);
    CHECK_INT(merge.conflicts.items[0].kind, CONFLICT_MODIFY_DELETE);
}

TEST(a_blob_that_cannot_be_read_fails_the_merge)
{
    MemoryBlobs *blobs = memory_blobs_new(t);
    Tree base = tree_of_text(blobs, "a=1"), ours = tree_of_text(blobs, "a=2");
    Tree theirs = tree_of_text(blobs, "a=3");
    theirs.items[0].hash = hash_of(STR("never stored"));
    TreeMerge merge;
    CHECK_FAILS(ERR_NOT_FOUND, tree_merge(t->arena, &base, &ours, &theirs, &blobs->reader, &plain,
                                          &merge, &t->err));
}
