#include "cli/man.h"

#include <ctype.h>

#include "app/settings.h"
#include "base/text.h"

static const struct {
    int number;
    const char *about;
} exit_codes[] = {
#define EXIT_CODE(number, brief, about) {number, about},
#include "cli/exit_codes.def"
#undef EXIT_CODE
};

typedef struct {
    const char *name, *about;
} Entry;

static const Entry environment[] = {
    {"WEIR_HOME", "the folder that holds collections, records and old versions; then config.toml "
                  "lies in it too. Without it $XDG_DATA_HOME/weir, else ~/.local/share/weir."},
    {"NO_COLOR", "when set, nothing is coloured."},
    {"WEIR_ASCII", "when true, only ASCII is shown."},
    {"COLUMNS", "the width to lay tables out for, on a terminal."},
    {"PAGER",
     "shows what does not fit on the terminal; empty or cat: nothing does. Without it less."},
    {"VISUAL, EDITOR", "the editor for a place of a merge; without both vi."},
    {"TRACEPARENT", "the trace that an operation belongs to, as W3C Trace Context writes it."},
};
static const Entry files[] = {
    {"config.toml", "settings; in $WEIR_HOME when that is set, else in $XDG_CONFIG_HOME/weir."},
    {"$WEIR_HOME/collections/NAME", "a collection: artifacts, collection.toml, "
                                    "collection.lock.toml. It may be a git repository."},
    {".weir/deployed.toml", "in a project: what is deployed there, from what version."},
    {".weirignore", "in an artifact: what is no part of it, in the form of gitignore(5)."},
};

/* ── troff ── */

/* Hyphens and backslashes as typed, no line taken for a request. */
static void add_words(Buf *buf, Str text)
{
    for (size_t i = 0; i < text.len;) {
        char c = text.data[i];
        bool line_start = !buf->len || buf->data[buf->len - 1] == '\n';
        size_t bytes = str_utf8_next(str_slice(text, i, text.len));
        if (line_start && (c == '.' || c == '\''))
            buf_add_text(buf, "\\&");
        if (c == '\\')
            buf_add_text(buf, "\\e");
        else if (c == '-')
            buf_add_text(buf, "\\-");
        else if (c == '\'')
            buf_add_text(buf, "\\(aq");
        else if (c == '`')
            buf_add_text(buf, "\\(ga");
        else if (c == '~')
            buf_add_text(buf, "\\(ti");
        else if (c == '^')
            buf_add_text(buf, "\\(ha");
        else
            buf_add(buf, str_slice(text, i, i + (bytes ? bytes : 1)));
        i += bytes ? bytes : 1;
    }
}

static const char *troff(Arena *arena, const char *text)
{
    Buf buf = buf_new(arena);
    add_words(&buf, str_of(text));
    return buf_text(&buf);
}

static const char *capitals(Arena *arena, const char *text)
{
    char *copy = arena_format(arena, "%s", text);
    for (char *at = copy; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return copy;
}

static void add_entry(Output *output, const char *tag, const char *about)
{
    out_verbatim(output, ".TP\n%s\n%s", tag, troff(output->arena, about));
}

static void add_head(Output *output, const char *name, const char *summary)
{
    Arena *arena = output->arena;
    out_verbatim(output, ".TH %s 1 \"\" \"weir %s\" \"weir manual\"",
                 troff(arena, capitals(arena, name)), WEIR_VERSION);
    out_verbatim(output, ".nh\n.ad l\n.SH NAME\n%s \\- %s", troff(arena, name),
                 troff(arena, summary));
    out_verbatim(output, ".SH SYNOPSIS");
}

static void add_form(Output *output, const char *name, const char *words)
{
    out_verbatim(output, ".HP\n\\fB%s\\fR %s", name, troff(output->arena, words));
}

/* ── sections ── */

static const char *option_tag(Arena *arena, const Option *option)
{
    Buf buf = buf_new(arena);
    if (option->letter)
        buf_format(&buf, "\\fB\\-%c\\fR%s", option->letter, option->name ? ", " : "");
    if (option->name)
        buf_format(&buf, "\\fB\\-\\-%s\\fR", troff(arena, option->name));
    if (option->value)
        buf_format(&buf, " \\fI%s\\fR", troff(arena, option->value));
    return buf_text(&buf);
}

static const char *option_about(Arena *arena, const Option *option)
{
    return option->repeated ? arena_format(arena, "%s; may be repeated", option->about)
                            : option->about;
}

static void add_options(Output *output, const char *title, const Option *table)
{
    if (!table || !(table->name || table->letter))
        return;
    out_verbatim(output, ".SH %s", title);
    for (; table->name || table->letter; table++)
        add_entry(output, option_tag(output->arena, table), option_about(output->arena, table));
}

static void add_entries(Output *output, const char *title, const Entry *list, size_t count)
{
    out_verbatim(output, ".SH %s", title);
    for (size_t i = 0; i < count; i++)
        add_entry(output,
                  arena_format(output->arena, "\\fB%s\\fR", troff(output->arena, list[i].name)),
                  list[i].about);
}

static void add_exit_codes(Output *output)
{
    out_verbatim(output, ".SH EXIT STATUS");
    for (size_t i = 0; i < COUNT_OF(exit_codes); i++)
        add_entry(output, arena_format(output->arena, "%d", exit_codes[i].number),
                  exit_codes[i].about);
}

static void add_environment(Output *output)
{
    Arena *arena = output->arena;
    add_entries(output, "ENVIRONMENT", environment, COUNT_OF(environment));
    out_verbatim(output, ".PP\nSettings of config.toml, by their names there:");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const SettingInfo *info = &setting_infos[i];
        const char *standard = info->standard[0] ? info->standard : "empty";
        add_entry(output, arena_format(arena, "\\fB%s\\fR", troff(arena, info->environment)),
                  arena_format(arena, "%s (%s%s%s; default %s).", info->about, info->key,
                               info->allowed[0] ? ": " : "", info->allowed, standard));
    }
}

static void add_examples(Output *output, const Command *command)
{
    if (!command->examples || !command->examples[0])
        return;
    out_verbatim(output, ".SH EXAMPLES\n.nf");
    for (const char *const *line = command->examples; *line; line++)
        out_verbatim(output, "%s", troff(output->arena, *line));
    out_verbatim(output, ".fi");
}

void man_command(Output *output, const Command *command)
{
    Arena *arena = output->arena;
    add_head(output, arena_format(arena, "weir-%s", command->name), command->summary);
    for (const char *const *usage = command->usage; *usage; usage++)
        add_form(output, arena_format(arena, "weir %s", troff(arena, command->name)), *usage);
    if (command->about)
        out_verbatim(output, ".SH DESCRIPTION\n%s", troff(arena, command->about));
    add_options(output, "OPTIONS", command->options);
    add_options(output, "OPTIONS OF EVERY COMMAND", common_options);
    add_examples(output, command);
    if (!command->as_git)
        add_exit_codes(output);
    out_verbatim(output, ".SH SEE ALSO\n.BR weir (1)");
}

static void add_see_also(Output *output)
{
    size_t count = 0;
    const Command *const *list = commands(&count);
    out_verbatim(output, ".SH SEE ALSO");
    for (size_t i = 0; i < count; i++)
        if (!list[i]->hidden)
            out_verbatim(output, ".BR weir\\-%s (1),", troff(output->arena, list[i]->name));
    out_verbatim(output, ".BR git (1)");
}

void man_overview(Output *output)
{
    size_t count = 0;
    const Command *const *list = commands(&count);
    add_head(output, "weir", "keep reusable files in step across upstream, collection and project");
    add_form(output, "weir", "COMMAND [OPTIONS]");
    out_verbatim(output,
                 ".SH DESCRIPTION\n"
                 "Upstream is where artifacts come from, the collection is yours, projects use "
                 "them.\nweir tells on each edge which side changed since the last common "
                 "version, merges, and\nloses no edit.\nNothing is written without "
                 "\\fB\\-\\-apply\\fR; \\fBweir undo\\fR takes the last write back.");
    out_verbatim(output, ".SH COMMANDS");
    for (size_t i = 0; i < count; i++)
        if (!list[i]->hidden)
            add_entry(output,
                      arena_format(output->arena, "\\fBweir\\-%s\\fR(1)",
                                   troff(output->arena, list[i]->name)),
                      list[i]->summary);
    add_options(output, "OPTIONS OF EVERY COMMAND", common_options);
    add_exit_codes(output);
    add_environment(output);
    add_entries(output, "FILES", files, COUNT_OF(files));
    add_see_also(output);
}
