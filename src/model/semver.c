#include "model/semver.h"

#include <string.h>

#include "model/semver_internal.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier_byte(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_number(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.data[i]))
            return false;
    }
    return text.len > 0;
}

bool semver_take_number(Str *rest, uint64_t *out)
{
    size_t len = 0;
    while (len < rest->len && is_digit(rest->data[len]))
        len++;
    bool zero_first = len > 1 && rest->data[0] == '0';
    if (zero_first || !str_to_u64(str_slice(*rest, 0, len), out))
        return false;
    *rest = str_slice(*rest, len, rest->len);
    return true;
}

bool semver_take(Str *rest, char c)
{
    if (rest->len == 0 || rest->data[0] != c)
        return false;
    *rest = str_slice(*rest, 1, rest->len);
    return true;
}

/* Dotted identifiers, none empty; numbers without leading zeros when `strict_numbers`. */
static bool take_identifiers(Str *rest, bool strict_numbers, Str *out)
{
    size_t len = 0;
    while (len < rest->len && (is_identifier_byte(rest->data[len]) || rest->data[len] == '.'))
        len++;
    *out = str_slice(*rest, 0, len);
    *rest = str_slice(*rest, len, rest->len);
    if (len == 0 || out->data[len - 1] == '.')
        return false;
    Str parts = *out, part;
    while (str_next(&parts, '.', &part)) {
        bool zero_first = part.len > 1 && part.data[0] == '0' && is_number(part);
        if (part.len == 0 || (strict_numbers && zero_first))
            return false;
    }
    return true;
}

bool semver_take_tail(Str *rest, SemVer *version)
{
    Str build;
    if (semver_take(rest, '-') && !take_identifiers(rest, true, &version->pre))
        return false;
    return !semver_take(rest, '+') || take_identifiers(rest, false, &build);
}

bool semver_parse(Str text, SemVer *out)
{
    SemVer version = {0};
    if (!semver_take_number(&text, &version.major) || !semver_take(&text, '.') ||
        !semver_take_number(&text, &version.minor) || !semver_take(&text, '.') ||
        !semver_take_number(&text, &version.patch) || !semver_take_tail(&text, &version) ||
        text.len > 0)
        return false;
    *out = version;
    return true;
}

/* Numbers by value, whatever their length; numbers below words; words by bytes. */
static int compare_identifiers(Str a, Str b)
{
    bool a_number = is_number(a);
    bool b_number = is_number(b);
    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number && a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return str_compare(a, b);
}

static int compare_pre(Str a, Str b)
{
    if (a.len == 0 || b.len == 0)
        return (a.len == 0) - (b.len == 0);
    for (;;) {
        Str a_part, b_part;
        bool a_more = str_next(&a, '.', &a_part);
        bool b_more = str_next(&b, '.', &b_part);
        if (!a_more || !b_more)
            return a_more - b_more;
        int order = compare_identifiers(a_part, b_part);
        if (order != 0)
            return order;
    }
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int semver_compare(const SemVer *a, const SemVer *b)
{
    int order = compare_numbers(a->major, b->major);
    if (order == 0)
        order = compare_numbers(a->minor, b->minor);
    if (order == 0)
        order = compare_numbers(a->patch, b->patch);
    return order != 0 ? order : compare_pre(a->pre, b->pre);
}

/* "1", "1.2" or a whole version, with an optional v before it. */
static bool parse_loose(Str text, SemVer *out)
{
    SemVer version = {0};
    if (!semver_take(&text, 'v'))
        (void)semver_take(&text, 'V');
    if (semver_parse(text, out))
        return true;
    if (!semver_take_number(&text, &version.major))
        return false;
    if (semver_take(&text, '.') && !semver_take_number(&text, &version.minor))
        return false;
    if (text.len > 0)
        return false;
    *out = version;
    return true;
}

bool semver_of_tag(Str tag, SemVer *out, Str *prefix)
{
    for (size_t i = 0; i < tag.len; i++) {
        bool starts = i == 0 || strchr("-_/@.", tag.data[i - 1]) != NULL;
        if (!starts || !parse_loose(str_slice(tag, i, tag.len), out))
            continue;
        *prefix = str_slice(tag, 0, i);
        return true;
    }
    return false;
}
