#include "format/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(Buf *buf, Str bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        const unsigned char *c = (const unsigned char *)bytes.data + i;
        uint32_t bits = (uint32_t)c[0] << 16;
        bits |= left > 1 ? (uint32_t)c[1] << 8 : 0;
        bits |= left > 2 ? c[2] : 0;
        char four[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
                        left > 1 ? alphabet[bits >> 6 & 63] : '=',
                        left > 2 ? alphabet[bits & 63] : '='};
        buf_add_bytes(buf, four, sizeof four);
    }
}

static int digit_of(char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/* One text for one value: the bits that the padding hides must be zero. */
static bool read_group(const char *four, size_t bytes, Buf *out)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = i <= bytes ? digit_of(four[i]) : 0;
        if (digit < 0 || (i > bytes && four[i] != '='))
            return false;
        bits = bits << 6 | (uint32_t)digit;
    }
    if (bytes < 3 && (bits & ((1U << (8 * (3 - bytes))) - 1)) != 0)
        return false;
    for (size_t i = 0; i < bytes; i++)
        buf_add_char(out, (char)(bits >> (16 - 8 * i)));
    return true;
}

bool base64_parse(Arena *arena, Str text, Str *out)
{
    if (text.len % 4 != 0)
        return false;
    Buf buf = buf_new(arena);
    for (size_t i = 0; i < text.len; i += 4) {
        bool last = i + 4 == text.len;
        size_t pads = last ? (size_t)(text.data[i + 3] == '=') + (text.data[i + 2] == '=') : 0;
        if (!read_group(text.data + i, 3 - pads, &buf))
            return false;
    }
    *out = buf_str(&buf);
    return true;
}
