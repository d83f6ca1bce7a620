#include "merge/hunks.h"

#include "merge/diff.h"
#include "testing/test.h"
/* above, because what follows is made from a Test */
#include "merge/random_text_internal.h"

/* "- say [bad] things" a line: what changed in brackets. */
static Str drawn(Test *t, const char *before, const char *after)
{
    Hunks hunks = {0};
    Buf buf = buf_new(t->arena);
    hunks_of(t->arena, str_of(before), str_of(after), 1, &hunks);
    hunks_mark(t->arena, &hunks);
    for (size_t i = 0; i < hunks.count; i++) {
        for (size_t k = 0; k < hunks.items[i].lines.count; k++) {
            const HunkLine *line = &hunks.items[i].lines.items[k];
            size_t at = 0, range = 0;
            buf_add_char(&buf, " -+"[line->kind]);
            for (Str rest = line->text; rest.len;) {
                const CharRange *here =
                    range < line->changed.count ? &line->changed.items[range] : NULL;
                size_t len = str_utf8_next(rest);
                if (here && at == here->start)
                    buf_add_char(&buf, '[');
                buf_add(&buf, str_slice(rest, 0, len ? len : 1));
                at++;
                if (here && at == here->start + here->count) {
                    buf_add_char(&buf, ']');
                    range++;
                }
                rest = str_slice(rest, len ? len : 1, rest.len);
            }
        }
    }
    return buf_str(&buf);
}

TEST(what_changed_inside_a_line_is_found_by_words)
{
    CHECK_STR(drawn(t, "keep\nsay good things twice\n", "keep\nsay better things\n"),
              STR(" keep\n-say [good] things[ twice]\n+say [better] things\n"));
    CHECK_STR(drawn(t, "größe = 1 €\n", "größe = 22 €\n"),
              STR("-größe = [1] €\n+größe = [22] €\n"));
    CHECK_STR(drawn(t, "one thing\n", "something else entirely\n"),
              STR("-one thing\n+something else entirely\n"));
    CHECK_STR(drawn(t, "a = \xff 1\n", "a = \xff 2\n"), STR("-a = \xff 1\n+a = \xff 2\n"));
    CHECK_STR(drawn(t, "x(a)\r\n", "x(b)\r\n"), STR("-x([a])\r\n+x([b])\r\n"));
}

/* Old and new text are in the hunks, in order, wherever they change. */
TEST(hunks_hold_both_texts)
{
    int rounds = test_rounds(400);
    for (int i = 0; i < rounds; i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        Str a = random_text(t, 30, 6), b = random_edit(t, a, 4, 6);
        Hunks hunks = {0};
        hunks_of(t->arena, a, b, 100, &hunks);
        hunks_mark(t->arena, &hunks);
        Buf before = buf_new(t->arena), after = buf_new(t->arena);
        for (size_t k = 0; hunks.count && k < hunks.items[0].lines.count; k++) {
            const HunkLine *line = &hunks.items[0].lines.items[k];
            if (line->kind != LINE_ADDED)
                buf_add(&before, line->text);
            if (line->kind != LINE_REMOVED)
                buf_add(&after, line->text);
        }
        CHECK(hunks.count <= 1 && (hunks.count == 1) == !str_equal(a, b));
        CHECK(!hunks.count || (str_equal(buf_str(&before), a) && str_equal(buf_str(&after), b)));
    }
}
