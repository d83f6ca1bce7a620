#include <string.h>

#include "format/toml_internal.h"
#include "format/utf8.h"

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool read_code_point(TomlParser *p, int digits, Buf *out)
{
    const char *from = p->at - 2;
    uint32_t code = 0;
    for (int i = 0; i < digits; i++, p->at++) {
        int digit = p->at < p->end ? hex_digit(*p->at) : -1;
        if (digit < 0)
            return toml_bad(p, from, "expected %d hex digits in the escape", digits);
        code = code << 4 | (uint32_t)digit;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return toml_bad(p, from, "the escape is no Unicode character");
    utf8_add(out, code);
    return true;
}

/* Behind the backslash of a line's end: over all blanks and line ends. */
static bool skip_line_end(TomlParser *p)
{
    const char *from = p->at - 1;
    toml_skip_blanks(p);
    if (p->at >= p->end || (*p->at != '\n' && *p->at != '\r'))
        return toml_bad(p, from, "expected one of \\b \\t \\n \\f \\r \\\" \\\\ \\u \\U");
    while (p->at < p->end) {
        if (*p->at == '\r' && (p->at + 1 == p->end || p->at[1] != '\n'))
            return toml_bad(p, p->at, "a carriage return without line feed");
        if (!strchr(" \t\r\n", *p->at) || *p->at == 0)
            break;
        p->at++;
    }
    return true;
}

static bool read_escape(TomlParser *p, bool multi_line, Buf *out)
{
    static const char names[] = "btnfr\"\\";
    static const char values[] = "\b\t\n\f\r\"\\";
    const char *from = p->at++;
    if (p->at >= p->end)
        return toml_bad(p, from, "the string does not end");
    char c = *p->at;
    const char *known = c ? strchr(names, c) : NULL;
    if (known) {
        buf_add_char(out, values[known - names]);
        p->at++;
        return true;
    }
    if (c == 'u' || c == 'U') {
        p->at++;
        return read_code_point(p, c == 'u' ? 4 : 8, out);
    }
    if (multi_line)
        return skip_line_end(p);
    return toml_bad(p, from, "expected one of \\b \\t \\n \\f \\r \\\" \\\\ \\u \\U");
}

/* A one-line string without escapes is a span of the source: most are. */
static const char *plain_end(const TomlParser *p, const char *at, char quote)
{
    while (at < p->end && *at != quote && *at != '\\' && !toml_is_control(*at))
        at++;
    return at;
}

static bool refuse_in_line(TomlParser *p, const char *from)
{
    if (p->at >= p->end || *p->at == '\n' || *p->at == '\r')
        return toml_bad(p, from, "the string does not end on its line");
    return toml_bad(p, p->at, "a control character in a string; write it as an escape");
}

static bool read_line_string(TomlParser *p, char quote, Str *out)
{
    const char *from = p->at++;
    const char *text = p->at;
    p->at = plain_end(p, p->at, quote);
    if (p->at < p->end && *p->at == quote) {
        *out = (Str){text, (size_t)(p->at++ - text)};
        return true;
    }
    Buf buf = buf_new(p->arena);
    for (;;) {
        buf_add_bytes(&buf, text, (size_t)(p->at - text));
        if (p->at < p->end && *p->at == quote)
            break;
        if (p->at >= p->end || *p->at != '\\')
            return refuse_in_line(p, from);
        text = p->at;
        if (quote == '\'')
            p->at++;
        else if (!read_escape(p, false, &buf))
            return false;
        else
            text = p->at;
        p->at = plain_end(p, p->at, quote);
    }
    p->at++;
    *out = buf_str(&buf);
    return true;
}

static size_t quotes_at(const TomlParser *p, char quote)
{
    size_t count = 0;
    while (p->at + count < p->end && p->at[count] == quote && count < 5)
        count++;
    return count;
}

/* One step inside a multi-line string that stands on neither its quote nor a plain byte. */
static bool read_odd_byte(TomlParser *p, const char *from, char quote, Buf *buf)
{
    if (p->at >= p->end)
        return toml_bad(p, from, "the string does not end");
    if (*p->at == '\\' && quote == '"')
        return read_escape(p, true, buf);
    bool line_end = *p->at == '\n' || (*p->at == '\r' && p->at + 1 < p->end && p->at[1] == '\n');
    if (!line_end && *p->at != '\\')
        return toml_bad(p, p->at, "a control character in a string; write it as an escape");
    if (*p->at == '\r')
        buf_add_char(buf, *p->at++);
    buf_add_char(buf, *p->at++);
    return true;
}

static bool read_block_string(TomlParser *p, char quote, Str *out)
{
    const char *from = p->at;
    p->at += 3;
    if (p->at < p->end && *p->at == '\n')
        p->at++;
    else if (p->end - p->at >= 2 && p->at[0] == '\r' && p->at[1] == '\n')
        p->at += 2;

    Buf buf = buf_new(p->arena);
    for (;;) {
        const char *text = p->at;
        p->at = plain_end(p, p->at, quote);
        buf_add_bytes(&buf, text, (size_t)(p->at - text));
        size_t quotes = quotes_at(p, quote);
        p->at += quotes;
        for (size_t i = 0; i < (quotes < 3 ? quotes : quotes - 3); i++)
            buf_add_char(&buf, quote);
        if (quotes >= 3)
            break;
        if (quotes == 0 && !read_odd_byte(p, from, quote, &buf))
            return false;
    }
    *out = buf_str(&buf);
    return true;
}

bool toml_read_string(TomlParser *p, bool is_key, Str *out)
{
    char quote = *p->at;
    bool block = p->end - p->at >= 3 && p->at[1] == quote && p->at[2] == quote;
    if (block && is_key)
        return toml_bad(p, p->at, "a key cannot be a multi-line string");
    return block ? read_block_string(p, quote, out) : read_line_string(p, quote, out);
}
