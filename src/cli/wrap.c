#include "cli/wrap.h"

#include "base/text.h"

/* Length of the escape sequence of a colour that `text` opens with; 0: none. */
static size_t color_len(Str text)
{
    size_t end = str_find(text, 'm');
    return str_starts(text, STR("\033[")) && end != STR_NONE ? end + 1 : 0;
}

size_t wrap_columns(Str text)
{
    size_t columns = 0, from = 0;
    for (size_t at; (at = str_find(str_slice(text, from, text.len), '\033')) != STR_NONE;) {
        columns += text_columns(str_slice(text, from, from + at));
        from += at;
        size_t len = color_len(str_slice(text, from, text.len));
        from += len ? len : 1;
    }
    return columns + text_columns(str_slice(text, from, text.len));
}

static size_t count_spaces(Str text)
{
    size_t count = 0;
    while (count < text.len && text.data[count] == ' ')
        count++;
    return count;
}

void wrap_add(Buf *out, Str text, size_t at, size_t indent, size_t columns)
{
    enum { LEAST_COLUMNS = 16 };
    bool wraps = columns >= indent + LEAST_COLUMNS, first = true;
    while (text.len) {
        size_t spaces = count_spaces(text);
        size_t len = str_find(str_slice(text, spaces, text.len), ' ');
        Str word = str_slice(text, spaces, len == STR_NONE ? text.len : spaces + len);
        size_t width = wrap_columns(word);
        if (wraps && !first && at + spaces + width > columns) {
            buf_format(out, "\n%*s", (int)indent, "");
            at = indent;
        } else {
            buf_format(out, "%*s", (int)spaces, "");
            at += spaces;
        }
        buf_add(out, word);
        at += width;
        text = str_slice(text, spaces + word.len, text.len);
        first = false;
    }
}

const char *wrap_lines(Arena *arena, const char *text, size_t columns)
{
    Buf out = buf_new(arena);
    Str rest = str_of(text), line = {0};
    if (!columns)
        return text;
    for (bool first = true; str_next(&rest, '\n', &line); first = false) {
        size_t lead = count_spaces(line);
        if (!first)
            buf_add_char(&out, '\n');
        wrap_add(&out, line, 0, lead ? lead + 2 : 0, columns);
    }
    if (str_ends(str_of(text), STR("\n")))
        buf_add_char(&out, '\n');
    return buf_text(&out);
}

Str wrap_cut(Arena *arena, Str text, size_t columns, const char *more)
{
    size_t room = text_columns(str_of(more)), len = 0, used = 0;
    if (!columns || text_columns(text) <= columns)
        return text;
    room = columns > room ? columns - room : 0;
    while (len < text.len) {
        size_t step = str_utf8_next(str_slice(text, len, text.len));
        step = step ? step : 1;
        used += text_columns(str_slice(text, len, len + step));
        if (used > room)
            break;
        len += step;
    }
    return str_of(arena_format(arena, "%.*s%s", STR_ARG(str_slice(text, 0, len)), more));
}
