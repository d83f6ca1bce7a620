#include "sync/fixture_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/ids.h"
#include "sync/history.h"

#define GIT                                                                                        \
    "git -c user.name=t -c user.email=t@t -c init.defaultBranch=main -c commit.gpgsign=false "

static void notice(void *context, const char *text)
{
    (void)context;
    print_message("notice: %s\n", text);
}

static void make_upstream(World *world)
{
    Test *t = world->t;
    test_write(t, "up/skills/pdf/SKILL.md", "# PDF\n\none\ntwo\nthree\nfour\nfive\nsix\nseven\n");
    test_write(t, "up/skills/pdf/notes.txt", "alpha\nbeta\ngamma\n");
    test_write_bytes(t, "up/skills/pdf/run.sh", STR("#!/bin/sh\necho hi\n"), 0755);
    test_write(t, "up/skills/doc/SKILL.md", "# Doc\n");
    test_write(t, "up/commands/go.md", "go\n");
    (void)test_shell(t, "cd up && " GIT "init -q && " GIT "add -A && " GIT
                        "commit -q -m first && " GIT "tag v1.0.0");
}

World *world_new(Test *t)
{
    World *world = ARENA_NEW(t->arena, World);
    bool made = false;
    world->t = t;
    world->upstream = arena_format(t->arena, "%s/up", t->dir);
    make_upstream(world);
    (void)test_shell(t, "mkdir -m 700 home && mkdir atlas beta");
    world->ws = (Workspace){
        .arena = t->arena,
        .home = arena_format(t->arena, "%s/home", t->dir),
        .home_fd = -1,
        .collection_name = "default",
        .collection_path = arena_format(t->arena, "%s/home/collections/default", t->dir),
        .actor = "tester@here",
        .trace_id = trace_id_new(t->arena),
        .verb = "test",
        .command = "test",
        .auto_merge = true,
        .upstream_check = true,
        .lock_timeout_ms = 10000,
        .notice = notice,
    };
    Workspace *ws = &world->ws;
    CHECK_OK(fs_open_root(ws->home, &ws->home_fd, &t->err));
    CHECK_OK(db_open(t->arena, ws->home, DB_RECORDS, &ws->db, &t->err));
    CHECK_OK(store_open(t->arena, ws->home, &ws->store, &t->err));
    CHECK_OK(git_open(t->arena, ws->home, &(GitSettings){0}, &ws->git, &t->err));
    CHECK_OK(verb_init(ws, &made, &t->err));
    CHECK(made);
    return world;
}

void world_close(World *world)
{
    git_close(&world->ws.git);
    store_close(&world->ws.store);
    db_close(&world->ws.db);
    fd_close(&world->ws.home_fd);
}

void upstream_commit(World *world, const char *path, const char *text, const char *tag)
{
    Test *t = world->t;
    test_write(t, arena_format(t->arena, "up/%s", path), text);
    (void)test_shell(
        t, "cd up && " GIT "add -A && " GIT "commit -q -m 'change %s' && " GIT "tag %s", path, tag);
    git_close(&world->ws.git); /* a new command asks the upstream anew */
    CHECK_OK(git_open(t->arena, world->ws.home, &(GitSettings){0}, &world->ws.git, &t->err));
}

const char *project_path(World *world, const char *name)
{
    char *real = NULL;
    Test *t = world->t;
    CHECK_OK(fs_real_path(t->arena, arena_format(t->arena, "%s/%s", t->dir, name), &real, &t->err));
    return real;
}

static ArtifactRequest request_of(World *world, const char *artifact, const char *project,
                                  bool apply)
{
    ArtifactRequest request = {.apply = apply, .all = artifact == NULL};
    if (artifact)
        ARRAY_PUSH(world->t->arena, &request.artifacts, str_of(artifact));
    if (project)
        request.project = project_path(world, project);
    return request;
}

Plan world_add(World *world, const char *glob, const char *ref)
{
    Test *t = world->t;
    Plan plan = {0};
    AddRequest request = {
        .source = world->upstream, .ref = ref, .path = glob, .cwd = t->dir, .apply = true};
    CHECK_OK(verb_add(&world->ws, &request, &plan, &t->err));
    return plan;
}

Plan world_deploy(World *world, const char *artifact, const char *project)
{
    Test *t = world->t;
    Plan plan = {0};
    ArtifactRequest request = request_of(world, artifact, project, true);
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    for (size_t i = 0; i < plan.items.count; i++)
        CHECK_INT(plan.items.items[i].error.code, ERR_NONE);
    return plan;
}

Plan world_sync(World *world, const char *artifact, SyncDirection direction, const char *project,
                bool apply)
{
    Test *t = world->t;
    Plan plan = {0};
    SyncRequest request = {request_of(world, artifact, project, apply), direction};
    CHECK_OK(verb_sync(&world->ws, &request, &plan, &t->err));
    return plan;
}

Plan world_pull(World *world, const char *artifact, const char *project, bool apply)
{
    Test *t = world->t;
    Plan plan = {0};
    ArtifactRequest request = request_of(world, artifact, project, apply);
    CHECK_OK(verb_pull(&world->ws, &request, &plan, &t->err));
    return plan;
}

Plan world_undo(World *world, bool apply)
{
    Test *t = world->t;
    UndoResult result = {0};
    CHECK_OK(verb_undo_with(&world->ws, &(UndoRequest){.apply = apply}, &result, &t->err));
    return result.plan;
}

Operations world_log(World *world, const char *artifact, size_t limit)
{
    Test *t = world->t;
    Operations list = {0};
    bool more = false;
    LogRequest request = {.artifact = artifact, .limit = limit};
    CHECK_OK(operation_log(&world->ws, &request, &list, &more, &t->err));
    return list;
}

ResolveResult world_resolve(World *world, const char *artifact, const char *project,
                            const char *file, Side side, bool apply)
{
    Test *t = world->t;
    ResolveResult result = {0};
    ResolveRequest request = {.artifact = artifact, .file = file, .take = side, .apply = apply};
    if (project) {
        request.project = project_path(world, project);
        request.project_given = true;
    }
    CHECK_OK(verb_resolve(&world->ws, &request, &result, &t->err));
    return result;
}

const char *world_statuses(World *world)
{
    Test *t = world->t;
    Drift drift;
    DriftRequest request = {.all_projects = true};
    Buf out = buf_new(t->arena);
    CHECK_OK(verb_drift(&world->ws, &request, &drift, &t->err));
    for (size_t i = 0; i < drift.items.count; i++) {
        const DriftItem *item = &drift.items.items[i];
        const char *where = item->project ? strrchr(item->project, '/') + 1 : "upstream";
        buf_format(&out, "%.*s %s %s", STR_ARG(item->artifact), where,
                   item->error.code ? error_name(item->error.code)
                                    : sync_status_names[item->status.status]);
        buf_add_text(&out, item->status.missing ? " missing" : "");
        buf_add_text(&out, item->status.removed ? " removed" : "");
        bool differs = item->status.status != STATUS_SYNCED && !item->error.code;
        if (differs != (item->changes.count > 0))
            buf_add_text(&out, " WITHOUT-REASON");
        buf_add_char(&out, '\n');
    }
    return buf_text(&out);
}

const char *world_status(World *world, const char *artifact, const char *project)
{
    Test *t = world->t;
    Str all = str_of(world_statuses(world));
    const char *start = arena_format(t->arena, "%s %s ", artifact, project ? project : "upstream");
    Str line;
    while (str_next(&all, '\n', &line))
        if (str_starts(line, str_of(start)))
            return arena_text(t->arena, str_slice(line, strlen(start), line.len));
    return "(no such edge)";
}

const char *world_picture(World *world, bool times)
{
    return test_shell(world->t,
                      "find atlas beta home/collections -printf '%%P %%y %%m %s%%l\\n' | sort && "
                      "find atlas beta home/collections -type f -print0 | sort -z | xargs -0r "
                      "sha256sum",
                      times ? "%i %T@ " : "");
}
