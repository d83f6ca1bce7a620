#include "format/utf8.h"

#include <string.h>

static bool is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* The second byte's range rules out overlong forms, surrogates and what lies above U+10FFFF. */
static bool second_fits(unsigned char first, unsigned char second)
{
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
}

size_t utf8_length(const char *at, const char *end)
{
    const unsigned char *c = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    if (left == 0)
        return 0;
    if (c[0] < 0x80)
        return 1;
    size_t len = c[0] >= 0xC2 && c[0] <= 0xDF   ? 2
                 : c[0] >= 0xE0 && c[0] <= 0xEF ? 3
                 : c[0] >= 0xF0 && c[0] <= 0xF4 ? 4
                                                : 0;
    if (len == 0 || len > left || !second_fits(c[0], c[1]))
        return 0;
    for (size_t i = 2; i < len; i++) {
        if (!is_tail(c[i]))
            return 0;
    }
    return len;
}

/* Most texts are ASCII: eight bytes at a step. */
static const char *skip_ascii(const char *at, const char *end)
{
    uint64_t word;
    while (end - at >= (ptrdiff_t)sizeof word) {
        memcpy(&word, at, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
        at += sizeof word;
    }
    while (at < end && (unsigned char)*at < 0x80)
        at++;
    return at;
}

size_t utf8_valid_prefix(Str s)
{
    if (s.len == 0)
        return 0;
    const char *end = s.data + s.len;
    const char *at = skip_ascii(s.data, end);
    while (at < end) {
        size_t len = utf8_length(at, end);
        if (len == 0)
            break;
        at = skip_ascii(at + len, end);
    }
    return (size_t)(at - s.data);
}

void utf8_add(Buf *buf, uint32_t code_point)
{
    char bytes[4];
    size_t len = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = len; i > 1; i--) {
        bytes[i - 1] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    bytes[0] = (char)(leads[len] | code_point);
    buf_add_bytes(buf, bytes, len);
}
