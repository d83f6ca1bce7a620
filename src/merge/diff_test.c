#include "merge/diff.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "testing/test.h"
/* above, because what follows is made from a Test */
#include "merge/random_text_internal.h"

static Str nth_lines(Str text, size_t from, size_t count)
{
    for (; from > 0; from--)
        text = str_slice(text, str_find(text, '\n') + 1, text.len);
    size_t end = 0;
    for (; count > 0; count--) {
        size_t next = str_find(str_slice(text, end, text.len), '\n');
        end = next == STR_NONE ? text.len : end + next + 1;
    }
    return str_slice(text, 0, end);
}

/* Replays the changes on `a`; between them the texts must be equal. */
static Str replayed(Test *t, Str a, Str b, const DiffChanges *changes)
{
    Buf buf = buf_new(t->arena);
    size_t done = 0;
    for (size_t i = 0; i < changes->count; i++) {
        const DiffChange *change = &changes->items[i];
        CHECK(i == 0 || change->a_start > done);
        buf_add(&buf, nth_lines(a, done, change->a_start - done));
        buf_add(&buf, nth_lines(b, change->b_start, change->b_count));
        done = change->a_start + change->a_count;
    }
    buf_add(&buf, nth_lines(a, done, diff_line_count(a) - done));
    return buf_str(&buf);
}

TEST(changes_turn_the_first_text_into_the_second)
{
    for (int round = test_rounds(2000); round > 0; round--) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        RandomTriple texts = random_triple(t);
        DiffChanges changes, readable;
        diff_lines(t->arena, texts.ours, texts.theirs, &changes);
        diff_lines_readable(t->arena, texts.ours, texts.theirs, &readable);
        CHECK_STR(replayed(t, texts.ours, texts.theirs, &changes), texts.theirs);
        CHECK_STR(replayed(t, texts.ours, texts.theirs, &readable), texts.theirs);
        CHECK_INT(diff_counts(&changes).added, diff_counts(&readable).added);
    }
}

TEST(equal_texts_have_no_changes)
{
    DiffChanges changes;
    diff_lines(t->arena, STR("a\nb"), STR("a\nb"), &changes);
    CHECK_INT(changes.count, 0);
    diff_lines(t->arena, (Str){0}, (Str){0}, &changes);
    CHECK_INT(changes.count, 0);
}

TEST(a_missing_final_newline_is_a_change_of_the_last_line)
{
    DiffChanges changes;
    diff_lines(t->arena, STR("a\nb\n"), STR("a\nb"), &changes);
    CHECK_INT(changes.count, 1);
    CHECK_INT(changes.items[0].a_start, 1);
    CHECK_INT(changes.items[0].a_count, 1);
    CHECK_INT(changes.items[0].b_count, 1);
}

TEST(counts_lines_as_people_do)
{
    CHECK_INT(diff_line_count((Str){0}), 0);
    CHECK_INT(diff_line_count(STR("\n")), 1);
    CHECK_INT(diff_line_count(STR("a")), 1);
    CHECK_INT(diff_line_count(STR("a\n\nb")), 3);
    CHECK_INT(diff_line_count(STR("\n\n\n\n\n\n\n\n\n\n\x8a\x0b\x8b\n")), 11);
}

TEST(binary_is_a_nul_in_the_first_8000_bytes_or_too_large)
{
    char *bytes = ARENA_ARRAY(t->arena, char, 8001);
    memset(bytes, 'a', 8001);
    bytes[8000] = '\0';
    CHECK(!diff_is_binary((Str){bytes, 8001}));
    bytes[7999] = '\0';
    CHECK(diff_is_binary((Str){bytes, 8001}));
    CHECK(!diff_is_binary((Str){0}));
    bytes[7999] = 'a';
    CHECK(diff_is_binary((Str){bytes, LIMIT_MERGE_BYTES + 1}));
}

/* Every line differs, and every line of one text occurs often in the other: the cap must hold. */
TEST(hostile_texts_do_not_take_quadratic_time)
{
    Str a = random_text(t, 1, 3), b = a;
    Buf first = buf_new(t->arena), second = buf_new(t->arena);
    for (size_t i = 0; i < 60000; i++) {
        buf_format(&first, "%zu\n", (size_t)test_below(t, 300));
        buf_format(&second, "%zu\n", (size_t)test_below(t, 300));
    }
    a = buf_str(&first);
    b = buf_str(&second);
    DiffChanges changes;
    int64_t start = clock_monotonic_us();
    diff_lines(t->arena, a, b, &changes);
    CHECK(clock_monotonic_us() - start < 20 * 1000 * 1000);
    CHECK(changes.count > 0);
}
