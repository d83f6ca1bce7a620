#include "cli/reference.h"

#include "app/settings.h"

/* A cell of a table: a bar would end it. */
static const char *cell(Arena *arena, const char *text)
{
    Buf buf = buf_new(arena);
    for (; *text; text++) {
        if (*text == '|')
            buf_add_text(&buf, "\\|");
        else
            buf_format(&buf, "%c", *text == '\n' ? ' ' : *text);
    }
    return buf_text(&buf);
}

static const char *option_cell(Arena *arena, const Option *option)
{
    Buf buf = buf_new(arena);
    if (option->letter)
        buf_format(&buf, "`-%c`%s", option->letter, option->name ? " " : "");
    if (option->name)
        buf_format(&buf, "`--%s%s%s`", option->name, option->value ? " " : "",
                   option->value ? cell(arena, option->value) : "");
    return buf_text(&buf);
}

static void add_options(Output *output, const Option *table)
{
    if (!table || !(table->name || table->letter))
        return;
    out_verbatim(output, "| option | |\n|---|---|");
    for (; table->name || table->letter; table++)
        out_verbatim(output, "| %s | %s%s |", option_cell(output->arena, table),
                     cell(output->arena, table->about), table->repeated ? "; may be repeated" : "");
    out_text(output, "\n");
}

static void add_lines(Output *output, const char *before, const char *const *lines)
{
    out_verbatim(output, "```sh");
    for (; *lines; lines++)
        out_verbatim(output, "%s%s%s", before, *before && **lines ? " " : "", *lines);
    out_verbatim(output, "```\n");
}

static void add_command(Output *output, const Command *command)
{
    Arena *arena = output->arena;
    out_verbatim(output, "## weir %s\n\n%s.\n", command->name, command->summary);
    add_lines(output, arena_format(arena, "weir %s", command->name), command->usage);
    if (command->about)
        out_verbatim(output, "%s\n", command->about);
    add_options(output, command->options);
    if (command->examples && command->examples[0]) {
        out_verbatim(output, "Examples:\n");
        add_lines(output, "", command->examples);
    }
}

static void add_settings(Output *output)
{
    out_verbatim(output,
                 "## Settings\n\n"
                 "`weir config` lists them, `--show-origin` says where each value comes from. "
                 "Later wins: default,\n`config.toml`, environment, `--set NAME=VALUE`.\n\n"
                 "| in config.toml | environment | default | allowed | |\n"
                 "|---|---|---|---|---|");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const SettingInfo *info = &setting_infos[i];
        out_verbatim(output, "| `%s` | `%s` | %s | %s | %s |", info->key, info->environment,
                     info->standard, cell(output->arena, info->allowed),
                     cell(output->arena, info->about));
    }
}

static void add_exit_codes(Output *output)
{
    out_verbatim(output, "\n## Exit codes\n\n| code | means |\n|---|---|");
#define EXIT_CODE(number, brief, about) out_verbatim(output, "| %d | %s |", number, about);
#include "cli/exit_codes.def"
#undef EXIT_CODE
}

void reference_page(Output *output)
{
    size_t count = 0;
    const Command *const *list = commands(&count);
    out_verbatim(output,
                 "# Commands\n\n"
                 "Generated from the tables of the binary by `./dev docs`; do not edit. What "
                 "all commands share is in\n[command-line.md](command-line.md).\n\n"
                 "| command | |\n|---|---|");
    for (size_t i = 0; i < count; i++)
        if (!list[i]->hidden)
            out_verbatim(output, "| [%s](#weir-%s) | %s |", list[i]->name, list[i]->name,
                         cell(output->arena, list[i]->summary));
    out_text(output, "\n");
    for (size_t i = 0; i < count; i++)
        if (!list[i]->hidden)
            add_command(output, list[i]);
    out_verbatim(output, "## Options of every command\n");
    add_options(output, common_options);
    add_settings(output);
    add_exit_codes(output);
}
