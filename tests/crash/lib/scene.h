/* Scene: one representative apply over three roots, what may come of it, and the eye that judges.
 *
 * Roots: a project with every kind of change, a collection whose .weir is not there yet, an empty project.
 * The host's database and kept objects are a mapped file beside the roots, so they outlive a killed process
 * and are never torn: what is tested is apply. A fresh scene in one folder has always the same paths.
 */
#pragma once

#include <stdatomic.h>
#include <sys/types.h>

#include "apply/apply.h"
#include "base/arena.h"

enum {
    SCENE_CHANGES_AT_MOST = 32,
    SCENE_ROOTS = 3,
    SCENE_KEPT = 64,
    SCENE_GROUPS = 8,
    SCENE_EDITS = 8
};

/* What a user does to one path, with content nobody else writes. */
typedef enum { EDIT_REPLACE, EDIT_IN_PLACE, EDIT_REMOVE } EditStyle;
typedef struct {
    int root;
    const char *path;
    EditStyle style;
} Edit;

typedef struct {
    Edit edit;
    char content[32];
    bool concurrent; /* while weir was at work */
    bool over_old;   /* he saved over what weir had not replaced yet */
    bool superseded; /* it was there when he saved the next one */
    bool done;
} DoneEdit;

/* What the holder, a program of its own, is to do next. */
typedef enum { HOLD_NOTHING, HOLD_OPEN, HOLD_SAVE } HolderTask;

/* Shared by all processes that fork from here. */
typedef struct {
    int finished; /* times finish was called */
    int kept;     /* hashes in `keep` */
    int kept_durable;
    bool failed[SCENE_GROUPS];
    bool reported;  /* apply_run said it was done */
    ErrorCode code; /* what apply_run failed with */
    long calls;     /* mutating calls of the last apply or recovery */
    Hash keep[SCENE_KEPT];
    DoneEdit edits[SCENE_EDITS];
    int edit_count;
    _Atomic HolderTask task;
    bool held_saved;
} SceneData;

typedef struct {
    const char *dir;
    const char *home, *path[SCENE_ROOTS];
    int home_fd, other_fd, fd[SCENE_ROOTS];
    SceneData *data;
    const Edit *at_check; /* done between the check and COMMIT */
    bool hold_at_check;   /* then the holder opens its file */
    bool restored;        /* by a stranger, without a store */
    pid_t holder;
} Scene;

void scene_open(Scene *scene, Arena *arena, const char *dir); /* makes the folders if need be */
void scene_close(Scene *scene);
void scene_build(Scene *scene); /* empties everything, then the old state */

/* True with the outcome; false: an error, which is never a lie about what is on disk. */
bool scene_apply(Scene *scene, Arena *arena, ApplyResult *out, Error *err);
/* True when nothing is left over. */
bool scene_recover(Scene *scene, Arena *arena, ApplyRecovery *out, Error *err);

const Edit *scene_edits(size_t *count); /* places worth editing */
void scene_edit(Scene *scene, const Edit *edit, bool concurrent);

/* A save that takes its time, by a program that outlives a killed weir: it opens the file when told,
 * truncates it then or later, writes and closes it when told. scene_holder_ends: at the latest now. */
void scene_hold(Scene *scene, const Edit *edit, bool truncates);
void scene_holder_does(Scene *scene, HolderTask task);
void scene_holder_ends(Scene *scene);

/* The home of the apply goes, and a weir with another one puts its roots back. */
bool scene_restore(Scene *scene, Arena *arena, Error *err);

/* NULL: all is well. Else what is wrong, in words. scene_check_files: leftovers are fine. */
const char *scene_check_files(Scene *scene, Arena *arena);
const char *scene_check(Scene *scene, Arena *arena);
/* A weir with another home comes along. While an apply is half done it must refuse to work in its
 * roots; if the home of that apply is gone, and `restore`, it puts them back to all old. NULL: so it
 * is. */
const char *scene_check_stranger(Scene *scene, Arena *arena, bool restore);
bool scene_is_half_done(const Scene *scene); /* COMMIT, and neither DONE nor UNDONE */
