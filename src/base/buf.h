/* Buf: builds a text of bytes in an arena. Its result is valid until the arena goes. */
#pragma once

#include "base/arena.h"

typedef struct {
    Arena *arena;
    char *data;
    size_t len;
    size_t capacity;
} Buf;

Buf buf_new(Arena *arena);
void buf_reserve(Buf *buf, size_t more_bytes);
void buf_add(Buf *buf, Str s);
void buf_add_text(Buf *buf, const char *text);
void buf_add_char(Buf *buf, char c);
void buf_add_bytes(Buf *buf, const void *data, size_t len);
void buf_format(Buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
Str buf_str(const Buf *buf);
const char *buf_text(Buf *buf); /* NUL-terminated */
