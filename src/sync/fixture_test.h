/* What the room's tests share: a workspace of its own, an upstream with history, projects; and a picture
 * of everything on disk, to compare before and after. */
#pragma once

#include "sync/verbs.h"
#include "testing/test.h"

typedef struct {
    Test *t;
    Workspace ws;
    const char *upstream; /* a git repository with skills/pdf, skills/doc and commands/go.md */
} World;

/* Home, collection, upstream at tag v1.0.0 and two project folders, atlas and beta. */
World *world_new(Test *t);
void world_close(World *world);

/* git in the upstream's work tree, which is <dir>/up */
void upstream_commit(World *world, const char *path, const char *text, const char *tag);
const char *project_path(World *world, const char *name);

Plan world_add(World *world, const char *glob, const char *ref);
Plan world_deploy(World *world, const char *artifact, const char *project);
Plan world_sync(World *world, const char *artifact, SyncDirection direction, const char *project,
                bool apply);
Plan world_pull(World *world, const char *artifact, const char *project, bool apply);
Plan world_undo(World *world, bool apply);
Operations world_log(World *world, const char *artifact, size_t limit); /* NULL, 0: all */
ResolveResult world_resolve(World *world, const char *artifact, const char *project,
                            const char *file, Side side, bool apply);

/* "skill:pdf upstream_to_collection synced" lines for all edges */
const char *world_statuses(World *world);
/* the word for one edge; project NULL: upstream */
const char *world_status(World *world, const char *artifact, const char *project);

/* Every file below the collection and the projects: path, kind, mode, content hash; with times also
 * inode and mtime. `.weir` staging included, so leftovers show. */
const char *world_picture(World *world, bool times);
