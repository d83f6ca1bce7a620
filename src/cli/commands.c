#include <stdlib.h>

#include "base/fs.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/command.h"

static const Command *const all_commands[] = {
#define COMMAND(name) &command_##name,
#include "cli/commands.def"
#undef COMMAND
};

const Option common_options[] = {
    {.name = "help", .letter = 'h', .about = "this page"},
    {.name = "json", .about = "the result as JSON (docs/schema)"},
    {.name = "quiet", .letter = 'q', .about = "no notes, no questions"},
    {.name = "verbose", .letter = 'v', .about = "more detail"},
    {.name = "ascii", .about = "no glyphs beyond ASCII"},
    {.name = "no-color", .about = "no colour"},
    {.name = "no-pager", .about = "a long result is not shown page by page"},
    {.name = "offline", .about = "ask no upstream: use what was last seen"},
    {.name = "no-daemon", .about = "wait for a folder that is in use; hand nothing to the daemon"},
    {.name = "log", .value = "FILE", .about = "append a JSON line for each step to this file"},
    {.name = "set",
     .value = "NAME=VALUE",
     .repeated = true,
     .about = "a setting, for this call only (see weir config)"},
    {0},
};

const Command *const *commands(size_t *count)
{
    *count = COUNT_OF(all_commands);
    return all_commands;
}

const Command *command_find(Str name)
{
    for (size_t i = 0; i < COUNT_OF(all_commands); i++)
        if (str_is(name, all_commands[i]->name))
            return all_commands[i];
    return NULL;
}

const char *command_near(Str name)
{
    size_t best = name.len / 2 < 3 ? name.len / 2 + 1 : 4;
    const char *near = NULL;
    for (size_t i = 0; i < COUNT_OF(all_commands); i++) {
        const Command *command = all_commands[i];
        size_t distance = text_distance(name, str_of(command->name));
        if (distance < best && !command->hidden) {
            best = distance;
            near = command->name;
        }
    }
    return near;
}

bool fail_no_command(Arena *arena, Str name, Error *err)
{
    const char *near = command_near(name);
    const char *safe = text_safe(arena, name);
    if (near)
        (void)fail(err, ERR_USAGE, "there is no command '%s'. Did you mean '%s'?", safe, near);
    else
        (void)fail(err, ERR_USAGE, "there is no command '%s'", safe);
    return fail_hint(err, "weir help");
}

const char *command_usage_line(Arena *arena, const Command *command)
{
    return arena_format(arena, "usage: weir %s%s%s", command->name, *command->usage[0] ? " " : "",
                        command->usage[0]);
}

const char *call_operand(const Call *call, size_t index)
{
    return index < call->options->operands.count ? call->options->operands.items[index] : NULL;
}

bool call_applies(const Call *call)
{
    return option_given(call->options, "apply") || option_given(call->options, "yes");
}

bool call_project(const Call *call, const char **out, Error *err)
{
    const char *given = option_value(call->options, "project");
    char *project = NULL;
    SCOPED(fd_close) int folder = -1;
    if (given &&
        (!fs_open_root(given, &folder, err) || !fs_real_path(call->arena, given, &project, err)))
        return fail_in(err, "project") || fail_hint(err, "weir project list");
    *out = project;
    return true;
}

bool call_project_around(const Call *call, const char **out, Error *err)
{
    if (!call_project(call, out, err))
        return false;
    if (*out)
        return true;
    char *here = NULL;
    if (!fs_real_path(call->arena, ".", &here, err))
        return false;
    for (Str folder = str_of(here); folder.len > 1; folder = path_folder(folder)) {
        const char *text = arena_text(call->arena, folder);
        if (fs_exists(path_join(call->arena, folder, STR(".weir/deployed.toml"))) ||
            fs_exists(path_join(call->arena, folder, STR(".claude/.skillmeat-deployed.toml")))) {
            *out = text;
            return true;
        }
    }
    return true;
}

bool call_project_or_here(const Call *call, const char **out, Error *err)
{
    char *here = NULL;
    if (!call_project_around(call, out, err))
        return false;
    if (!*out && !fs_real_path(call->arena, ".", &here, err))
        return false;
    if (!*out)
        *out = here;
    return true;
}

bool call_project_must(const Call *call, const char **out, Error *err)
{
    if (!call_project_around(call, out, err))
        return false;
    return *out || fail(err, ERR_USAGE,
                        "no project is around the current folder; name one with "
                        "--project DIR");
}
