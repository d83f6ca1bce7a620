#include "merge/hunks.h"

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

static void add_lines(Arena *arena, HunkLines *out, LineKind kind, const Lines *lines, size_t from,
                      size_t to)
{
    for (size_t i = from; i < to; i++) {
        HunkLine line = {.kind = kind};
        line.text = str_slice(lines->text, lines->starts[i], lines->starts[i + 1]);
        ARRAY_PUSH(arena, out, line);
    }
}

/* Changes [first, last] with the context around them. */
static Hunk hunk_of(Arena *arena, const Lines *a, const Lines *b, const DiffChange *first,
                    const DiffChange *last, size_t context)
{
    size_t lead = first->a_start < context ? first->a_start : context;
    size_t left = a->count - (last->a_start + last->a_count);
    size_t tail = left < context ? left : context;
    size_t a_start = first->a_start - lead, a_end = last->a_start + last->a_count + tail;
    size_t b_start = first->b_start - lead, b_end = last->b_start + last->b_count + tail;
    Hunk hunk = {.old_count = a_end - a_start, .new_count = b_end - b_start};
    hunk.old_start = a_start + (hunk.old_count > 0);
    hunk.new_start = b_start + (hunk.new_count > 0);
    size_t done = a_start;
    for (const DiffChange *change = first; change <= last; change++) {
        add_lines(arena, &hunk.lines, LINE_SAME, a, done, change->a_start);
        add_lines(arena, &hunk.lines, LINE_REMOVED, a, change->a_start,
                  change->a_start + change->a_count);
        add_lines(arena, &hunk.lines, LINE_ADDED, b, change->b_start,
                  change->b_start + change->b_count);
        done = change->a_start + change->a_count;
    }
    add_lines(arena, &hunk.lines, LINE_SAME, a, done, a_end);
    return hunk;
}

void hunks_of(Arena *arena, Str before, Str after, size_t context_lines, Hunks *out)
{
    DiffChanges changes;
    diff_lines_readable(arena, before, after, &changes);
    Lines a = lines_of(arena, before), b = lines_of(arena, after);
    for (size_t first = 0; first < changes.count;) {
        size_t last = first;
        while (last + 1 < changes.count &&
               changes.items[last + 1].a_start -
                       (changes.items[last].a_start + changes.items[last].a_count) <=
                   2 * context_lines)
            last++;
        ARRAY_PUSH(
            arena, out,
            hunk_of(arena, &a, &b, &changes.items[first], &changes.items[last], context_lines));
        first = last + 1;
    }
}

/* ── as text ── */

static void write_range(Buf *buf, char sign, size_t start, size_t count)
{
    buf_format(buf, "%c%zu", sign, start);
    if (count != 1)
        buf_format(buf, ",%zu", count);
}

static void write_line(Buf *buf, const HunkLine *line)
{
    static const char signs[] = {' ', '-', '+'};
    buf_add_char(buf, signs[line->kind]);
    buf_add(buf, line->text);
    if (!str_ends(line->text, STR("\n")))
        buf_add_text(buf, "\n\\ No newline at end of file\n");
}

void hunks_write(Buf *buf, const Hunks *hunks)
{
    for (size_t i = 0; i < hunks->count; i++) {
        const Hunk *hunk = &hunks->items[i];
        buf_add_text(buf, "@@ ");
        write_range(buf, '-', hunk->old_start, hunk->old_count);
        buf_add_char(buf, ' ');
        write_range(buf, '+', hunk->new_start, hunk->new_count);
        buf_add_text(buf, " @@\n");
        for (size_t k = 0; k < hunk->lines.count; k++)
            write_line(buf, &hunk->lines.items[k]);
    }
}
