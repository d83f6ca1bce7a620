#include "cli/rows.h"

#include "base/text.h"
#include "cli/wrap.h"

enum { CONTINUED = 4 }; /* columns before what goes on in a line of its own */

static size_t filled(const Row *row)
{
    size_t count = 0;
    for (size_t i = 0; i < ROW_CELLS; i++)
        if (row->cells[i].text && row->cells[i].text[0])
            count = i + 1;
    return count;
}

static void measure(const Rows *rows, size_t *widths)
{
    for (size_t i = 0; i < rows->count; i++) {
        size_t count = filled(&rows->items[i]);
        for (size_t c = 0; c + 1 < count; c++) {
            const char *text = rows->items[i].cells[c].text;
            size_t width = text ? text_columns(str_of(text)) : 0;
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
}

/* Where a terminal is too narrow for the next cell, it goes on in a line of its own. */
static bool starts_line(const Output *output, size_t at, size_t width)
{
    enum { LEAST = 8, NARROW = 60 };
    if (!output->columns || at <= CONTINUED)
        return false;
    size_t wanted = output->columns > NARROW && width > LEAST ? LEAST : width;
    return at + wanted > output->columns;
}

static void print_row(Output *output, const Row *row, const size_t *widths, const char *indent)
{
    size_t count = filled(row), at = text_columns(str_of(indent)), pad = 0;
    out_text(output, "%s", indent);
    for (size_t c = 0; c < count; c++) {
        Str text = str_of(row->cells[c].text);
        size_t width = text_columns(text);
        bool last = c + 1 == count;
        if (!text.len) {
            pad += widths[c] + 2;
            at += widths[c] + 2;
            continue;
        }
        if (starts_line(output, at, width)) {
            out_text(output, "\n");
            at = pad = CONTINUED;
        }
        if (output->columns > at && at + width > output->columns) {
            text = wrap_cut(output->arena, text, output->columns - at, glyph(output, "…", "..."));
            width = text_columns(text);
        }
        const char *shown = ink(output, row->cells[c].ink, arena_text(output->arena, text));
        out_text(output, "%*s%s", (int)pad, "", shown);
        pad = last || widths[c] < width ? 0 : widths[c] - width + 2;
        at += width + pad;
    }
    out_text(output, "\n");
}

void rows_print(Output *output, const Rows *rows, const char *indent)
{
    size_t widths[ROW_CELLS] = {0};
    measure(rows, widths);
    for (size_t i = 0; i < rows->count; i++)
        print_row(output, &rows->items[i], widths, indent);
}
