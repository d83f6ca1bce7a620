#include "scene_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/path.h"
#include "inject.h"

/* The host */

static bool host_read(void *context, Arena *arena, const Hash *hash, Str *out, Error *err)
{
    (void)context;
    for (size_t i = 0; i < scene_change_count; i++) {
        Hash before = scene_hash_of(scene_changes[i].before),
             after = scene_hash_of(scene_changes[i].after);
        const char *text = hash_equal(&after, hash)    ? scene_changes[i].after
                           : hash_equal(&before, hash) ? scene_changes[i].before
                                                       : NULL;
        if (text) {
            *out = arena_copy(arena, scene_bytes_of(text));
            return true;
        }
    }
    return fail(err, ERR_NOT_FOUND, "no such content");
}

bool scene_is_kept(const SceneData *data, const Hash *hash)
{
    for (int i = 0; i < data->kept_durable; i++)
        if (hash_equal(&data->keep[i], hash))
            return true;
    return false;
}

static bool host_keep(void *context, Str bytes, const Hash *hash, Error *err)
{
    Scene *scene = context;
    Hash actual = hash_of(bytes);
    scene_must(hash_equal(&actual, hash), "keep_old was given another hash", err);
    if (!scene_is_kept(scene->data, hash) && scene->data->kept < SCENE_KEPT)
        scene->data->keep[scene->data->kept++] = *hash;
    return true;
}

static bool host_sync(void *context, Error *err)
{
    Scene *scene = context;
    (void)err;
    scene->data->kept_durable = scene->data->kept;
    char event[32];
    (void)snprintf(event, sizeof event, "kept %d", scene->data->kept);
    inject_event(event);
    if (scene->at_check) {
        inject_user(true);
        scene_edit(scene, scene->at_check, true);
        inject_user(false);
    }
    scene->at_check = NULL;
    if (scene->hold_at_check)
        scene_holder_does(scene, HOLD_OPEN);
    return true;
}

static bool host_finish(void *context, const ApplyFinish *finish, Error *err)
{
    Scene *scene = context;
    (void)err;
    for (size_t i = 0; i < finish->failed.count; i++)
        scene->data->failed[finish->failed.items[i] % SCENE_GROUPS] = true;
    scene->data->finished++;
    inject_event("finished");
    return true;
}

/* A record says "GROUP new" for each group; one that failed keeps its old line. */
bool scene_amend(void *context, Arena *arena, const ApplyAmend *amend, Str *out, Error *err)
{
    (void)context;
    (void)err;
    Buf buf = buf_new(arena);
    Str rest = amend->new_bytes, line;
    while (str_next(&rest, '\n', &line)) {
        bool failed = false;
        for (size_t i = 0; line.len && i < amend->failed.count; i++)
            failed = failed || amend->failed.items[i] == (size_t)(line.data[0] - '0');
        if (line.len)
            buf_format(&buf, "%c %s\n", line.data[0], failed ? "kept" : "new");
    }
    *out = buf_str(&buf);
    return true;
}

static ApplyHost host_of(Scene *scene)
{
    return (ApplyHost){scene, host_read, host_keep, host_sync, host_finish, scene_amend, NULL};
}

/* Arranging */

static SceneData *map_data(const char *dir)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/db", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    scene_must(fd >= 0 && posix_fallocate(fd, 0, sizeof(SceneData)) == 0, "map the database", NULL);
    void *data = mmap(NULL, sizeof(SceneData), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    scene_must(data != MAP_FAILED, "map the database", NULL);
    fd_close(&fd);
    return data;
}

void scene_open(Scene *scene, Arena *arena, const char *dir)
{
    Error err = {0};
    *scene = (Scene){.dir = dir, .home = arena_format(arena, "%s/home", dir)};
    inject_user(true);
    scene_must(fs_make_root(scene->home, 0700, &scene->home_fd, &err), "home", &err);
    const char *other = arena_format(arena, "%s/other", dir);
    scene_must(fs_make_root(other, 0700, &scene->other_fd, &err), "home", &err);
    for (int i = 0; i < SCENE_ROOTS; i++) {
        scene->path[i] = arena_format(arena, "%s/root%d", dir, i);
        scene_must(fs_make_root(scene->path[i], 0755, &scene->fd[i], &err), "root", &err);
    }
    scene->data = map_data(dir);
    inject_user(false);
}

void scene_close(Scene *scene)
{
    fd_close(&scene->home_fd);
    fd_close(&scene->other_fd);
    for (int i = 0; i < SCENE_ROOTS; i++)
        fd_close(&scene->fd[i]);
    (void)munmap(scene->data, sizeof *scene->data);
}

static void write_text(int fd, const char *path, const char *text)
{
    Error err = {0};
    Str at = str_of(path), bytes = scene_bytes_of(text);
    scene_must(fs_make_folders_at(fd, path_folder(at), 0755, &err), "folders", &err);
    bool ok = scene_mode_of(text) == MODE_LINK
                  ? fs_link_at(fd, at, bytes, &err)
                  : fs_create_at(fd, at, bytes, scene_mode_of(text) == MODE_EXEC ? 0755 : 0644,
                                 false, &err);
    scene_must(ok, "write", &err);
}

void scene_empty_folder(int fd)
{
    Error err = {0};
    SCOPED(arena_close) Arena *arena = arena_open();
    FsNames names;
    scene_must(fs_list(arena, fd, &names, &err), "list", &err);
    for (size_t i = 0; i < names.count; i++)
        scene_must(fs_remove_all_at(fd, names.items[i].name, &err), "empty", &err);
}

void scene_build(Scene *scene)
{
    inject_user(true);
    scene_empty_folder(scene->home_fd);
    for (int i = 0; i < SCENE_ROOTS; i++)
        scene_empty_folder(scene->fd[i]);
    for (size_t i = 0; i < scene_change_count; i++)
        if (scene_changes[i].before)
            write_text(scene->fd[scene_changes[i].root], scene_changes[i].path,
                       scene_changes[i].before);
    for (size_t i = 0; i < scene_untracked_count; i++)
        write_text(scene->fd[scene_untracked[i].root], scene_untracked[i].path,
                   scene_untracked[i].before);
    *scene->data = (SceneData){0};
    scene->at_check = NULL;
    scene->hold_at_check = false;
    scene->restored = false;
    inject_user(false);
}

bool scene_apply(Scene *scene, Arena *arena, ApplyResult *out, Error *err)
{
    ApplyEntry entries[SCENE_ROOTS][SCENE_CHANGES_AT_MOST];
    ApplyRoot roots[SCENE_ROOTS] = {0};
    memset(entries, 0, sizeof entries);
    for (int i = 0; i < SCENE_ROOTS; i++)
        roots[i] = (ApplyRoot){scene->path[i], scene->fd[i], ".weir", entries[i], 0};
    for (size_t i = 0; i < scene_change_count; i++) {
        const Change *c = &scene_changes[i];
        entries[c->root][roots[c->root].count++] = (ApplyEntry){str_of(c->path),
                                                                scene_mode_of(c->before),
                                                                scene_hash_of(c->before),
                                                                scene_mode_of(c->after),
                                                                scene_hash_of(c->after),
                                                                c->group,
                                                                0};
    }
    ApplySpec spec = {scene->home, scene->home_fd, "01TXN", roots,
                      SCENE_ROOTS, STR("payload"), NULL};
    ApplyHost host = host_of(scene);
    if (!apply_run(arena, &spec, &host, out, err)) {
        scene->data->code = err->code;
        return false;
    }
    scene->data->reported = scene->data->reported || out->outcome == APPLY_DONE;
    if (out->outcome == APPLY_DONE)
        inject_event("reported");
    return true;
}

bool scene_recover(Scene *scene, Arena *arena, ApplyRecovery *out, Error *err)
{
    ApplyHost host = host_of(scene);
    if (!apply_recover(arena, scene->home, scene->home_fd, 1000, &host, out, err))
        return false;
    for (size_t i = 0; i < out->count; i++)
        if (out->items[i].kind == RECOVERY_FAILED || out->items[i].kind == RECOVERY_BUSY) {
            *err = out->items[i].error;
            return false;
        }
    return true;
}

/* A user */

static bool edit_in_place(int fd, Str path, Str bytes, Error *err)
{
    SCOPED(fd_close)
    int file = fs_open_at(fd, path, O_WRONLY | O_TRUNC | O_CREAT | O_NOFOLLOW, 0644);
    return file >= 0 && fs_write_fd(file, bytes, err);
}

static bool edit_by_rename(int fd, Str path, Str bytes, Error *err)
{
    if (!fs_create_at(fd, STR("his.tmp"), bytes, 0644, false, err))
        return false;
    bool saved = fs_rename_at(fd, STR("his.tmp"), fd, path, 0) == 0;
    scene_must(saved || fs_remove_at(fd, STR("his.tmp"), false, err), "tidy up", err);
    return saved;
}

bool scene_over_old(const Scene *scene, const Edit *edit)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const Change *change = scene_change(edit->root, str_of(edit->path));
    if (!change || change->group == APPLY_RECORD || (edit->style == EDIT_REMOVE && !change->after))
        return false;
    return scene_same(scene_live(scene, arena, edit->root, str_of(edit->path)), change->before);
}

/* An earlier save that he sees when he saves the next one is his own to replace. */
void scene_supersede(Scene *scene, const Edit *edit)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *live = scene_live(scene, arena, edit->root, str_of(edit->path));
    if (live && live[0] == '!')
        live++;
    for (int i = 0; live && i < scene->data->edit_count; i++) {
        DoneEdit *done = &scene->data->edits[i];
        done->superseded = done->superseded || scene_same(live, done->content);
    }
}

/* He does what an editor can do; where a folder is in his way, or none is there, he could not have saved. */
void scene_edit(Scene *scene, const Edit *edit, bool concurrent)
{
    Error err = {0};
    Str path = str_of(edit->path);
    int fd = scene->fd[edit->root];
    inject_user(true);
    scene_supersede(scene, edit);
    DoneEdit *done = &scene->data->edits[scene->data->edit_count++];
    *done = (DoneEdit){.edit = *edit, .concurrent = concurrent};
    (void)snprintf(done->content, sizeof done->content, "edit number %d", scene->data->edit_count);
    done->over_old = scene_over_old(scene, edit);
    if (edit->style == EDIT_REMOVE) {
        FsStat st;
        bool there;
        done->done =
            fs_stat_at(fd, path, &there, &st, &err) && there && fs_remove_at(fd, path, false, &err);
    } else {
        done->done = edit->style == EDIT_REPLACE
                         ? edit_by_rename(fd, path, str_of(done->content), &err)
                         : edit_in_place(fd, path, str_of(done->content), &err);
    }
    char event[32];
    (void)snprintf(event, sizeof event, "edit %d", scene->data->edit_count - 1);
    inject_event(event);
    inject_user(false);
}
