/* Rows: lines of cells that stand under each other. Cells are measured as a terminal shows them; the last
 * one is never padded. What does not fit beside the others on a narrow terminal goes on in a line of its
 * own; what no line can hold is cut, which "…" shows. In a pipe nothing is.
 */
#pragma once

#include "cli/output.h"

enum { ROW_CELLS = 6 };

typedef struct {
    const char *text; /* safe to show; NULL: the row ends before it */
    Ink ink;
} Cell;

typedef struct {
    Cell cells[ROW_CELLS];
} Row;
typedef ARRAY(Row) Rows;

#define ROW(...) ((Row){.cells = {__VA_ARGS__}})

void rows_print(Output *output, const Rows *rows, const char *indent);
