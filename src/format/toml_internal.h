/* What the files of the TOML reader share. */
#pragma once

#include "format/toml.h"

typedef struct {
    Arena *arena;
    const char *start, *at, *end;
    const TomlInput *input;
    TomlNode *section; /* the table of the last header, or the root */
    Error *err;
} TomlParser;

/* Fails at the byte `at` with "file:line:column: ...". */
bool toml_bad(TomlParser *p, const char *at, const char *format, ...) PRINTF_LIKE(3, 4);

/* What stands at `at`, for "found ...". */
const char *toml_found(TomlParser *p, const char *at);

void toml_skip_blanks(TomlParser *p);

/* At a quote: reads a string of any of the four kinds; keys only one-line ones. */
MUST_CHECK bool toml_read_string(TomlParser *p, bool is_key, Str *out);

/* Reads a boolean, number or date-time into kind, text and as. */
MUST_CHECK bool toml_read_word(TomlParser *p, TomlNode *node);

static inline bool toml_is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

/* Control bytes that no comment and no string may hold; tab is allowed. */
static inline bool toml_is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7F;
}
