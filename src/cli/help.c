#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/wrap.h"

/* `text` behind `used` columns of the first line and `indent` of the others. */
static void add_wrapped(Output *output, size_t used, size_t indent, const char *text)
{
    wrap_add(&output->text, str_of(text), used, indent, output->columns);
    out_text(output, "\n");
}

static void add_usage(Output *output, const char *before, const Command *command, const char *words)
{
    enum { INDENT = 12 };
    out_text(output, "%s weir %s%s", before, command->name, *words ? " " : "");
    add_wrapped(output, strlen(before) + strlen(command->name) + 7, INDENT, words);
}

/* What does not fit beside it stands below. */
static void add_padded(Output *output, const char *left, size_t width, const char *right)
{
    enum { BELOW = 4, NARROW = 60 };
    if (output->columns && output->columns < NARROW) {
        out_text(output, "  %s\n%*s", left, BELOW, "");
        add_wrapped(output, BELOW, BELOW, right);
        return;
    }
    out_text(output, "  %-*s  ", (int)width, left);
    add_wrapped(output, width + 4, width + 4, right);
}

static const char *option_text(Arena *arena, const Option *option)
{
    Buf buf = buf_new(arena);
    if (option->letter)
        buf_format(&buf, option->name ? "-%c, " : "-%c", option->letter);
    else
        buf_add_text(&buf, "    ");
    if (option->name)
        buf_format(&buf, "--%s", option->name);
    if (option->value)
        buf_format(&buf, " %s", option->value);
    return buf_text(&buf);
}

static void add_options(Output *output, const char *title, const Option *table)
{
    size_t width = 0;
    for (const Option *option = table; option && (option->name || option->letter); option++) {
        size_t len = strlen(option_text(output->arena, option));
        width = len > width ? len : width;
    }
    if (width == 0)
        return;
    out_line(output, "\n%s", ink(output, INK_STRONG, title));
    for (const Option *option = table; option->name || option->letter; option++)
        add_padded(output, option_text(output->arena, option), width, option->about);
}

void help_command(Output *output, const Command *command)
{
    out_line(output, "weir %s: %s\n", command->name, command->summary);
    for (const char *const *usage = command->usage; *usage; usage++)
        add_usage(output, usage == command->usage ? "usage:" : "      ", command, *usage);
    if (command->about)
        out_line(output, "\n%s", command->about);
    if (command->examples && command->examples[0])
        out_line(output, "\n%s", ink(output, INK_STRONG, "Examples"));
    for (const char *const *line = command->examples; line && *line; line++)
        out_verbatim(output, "  %s", *line);
    add_options(output, "Options", command->options);
    add_options(output, "Options of every command", common_options);
}

void help_overview(Output *output)
{
    size_t count = 0, width = 0;
    const Command *const *list = commands(&count);
    out_line(output, "weir keeps reusable files in step across upstream, collection and project; "
                     "no edit is lost.\n");
    out_line(output, "usage: weir COMMAND [OPTIONS]\n");
    for (size_t i = 0; i < count; i++)
        width = strlen(list[i]->name) > width ? strlen(list[i]->name) : width;
    for (size_t i = 0; i < count; i++)
        if (!list[i]->hidden)
            add_padded(output, list[i]->name, width, list[i]->summary);
    out_line(output,
             "\nNothing is written without --apply; `weir undo` takes the last write back.");
    Buf codes = buf_new(output->arena);
    buf_add_text(&codes, "Exit: 0 ok");
#define EXIT_CODE(number, brief, about)                                                            \
    if ((number) != 0)                                                                             \
        buf_format(&codes, ", %d %s", number, brief);
#include "cli/exit_codes.def"
#undef EXIT_CODE
    out_line(output, "%s.", buf_text(&codes));
    out_next(output, "weir help COMMAND, or weir demo");
}
