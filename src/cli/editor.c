#include "cli/editor.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/foreground.h"
#include "base/fs.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"

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
    if (!foreground_run(argv, NULL, &code, err))
        return false;
    if (code == 0)
        return true;
    (void)fail(err, ERR_INVALID, "the editor '%s' ended with %d; its text was not taken",
               text_safe(call->arena, str_of(command)), code);
    return fail_hint(err, "Set VISUAL or EDITOR to an editor that is there.");
}

bool editor_run(Call *call, Str name, Str text, Str *out, Error *err)
{
    Arena *arena = call->arena;
    const Workspace *ws = &call->app->workspace;
    Str file = str_of(arena_format(arena, "edit/%s-%.*s", id_new(arena), STR_ARG(path_base(name))));
    Error unremoved = {0};
    if (!fs_make_folders_at(ws->home_fd, STR("edit"), 0700, err) ||
        !fs_create_at(ws->home_fd, file, text, 0600, false, err))
        return false;
    const char *path = path_join(arena, str_of(ws->home), file);
    bool done = open_editor(call, path, err) &&
                fs_read_at(arena, ws->home_fd, file, LIMIT_MERGE_BYTES, out, err);
    if (!fs_remove_at(ws->home_fd, file, false, &unremoved))
        out_note(call->output, "note: %s", unremoved.message);
    return done;
}
