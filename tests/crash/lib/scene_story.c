#include "scene_internal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

#define RECORD0_OLD "0 old\n1 old\n2 none\n3 old\n"
#define RECORD_NEW "0 new\n1 new\n2 new\n3 new\n"
#define RECORD1_NEW "0 new\n4 new\n"
#define RECORD2_NEW "5 new\n"

const Change scene_changes[] = {
    {0, ".claude/skills/pdf/SKILL.md", "old skill", "a new and longer skill", 0},
    {0, ".claude/skills/pdf/run.sh", "#!/bin/sh", "!#!/bin/sh", 0},
    {0, ".claude/skills/pdf/link", "@SKILL.md", "@run.sh", 0},
    {0, ".claude/skills/pdf/more.md", NULL, "more", 0},
    {0, ".claude/skills/old/a", "a", NULL, 1},
    {0, ".claude/skills/old/deep/b", "!b", NULL, 1},
    {0, ".claude/skills/new/SKILL.md", NULL, "new skill", 2},
    {0, ".claude/skills/new/sub/x", NULL, "!x", 2},
    {0, ".claude/skills/new/to", NULL, "@sub/x", 2},
    {0, ".claude/skills/shape", "was a file", NULL, 3},
    {0, ".claude/skills/shape/in", NULL, "now in a folder", 3},
    {0, ".claude/skills/box", NULL, "now a file", 3},
    {0, ".claude/skills/box/p", "p", NULL, 3},
    {0, ".claude/skills/box/q/r", "r", NULL, 3},
    {0, ".claude/hooks/alone", NULL, "was a folder, alone in its own", 3},
    {0, ".claude/hooks/alone/x", "x", NULL, 3},
    {0, "docs/lonely/y", "y", NULL, 1},
    {0, ".weir/deployed.toml", RECORD0_OLD, RECORD_NEW, APPLY_RECORD},
    {1, "skills/pdf/SKILL.md", "old skill", "a new and longer skill", 0},
    {1, "skills/gone.md", "gone", NULL, 4},
    {1, "collection.lock.toml", NULL, RECORD1_NEW, APPLY_RECORD},
    {2, ".claude/commands/one.md", NULL, "one", 5},
    {2, ".claude/commands/two.md", NULL, "two", 5},
    {2, ".weir/deployed.toml", NULL, RECORD2_NEW, APPLY_RECORD},
};
const size_t scene_change_count = COUNT_OF(scene_changes);

/* What weir never touches. */
const Change scene_untracked[] = {
    {0, ".claude/skills/pdf/mine", "my own notes", NULL, 0},
    {0, "src/main.c", "int main;", NULL, 0},
    {0, "docs/index", "mine too", NULL, 0},
    {1, "README", "hello", NULL, 0},
};
const size_t scene_untracked_count = COUNT_OF(scene_untracked);

static const Edit edits[] = {
    {0, ".claude/skills/pdf/SKILL.md", EDIT_REPLACE},
    {0, ".claude/skills/pdf/SKILL.md", EDIT_IN_PLACE},
    {0, ".claude/skills/pdf/SKILL.md", EDIT_REMOVE},
    {0, ".claude/skills/pdf/link", EDIT_REPLACE},
    {0, ".claude/skills/pdf/more.md", EDIT_REPLACE},
    {0, ".claude/skills/old/a", EDIT_REPLACE},
    {0, ".claude/skills/old/a", EDIT_IN_PLACE},
    {0, ".claude/skills/old/a", EDIT_REMOVE},
    {0, ".claude/skills/old/mine", EDIT_REPLACE},
    {0, ".claude/skills/new/SKILL.md", EDIT_REPLACE},
    {0, ".claude/skills/new/mine", EDIT_REPLACE},
    {0, ".claude/skills/shape", EDIT_REPLACE},
    {0, ".claude/skills/shape/in", EDIT_REPLACE},
    {0, ".claude/skills/shape/mine", EDIT_REPLACE},
    {0, ".claude/skills/box", EDIT_REPLACE},
    {0, ".claude/skills/box/p", EDIT_REPLACE},
    {0, ".claude/skills/box/mine", EDIT_REPLACE},
    {0, ".weir/deployed.toml", EDIT_REPLACE},
    {1, "skills/pdf/SKILL.md", EDIT_REPLACE},
    {1, "skills/gone.md", EDIT_REMOVE},
    {1, "collection.lock.toml", EDIT_REPLACE},
    {2, ".claude/commands/one.md", EDIT_REPLACE},
    {2, ".claude/mine", EDIT_REPLACE},
    {2, ".claude/commands/two.md", EDIT_REMOVE},
};

void scene_must(bool ok, const char *what, const Error *err)
{
    if (ok)
        return;
    (void)fprintf(stderr, "the harness itself failed: %s: %s\n", what, err ? err->message : "");
    _exit(99);
}

Mode scene_mode_of(const char *text)
{
    if (!text)
        return MODE_NONE;
    return text[0] == '@' ? MODE_LINK : text[0] == '!' ? MODE_EXEC : MODE_FILE;
}

Str scene_bytes_of(const char *text)
{
    return str_of(text && (text[0] == '@' || text[0] == '!') ? text + 1 : text);
}

Hash scene_hash_of(const char *text)
{
    return text ? hash_of(scene_bytes_of(text)) : (Hash){{0}};
}

const char *scene_live(const Scene *scene, Arena *arena, int root, Str path)
{
    Error err;
    FsStat st;
    Str bytes;
    bool found;
    int fd = scene->fd[root];
    if (!fs_stat_at(fd, path, &found, &st, &err) || !found || st.kind == FS_FOLDER)
        return NULL;
    if (st.kind == FS_LINK)
        return fs_read_link_at(arena, fd, path, &bytes, &err)
                   ? arena_format(arena, "@%.*s", STR_ARG(bytes))
                   : "?";
    return fs_read_at(arena, fd, path, 1 << 20, &bytes, &err)
               ? arena_format(arena, "%s%.*s", st.executable ? "!" : "", STR_ARG(bytes))
               : "?";
}

bool scene_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const Change *scene_change(int root, Str path)
{
    for (size_t i = 0; i < scene_change_count; i++)
        if (scene_changes[i].root == root && str_is(path, scene_changes[i].path))
            return &scene_changes[i];
    return NULL;
}

const Edit *scene_edits(size_t *count)
{
    *count = COUNT_OF(edits);
    return edits;
}
