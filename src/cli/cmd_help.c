#include "cli/command.h"
#include "cli/man.h"
#include "cli/reference.h"

static void add_command(JsonWriter *json, const Command *command)
{
    json_begin_object(json);
    json_member_text(json, "name", command->name);
    json_member_text(json, "summary", command->summary);
    json_key(json, "usage");
    json_begin_array(json);
    for (const char *const *usage = command->usage; *usage; usage++)
        json_text(json, *usage);
    json_end_array(json);
    json_end_object(json);
}

static void help_json(Output *output, const Command *only)
{
    size_t count = 0;
    const Command *const *list = commands(&count);
    JsonWriter json = out_json_begin(output);
    json_key(&json, "commands");
    json_begin_array(&json);
    for (size_t i = 0; i < count; i++)
        if (only ? list[i] == only : !list[i]->hidden)
            add_command(&json, list[i]);
    json_end_array(&json);
    out_json_end(output, &json);
}

static bool run_help(Call *call, Error *err)
{
    const char *name = call_operand(call, 0);
    const Command *command = name ? command_find(str_of(name)) : NULL;
    if (name && !command)
        return fail_no_command(call->arena, str_of(name), err);
    bool man = option_given(call->options, "man");
    if (call->output->options.json)
        help_json(call->output, command);
    else if (option_given(call->options, "reference"))
        reference_page(call->output);
    else if (man && command)
        man_command(call->output, command);
    else if (man)
        man_overview(call->output);
    else if (command)
        help_command(call->output, command);
    else
        help_overview(call->output);
    return true;
}

static const Option options[] = {
    {.name = "man", .about = "as a man page, in troff"},
    {.name = "reference", .about = "all commands, options and settings as one Markdown page"},
    {0},
};

const Command command_help = {
    .name = "help",
    .summary = "how to use weir, or one of its commands",
    .usage = (const char *const[]){"[COMMAND] [--man]", "--reference", NULL},
    .examples = (const char *const[]){"weir help", "weir help sync",
                                      "weir help sync --man | man -l -", NULL},
    .options = options,
    .max_operands = 1,
    .run = run_help,
};
