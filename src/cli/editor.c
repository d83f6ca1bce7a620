#include "cli/editor.h"

#include <stdlib.h>
#include <string.h>

#include "base/foreground.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"

enum { NAME_DIGITS = 16, EXIT_NOT_THERE = 127 };

/* ── the draft ── */

static Str draft_file(Call *call, const TextDraft *draft, const char *kind)
{
    return str_of(arena_format(call->arena, "edit/%.*s-%s%.*s", NAME_DIGITS, draft->key.data, kind,
                               STR_ARG(path_base(draft->name))));
}

/* `*text` becomes what an earlier sitting left, if it did. */
static bool draft_begin(Call *call, TextDraft *draft, Str *text, Error *err)
{
    const Workspace *ws = &call->app->workspace;
    Str file = draft_file(call, draft, ""), before = {0};
    bool found = false;
    if (!fs_make_folders_at(ws->home_fd, STR("edit"), 0700, err) ||
        !fs_read_if_any(call->arena, ws->home_fd, file, LIMIT_MERGE_BYTES, &found, &before, err))
        return false;
    draft->path = str_of(path_join(call->arena, str_of(ws->home), file));
    if (!found)
        return fs_create_at(ws->home_fd, file, *text, 0600, false, err);
    if (!str_equal(before, *text))
        out_note(call->output, "note: going on with the text of before");
    *text = before;
    return true;
}

static bool draft_read(Call *call, const TextDraft *draft, Str *out, Error *err)
{
    return fs_read_at(call->arena, call->app->workspace.home_fd, draft_file(call, draft, ""),
                      LIMIT_MERGE_BYTES, out, err);
}

static void remove_file(Call *call, Str file)
{
    Error unremoved = {0};
    if (!fs_remove_at(call->app->workspace.home_fd, file, false, &unremoved))
        out_note(call->output, "note: %s", unremoved.message);
}

void draft_drop(Call *call, const TextDraft *draft)
{
    remove_file(call, draft_file(call, draft, ""));
}

/* The program failed: what was written until then stays, and is named. */
static bool fail_draft(Call *call, const TextDraft *draft, Str given, Error *err)
{
    Str now = {0};
    Error unread = {0};
    if (draft_read(call, draft, &now, &unread) && str_equal(now, given))
        draft_drop(call, draft);
    else
        (void)fail_hint(err, "What was written is kept in %s; edit again to go on with it.",
                        text_safe(call->arena, draft->path));
    return false;
}

static bool check_ended(Call *call, const char *what, const char *command, int code,
                        const char *hint, Error *err)
{
    const char *shown = text_safe(call->arena, str_of(command));
    if (code == 0)
        return true;
    if (code == EXIT_NOT_THERE)
        (void)fail(err, ERR_INVALID, "there is no %s '%s'", what, shown);
    else
        (void)fail(err, ERR_INVALID, "the %s '%s' ended with %d; its text was not taken", what,
                   shown, code);
    return fail_hint(err, "%s", hint);
}

/* ── editor ── */

static const char *editor_command(void)
{
    const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
    if (visual && *visual)
        return visual;
    return editor && *editor ? editor : "vi";
}

/* The variable is a shell's words, "code --wait" for one. */
static bool open_editor(Call *call, const char *path, Error *err)
{
    const char *command = editor_command();
    const char *line = arena_format(call->arena, "%s \"$@\"", command);
    const char *const argv[] = {"sh", "-c", line, command, path, NULL};
    int code = 0;
    out_flush(call->output);
    return foreground_run(argv, NULL, &code, err) &&
           check_ended(call, "editor", command, code,
                       "Set VISUAL or EDITOR to an editor that is there.", err);
}

bool editor_run(Call *call, TextDraft *draft, Str text, Str *out, Error *err)
{
    Str given = text;
    if (!draft_begin(call, draft, &given, err))
        return false;
    if (!open_editor(call, arena_text(call->arena, draft->path), err))
        return fail_draft(call, draft, text, err);
    return draft_read(call, draft, out, err);
}

/* ── merge tool ── */

static const struct {
    const char *name, *line;
} tools[] = {
    {"bc", "bcompare \"$LOCAL\" \"$REMOTE\" \"$BASE\" -mergeoutput=\"$MERGED\""},
    {"code", "code --wait --merge \"$REMOTE\" \"$LOCAL\" \"$BASE\" \"$MERGED\""},
    {"emerge", "emacs -f emerge-files-with-ancestor-command \"$LOCAL\" \"$REMOTE\" \"$BASE\" "
               "\"$MERGED\""},
    {"kdiff3", "kdiff3 --auto -o \"$MERGED\" \"$BASE\" \"$LOCAL\" \"$REMOTE\""},
    {"meld", "meld \"$LOCAL\" \"$MERGED\" \"$REMOTE\" --output=\"$MERGED\""},
    {"nvimdiff", "nvim -d -c 'wincmd J' \"$MERGED\" \"$LOCAL\" \"$BASE\" \"$REMOTE\""},
    {"vimdiff", "vim -d -c 'wincmd J' \"$MERGED\" \"$LOCAL\" \"$BASE\" \"$REMOTE\""},
    {"xxdiff", "xxdiff -m -M \"$MERGED\" \"$LOCAL\" \"$BASE\" \"$REMOTE\""},
};

static const char *tool_line(const char *tool)
{
    for (size_t i = 0; i < COUNT_OF(tools); i++)
        if (strcmp(tools[i].name, tool) == 0)
            return tools[i].line;
    return tool;
}

enum { TOOL_BASE, TOOL_LOCAL, TOOL_REMOTE, TOOL_FILES };

/* Left by a sitting that was killed: these are made anew each time. */
static bool write_side(Call *call, Str file, Str text, Error *err)
{
    int home = call->app->workspace.home_fd;
    return fs_remove_at(home, file, false, err) && fs_create_at(home, file, text, 0600, false, err);
}

static bool open_tool(Call *call, const char *tool, const char *const paths[TOOL_FILES],
                      const char *merged, Error *err)
{
    const char *line =
        arena_format(call->arena, "BASE=$1 LOCAL=$2 REMOTE=$3 MERGED=$4; %s", tool_line(tool));
    const char *const argv[] = {
        "sh",   "-c", line, tool, paths[TOOL_BASE], paths[TOOL_LOCAL], paths[TOOL_REMOTE],
        merged, NULL};
    int code = 0;
    out_flush(call->output);
    return foreground_run(argv, NULL, &code, err) &&
           check_ended(call, "merge tool", tool, code,
                       "Name one with --tool NAME, --tool 'COMMAND \"$MERGED\"', or the setting "
                       "merge_tool.",
                       err);
}

bool tool_run(Call *call, const char *tool, TextDraft *draft, const ToolTexts *texts, Str *out,
              Error *err)
{
    static const char *const kinds[TOOL_FILES] = {"BASE-", "LOCAL-", "REMOTE-"};
    const Str sides[TOOL_FILES] = {texts->base, texts->target, texts->source};
    const char *paths[TOOL_FILES];
    Str given = texts->merged;
    bool ready = draft_begin(call, draft, &given, err);
    for (size_t i = 0; ready && i < TOOL_FILES; i++) {
        Str file = draft_file(call, draft, kinds[i]);
        paths[i] = path_join(call->arena, str_of(call->app->workspace.home), file);
        ready = write_side(call, file, sides[i], err);
    }
    if (!ready)
        return false;
    bool done = open_tool(call, tool, paths, arena_text(call->arena, draft->path), err);
    for (size_t i = 0; i < TOOL_FILES; i++)
        remove_file(call, draft_file(call, draft, kinds[i]));
    return done ? draft_read(call, draft, out, err) : fail_draft(call, draft, texts->merged, err);
}
