#include "cli/options.h"

#include <string.h>

#include "base/text.h"

typedef struct {
    Arena *arena;
    const Option *own, *common;
    const char *const *arguments;
    size_t count, next;
    Options *options;
} Parser;

static bool is_end(const Option *option)
{
    return !option->name && !option->letter;
}

const Option *option_find(const Option *table, Str name)
{
    for (const Option *option = table; option && !is_end(option); option++)
        if (option->name && str_is(name, option->name))
            return option;
    return NULL;
}

const Option *option_find_letter(const Option *table, char letter)
{
    for (const Option *option = table; option && !is_end(option); option++)
        if (letter && option->letter == letter)
            return option;
    return NULL;
}

static void nearest(const Option *table, Str name, size_t *best, const char **out)
{
    for (const Option *option = table; option && !is_end(option); option++) {
        size_t distance = option->name ? text_distance(name, str_of(option->name)) : STR_NONE;
        if (distance < *best) {
            *best = distance;
            *out = option->name;
        }
    }
}

static bool fail_unknown(const Parser *parser, Str name, Error *err)
{
    const char *near = NULL;
    size_t best = name.len / 2 < 3 ? name.len / 2 + 1 : 4;
    const char *safe = text_safe(parser->arena, name);
    nearest(parser->own, name, &best, &near);
    nearest(parser->common, name, &best, &near);
    if (near)
        return fail(err, ERR_USAGE, "unknown option '--%s'. Did you mean '--%s'?", safe, near);
    return fail(err, ERR_USAGE, "unknown option '--%s'", safe);
}

static const char *shown(Arena *arena, const Option *option)
{
    return option->name ? arena_format(arena, "--%s", option->name)
                        : arena_format(arena, "-%c", option->letter);
}

static bool add(Parser *parser, const Option *option, const char *value, Error *err)
{
    Options *options = parser->options;
    for (size_t i = 0; option->value && !option->repeated && i < options->uses.count; i++)
        if (options->uses.items[i].option == option)
            return fail(err, ERR_USAGE, "option '%s' is given twice", shown(parser->arena, option));
    ARRAY_PUSH(parser->arena, &options->uses, ((OptionUse){option, value}));
    return true;
}

static bool add_with_value(Parser *parser, const Option *option, Error *err)
{
    if (parser->next >= parser->count)
        return fail(err, ERR_USAGE, "option '%s' needs a value: %s", shown(parser->arena, option),
                    option->value);
    return add(parser, option, parser->arguments[parser->next++], err);
}

static bool parse_long(Parser *parser, const char *word, Error *err)
{
    Str text = str_of(word);
    size_t equals = str_find(text, '=');
    Str name = equals == STR_NONE ? text : str_slice(text, 0, equals);
    const Option *option = option_find(parser->own, name);
    if (!option)
        option = option_find(parser->common, name);
    if (!option)
        return fail_unknown(parser, name, err);
    if (equals == STR_NONE)
        return option->value ? add_with_value(parser, option, err) : add(parser, option, NULL, err);
    if (!option->value)
        return fail(err, ERR_USAGE, "option '--%s' takes no value", option->name);
    return add(parser, option, word + equals + 1, err);
}

static bool parse_letters(Parser *parser, const char *letters, Error *err)
{
    for (; *letters; letters++) {
        const Option *option = option_find_letter(parser->own, *letters);
        if (!option)
            option = option_find_letter(parser->common, *letters);
        if (!option)
            return fail(err, ERR_USAGE, "unknown option '-%s'",
                        text_safe(parser->arena, (Str){letters, 1}));
        if (option->value && letters[1])
            return add(parser, option, letters + 1, err);
        if (option->value)
            return add_with_value(parser, option, err);
        if (!add(parser, option, NULL, err))
            return false;
    }
    return true;
}

bool options_parse(Arena *arena, const Option *own, const Option *common,
                   const char *const *arguments, size_t count, Options *out, Error *err)
{
    Options options = {0};
    Parser parser = {arena, own, common, arguments, count, 0, &options};
    bool ended = false;
    while (parser.next < count) {
        const char *word = arguments[parser.next++];
        bool ok = true;
        if (ended || word[0] != '-' || !word[1])
            ARRAY_PUSH(arena, &options.operands, word);
        else if (strcmp(word, "--") == 0)
            ended = true;
        else if (word[1] == '-')
            ok = parse_long(&parser, word + 2, err);
        else
            ok = parse_letters(&parser, word + 1, err);
        if (!ok)
            return false;
    }
    *out = options;
    return true;
}

bool option_given(const Options *options, const char *name)
{
    for (size_t i = 0; i < options->uses.count; i++) {
        const char *used = options->uses.items[i].option->name;
        if (used && strcmp(used, name) == 0)
            return true;
    }
    return false;
}

const char *option_value(const Options *options, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < options->uses.count; i++) {
        const char *used = options->uses.items[i].option->name;
        if (used && strcmp(used, name) == 0)
            value = options->uses.items[i].value;
    }
    return value;
}

StrArray option_values(Arena *arena, const Options *options, const char *name)
{
    StrArray values = {0};
    for (size_t i = 0; i < options->uses.count; i++) {
        const OptionUse *use = &options->uses.items[i];
        if (use->option->name && strcmp(use->option->name, name) == 0)
            ARRAY_PUSH(arena, &values, str_of(use->value));
    }
    return values;
}
