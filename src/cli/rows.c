#include "cli/rows.h"

#include "base/text.h"

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

static Str cut(Str text, size_t columns)
{
    size_t len = 0;
    while (len < text.len) {
        size_t step = str_utf8_next(str_slice(text, len, text.len));
        step = step ? step : 1;
        if (text_columns(str_slice(text, 0, len + step)) > columns)
            break;
        len += step;
    }
    return str_slice(text, 0, len);
}

/* Where a terminal is too narrow for the next cell, it goes on in a line of its own. */
static bool starts_line(const Output *output, size_t at, size_t width, bool last)
{
    enum { LEAST = 8, NARROW = 60 };
    if (!output->columns || output->columns > NARROW || at <= CONTINUED)
        return false;
    return at + (last && width > LEAST ? LEAST : width) > output->columns;
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
        if (starts_line(output, at, width, last)) {
            out_text(output, "\n");
            at = pad = CONTINUED;
        }
        if (output->columns > at + 8 && at + width > output->columns) {
            text = cut(text, output->columns - at);
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
