#include "base/text.h"

#include <ctype.h>
#include <string.h>

size_t text_next_point(Str s, uint32_t *out)
{
    static const uint8_t first_mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    size_t len = str_utf8_next(s);
    if (!len)
        return 0;
    uint32_t c = (uint8_t)s.data[0] & first_mask[len];
    for (size_t i = 1; i < len; i++)
        c = c << 6 | ((uint8_t)s.data[i] & 63);
    *out = c;
    return len;
}

static bool is_bidirectional(uint32_t c)
{
    return c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

static bool is_invisible(uint32_t c)
{
    return c == 0xAD || c == 0x34F || c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 ||
           (c >= 0x180B && c <= 0x180F) || (c >= 0x200B && c <= 0x200D) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0x3164 || c == 0xFEFF || c == 0xFFA0 ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

PointKind text_point_kind(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029)
        return POINT_CONTROL;
    if (c < 0xAD)
        return POINT_PLAIN;
    if (is_bidirectional(c))
        return POINT_BIDIRECTIONAL;
    return is_invisible(c) ? POINT_INVISIBLE : POINT_PLAIN;
}

void text_add_safe(Buf *buf, Str bytes)
{
    while (bytes.len) {
        uint32_t c = 0;
        size_t step = text_next_point(bytes, &c);
        if (!step || c < 0x20 || c == 0x7F)
            buf_format(buf, "\\x%02X", (unsigned)(uint8_t)bytes.data[0]);
        else if (text_point_kind(c) != POINT_PLAIN)
            buf_format(buf, "\\u{%04X}", (unsigned)c);
        else
            buf_add(buf, str_slice(bytes, 0, step));
        bytes = str_slice(bytes, step ? step : 1, bytes.len);
    }
}

const char *text_safe(Arena *arena, Str bytes)
{
    Buf buf = buf_new(arena);
    text_add_safe(&buf, bytes);
    return buf_text(&buf);
}

static size_t point_columns(uint32_t c)
{
    if ((c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
        (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0x200D)
        return 0;
    bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF && c != 0x303F) ||
                (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
                (c >= 0x20000 && c <= 0x3FFFD);
    return wide ? 2 : 1;
}

size_t text_columns(Str utf8)
{
    size_t columns = 0;
    while (utf8.len) {
        uint32_t c = 0;
        size_t step = text_next_point(utf8, &c);
        columns += step ? point_columns(c) : 1;
        utf8 = str_slice(utf8, step ? step : 1, utf8.len);
    }
    return columns;
}

const char *text_count(Arena *arena, size_t count, const char *one, const char *many)
{
    return arena_format(arena, "%zu %s", count, count == 1 ? one : many);
}

const char *text_size(Arena *arena, uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    uint64_t tenths = bytes * 10;
    size_t unit = 0;
    for (; tenths >= 10000 && unit + 1 < COUNT_OF(units); unit++)
        tenths = (tenths + 500) / 1000;
    unsigned long long whole = tenths / 10;
    if (unit == 0 || whole >= 10 || tenths % 10 == 0)
        return arena_format(arena, "%llu %s", whole + (unit && tenths % 10 >= 5), units[unit]);
    return arena_format(arena, "%llu.%llu %s", whole, (unsigned long long)tenths % 10, units[unit]);
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t low = a < b ? a : b;
    return low < c ? low : c;
}

static bool is_same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t text_distance(Str a, Str b)
{
    enum { LONGEST = 64 };
    size_t rows[3][LONGEST + 1];
    if (a.len > LONGEST || b.len > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *now = rows[i % 3];
        const size_t *up = rows[(i + 2) % 3];
        const size_t *upper = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = is_same_letter(a.data[i - 1], b.data[j - 1]);
            now[j] = least(up[j] + 1, now[j - 1] + 1, up[j - 1] + !same);
            bool swapped = i > 1 && j > 1 && is_same_letter(a.data[i - 1], b.data[j - 2]) &&
                           is_same_letter(a.data[i - 2], b.data[j - 1]);
            if (swapped && upper[j - 2] + 1 < now[j])
                now[j] = upper[j - 2] + 1;
        }
    }
    return rows[a.len % 3][b.len];
}

static bool is_plain(Str word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:@%+=,^-";
    for (size_t i = 0; i < word.len; i++)
        if (!memchr(plain, word.data[i], sizeof plain - 1))
            return false;
    return word.len > 0;
}

void text_add_word(Buf *buf, Str word)
{
    if (is_plain(word)) {
        buf_add(buf, word);
        return;
    }
    buf_add_char(buf, '\'');
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] == '\'')
            buf_add_text(buf, "'\\''");
        else
            buf_add_char(buf, word.data[i]);
    buf_add_char(buf, '\'');
}

const char *text_word(Arena *arena, Str word)
{
    Buf buf = buf_new(arena);
    text_add_word(&buf, word);
    return text_safe(arena, str_of(buf_text(&buf)));
}
