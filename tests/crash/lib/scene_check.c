#include "scene_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/path.h"
#include "inject.h"

/* The eye */

static const DoneEdit *edit_of(const Scene *scene, int root, Str path)
{
    for (int i = scene->data->edit_count; i-- > 0;)
        if (scene->data->edits[i].done && scene->data->edits[i].edit.root == root &&
            str_is(path, scene->data->edits[i].edit.path))
            return &scene->data->edits[i];
    return NULL;
}

static const char *wrong(Arena *arena, int root, Str path, const char *live, const char *wanted)
{
    return arena_format(arena, "root%d/%.*s is '%s', not '%s'", root, STR_ARG(path),
                        live ? live : "(absent)", wanted ? wanted : "(absent)");
}

static const char *check_edit(const Scene *scene, Arena *arena, const DoneEdit *done)
{
    Str path = str_of(done->edit.path);
    const char *wanted = done->edit.style == EDIT_REMOVE ? NULL : done->content;
    const char *live = scene_live(scene, arena, done->edit.root, path);
    if (live && live[0] == '!')
        live++;
    if (scene_same(live, wanted)) {
        const Change *change = scene_change(done->edit.root, path);
        if (!done->over_old || !scene->data->finished || scene->data->failed[change->group])
            return NULL;
        return arena_format(arena, "the record speaks of content that never got to %s",
                            done->edit.path);
    }
    return wrong(arena, done->edit.root, path, live, wanted);
}

/* What could not be kept in a store, for there was none, has a name of its own: "PATH.weir-kept-1". */
static bool is_beside(const Scene *scene, Arena *arena, const DoneEdit *done)
{
    for (int i = 1; i <= SCENE_EDITS; i++) {
        const char *path = arena_format(arena, "%s.weir-kept-%d", done->edit.path, i);
        const char *live = scene_live(scene, arena, done->edit.root, str_of(path));
        if (live && scene_same(live + (live[0] == '!'), done->content))
            return true;
    }
    return false;
}

/* A save that weir took away before he saved again is live no more, and not his to miss: it is kept. */
static const char *check_middle(const Scene *scene, Arena *arena, const DoneEdit *done)
{
    Hash hash = hash_of(str_of(done->content));
    if (done->superseded || done->edit.style == EDIT_REMOVE || !done->content[0] ||
        scene_is_kept(scene->data, &hash) || (scene->restored && is_beside(scene, arena, done)))
        return NULL;
    return arena_format(arena, "'%s', a save of %s before the last, is lost", done->content,
                        done->edit.path);
}

static const char *amended_record(const Scene *scene, Arena *arena, const Change *change)
{
    ApplyAmend amend = {.new_bytes = str_of(change->after)};
    Str out;
    Error err;
    for (size_t g = 0; g < SCENE_GROUPS; g++)
        if (scene->data->failed[g])
            ARRAY_PUSH(arena, &amend.failed, g);
    if (!amend.failed.count || !scene_amend(NULL, arena, &amend, &out, &err))
        return change->after;
    return arena_text(arena, out);
}

static const char *check_change(const Scene *scene, Arena *arena, const Change *change)
{
    Str path = str_of(change->path);
    const char *live = scene_live(scene, arena, change->root, path);
    const char *wanted = scene->data->finished ? change->after : change->before;
    if (edit_of(scene, change->root, path))
        return NULL;
    if (scene->data->finished && change->group == APPLY_RECORD)
        wanted = amended_record(scene, arena, change);
    bool failed = change->group != APPLY_RECORD && scene->data->failed[change->group];
    if (scene_same(live, wanted) || (failed && scene_same(live, change->before)))
        return NULL;
    return wrong(arena, change->root, path, live, wanted);
}

/* A save, beside: there is no store while a stranger restores. */
static bool is_set_aside(const Scene *scene, Arena *arena, int root, Str path)
{
    const char *live = scene_live(scene, arena, root, path);
    for (int i = 0; live && scene->restored && i < scene->data->edit_count; i++)
        if (str_starts(path, str_of(scene->data->edits[i].edit.path)) &&
            scene_same(live + (live[0] == '!'), scene->data->edits[i].content))
            return true;
    return false;
}

static bool is_known(const Scene *scene, int root, Str path)
{
    if (scene_change(root, path))
        return true;
    for (size_t i = 0; i < scene_untracked_count; i++)
        if (scene_untracked[i].root == root && str_is(path, scene_untracked[i].path))
            return true;
    return edit_of(scene, root, path) != NULL;
}

/* Folders exist only where something is in them, and nothing is there that nobody wrote. */
static const char *check_folder(const Scene *scene, Arena *arena, int root, Str folder)
{
    FsNames names;
    Error err;
    SCOPED(fd_close) int fd = -1;
    if (!fs_open_folder(scene->fd[root], folder, &fd, &err) || !fs_list(arena, fd, &names, &err))
        return "a folder cannot be read";
    bool removed = false; /* a user who removes the last file of a folder leaves it empty */
    for (int i = 0; i < scene->data->edit_count; i++)
        removed = removed ||
                  (scene->data->edits[i].done && scene->data->edits[i].edit.style == EDIT_REMOVE);
    if (folder.len && !names.count && !removed)
        return arena_format(arena, "root%d/%.*s is left behind empty", root, STR_ARG(folder));
    for (size_t i = 0; i < names.count; i++) {
        Str path = str_of(path_join(arena, folder, names.items[i].name));
        if (names.items[i].kind == FS_FOLDER) {
            const char *problem = check_folder(scene, arena, root, path);
            if (problem)
                return problem;
        } else if (!is_known(scene, root, path) && !is_set_aside(scene, arena, root, path)) {
            return arena_format(arena, "root%d/%.*s was left behind", root, STR_ARG(path));
        }
    }
    return NULL;
}

static const char *check_home(const Scene *scene, Arena *arena)
{
    FsNames names;
    Error err;
    SCOPED(fd_close) int fd = fs_open_at(scene->home_fd, STR("txn"), O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return NULL;
    if (!fs_list(arena, fd, &names, &err))
        return "the journals cannot be listed";
    return names.count ? "a journal was left behind" : NULL;
}

static const char *check_kept(const Scene *scene, Arena *arena)
{
    for (size_t i = 0; scene->data->finished && i < scene_change_count; i++) {
        Hash hash = scene_hash_of(scene_changes[i].before);
        if (scene_changes[i].before && !scene_is_kept(scene->data, &hash))
            return arena_format(arena, "the old %s was not kept", scene_changes[i].path);
    }
    return NULL;
}

const char *scene_check_files(Scene *scene, Arena *arena)
{
    const char *problem = scene->data->reported && !scene->data->finished
                              ? "success was reported without finish"
                              : NULL;
    for (int i = 0; !problem && i < scene->data->edit_count; i++) {
        const DoneEdit *done = &scene->data->edits[i];
        bool last = edit_of(scene, done->edit.root, str_of(done->edit.path)) == done;
        if (done->done)
            problem = last ? check_edit(scene, arena, done) : check_middle(scene, arena, done);
    }
    for (size_t i = 0; !problem && i < scene_change_count; i++)
        problem = check_change(scene, arena, &scene_changes[i]);
    for (size_t i = 0; !problem && i < scene_untracked_count; i++)
        if (!scene_same(
                scene_live(scene, arena, scene_untracked[i].root, str_of(scene_untracked[i].path)),
                scene_untracked[i].before))
            problem = arena_format(arena, "untracked %s was touched", scene_untracked[i].path);
    return problem;
}

const char *scene_check(Scene *scene, Arena *arena)
{
    const char *problem = scene_check_files(scene, arena);
    if (!problem)
        problem = check_home(scene, arena);
    for (int i = 0; !problem && i < SCENE_ROOTS; i++)
        problem = check_folder(scene, arena, i, (Str){0});
    return problem ? problem : check_kept(scene, arena);
}

static bool has(const Scene *scene, const char *path)
{
    Error err;
    FsStat st;
    bool found;
    return fs_stat_at(scene->home_fd, str_of(path), &found, &st, &err) && found;
}

bool scene_is_half_done(const Scene *scene)
{
    return has(scene, "txn/01TXN/COMMIT") && !has(scene, "txn/01TXN/DONE") &&
           !has(scene, "txn/01TXN/UNDONE");
}

static bool stranger_looks(const Scene *scene, Arena *arena, int root, bool restore, Error *err)
{
    return apply_check_root(arena, scene->fd[root], ".weir", "/other", scene->other_fd, restore,
                            err);
}

bool scene_restore(Scene *scene, Arena *arena, Error *err)
{
    bool ok = true;
    scene->restored = true;
    inject_user(true);
    scene_empty_folder(scene->home_fd);
    inject_user(false);
    for (int i = 0; ok && i < SCENE_ROOTS; i++)
        ok = stranger_looks(scene, arena, i, true, err);
    scene->data->code = ok ? ERR_NONE : err->code;
    return ok;
}

const char *scene_check_stranger(Scene *scene, Arena *arena, bool restore)
{
    Error err = {0};
    for (int i = 0; i < SCENE_ROOTS; i++)
        if (stranger_looks(scene, arena, i, false, &err) || err.code != ERR_INTERRUPTED_APPLY)
            return "a stranger does not see an apply that is half done";
    if (!restore)
        return NULL;
    if (!scene_restore(scene, arena, &err))
        return arena_format(arena, "a stranger cannot restore: %s", err.message);
    return scene_check(scene, arena);
}
