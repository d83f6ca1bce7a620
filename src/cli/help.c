#include <string.h>

#include "base/text.h"
#include "cli/command.h"

/* Words of `text` in lines of the terminal's width, behind `used` columns of the first and `indent` of the
 * others. In a pipe, and where a column would be too narrow, it is one line. */
static void add_wrapped(Output *output, size_t used, size_t indent, const char *text)
{
    enum { LEAST_COLUMNS = 16 };
    Str rest = str_of(text), word = {0};
    bool wraps = output->columns >= indent + LEAST_COLUMNS;
    size_t at = used;
    for (bool first = true; str_next(&rest, ' ', &word); first = false) {
        size_t width = text_columns(word);
        if (!first && wraps && at + 1 + width > output->columns) {
            out_text(output, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            out_text(output, " ");
            at++;
        }
        out_text(output, "%.*s", STR_ARG(word));
        at += width;
    }
    out_text(output, "\n");
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
        out_line(output, "%s weir %s%s%s", usage == command->usage ? "usage:" : "      ",
                 command->name, **usage ? " " : "", *usage);
    if (command->about)
        out_line(output, "\n%s", command->about);
    if (command->examples && command->examples[0])
        out_line(output, "\n%s", ink(output, INK_STRONG, "Examples"));
    for (const char *const *line = command->examples; line && *line; line++)
        out_line(output, "  %s", *line);
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
    out_text(output, "Exit: 0 ok");
#define EXIT_CODE(number, brief, about)                                                            \
    if ((number) != 0)                                                                             \
        out_text(output, ", %d %s", number, brief);
#include "cli/exit_codes.def"
#undef EXIT_CODE
    out_line(output, ".");
    out_next(output, "weir help COMMAND, or weir demo");
}
