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
    LineMerge merge = merge_of(t, triple.base, triple.ours, triple.theirs, style_of(i)->options);
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
    for (int round = test_rounds(8); round > 0; round--) {
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
