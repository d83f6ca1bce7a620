/* Edit scripts over rows of numbers: the inside of the line diff.
 *
 * Three steps: leave out what is common at both ends and lines that cannot match, search the rest
 * (Myers, linear space), slide the changes to where git puts them.
 */
#pragma once

#include "merge/diff.h"
#include "merge/line_table_internal.h"

/* Lines of one text. changed[-1] and changed[count] exist and stay false. */
typedef struct {
    const uint32_t *ids;
    bool *changed;
    int32_t count;
} Row;

/* Marks in a->changed and b->changed what a shortest script (or, past the cost cap, a short one)
 * removes and adds. `classes` is one more than the greatest number. */
void script_search(Arena *scratch, Row *a, Row *b, size_t classes);

/* Slides each group of changed lines of `row` as git does; `other` is its partner. With a `table` (of
 * `row`), groups that are free to slide settle where indentation and blank lines suggest. */
void script_slide(Row *row, Row *other, const LineTable *table);

typedef struct {
    const LineTable *table;
    size_t from, count;
} LinePart;

/* Changes between two parts of tables made with `classes`. Starts count from the parts' first lines. */
void script_of_parts(Arena *arena, LineClasses *classes, LinePart a, LinePart b, bool readable,
                     DiffChanges *out);
