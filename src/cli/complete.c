#include "cli/complete.h"

#include <string.h>

#include "base/text.h"
#include "sync/verbs.h"

typedef struct {
    Arena *arena;
    App *app;
    const Command *command;
    StrArray operands; /* those before the one that is typed */
    Str prefix;        /* stands before each word: "--project=" */
    Str typed;         /* behind the prefix */
    Completion *out;
} Completing;

static void offer(Completing *c, Str word, const char *about)
{
    if (!str_starts(word, c->typed))
        return;
    Buf whole = buf_new(c->arena);
    buf_add(&whole, c->prefix);
    buf_add(&whole, word);
    ARRAY_PUSH(c->arena, &c->out->words, (CompleteWord){buf_str(&whole), about});
}

static void offer_each(Completing *c, Str words)
{
    Str word = {0};
    while (str_next(&words, '|', &word))
        offer(c, word, "");
}

static void offer_commands(Completing *c)
{
    size_t count = 0;
    const Command *const *list = commands(&count);
    for (size_t i = 0; i < count; i++)
        if (!list[i]->hidden)
            offer(c, str_of(list[i]->name), list[i]->summary);
}

static void offer_options(Completing *c, const Option *table)
{
    for (; table && (table->name || table->letter); table++)
        if (table->name)
            offer(c, str_of(arena_format(c->arena, "--%s", table->name)), table->about);
}

/* ── what the records hold ── */

static void offer_artifacts(Completing *c)
{
    ArtifactList list = {0};
    Error err = {0};
    if (!c->app || !collection_list(&c->app->workspace, &list, &err))
        return;
    bool typed_type = str_find(c->typed, ':') != STR_NONE;
    for (size_t i = 0; i < list.count; i++) {
        Str id = list.items[i]->id;
        Str name = str_slice(id, str_find(id, ':') + 1, id.len);
        bool bare = c->typed.len && !typed_type && !str_starts(id, c->typed);
        offer(c, bare ? name : id, text_safe(c->arena, list.items[i]->source));
    }
}

/* A path that a shell could not show as it is, is left to be typed. */
static void offer_projects(Completing *c)
{
    ProjectInfos projects = {0};
    Error err = {0};
    if (!c->app || !project_list(&c->app->workspace, &projects, &err))
        return;
    for (size_t i = 0; i < projects.count; i++) {
        const ProjectInfo *project = &projects.items[i];
        if (project->reachable &&
            strcmp(text_safe(c->arena, str_of(project->path)), project->path) == 0)
            offer(c, str_of(project->path), "a known project");
    }
}

static void offer_settings(Completing *c, const char *behind)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        offer(c, str_of(arena_format(c->arena, "%s%s", setting_infos[i].key, behind)),
              setting_infos[i].about);
}

static void offer_setting_values(Completing *c)
{
    for (size_t i = 0; c->operands.count && i < SETTING_COUNT; i++) {
        const SettingInfo *info = &setting_infos[i];
        if (!str_is(c->operands.items[0], info->key))
            continue;
        if (info->type == SETTING_IS_BOOL)
            offer_each(c, STR("true|false"));
        else if (strchr(info->allowed, '|'))
            offer_each(c, str_of(info->allowed));
    }
}

/* ── a value of an option ── */

static void offer_value(Completing *c, const Option *option)
{
    Str kind = str_of(option->value);
    if (option->words) {
        offer_each(c, str_of(option->words));
        return;
    }
    if (option->name && strcmp(option->name, "project") == 0)
        offer_projects(c);
    if (str_is(kind, "TYPE:NAME"))
        offer_artifacts(c);
    if (str_is(kind, "NAME=VALUE"))
        offer_settings(c, "=");
    c->out->folders |= str_is(kind, "DIR");
    c->out->files |= str_is(kind, "FILE") || str_is(kind, "PATH") || str_is(kind, "GLOB");
}

/* ── operands: the usage lines read as patterns ── */

typedef struct {
    const Option *options;
    StrArray operands; /* "TYPE:NAME...", "list", "DIR" */
    bool value;        /* the next part is an option's value */
} UsageForm;

static void read_part(Arena *arena, UsageForm *form, Str part)
{
    if (part.len && part.data[0] == '-') {
        Str name = str_slice(part, part.len > 1 && part.data[1] == '-' ? 2 : 1, part.len);
        const Option *option = part.len > 1 && part.data[1] == '-'
                                   ? option_find(form->options, name)
                               : name.len ? option_find_letter(form->options, name.data[0])
                                          : NULL;
        form->value = option && option->value && str_find(part, '=') == STR_NONE;
    } else if (form->value) {
        form->value = false;
    } else if (part.len && part.data[0] != '.') {
        ARRAY_PUSH(arena, &form->operands, part);
    }
}

/* "TYPE:NAME...|--all": what stands before a bar and an option is a part of its own. */
static void read_token(Arena *arena, UsageForm *form, Str token)
{
    if (token.len && token.data[0] == '[')
        token = str_slice(token, 1, token.len);
    size_t close = str_find_last(token, ']');
    if (close != STR_NONE && str_find(token, '[') == STR_NONE)
        token = str_slice(token, 0, close);
    if (str_is(token, "|"))
        return;
    size_t bar = str_search(token, STR("|-"));
    read_part(arena, form, str_slice(token, 0, bar));
    if (bar != STR_NONE)
        read_token(arena, form, str_slice(token, bar + 1, token.len));
}

static UsageForm read_usage(Arena *arena, const Command *command, const char *usage)
{
    UsageForm form = {.options = command->options};
    Str rest = str_of(usage), token = {0};
    while (str_next(&rest, ' ', &token))
        read_token(arena, &form, token);
    return form;
}

static bool is_literal(Str pattern)
{
    return pattern.len && pattern.data[0] >= 'a' && pattern.data[0] <= 'z';
}

static bool literal_has(Str pattern, Str word)
{
    Str one = {0};
    while (str_next(&pattern, '|', &one))
        if (str_equal(one, word))
            return true;
    return false;
}

/* The words before must be those of this form. */
static bool form_fits(const Completing *c, const UsageForm *form)
{
    for (size_t i = 0; i < form->operands.count && i < c->operands.count; i++)
        if (is_literal(form->operands.items[i]) &&
            !literal_has(form->operands.items[i], c->operands.items[i]))
            return false;
    return true;
}

static void offer_pattern(Completing *c, Str pattern)
{
    bool of_project = strcmp(c->command->name, "project") == 0;
    if (is_literal(pattern))
        offer_each(c, pattern);
    else if (str_is(pattern, "TYPE:NAME"))
        offer_artifacts(c);
    else if (str_is(pattern, "COMMAND"))
        offer_commands(c);
    else if (str_is(pattern, "NAME"))
        offer_settings(c, "");
    else if (str_is(pattern, "VALUE"))
        offer_setting_values(c);
    else if (str_is(pattern, "DIR"))
        c->out->folders = true;
    else if (pattern.data[0] != '@')
        c->out->files = true;
    if (of_project && str_is(pattern, "DIR") && str_is(c->operands.items[0], "forget"))
        offer_projects(c);
}

/* A word that several forms allow is offered once. */
static void offer_operand(Completing *c)
{
    Str done[8] = {0};
    size_t count = 0, at = c->operands.count;
    for (const char *const *usage = c->command->usage; *usage; usage++) {
        UsageForm form = read_usage(c->arena, c->command, *usage);
        size_t last = form.operands.count;
        for (size_t i = 0; i < last && form_fits(c, &form); i++) {
            Str pattern = form.operands.items[i];
            bool repeated = str_ends(pattern, STR("..."));
            bool here = i == at || (i < at && repeated);
            pattern = str_slice(pattern, 0, pattern.len - (repeated ? 3 : 0));
            for (size_t k = 0; k < count; k++)
                here = here && !str_equal(done[k], pattern);
            if (!here || count == COUNT_OF(done))
                continue;
            done[count++] = pattern;
            offer_pattern(c, pattern);
        }
    }
}

/* ── the line so far ── */

static const Option *named_option(const Completing *c, Str name)
{
    const Option *option = c->command ? option_find(c->command->options, name) : NULL;
    return option ? option : option_find(common_options, name);
}

/* The option that a word leaves without its value; NULL when it leaves none. */
static const Option *open_option(const Completing *c, Str word)
{
    const Option *option = NULL;
    if (str_starts(word, STR("--")))
        option = named_option(c, str_slice(word, 2, word.len));
    else if (word.len == 2 && word.data[0] == '-') {
        option = c->command ? option_find_letter(c->command->options, word.data[1]) : NULL;
        option = option ? option : option_find_letter(common_options, word.data[1]);
    }
    return option && option->value ? option : NULL;
}

/* Sorts the words before the typed one; gives the option whose value is typed. */
static const Option *read_words(Completing *c, const char *const *words, size_t count,
                                bool *only_operands)
{
    const Option *open = NULL;
    for (size_t i = 0; i < count; i++) {
        Str word = str_of(words[i]);
        if (open) {
            open = NULL;
        } else if (!*only_operands && str_is(word, "--")) {
            *only_operands = true;
        } else if (!*only_operands && word.len > 1 && word.data[0] == '-') {
            open = open_option(c, word);
        } else if (!c->command) {
            c->command = command_find(word);
            if (!c->command)
                *only_operands = true; /* an unknown command: nothing is known about the rest */
        } else {
            ARRAY_PUSH(c->arena, &c->operands, word);
        }
    }
    return open;
}

static bool offer_joined_value(Completing *c)
{
    size_t equals = str_find(c->typed, '=');
    if (!str_starts(c->typed, STR("--")) || equals == STR_NONE)
        return false;
    const Option *option = named_option(c, str_slice(c->typed, 2, equals));
    c->prefix = str_slice(c->typed, 0, equals + 1);
    c->typed = str_slice(c->typed, equals + 1, c->typed.len);
    if (option && option->value)
        offer_value(c, option);
    return true;
}

void complete(Arena *arena, App *app, const char *const *words, size_t count, Completion *out)
{
    *out = (Completion){0};
    Completing c = {.arena = arena, .app = app, .out = out};
    bool only_operands = false;
    size_t before = count ? count - 1 : 0;
    const Option *open = read_words(&c, words, before, &only_operands);
    c.typed = count ? str_of(words[before]) : (Str){0};
    if (open) {
        offer_value(&c, open);
    } else if (!only_operands && str_starts(c.typed, STR("-"))) {
        if (offer_joined_value(&c))
            return;
        offer_options(&c, c.command ? c.command->options : NULL);
        offer_options(&c, common_options);
    } else if (c.command) {
        if (c.operands.count < c.command->max_operands)
            offer_operand(&c);
    } else if (!only_operands) {
        offer_commands(&c);
    }
}
