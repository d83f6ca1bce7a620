#include "merge/hunks_internal.h"

#include <string.h>

#include "merge/diff.h"

/* A text and where its lines start; starts[count] is its end. */
typedef struct {
    Str text;
    size_t *starts;
    size_t count;
} Lines;

static Lines lines_of(Arena *arena, Str text)
{
    Lines lines = {text, NULL, diff_line_count(text)};
    lines.starts = ARENA_ARRAY(arena, size_t, lines.count + 1);
    size_t at = 0;
    for (size_t i = 0; i < lines.count; i++) {
        lines.starts[i] = at;
        const char *end = memchr(text.data + at, '\n', text.len - at);
        at = end ? (size_t)(end - text.data) + 1 : text.len;
    }
    lines.starts[lines.count] = text.len;
    return lines;
}

static void add_lines(Buf *buf, char sign, const Lines *lines, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        Str line = str_slice(lines->text, lines->starts[i], lines->starts[i + 1]);
        buf_add_char(buf, sign);
        buf_add(buf, line);
        if (!str_ends(line, STR("\n")))
            buf_add_text(buf, "\n\\ No newline at end of file\n");
    }
}

static void add_range(Buf *buf, char sign, size_t start, size_t count)
{
    buf_format(buf, "%c%zu", sign, start + (count > 0));
    if (count != 1)
        buf_format(buf, ",%zu", count);
}

/* Changes [first, last] with the context around them. */
static void add_hunk(Buf *buf, const Lines *a, const Lines *b, const DiffChange *first,
                     const DiffChange *last, size_t context)
{
    size_t lead = first->a_start < context ? first->a_start : context;
    size_t left = a->count - (last->a_start + last->a_count);
    size_t tail = left < context ? left : context;
    size_t a_start = first->a_start - lead, a_end = last->a_start + last->a_count + tail;
    size_t b_start = first->b_start - lead, b_end = last->b_start + last->b_count + tail;

    buf_add_text(buf, "@@ ");
    add_range(buf, '-', a_start, a_end - a_start);
    buf_add_char(buf, ' ');
    add_range(buf, '+', b_start, b_end - b_start);
    buf_add_text(buf, " @@\n");
    size_t done = a_start;
    for (const DiffChange *change = first; change <= last; change++) {
        add_lines(buf, ' ', a, done, change->a_start);
        add_lines(buf, '-', a, change->a_start, change->a_start + change->a_count);
        add_lines(buf, '+', b, change->b_start, change->b_start + change->b_count);
        done = change->a_start + change->a_count;
    }
    add_lines(buf, ' ', a, done, a_end);
}

void hunks_add(Buf *buf, Str before, Str after, size_t context_lines)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    DiffChanges changes;
    diff_lines_readable(scratch, before, after, &changes);
    Lines a = lines_of(scratch, before), b = lines_of(scratch, after);
    for (size_t first = 0; first < changes.count;) {
        size_t last = first;
        while (last + 1 < changes.count &&
               changes.items[last + 1].a_start -
                       (changes.items[last].a_start + changes.items[last].a_count) <=
                   2 * context_lines)
            last++;
        add_hunk(buf, &a, &b, &changes.items[first], &changes.items[last], context_lines);
        first = last + 1;
    }
}
