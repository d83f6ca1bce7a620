#include <stdlib.h>

#include "base/fs.h"
#include "base/ids.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"

enum { STEP_TIMEOUT_MS = 60000 };

/* What a person types, run by sh as it stands; `title` opens a chapter; no command: made quietly. */
typedef struct {
    const char *title;
    const char *command;
    int exit_code;
} Step;

static const char make_upstream[] =
    "mkdir -p upstream/skills/pdf/scripts upstream/skills/changelog atlas beacon home && cd "
    "upstream\n"
    "git init -q -b main\n"
    "cat >skills/pdf/SKILL.md <<'END'\n"
    "---\n"
    "name: pdf\n"
    "---\n"
    "# Reading PDF files\n"
    "\n"
    "- Ask which pages matter.\n"
    "- Files over 50 MB are split before reading.\n"
    "- Quote the page with every claim.\n"
    "\n"
    "## Tables\n"
    "\n"
    "- Keep the header row.\n"
    "- Numbers stay as they are printed.\n"
    "END\n"
    "printf 'print(\"pages\")\\n' >skills/pdf/scripts/extract.py\n"
    "printf '# Changelog\\n\\n- One line a change.\\n' >skills/changelog/SKILL.md\n"
    "git add . && git commit -qm 'two skills' && git tag v1.0.0\n";

static const char make_news[] =
    "cd upstream\n"
    "sed -i 's/^- Keep the header row./- Keep the header row and the units./' skills/pdf/SKILL.md\n"
    "printf '# Forms\\n\\n- List every field.\\n' >skills/pdf/forms.md\n"
    "git add . && git commit -qm 'pdf: units, forms' && git tag v1.1.0\n";

static const Step steps[] = {
    {NULL, make_upstream, 0},
    {"A collection, and two skills from an upstream repository", "weir init", 0},
    {NULL, "weir add ./upstream@^1 --path 'skills/*' --yes", 0},
    {"Into two projects", "weir deploy pdf changelog --project atlas --yes", 0},
    {NULL, "weir deploy pdf --project beacon --yes", 0},
    {"A project edits its copy, and upstream moves on (v1.1.0)",
     "sed -i 's/over 50 MB/over 80 MB/' atlas/.claude/skills/pdf/SKILL.md", 0},
    {NULL, make_news, 0},
    {NULL, "weir status --check-all", 0},
    {NULL, "weir why pdf --project atlas", 0},
    {"Both merge: first the plan, then the writing", "weir sync --all --direction both", 0},
    {NULL, "weir sync --all --direction both --apply", 0},
    {NULL, "diff -r upstream/skills/pdf atlas/.claude/skills/pdf", 1},
    {"The project's edit goes up into the collection", "weir pull pdf --project atlas --apply", 0},
    {"Another project changed the same line: nothing is overwritten, a merge waits",
     "sed -i 's/over 50 MB/over 20 MB/' beacon/.claude/skills/pdf/SKILL.md", 0},
    {NULL, "weir sync pdf --direction project --project beacon --apply", 3},
    {NULL, "weir resolve pdf --project beacon", 3},
    {NULL, "weir resolve pdf --project beacon --file SKILL.md --take collection --apply", 0},
    {"Every write can be taken back", "weir undo --apply", 0},
    {NULL, "weir log", 0},
    {NULL, "weir status --check-all", 0},
};

typedef struct {
    const char *path;
    int fd;
    const char *const *environment;
} Playground;

static const char *variable(Arena *arena, const char *name, const char *standard)
{
    const char *value = getenv(name);
    return arena_format(arena, "%s=%s", name, value && *value ? value : standard);
}

/* Nothing of the person's own configuration is read or written. */
static const char *const *environment_of(Call *call, const char *path, const char *weir_folder)
{
    Arena *arena = call->arena;
    const char *list[] = {
        arena_format(arena, "PATH=%s:%s", weir_folder,
                     getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin"),
        arena_format(arena, "HOME=%s/home", path),
        arena_format(arena, "WEIR_HOME=%s/weir-home", path),
        variable(arena, "TMPDIR", "/tmp"),
        variable(arena, "TZ", "UTC"),
        call->output->options.ascii ? "LC_ALL=C" : "LC_ALL=C.UTF-8",
        call->output->options.ascii ? "WEIR_ASCII=1" : "WEIR_ASCII=",
        "GIT_CONFIG_GLOBAL=/dev/null",
        "GIT_CONFIG_NOSYSTEM=1",
        "GIT_AUTHOR_NAME=Demo",
        "GIT_AUTHOR_EMAIL=demo@example.org",
        "GIT_COMMITTER_NAME=Demo",
        "GIT_COMMITTER_EMAIL=demo@example.org",
    };
    const char **environment = ARENA_ARRAY(arena, const char *, COUNT_OF(list) + 1);
    for (size_t i = 0; i < COUNT_OF(list); i++)
        environment[i] = list[i];
    return environment;
}

static bool open_playground(Call *call, Playground *out, Error *err)
{
    Arena *arena = call->arena;
    const char *given = call_operand(call, 0), *temporary = getenv("TMPDIR");
    char *self = NULL, *path = NULL;
    FsNames names = {0};
    if (!given)
        given =
            arena_format(arena, "%s/weir-demo-%.8s",
                         temporary && temporary[0] == '/' ? temporary : "/tmp", id_new(arena) + 18);
    if (!fs_make_root(given, 0700, &out->fd, err) || !fs_list(arena, out->fd, &names, err) ||
        !fs_real_path(arena, given, &path, err) ||
        !fs_real_path(arena, "/proc/self/exe", &self, err))
        return false;
    if (names.count)
        return fail(err, ERR_EXISTS, "'%s' is not empty", text_safe(arena, str_of(path))) ||
               fail_hint(err, "Give a folder that is empty or not there yet.");
    bool made = false;
    if (!fs_make_folder_at(out->fd, STR("bin"), 0700, &made, err) ||
        !fs_link_at(out->fd, STR("bin/weir"), str_of(self), err))
        return false;
    out->path = path;
    out->environment = environment_of(call, path, arena_format(arena, "%s/bin", path));
    return true;
}

static bool run_step(Arena *arena, const Playground *playground, const Step *step,
                     ProcessResult *out, Error *err)
{
    ProcessSpec spec = {
        .argv = (const char *const[]){"/bin/sh", "-c", step->command, NULL},
        .environment = playground->environment,
        .cwd_fd = playground->fd,
        .timeout_ms = STEP_TIMEOUT_MS,
    };
    if (!process_run(arena, &spec, out, err))
        return false;
    if (out->exit_code == step->exit_code)
        return true;
    return fail(err, ERR_INTERNAL, "a step of the demo ended with %d: %s", out->exit_code,
                text_safe(arena, str_trim(str_slice(out->errors, 0, 300))));
}

/* ── telling ── */

static void show_lines(Output *output, Str text)
{
    Str line = {0};
    while (str_next(&text, '\n', &line))
        out_verbatim(output, "  %s", text_safe(output->arena, line));
}

static void tell_before(Output *output, const Step *step, int *chapter)
{
    if (step->title)
        out_line(output, "\n%s",
                 ink(output, INK_STRONG,
                     arena_format(output->arena, "%d. %s", ++*chapter, step->title)));
    out_verbatim(output, "$ %s", ink(output, INK_MODIFIED, step->command));
}

static void tell_after(Output *output, const ProcessResult *result)
{
    show_lines(output, result->output);
    show_lines(output, result->errors);
    if (result->exit_code)
        out_line(
            output, "  %s",
            ink(output, INK_FAINT, arena_format(output->arena, "(exit %d)", result->exit_code)));
    out_flush(output);
}

static bool play(Call *call, const Playground *playground, Error *err)
{
    int chapter = 0;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        ProcessResult result = {0};
        bool shown = str_find(str_of(steps[i].command), '\n') == STR_NONE;
        if (shown)
            tell_before(call->output, &steps[i], &chapter);
        if (!run_step(call->arena, playground, &steps[i], &result, err))
            return false;
        if (shown)
            tell_after(call->output, &result);
    }
    return true;
}

static bool play_json(Call *call, const Playground *playground, Error *err)
{
    JsonWriter json = out_json_begin(call->output);
    json_member_bytes(&json, "path", str_of(playground->path));
    json_key(&json, "steps");
    json_begin_array(&json);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        ProcessResult result = {0};
        if (!run_step(call->arena, playground, &steps[i], &result, err))
            return false;
        json_begin_object(&json);
        json_member_text(&json, "title", steps[i].title);
        json_member_text(&json, "command", steps[i].command);
        json_member_integer(&json, "exit_code", result.exit_code);
        json_member(&json, "output", json_bytes_text(call->arena, result.output));
        json_end_object(&json);
    }
    json_end_array(&json);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
    return true;
}

static bool play_text(Call *call, const Playground *playground, Error *err)
{
    Output *output = call->output;
    const char *path = text_safe(call->arena, str_of(playground->path));
    out_line(output, "Three tiers in step, on an upstream made on the spot in %s", path);
    if (!play(call, playground, err))
        return false;
    out_line(output, "\nThe playground stays. To go on:");
    out_verbatim(output, "  cd %s && export WEIR_HOME=$PWD/weir-home PATH=$PWD/bin:$PATH",
                 text_word(call->arena, str_of(playground->path)));
    out_line(output, "  weir status, weir show pdf, weir diff pdf --project atlas");
    out_next(output, "rm -r %s when you have seen enough",
             text_word(call->arena, str_of(playground->path)));
    return true;
}

static bool run_demo(Call *call, Error *err)
{
    Playground playground = {.fd = -1};
    bool ok = open_playground(call, &playground, err);
    SCOPED(fd_close) int fd = playground.fd;
    (void)fd;
    if (!ok)
        return false;
    return call->output->options.json ? play_json(call, &playground, err)
                                      : play_text(call, &playground, err);
}

const Command command_demo = {
    .name = "demo",
    .summary = "a tour of the main job, on a sample upstream made on the spot",
    .usage = (const char *const[]){"[DIR]", NULL},
    .about =
        "Runs the real commands in a new folder with a home of its own; your configuration is not "
        "touched. Needs git.",
    .examples = (const char *const[]){"weir demo", "weir demo /tmp/playground", NULL},
    .max_operands = 1,
    .run = run_demo,
};
