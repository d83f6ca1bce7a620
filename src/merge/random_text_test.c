#include "testing/test.h"

#include "merge/random_text_internal.h"

#include <string.h>

#include "base/buf.h"

static const char *const odd_lines[] = {"",      "}",     "    ", "\t",      "{",   "--",
                                        "    }", "=====", " x",   "  y = 1", "end", "<<<"};

static Str random_line(Test *t, size_t distinct)
{
    size_t which = test_below(t, distinct);
    if (distinct >= 1000 && test_below(t, 4) == 0)
        which = test_below(t, 3); /* mostly different lines, a few very common ones */
    if (distinct >= 1000 && which < 3)
        return str_of(arena_format(t->arena, "%s\n", odd_lines[which]));
    if (which < COUNT_OF(odd_lines) && distinct < 40)
        return str_of(arena_format(t->arena, "%s\n", odd_lines[which]));
    return str_of(arena_format(t->arena, "%*sline %zu\n", (int)(which % 5) * 2, "", which));
}

static StrArray lines_of(Test *t, Str text)
{
    StrArray lines = {0};
    while (text.len) {
        size_t end = str_find(text, '\n');
        size_t len = end == STR_NONE ? text.len : end + 1;
        ARRAY_PUSH(t->arena, &lines, str_slice(text, 0, len));
        text = str_slice(text, len, text.len);
    }
    return lines;
}

static Str joined(Test *t, const StrArray *lines)
{
    Buf buf = buf_new(t->arena);
    for (size_t i = 0; i < lines->count; i++) {
        bool open = buf.len && buf.data[buf.len - 1] != '\n';
        if (open)
            buf_add_char(&buf, '\n');
        buf_add(&buf, lines->items[i]);
    }
    return buf_str(&buf);
}

Str random_text(Test *t, size_t lines_max, size_t distinct)
{
    StrArray lines = {0};
    for (size_t n = test_below(t, lines_max + 1); n > 0; n--)
        ARRAY_PUSH(t->arena, &lines, random_line(t, distinct));
    return joined(t, &lines);
}

static void add_range(Test *t, StrArray *out, const StrArray *lines, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < lines->count; i++)
        ARRAY_PUSH(t->arena, out, lines->items[i]);
}

static void add_random(Test *t, StrArray *out, size_t count, size_t distinct)
{
    for (; count > 0; count--)
        ARRAY_PUSH(t->arena, out, random_line(t, distinct));
}

/* Deletes, inserts, replaces, doubles or moves a block. */
static StrArray edit_once(Test *t, const StrArray *lines, size_t distinct)
{
    size_t at = test_below(t, lines->count + 1);
    size_t length = test_below(t, 5);
    size_t end = at + length < lines->count ? at + length : lines->count;
    size_t kind = test_below(t, 6);
    StrArray out = {0};
    add_range(t, &out, lines, 0, at);
    if (kind == 1 || kind == 2)
        add_random(t, &out, 1 + test_below(t, 4), distinct);
    if (kind == 3)
        add_range(t, &out, lines, at, end);
    if (kind == 1 || kind == 3)
        end = at;
    if (kind != 4) {
        add_range(t, &out, lines, end, lines->count);
        return out;
    }
    size_t where = end + test_below(t, lines->count - end + 1);
    add_range(t, &out, lines, end, where);
    add_range(t, &out, lines, at, end);
    add_range(t, &out, lines, where, lines->count);
    return out;
}

static Str with_crlf(Test *t, Str text, uint64_t one_in)
{
    Buf buf = buf_new(t->arena);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n' && (i == 0 || text.data[i - 1] != '\r') &&
            test_below(t, one_in) == 0)
            buf_add_char(&buf, '\r');
        buf_add_char(&buf, text.data[i]);
    }
    return buf_str(&buf);
}

Str random_edit(Test *t, Str text, size_t edits, size_t distinct)
{
    StrArray lines = lines_of(t, text);
    for (size_t n = test_below(t, edits + 1); n > 0; n--)
        lines = edit_once(t, &lines, distinct);
    Str result = joined(t, &lines);
    if (result.len && test_below(t, 12) == 0)
        result.len--;
    if (test_below(t, 40) == 0)
        result = with_crlf(t, result, 1 + test_below(t, 3));
    return result;
}

RandomTriple random_triple(Test *t)
{
    static const size_t kinds[] = {2, 3, 5, 8, 12, 30, 100, 1000};
    size_t distinct = kinds[test_below(t, COUNT_OF(kinds))];
    size_t lines_max = test_below(t, 30) == 0 ? 900 : test_below(t, 4) == 0 ? 8 : 50;
    size_t edits = test_below(t, 20) == 0 ? 60 : 1 + test_below(t, 8);
    Str base = random_text(t, lines_max, distinct);
    if (test_below(t, 15) == 0)
        base = with_crlf(t, base, 1);
    Str shared = test_below(t, 3) == 0 ? random_edit(t, base, 3, distinct) : base;
    return (RandomTriple){base, random_edit(t, shared, edits, distinct),
                          random_edit(t, shared, edits, distinct)};
}
