#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/toml_internal.h"

enum { NUMBER_BYTES = 512 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads exactly `digits` digits at *at. */
static bool take_number(Str *rest, size_t digits, int low, int high, int *out)
{
    int value = 0;
    if (rest->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (!is_digit(rest->data[i]))
            return false;
        value = value * 10 + (rest->data[i] - '0');
    }
    *rest = str_slice(*rest, digits, rest->len);
    *out = value;
    return value >= low && value <= high;
}

static bool take_char(Str *rest, const char *allowed)
{
    if (rest->len == 0 || rest->data[0] == 0 || !strchr(allowed, rest->data[0]))
        return false;
    *rest = str_slice(*rest, 1, rest->len);
    return true;
}

static bool take_date(Str *rest)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!take_number(rest, 4, 0, 9999, &year) || !take_char(rest, "-") ||
        !take_number(rest, 2, 1, 12, &month) || !take_char(rest, "-") ||
        !take_number(rest, 2, 1, days[month - 1], &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month != 2 || day < 29 || leap;
}

static bool take_time(Str *rest)
{
    int part;
    if (!take_number(rest, 2, 0, 23, &part) || !take_char(rest, ":") ||
        !take_number(rest, 2, 0, 59, &part) || !take_char(rest, ":") ||
        !take_number(rest, 2, 0, 60, &part))
        return false;
    if (!take_char(rest, "."))
        return true;
    size_t digits = 0;
    while (digits < rest->len && is_digit(rest->data[digits]))
        digits++;
    *rest = str_slice(*rest, digits, rest->len);
    return digits > 0;
}

static bool take_offset(Str *rest)
{
    int part;
    return take_char(rest, "Zz") || (take_char(rest, "+-") && take_number(rest, 2, 0, 23, &part) &&
                                     take_char(rest, ":") && take_number(rest, 2, 0, 59, &part));
}

static bool is_datetime(Str text)
{
    if (text.len > 2 && text.data[2] == ':')
        return take_time(&text) && text.len == 0;
    if (!take_date(&text))
        return false;
    if (text.len == 0)
        return true;
    if (!take_char(&text, "Tt ") || !take_time(&text))
        return false;
    return text.len == 0 || (take_offset(&text) && text.len == 0);
}

static int digit_value(char c)
{
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 99;
}

/* Copies digits of `base` without their underscores, each of which stands between two digits. */
static bool clean_digits(Str text, int base, char *out, size_t *len)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '_') {
            bool between = i > 0 && i + 1 < text.len && text.data[i - 1] != '_';
            if (!between)
                return false;
            continue;
        }
        if (digit_value(text.data[i]) >= base || *len + 8 >= NUMBER_BYTES)
            return false;
        out[(*len)++] = text.data[i];
    }
    out[*len] = 0;
    return text.len > 0;
}

static bool parse_integer(Str text, int64_t *out, bool *overflow)
{
    char digits[NUMBER_BYTES];
    size_t len = 0;
    bool sign = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+');
    if (sign)
        digits[len++] = text.data[0];
    Str rest = str_slice(text, sign, text.len);
    int base = 10;
    if (!sign && rest.len > 2 && rest.data[0] == '0') {
        base = rest.data[1] == 'x' ? 16 : rest.data[1] == 'o' ? 8 : rest.data[1] == 'b' ? 2 : 10;
        if (base != 10)
            rest = str_slice(rest, 2, rest.len);
    }
    bool zero_first = base == 10 && rest.len > 1 && rest.data[0] == '0';
    if (zero_first || !clean_digits(rest, base, digits, &len))
        return false;
    errno = 0;
    *out = strtoll(digits, NULL, base);
    *overflow = errno == ERANGE;
    return true;
}

/* strtod is safe here: the program never leaves the C locale for numbers. */
static bool parse_float(Str text, double *out)
{
    char digits[NUMBER_BYTES];
    size_t len = 0;
    bool sign = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+');
    if (sign)
        digits[len++] = text.data[0];
    Str rest = str_slice(text, sign, text.len);
    if (str_is(rest, "inf") || str_is(rest, "nan")) {
        double value = str_is(rest, "inf") ? (double)INFINITY : (double)NAN;
        *out = sign && text.data[0] == '-' ? -value : value;
        return true;
    }
    size_t whole = 0;
    while (whole < rest.len && (is_digit(rest.data[whole]) || rest.data[whole] == '_'))
        whole++;
    bool zero_first = whole > 1 && rest.data[0] == '0';
    if (zero_first || whole == rest.len ||
        !clean_digits(str_slice(rest, 0, whole), 10, digits, &len))
        return false;
    rest = str_slice(rest, whole, rest.len);
    if (take_char(&rest, ".")) {
        size_t part = 0;
        while (part < rest.len && (is_digit(rest.data[part]) || rest.data[part] == '_'))
            part++;
        digits[len++] = '.';
        if (!clean_digits(str_slice(rest, 0, part), 10, digits, &len))
            return false;
        rest = str_slice(rest, part, rest.len);
    }
    if (take_char(&rest, "eE")) {
        digits[len++] = 'e';
        if (rest.len > 0 && (rest.data[0] == '-' || rest.data[0] == '+')) {
            digits[len++] = rest.data[0];
            rest = str_slice(rest, 1, rest.len);
        }
        if (!clean_digits(rest, 10, digits, &len))
            return false;
        rest = str_slice(rest, rest.len, rest.len);
    }
    *out = strtod(digits, NULL);
    return rest.len == 0;
}

static bool is_word_byte(char c)
{
    return toml_is_bare(c) || c == '+' || c == '.' || c == ':';
}

static Str word_at(const TomlParser *p)
{
    const char *end = p->at;
    while (end < p->end && is_word_byte(*end))
        end++;
    /* A date may be set off from its time by one blank. */
    bool date = end - p->at == 10 && p->at[4] == '-' && p->at[7] == '-';
    if (date && p->end - end > 1 && *end == ' ' && is_digit(end[1])) {
        end++;
        while (end < p->end && is_word_byte(*end))
            end++;
    }
    return (Str){p->at, (size_t)(end - p->at)};
}

static bool set_kind(TomlNode *node, TomlKind kind)
{
    node->kind = (uint8_t)kind;
    return true;
}

bool toml_read_word(TomlParser *p, TomlNode *node)
{
    Str word = word_at(p);
    bool overflow = false;
    const char *from = p->at;
    node->text = word;
    p->at += word.len;
    if (str_is(word, "true") || str_is(word, "false")) {
        node->as.truth = word.data[0] == 't';
        return set_kind(node, TOML_BOOL);
    }
    if (parse_integer(word, &node->as.integer, &overflow)) {
        if (overflow)
            return toml_bad(p, from, "the integer does not fit in 64 bits");
        return set_kind(node, TOML_INTEGER);
    }
    if (is_datetime(word))
        return set_kind(node, TOML_DATETIME);
    if (parse_float(word, &node->as.number))
        return set_kind(node, TOML_FLOAT);
    return toml_bad(p, from, "expected a value, found %s", toml_found(p, from));
}
