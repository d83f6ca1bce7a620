#include "merge/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "testing/test.h"
/* above, because the texts below are made from a Test */
#include "merge/random_text_internal.h"

static LineMerge merge_of(Test *t, Str base, Str ours, Str theirs, MergeOptions options)
{
    options.base_label = STR("base");
    options.ours_label = STR("ours");
    options.theirs_label = STR("theirs");
    LineMerge merge;
    merge_lines(t->arena, base, ours, theirs, &options, &merge);
    return merge;
}

/* One way to run a merge, and how git is told to run it so. */
typedef struct {
    const char *flags;
    MergeOptions options;
} Style;

static const Style styles[] = {
    {"", {0}},
    {"--diff3", {.style = MERGE_STYLE_DIFF3}},
    {"--zdiff3", {.style = MERGE_STYLE_ZDIFF3}},
    {"--ours", {.favor = MERGE_FAVOR_OURS}},
    {"--theirs", {.favor = MERGE_FAVOR_THEIRS}},
    {"--union", {.favor = MERGE_FAVOR_UNION}},
    {"--marker-size=11", {.marker_size = 11}},
    {"--union --diff3", {.style = MERGE_STYLE_DIFF3, .favor = MERGE_FAVOR_UNION}},
};

enum { BATCH = 250 };

/* Most cases in the style that people use, the others in turn. */
static const Style *style_of(size_t i)
{
    return &styles[i % 2 == 0 ? 0 : (i / 2) % COUNT_OF(styles)];
}

static void write_triple(Test *t, size_t i, RandomTriple triple)
{
    test_write_bytes(t, arena_format(t->arena, "%zu.b", i), triple.base, 0644);
    test_write_bytes(t, arena_format(t->arena, "%zu.o", i), triple.ours, 0644);
    test_write_bytes(t, arena_format(t->arena, "%zu.t", i), triple.theirs, 0644);
}

/* One shell for many merges: starting it costs as much as git itself. */
static void run_git(Test *t, size_t count)
{
    Buf script = buf_new(t->arena);
    buf_add_text(&script, "export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null\n");
    for (size_t i = 0; i < count; i++)
        buf_format(&script,
                   "git merge-file -p -q %s -L ours -L base -L theirs %zu.o %zu.b %zu.t >%zu.r; "
                   "echo $? >%zu.x\n",
                   style_of(i)->flags, i, i, i, i, i);
    test_write(t, "run", buf_text(&script));
    test_shell(t, "sh ./run");
}

static void check_equals_git(Test *t, const char *name, size_t i, RandomTriple triple)
{
    MergeOptions options = style_of(i)->options;
    options.as_git = true;
    LineMerge merge = merge_of(t, triple.base, triple.ours, triple.theirs, options);
    Str expected = test_read(t, arena_format(t->arena, "%zu.r", i));
    Str exit_code = str_trim(test_read(t, arena_format(t->arena, "%zu.x", i)));
    size_t conflicts = merge.regions.count > 127 ? 127 : merge.regions.count;
    if (!str_equal(merge.text, expected) ||
        !str_is(exit_code, arena_format(t->arena, "%zu", conflicts))) {
        print_error("case %s, style '%s':\n--- base\n%.*s\n--- ours\n%.*s\n--- theirs\n%.*s\n",
                    name, style_of(i)->flags, STR_ARG(triple.base), STR_ARG(triple.ours),
                    STR_ARG(triple.theirs));
        CHECK_STR(merge.text, expected);
        CHECK_STR(str_of(arena_format(t->arena, "%zu", conflicts)), exit_code);
    }
}

TEST(equals_git_merge_file_on_random_texts)
{
    for (int round = test_rounds(40); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomTriple triples[BATCH];
        for (size_t i = 0; i < BATCH; i++) {
            triples[i] = random_triple(t);
            write_triple(t, i, triples[i]);
        }
        run_git(t, BATCH);
        for (size_t i = 0; i < BATCH; i++)
            check_equals_git(t, arena_format(t->arena, "%d.%zu", round, i), i, triples[i]);
    }
}

/* Long enough for git's shortcuts: common lines, long snakes, the cap on cost. */
static RandomTriple large_triple(Test *t)
{
    static const size_t kinds[] = {60, 4000, 200000};
    size_t distinct = kinds[test_below(t, COUNT_OF(kinds))];
    size_t edits = test_below(t, 2) ? 1500 : 500;
    Str base = random_text(t, 6000, distinct);
    RandomTriple triple = {base, random_edit(t, base, edits, distinct),
                           random_edit(t, base, edits, distinct)};
    if (test_below(t, 3) == 0)
        triple.theirs = random_text(t, 6000, distinct);
    return triple;
}

TEST(equals_git_merge_file_on_large_texts)
{
    for (int round = test_rounds(3); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomTriple triples[COUNT_OF(styles)];
        for (size_t i = 0; i < COUNT_OF(styles); i++) {
            triples[i] = large_triple(t);
            write_triple(t, i, triples[i]);
        }
        run_git(t, COUNT_OF(styles));
        for (size_t i = 0; i < COUNT_OF(styles); i++)
            check_equals_git(t, arena_format(t->arena, "large %d.%zu", round, i), i, triples[i]);
    }
}

/* Real merges: each folder of the corpus holds base.X, ours.X and theirs.X. */
static StrArray corpus_folders(Test *t)
{
    const char *data = getenv("WEIR_SHARED_DATA");
    if (!data || !fs_exists(arena_format(t->arena, "%s/merge/meta.tsv", data)))
        test_skip("WEIR_SHARED_DATA has no merge corpus");
    const char *list =
        test_shell(t, "find '%s/merge' -mindepth 2 -maxdepth 2 -type d | sort", data);
    StrArray folders = {0};
    Str rest = str_of(list), line;
    while (str_next(&rest, '\n', &line))
        ARRAY_PUSH(t->arena, &folders, line);
    CHECK(folders.count > 0);
    return folders;
}

static Str corpus_text(Test *t, Str folder, const char *side)
{
    const char *path = test_shell(t, "printf %%s '%.*s'/%s.*", STR_ARG(folder), side);
    Str text;
    CHECK_OK(fs_read_path(t->arena, path, 1 << 20, &text, &t->err));
    return text;
}

TEST(equals_git_merge_file_on_real_merges)
{
    StrArray folders = corpus_folders(t);
    for (size_t done = 0; done < folders.count;) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        size_t count = folders.count - done < BATCH ? folders.count - done : BATCH;
        RandomTriple triples[BATCH];
        for (size_t i = 0; i < count; i++) {
            Str folder = folders.items[done + i];
            triples[i] =
                (RandomTriple){corpus_text(t, folder, "base"), corpus_text(t, folder, "ours"),
                               corpus_text(t, folder, "theirs")};
            write_triple(t, i, triples[i]);
        }
        run_git(t, count);
        for (size_t i = 0; i < count; i++)
            check_equals_git(t, arena_text(t->arena, folders.items[done + i]), i, triples[i]);
        done += count;
    }
}

static LineMerge merge_of_texts(Test *t, const char *base, const char *ours, const char *theirs)
{
    return merge_of(t, str_of(base), str_of(ours), str_of(theirs), (MergeOptions){0});
}

static void check_mirrored(Test *t, RandomTriple triple, MergeOptions options)
{
    LineMerge merge = merge_of(t, triple.base, triple.ours, triple.theirs, options);
    LineMerge swapped = merge_of(t, triple.base, triple.theirs, triple.ours, options);
    CHECK_INT(merge.clean, swapped.clean);
    CHECK_INT(merge.regions.count, swapped.regions.count);
    for (size_t i = 0; i < merge.regions.count; i++) {
        const MergeRegion *a = &merge.regions.items[i], *b = &swapped.regions.items[i];
        CHECK_STR(a->ours_text, b->theirs_text);
        CHECK_STR(a->theirs_text, b->ours_text);
        CHECK_STR(a->base_text, b->base_text);
        CHECK_INT(a->base.start, b->base.start);
    }
    if (merge.clean)
        CHECK_STR(merge.text, swapped.text);

    options.as_git = true;
    LineMerge as_git = merge_of(t, triple.base, triple.ours, triple.theirs, options);
    CHECK_INT(as_git.clean, merge.clean);
    if (merge.clean)
        CHECK_STR(merge.text, as_git.text);
}

TEST(swapping_the_sides_mirrors_the_merge)
{
    for (int round = test_rounds(4000); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomTriple triple = random_triple(t);
        for (MergeStyle style = MERGE_STYLE_MERGE; style <= MERGE_STYLE_ZDIFF3; style++)
            check_mirrored(t, triple, (MergeOptions){.style = style});
    }
}

static size_t lines_before(Str text, const char *end)
{
    return text.len ? diff_line_count((Str){text.data, (size_t)(end - text.data)}) : 0;
}

static void check_range(Str whole, Str part, LineRange range, size_t *last_end)
{
    CHECK_INT(range.count, diff_line_count(part));
    CHECK_INT(range.start, lines_before(whole, part.data) + (range.count > 0));
    size_t start = range.start - (range.count > 0);
    CHECK(start >= *last_end);
    *last_end = start + range.count;
}

TEST(regions_say_where_they_stand_in_order_and_apart)
{
    for (int round = test_rounds(3000); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomTriple triple = random_triple(t);
        MergeOptions options = {.style = (MergeStyle)test_below(t, 3)};
        LineMerge merge = merge_of(t, triple.base, triple.ours, triple.theirs, options);
        size_t base = 0, ours = 0, theirs = 0;
        for (size_t i = 0; i < merge.regions.count; i++) {
            const MergeRegion *region = &merge.regions.items[i];
            check_range(triple.base, region->base_text, region->base, &base);
            check_range(triple.ours, region->ours_text, region->ours, &ours);
            check_range(triple.theirs, region->theirs_text, region->theirs, &theirs);
        }
    }
}

static LineMerge take_everywhere(Test *t, const LineMerge *merge, MergeTake take)
{
    MergeChoice *choices = ARENA_ARRAY(t->arena, MergeChoice, merge->regions.count);
    for (size_t i = 0; i < merge->regions.count; i++)
        choices[i].take = take;
    MergeOptions options = {0};
    LineMerge result;
    merge_apply_choices(t->arena, merge, choices, &options, &result);
    return result;
}

TEST(taking_one_side_everywhere_is_what_favor_gives)
{
    for (int round = test_rounds(2000); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomTriple triple = random_triple(t);
        MergeOptions options = {.style = (MergeStyle)test_below(t, 3)};
        LineMerge merge = merge_of(t, triple.base, triple.ours, triple.theirs, options);
        LineMerge taken = take_everywhere(t, &merge, TAKE_OURS);
        options.favor = MERGE_FAVOR_OURS;
        LineMerge favored = merge_of(t, triple.base, triple.ours, triple.theirs, options);
        CHECK(taken.clean);
        CHECK_STR(str_trim(taken.text), str_trim(favored.text));
        CHECK_STR(take_everywhere(t, &merge, TAKE_NOTHING).text,
                  merge_render(t->arena, &merge, &(MergeOptions){0}));
    }
}

TEST(each_region_takes_its_own_choice)
{
    LineMerge merge = merge_of_texts(t, "a\n1\nb\nc\nd\ne\n2\nf\n", "a\nO1\nb\nc\nd\ne\nO2\nf\n",
                                     "a\nT1\nb\nc\nd\ne\nT2\nf\n");
    CHECK_INT(merge.regions.count, 2);
    MergeOptions options = {.ours_label = STR("mine"), .theirs_label = STR("yours")};
    LineMerge half, whole;
    MergeChoice first[] = {{.take = TAKE_THEIRS}, {.take = TAKE_NOTHING}};
    merge_apply_choices(t->arena, &merge, first, &options, &half);
    CHECK(!half.clean);
    CHECK_STR(half.text,
              STR("a\nT1\nb\nc\nd\ne\n<<<<<<< mine\nO2\n=======\nT2\n>>>>>>> yours\nf\n"));
    MergeChoice second[] = {{.take = TAKE_TEXT, .text = STR("own")}};
    merge_apply_choices(t->arena, &half, second, &options, &whole);
    CHECK(whole.clean);
    CHECK_STR(whole.text, STR("a\nT1\nb\nc\nd\ne\nown\nf\n"));
    CHECK_STR(take_everywhere(t, &merge, TAKE_BASE).text, STR("a\n1\nb\nc\nd\ne\n2\nf\n"));
}

TEST(both_gives_ours_then_theirs_and_shared_lines_once)
{
    MergeOptions diff3 = {.style = MERGE_STYLE_DIFF3};
    LineMerge merge =
        merge_of(t, STR("x\n"), STR("a\nshared\n"), STR("shared\r\nb\nshared\n"), diff3);
    CHECK_STR(take_everywhere(t, &merge, TAKE_BOTH).text, STR("a\nshared\nb\nshared\n"));
    LineMerge open = merge_of(t, STR("x"), STR("a"), STR("b"), diff3);
    CHECK_STR(take_everywhere(t, &open, TAKE_BOTH).text, STR("a\nb"));
    CHECK_STR(take_everywhere(t, &merge, TAKE_BOTH_REVERSED).text, STR("shared\r\nb\nshared\na\n"));
}

TEST(a_region_keeps_its_key_when_other_places_change)
{
    LineMerge one =
        merge_of_texts(t, "1\na\nb\nc\nd\n2\n", "O\na\nb\nc\nd\nO2\n", "T\na\nb\nc\nd\nT2\n");
    LineMerge two = merge_of_texts(t, "new\n1\na\nb\nc\nd\n2\n", "new\n1\na\nb\nc\nd\nO2\n",
                                   "new\nT\na\nb\nc\nd\nT2\n");
    Hash keys_one[2], keys_two[1];
    CHECK_INT(one.regions.count, 2);
    CHECK_INT(two.regions.count, 1);
    merge_region_keys(STR("f"), &one, keys_one);
    merge_region_keys(STR("f"), &two, keys_two);
    CHECK(hash_equal(&keys_one[1], &keys_two[0]));
    CHECK(!hash_equal(&keys_one[0], &keys_one[1]));
    merge_region_keys(STR("g"), &two, keys_two);
    CHECK(!hash_equal(&keys_one[1], &keys_two[0]));
}

TEST(equal_regions_of_one_file_have_different_keys)
{
    LineMerge merge =
        merge_of_texts(t, "1\na\nb\nc\nd\n1\n", "O\na\nb\nc\nd\nO\n", "T\na\nb\nc\nd\nT\n");
    Hash keys[2];
    CHECK_INT(merge.regions.count, 2);
    merge_region_keys(STR("f"), &merge, keys);
    CHECK(!hash_equal(&keys[0], &keys[1]));
}

TEST(finds_every_kind_of_marker_and_nothing_that_looks_like_one)
{
    size_t line = 0;
    CHECK(merge_has_markers(STR("a\n<<<<<<< ours\n"), &line));
    CHECK_INT(line, 2);
    CHECK(merge_has_markers(STR("======="), NULL));
    CHECK(merge_has_markers(STR("x\r\n=======\r\n"), NULL));
    CHECK(merge_has_markers(STR("||||||| base"), NULL));
    CHECK(merge_has_markers(STR(">>>>>>>\n"), NULL));
    CHECK(!merge_has_markers(STR("<<<<<<\n========\n <<<<<<< x\n<<<<<<<x\n======= a\n>>>>>>>>\n"),
                             NULL));
    CHECK(!merge_has_markers((Str){0}, NULL));
}

TEST(a_resolution_may_keep_what_an_input_has_and_no_more)
{
    Str inputs[] = {STR("Title\n=======\n"), STR("Titel\n=======\n"), STR("none\n")};
    size_t line = 0;
    CHECK(!merge_leaves_markers(STR("Titel\n=======\n"), inputs, 3, NULL));
    CHECK(merge_leaves_markers(STR("=======\n\n=======\n"), inputs, 3, &line));
    CHECK_INT(line, 3);
    CHECK(merge_leaves_markers(STR("Titel\n=======\n>>>>>>> theirs\n"), inputs, 3, NULL));
}

TEST(equal_sides_and_untouched_sides_are_taken_as_they_are)
{
    Str base = STR("a\n\0binary"), other = STR("b");
    CHECK(merge_of(t, base, other, base, (MergeOptions){0}).text.data == other.data);
    CHECK(merge_of(t, base, base, other, (MergeOptions){0}).text.data == other.data);
    CHECK(merge_of(t, base, other, other, (MergeOptions){0}).text.data == other.data);
}
