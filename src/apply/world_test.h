/* What the tests of this room share: a host in memory, a home, two roots, entries by short words.
 *
 * Content is "text" for a file, "!text" for an executable one, "@target" for a link, NULL for absent.
 * Only *_test.c may include it.
 */
#pragma once

#include "apply/apply.h"
#include "base/map.h"
#include "testing/test.h"

typedef struct {
    Arena *arena;
    Map *content;
    size_t kept, finished;
    ApplyGroups failed;
    void (*before_commit)(void *context); /* the moment between check and COMMIT */
    void (*at_finish)(void *context);
    void *context;
    bool finish_fails;
} Host;

typedef ARRAY(ApplyEntry) Entries;
typedef struct {
    Test *t;
    Host host;
    ApplyHost face;
    int home_fd, fd[2];
    int written; /* open for writing, by a program of somebody */
    const char *home, *path[2];
    Entries entries[2];
    ApplyResult result;
    ApplyRecovery recovery;
} World;

World *world_new(Test *t);
void world_close(World **w);
void world_change(World *w, int root, const char *path, const char *from, const char *to,
                  size_t group);
bool world_run(World *w, Error *err);
bool world_recover(World *w, Error *err);
Hash world_hash(World *w, const char *text);
const char *
world_all(Test *t); /* every file below the test's folder: path, type, mode, target, content */
