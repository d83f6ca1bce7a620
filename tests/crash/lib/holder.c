/* A save that takes its time: a program of its own opens a file, and only later writes and closes it. */
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "inject.h"
#include "scene_internal.h"

enum { TURNS_AT_MOST = 50000000 };

static void save(Scene *scene, const Edit *edit, int fd, bool over_old)
{
    SceneData *data = scene->data;
    scene_supersede(scene, edit);
    DoneEdit *done = &data->edits[data->edit_count++];
    Error err;
    *done = (DoneEdit){.edit = *edit, .concurrent = true, .over_old = over_old};
    (void)snprintf(done->content, sizeof done->content, "held number %d", data->edit_count);
    Str text = str_of(done->content);
    done->done = ftruncate(fd, 0) == 0 && fs_write_fd(fd, text, &err);
}

static void hold(Scene *scene, const Edit *place, bool truncates)
{
    Edit in_place = {place->root, place->path, EDIT_IN_PLACE};
    const Edit *edit = &in_place;
    SceneData *data = scene->data;
    int fd = -1;
    bool over_old = false;
    for (HolderTask task = HOLD_NOTHING; task != HOLD_SAVE;) {
        while ((task = atomic_load(&data->task)) == HOLD_NOTHING)
            (void)sched_yield();
        if (task == HOLD_OPEN) {
            int flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC | (truncates ? O_TRUNC : 0);
            over_old = scene_over_old(scene, edit);
            if (truncates)
                scene_supersede(scene, edit);
            fd = fs_open_at(scene->fd[edit->root], str_of(edit->path), flags, 0);
        }
        if (task == HOLD_OPEN && fd >= 0 && truncates)
            data->edits[data->edit_count++] =
                (DoneEdit){.edit = *edit, .concurrent = true, .over_old = over_old, .done = true};
        if (task == HOLD_SAVE && fd >= 0)
            save(scene, edit, fd, (truncates && over_old) || scene_over_old(scene, edit));
        if (task == HOLD_SAVE)
            fd_close(&fd);
        atomic_store(&data->task, HOLD_NOTHING);
    }
    _exit(0);
}

void scene_hold(Scene *scene, const Edit *edit, bool truncates)
{
    atomic_store(&scene->data->task, HOLD_NOTHING);
    inject_user(true);
    (void)fflush(NULL);
    scene->holder = fork();
    if (scene->holder == 0)
        hold(scene, edit, truncates);
    inject_user(false);
}

void scene_holder_does(Scene *scene, HolderTask task)
{
    if (task == HOLD_SAVE && scene->data->held_saved)
        return;
    scene->data->held_saved = task == HOLD_SAVE;
    atomic_store(&scene->data->task, task);
    for (long turn = 0; atomic_load(&scene->data->task) != HOLD_NOTHING; turn++) {
        scene_must(turn < TURNS_AT_MOST, "the holder answers", NULL);
        (void)sched_yield();
    }
}

void scene_holder_ends(Scene *scene)
{
    scene_holder_does(scene, HOLD_SAVE);
    (void)waitpid(scene->holder, NULL, 0);
}
