/* The story that a scene tells, and words that its parts share: what is there before, after and beside. */
#pragma once

#include "scene.h"

/* "text" a file, "!text" an executable one, "@target" a link, NULL absent */
typedef struct {
    int root;
    const char *path, *before, *after;
    size_t group;
} Change;

extern const Change scene_changes[];
extern const size_t scene_change_count;
extern const Change scene_untracked[]; /* what weir never touches */
extern const size_t scene_untracked_count;

void scene_must(bool ok, const char *what,
                const Error *err); /* else the harness itself is at fault */
Mode scene_mode_of(const char *text);
Str scene_bytes_of(const char *text);
Hash scene_hash_of(const char *text);
const char *scene_live(const Scene *scene, Arena *arena, int root,
                       Str path); /* NULL: nothing there */
/* Whether a save there, now, is one over what weir has not replaced yet: then no record may say it has. */
bool scene_over_old(const Scene *scene, const Edit *edit);
void scene_supersede(Scene *scene, const Edit *edit);
bool scene_same(const char *a, const char *b);
const Change *scene_change(int root, Str path);
void scene_empty_folder(int fd);
bool scene_is_kept(const SceneData *data, const Hash *hash);
/* The host's answer to ApplyHost.amend. */
bool scene_amend(void *context, Arena *arena, const ApplyAmend *amend, Str *out, Error *err);
