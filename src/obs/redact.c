#include "obs/redact.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

enum { VALUE_LEAST = 6, TOKEN_LEAST = 8 };
static const char mask[] = "***";

static const char *const secret_words[] = {"token",         "password",   "passwd",     "secret",
                                           "authorization", "api_key",    "apikey",     "api-key",
                                           "credential",    "passphrase", "private_key"};

/* ── lengths of what is secret at the front of a text; 0: nothing is ── */

static bool starts_plain(Str text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && strncasecmp(text.data, prefix, len) == 0;
}

static bool is_token_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static size_t token_length(Str text)
{
    static const char *const prefixes[] = {"ghp_",  "gho_",        "ghu_",   "ghs_",
                                           "ghr_",  "github_pat_", "glpat-", "xoxb-",
                                           "xoxp-", "sk-",         "AKIA",   "eyJ"};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t prefix = strlen(prefixes[i]), len = prefix;
        if (!str_starts(text, str_of(prefixes[i])))
            continue;
        while (len < text.len && is_token_char(text.data[len]))
            len++;
        if (len >= prefix + TOKEN_LEAST)
            return len;
    }
    return 0;
}

static size_t given_length(Str text, const StrArray *values)
{
    size_t longest = 0;
    for (size_t i = 0; values && i < values->count; i++)
        if (values->items[i].len >= VALUE_LEAST && values->items[i].len > longest &&
            str_starts(text, values->items[i]))
            longest = values->items[i].len;
    return longest;
}

/* Up to the '@' of a URL's authority, which begins here. */
static size_t userinfo_length(Str text)
{
    size_t end = 0;
    while (end < text.len && !strchr("/?#\"'<>", text.data[end]) &&
           !isspace((unsigned char)text.data[end]))
        end++;
    size_t at = str_find_last(str_slice(text, 0, end), '@');
    return at == STR_NONE ? 0 : at;
}

/* What stands behind a secret word: its separator stays, *from is where the value begins. */
static size_t named_length(Str text, size_t *from)
{
    size_t word = 0;
    for (size_t i = 0; i < COUNT_OF(secret_words) && !word; i++)
        if (starts_plain(text, secret_words[i]))
            word = strlen(secret_words[i]);
    size_t at = word;
    while (word && at < text.len && (text.data[at] == '"' || text.data[at] == '\''))
        at++;
    if (!word || at >= text.len || (text.data[at] != '=' && text.data[at] != ':'))
        return 0;
    at++;
    while (at < text.len && (text.data[at] == ' ' || text.data[at] == '"' || text.data[at] == '\''))
        at++;
    Str value = str_slice(text, at, text.len);
    if (starts_plain(value, "bearer ") || starts_plain(value, "basic "))
        at += str_find(value, ' ') + 1;
    *from = at;
    while (at < text.len && !isspace((unsigned char)text.data[at]) &&
           !strchr("\"'&;,}", text.data[at]))
        at++;
    return at - *from;
}

static bool at_word_start(Str text, size_t i)
{
    return i == 0 || !(is_token_char(text.data[i - 1]) && text.data[i - 1] != '.');
}

/* A secret that begins at or right behind `i`: where, and how long. */
static bool find_secret(Str text, size_t i, const StrArray *values, size_t *from, size_t *len)
{
    Str rest = str_slice(text, i, text.len);
    size_t inside = 0;
    *from = i;
    if ((*len = given_length(rest, values)) > 0)
        return true;
    if (at_word_start(text, i) && (*len = token_length(rest)) > 0)
        return true;
    if (str_starts(rest, STR("://")) &&
        (*len = userinfo_length(str_slice(rest, 3, rest.len))) > 0) {
        *from = i + 3;
        return true;
    }
    *len = named_length(rest, &inside);
    *from = i + inside;
    return *len > 0;
}

Str redact(Arena *arena, Str text, const StrArray *values)
{
    Buf buf = {0};
    size_t kept = 0;
    for (size_t i = 0; i < text.len;) {
        size_t from = 0, len = 0;
        if (!find_secret(text, i, values, &from, &len)) {
            i++;
            continue;
        }
        if (!buf.arena)
            buf = buf_new(arena);
        buf_add(&buf, str_slice(text, kept, from));
        buf_add_text(&buf, mask);
        i = kept = from + len;
    }
    if (!buf.arena)
        return text;
    buf_add(&buf, str_slice(text, kept, text.len));
    return buf_str(&buf);
}

bool redact_is_secret_name(Str name)
{
    for (size_t i = 0; i < name.len; i++)
        for (size_t j = 0; j < COUNT_OF(secret_words); j++)
            if (starts_plain(str_slice(name, i, name.len), secret_words[j]))
                return true;
    return false;
}
