/* Texts as rows of numbers: equal lines of any of the texts have the same number.
 *
 * Lines are cut at LF and compared with their ending. A text that mostly repeats an earlier one costs
 * little more than comparing the two: the next line is first guessed, then looked up. Numbers follow
 * first appearance, so they never depend on the hash or its seed. Texts are below 2 GiB.
 */
#pragma once

#include "base/arena.h"

typedef struct {
    Str text;
    uint32_t count;
    uint32_t *starts; /* count + 1 offsets; line i is text[starts[i], starts[i + 1]) */
    uint32_t *ids;    /* the number of each line */
} LineTable;

enum { LINE_TEXTS_MAX = 3 };

/* Where a number was first given out. */
typedef struct {
    uint32_t line;
    uint8_t text;  /* which of the tables filled so far */
    bool repeated; /* the first text has it twice */
} LineClass;

typedef struct {
    Arena *arena;
    uint64_t seed;
    LineClass *classes;
    size_t count, capacity;
    uint64_t *slots; /* half a hash and, below it, class + 1; or 0 */
    size_t slot_mask;
    const LineTable *texts[LINE_TEXTS_MAX]; /* guesses are taken from the first */
    uint8_t text_count;
    uint32_t *renumber; /* all zero between uses; a number per class, for parts of texts */
    size_t renumber_count;
} LineClasses;

LineClasses line_classes_new(Arena *arena);
/* Keeps `out`: it must live as long as the classes. */
void line_table_fill(LineClasses *classes, Str text, LineTable *out);

/* An array of zeros with a place for every class. Whoever writes to it puts the zeros back. */
uint32_t *line_classes_renumber(LineClasses *classes);

static inline Str line_table_slice(const LineTable *table, size_t from, size_t count)
{
    uint32_t start = table->starts[from];
    return (Str){table->text.data + start, table->starts[from + count] - start};
}

static inline Str line_table_line(const LineTable *table, size_t line)
{
    return line_table_slice(table, line, 1);
}
