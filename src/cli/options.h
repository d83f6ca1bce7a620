/* Options: the words behind a command's name, sorted into options and operands by the command's table.
 *
 * --name, --name=value, --name value, -x, -xvalue, -x value, -xyz of switches; `--` ends them. No
 * abbreviations. A value may be given once unless the table says `repeated`; a switch may be repeated.
 * Every refusal is ERR_USAGE. What is kept points into argv.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"

typedef struct {
    const char *name;  /* "path" is --path; NULL: it has a letter only */
    char letter;       /* 'p' is -p; 0: none */
    const char *value; /* what stands for its value in help, "GLOB"; NULL: a switch */
    const char *about;
    bool repeated;
    const char *words; /* all it may be, "a|b"; NULL: see `value` */
} Option;

typedef struct {
    const Option *option;
    const char *value; /* NULL of a switch */
} OptionUse;

typedef struct {
    ARRAY(OptionUse) uses; /* in order */
    ARRAY(const char *) operands;
} Options;

/* Tables end with an empty Option and either may be NULL; `own` wins over `common`. */
MUST_CHECK bool options_parse(Arena *arena, const Option *own, const Option *common,
                              const char *const *arguments, size_t count, Options *out, Error *err);

bool option_given(const Options *options, const char *name);
const char *option_value(const Options *options, const char *name); /* NULL when not given */
StrArray option_values(Arena *arena, const Options *options, const char *name);

/* NULL when absent. */
const Option *option_find(const Option *table, Str name);
const Option *option_find_letter(const Option *table, char letter);
