#include <string.h>

#include "format/toml.h"
#include "format/toml_internal.h"

enum { LINE_COLUMNS = 100 };

static void add_escaped(Buf *buf, unsigned char c)
{
    static const char names[] = "btnfr\"\\";
    static const char values[] = "\b\t\n\f\r\"\\";
    const char *known = c ? strchr(values, c) : NULL;
    if (known)
        buf_format(buf, "\\%c", names[known - values]);
    else
        buf_format(buf, "\\u%04X", c);
}

void toml_add_string(Buf *buf, Str text)
{
    buf_add_char(buf, '"');
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        buf_add(buf, str_slice(text, from, i));
        add_escaped(buf, c);
        from = i + 1;
    }
    buf_add(buf, str_slice(text, from, text.len));
    buf_add_char(buf, '"');
}

void toml_add_key(Buf *buf, Str key)
{
    bool bare = key.len > 0;
    for (size_t i = 0; i < key.len && bare; i++)
        bare = toml_is_bare(key.data[i]);
    if (bare)
        buf_add(buf, key);
    else
        toml_add_string(buf, key);
}

void toml_add_strings(Buf *buf, const StrArray *items, size_t indent)
{
    size_t from = buf->len;
    buf_add_char(buf, '[');
    for (size_t i = 0; i < items->count; i++) {
        buf_add_text(buf, i ? ", " : "");
        toml_add_string(buf, items->items[i]);
    }
    buf_add_char(buf, ']');
    if (indent + (buf->len - from) <= LINE_COLUMNS || items->count == 0)
        return;
    buf->len = from;
    buf_add_text(buf, "[\n");
    for (size_t i = 0; i < items->count; i++) {
        buf_add_text(buf, "    ");
        toml_add_string(buf, items->items[i]);
        buf_add_text(buf, ",\n");
    }
    buf_add_char(buf, ']');
}
