#include "format/json_write.h"

#include <inttypes.h>

#include "format/base64.h"
#include "format/utf8.h"

JsonWriter json_writer(Buf *buf, bool pretty)
{
    return (JsonWriter){.buf = buf, .pretty = pretty};
}

static void new_line(JsonWriter *writer)
{
    buf_add_char(writer->buf, '\n');
    for (int i = 0; i < writer->depth; i++)
        buf_add_text(writer->buf, "  ");
}

/* Comma and line before an item; nothing behind a key. */
static void begin_item(JsonWriter *writer)
{
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    if (writer->filled[writer->depth])
        buf_add_char(writer->buf, ',');
    writer->filled[writer->depth] = true;
    if (writer->pretty && writer->depth > 0)
        new_line(writer);
}

static void begin_level(JsonWriter *writer, char bracket)
{
    begin_item(writer);
    ASSERT(writer->depth + 1 < (int)COUNT_OF(writer->filled));
    buf_add_char(writer->buf, bracket);
    writer->filled[++writer->depth] = false;
}

static void end_level(JsonWriter *writer, char bracket)
{
    ASSERT(writer->depth > 0 && !writer->after_key);
    bool filled = writer->filled[writer->depth--];
    if (writer->pretty && filled)
        new_line(writer);
    buf_add_char(writer->buf, bracket);
}

void json_begin_object(JsonWriter *writer)
{
    begin_level(writer, '{');
}

void json_end_object(JsonWriter *writer)
{
    end_level(writer, '}');
}

void json_begin_array(JsonWriter *writer)
{
    begin_level(writer, '[');
}

void json_end_array(JsonWriter *writer)
{
    end_level(writer, ']');
}

static void add_escape(Buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        buf_add_text(buf, "\\\"");
        return;
    case '\\':
        buf_add_text(buf, "\\\\");
        return;
    case '\n':
        buf_add_text(buf, "\\n");
        return;
    case '\r':
        buf_add_text(buf, "\\r");
        return;
    case '\t':
        buf_add_text(buf, "\\t");
        return;
    default:
        buf_format(buf, "\\u%04x", c);
    }
}

static void add_string_part(Buf *buf, Str text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        buf_add(buf, str_slice(text, from, i));
        add_escape(buf, c);
        from = i + 1;
    }
    buf_add(buf, str_slice(text, from, text.len));
}

Str json_bytes_text(Arena *arena, Str bytes)
{
    size_t good = utf8_valid_prefix(bytes);
    if (good == bytes.len)
        return bytes;
    Buf buf = buf_new(arena);
    while (bytes.len > 0) {
        buf_add(&buf, str_slice(bytes, 0, good));
        if (good < bytes.len)
            buf_format(&buf, "\\x%02X", (unsigned char)bytes.data[good++]);
        bytes = str_slice(bytes, good, bytes.len);
        good = utf8_valid_prefix(bytes);
    }
    return buf_str(&buf);
}

void json_escape(Buf *buf, Str text)
{
    buf_add_char(buf, '"');
    add_string_part(buf, json_bytes_text(buf->arena, text));
    buf_add_char(buf, '"');
}

void json_key_str(JsonWriter *writer, Str key)
{
    ASSERT(writer->depth > 0 && !writer->after_key);
    begin_item(writer);
    json_escape(writer->buf, key);
    buf_add_text(writer->buf, writer->pretty ? ": " : ":");
    writer->after_key = true;
}

void json_key(JsonWriter *writer, const char *key)
{
    json_key_str(writer, str_of(key));
}

void json_string(JsonWriter *writer, Str text)
{
    begin_item(writer);
    json_escape(writer->buf, text);
}

void json_raw(JsonWriter *writer, Str json)
{
    begin_item(writer);
    buf_add(writer->buf, json);
}

void json_null(JsonWriter *writer)
{
    json_raw(writer, STR("null"));
}

void json_text(JsonWriter *writer, const char *text)
{
    if (text)
        json_string(writer, str_of(text));
    else
        json_null(writer);
}

void json_integer(JsonWriter *writer, int64_t value)
{
    begin_item(writer);
    buf_format(writer->buf, "%" PRId64, value);
}

void json_bool(JsonWriter *writer, bool value)
{
    json_raw(writer, value ? STR("true") : STR("false"));
}

void json_member(JsonWriter *writer, const char *key, Str text)
{
    json_key(writer, key);
    json_string(writer, text);
}

void json_member_text(JsonWriter *writer, const char *key, const char *text)
{
    json_key(writer, key);
    json_text(writer, text);
}

void json_member_integer(JsonWriter *writer, const char *key, int64_t value)
{
    json_key(writer, key);
    json_integer(writer, value);
}

void json_member_bool(JsonWriter *writer, const char *key, bool value)
{
    json_key(writer, key);
    json_bool(writer, value);
}

void json_member_null(JsonWriter *writer, const char *key)
{
    json_key(writer, key);
    json_null(writer);
}

void json_member_strings(JsonWriter *writer, const char *key, const StrArray *items)
{
    json_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < items->count; i++)
        json_string(writer, items->items[i]);
    json_end_array(writer);
}

void json_member_bytes(JsonWriter *writer, const char *key, Str bytes)
{
    json_member(writer, key, bytes);
    if (utf8_valid_prefix(bytes) == bytes.len)
        return;
    Buf text = buf_new(writer->buf->arena);
    base64_add(&text, bytes);
    json_member(writer, arena_format(writer->buf->arena, "%s_bytes", key), buf_str(&text));
}

void json_member_bytes_or_null(JsonWriter *writer, const char *key, Str bytes)
{
    if (bytes.len)
        json_member_bytes(writer, key, bytes);
    else
        json_member_null(writer, key);
}
