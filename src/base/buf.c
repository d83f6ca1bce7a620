#include "base/buf.h"

#include <stdio.h>
#include <string.h>

Buf buf_new(Arena *arena)
{
    return (Buf){.arena = arena};
}

void buf_reserve(Buf *buf, size_t more_bytes)
{
    size_t wanted;
    if (__builtin_add_overflow(buf->len, more_bytes, &wanted))
        out_of_memory(SIZE_MAX);
    if (wanted <= buf->capacity)
        return;
    size_t capacity = buf->capacity ? buf->capacity * 2 : 64;
    if (capacity < wanted)
        capacity = wanted;
    buf->data = arena_grow(buf->arena, buf->data, buf->capacity, capacity, 1);
    buf->capacity = capacity;
}

void buf_add_bytes(Buf *buf, const void *data, size_t len)
{
    if (!len)
        return;
    buf_reserve(buf, len);
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
}

void buf_add(Buf *buf, Str s)
{
    buf_add_bytes(buf, s.data, s.len);
}

void buf_add_text(Buf *buf, const char *text)
{
    buf_add(buf, str_of(text));
}

void buf_add_char(Buf *buf, char c)
{
    buf_add_bytes(buf, &c, 1);
}

void buf_format(Buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_list(buf->arena, format, arguments);
    va_end(arguments);
    buf_add_text(buf, text);
}

Str buf_str(const Buf *buf)
{
    return (Str){buf->data, buf->len};
}

const char *buf_text(Buf *buf)
{
    buf_reserve(buf, 1);
    buf->data[buf->len] = '\0';
    return buf->data;
}
