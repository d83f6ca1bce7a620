#include "merge/diff.h"

#include <string.h>

#include "base/limits.h"
#include "merge/script_internal.h"

enum { BINARY_SNIFF_BYTES = 8000 };

bool diff_is_binary(Str bytes)
{
    size_t sniffed = bytes.len < BINARY_SNIFF_BYTES ? bytes.len : BINARY_SNIFF_BYTES;
    return bytes.len > LIMIT_MERGE_BYTES ||
           (sniffed > 0 && memchr(bytes.data, '\0', sniffed) != NULL);
}

DiffCounts diff_counts(const DiffChanges *changes)
{
    DiffCounts counts = {0};
    for (size_t i = 0; i < changes->count; i++) {
        counts.removed += changes->items[i].a_count;
        counts.added += changes->items[i].b_count;
    }
    return counts;
}

/* Numbers of the lines of a part. A part of a large text gets small numbers of its own, so that its
 * cost follows its own size. */
static uint32_t *part_ids(Arena *scratch, uint32_t *renumber, LinePart part, uint32_t *next)
{
    uint32_t *ids = ARENA_ARRAY(scratch, uint32_t, part.count);
    for (size_t i = 0; i < part.count; i++) {
        uint32_t *number = &renumber[part.table->ids[part.from + i]];
        if (*number == 0)
            *number = ++*next;
        ids[i] = *number - 1;
    }
    return ids;
}

static void clear_numbers(uint32_t *renumber, LinePart part)
{
    for (size_t i = 0; i < part.count; i++)
        renumber[part.table->ids[part.from + i]] = 0;
}

static bool is_whole(LinePart part)
{
    return part.count == part.table->count;
}

static Row row_of(Arena *scratch, const uint32_t *ids, size_t count)
{
    bool *changed = ARENA_ARRAY(scratch, bool, count + 2);
    return (Row){ids, changed + 1, (int32_t)count};
}

/* Reads the changes off the two rows of marks. */
static void collect(Arena *arena, const Row *a, const Row *b, DiffChanges *out)
{
    *out = (DiffChanges){0};
    int32_t i = 0, j = 0;
    while (i < a->count || j < b->count) {
        if (!a->changed[i] && !b->changed[j]) {
            i++;
            j++;
            continue;
        }
        int32_t a_start = i, b_start = j;
        while (a->changed[i])
            i++;
        while (b->changed[j])
            j++;
        ARRAY_PUSH(arena, out,
                   (DiffChange){(size_t)a_start, (size_t)(i - a_start), (size_t)b_start,
                                (size_t)(j - b_start)});
    }
}

void script_of_parts(Arena *arena, LineClasses *classes, LinePart a, LinePart b, bool readable,
                     DiffChanges *out)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Row row_a, row_b;
    size_t class_count = classes->count;
    if (is_whole(a) && is_whole(b)) {
        row_a = row_of(scratch, a.table->ids, a.count);
        row_b = row_of(scratch, b.table->ids, b.count);
    } else {
        uint32_t *renumber = line_classes_renumber(classes);
        uint32_t next = 0;
        row_a = row_of(scratch, part_ids(scratch, renumber, a, &next), a.count);
        row_b = row_of(scratch, part_ids(scratch, renumber, b, &next), b.count);
        clear_numbers(renumber, a);
        clear_numbers(renumber, b);
        class_count = next;
        ASSERT(!readable);
    }
    script_search(scratch, &row_a, &row_b, class_count);
    script_slide(&row_a, &row_b, readable ? a.table : NULL);
    script_slide(&row_b, &row_a, readable ? b.table : NULL);
    collect(arena, &row_a, &row_b, out);
}

static void diff_texts(Arena *arena, Str a, Str b, bool readable, DiffChanges *out)
{
    *out = (DiffChanges){0};
    if (str_equal(a, b))
        return;
    SCOPED(arena_close) Arena *scratch = arena_open();
    LineClasses classes = line_classes_new(scratch);
    LineTable table_a, table_b;
    line_table_fill(&classes, a, &table_a);
    line_table_fill(&classes, b, &table_b);
    script_of_parts(arena, &classes, (LinePart){&table_a, 0, table_a.count},
                    (LinePart){&table_b, 0, table_b.count}, readable, out);
}

void diff_lines(Arena *arena, Str a, Str b, DiffChanges *out)
{
    diff_texts(arena, a, b, false, out);
}

void diff_lines_readable(Arena *arena, Str a, Str b, DiffChanges *out)
{
    diff_texts(arena, a, b, true, out);
}
