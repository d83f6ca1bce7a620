#include "merge/binary_patch_internal.h"

enum { STORED_MAX = 65535, LINE_BYTES = 52, ADLER_PRIME = 65521, ADLER_RUN = 5552 };

static uint32_t adler32(Str bytes)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < bytes.len;) {
        size_t end = bytes.len - i > ADLER_RUN ? i + ADLER_RUN : bytes.len;
        for (; i < end; i++) {
            a += (uint8_t)bytes.data[i];
            b += a;
        }
        a %= ADLER_PRIME;
        b %= ADLER_PRIME;
    }
    return b << 16 | a;
}

static void add_byte(Buf *buf, unsigned value)
{
    buf_add_char(buf, (char)(uint8_t)value);
}

static void add_block(Buf *buf, Str data, bool last)
{
    unsigned len = (unsigned)data.len;
    add_byte(buf, last);
    add_byte(buf, len & 255);
    add_byte(buf, len >> 8);
    add_byte(buf, ~len & 255);
    add_byte(buf, ~len >> 8 & 255);
    buf_add(buf, data);
}

static Str zlib_stored(Arena *arena, Str bytes)
{
    Buf buf = buf_new(arena);
    buf_reserve(&buf, bytes.len + bytes.len / STORED_MAX * 5 + 16);
    add_byte(&buf, 0x78);
    add_byte(&buf, 0x01);
    Str rest = bytes;
    do {
        Str block = str_slice(rest, 0, STORED_MAX);
        rest = str_slice(rest, block.len, rest.len);
        add_block(&buf, block, rest.len == 0);
    } while (rest.len);
    uint32_t sum = adler32(bytes);
    for (int shift = 24; shift >= 0; shift -= 8)
        add_byte(&buf, sum >> shift & 255);
    return buf_str(&buf);
}

/* Four bytes, the last group filled up with zeros, as five digits. */
static void add_base85(Buf *buf, Str bytes)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    for (size_t i = 0; i < bytes.len; i += 4) {
        uint32_t group = 0;
        for (size_t k = i; k < i + 4; k++)
            group = group << 8 | (k < bytes.len ? (uint8_t)bytes.data[k] : 0);
        char text[5];
        for (int k = 4; k >= 0; k--, group /= 85)
            text[k] = digits[group % 85];
        buf_add_bytes(buf, text, sizeof text);
    }
}

static void add_literal(Buf *buf, Str bytes)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Str stream = zlib_stored(scratch, bytes);
    buf_format(buf, "literal %zu\n", bytes.len);
    while (stream.len) {
        Str line = str_slice(stream, 0, LINE_BYTES);
        stream = str_slice(stream, line.len, stream.len);
        buf_add_char(buf, (char)(line.len <= 26 ? 'A' + (line.len - 1) : 'a' + (line.len - 27)));
        add_base85(buf, line);
        buf_add_char(buf, '\n');
    }
    buf_add_char(buf, '\n');
}

void binary_patch_add(Buf *buf, Str before, Str after)
{
    buf_add_text(buf, "GIT binary patch\n");
    add_literal(buf, after);
    add_literal(buf, before);
}
