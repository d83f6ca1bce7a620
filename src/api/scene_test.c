#include "api/scene_test.h"

#include "sync/verbs.h"

const char *scene_project(World *world, const char *name)
{
    return arena_format(world->t->arena, "%s/%s", world->t->dir, name);
}

static void make_upstream(Test *t)
{
    (void)test_shell(
        t, "mkdir -p up/skills/pdf up/commands atlas beta && cd up && git init -q -b main . && "
           "git config user.name Up && git config user.email up@example && "
           "printf 'one\\ntwo\\nthree\\nfour\\nfive\\n' > skills/pdf/SKILL.md && "
           "printf 'GIF8\\000\\001' > skills/pdf/logo.bin && "
           "printf 'go on\\n' > commands/go.md && git add -A && git commit -qm 1 && "
           "git tag v1.0.0 && git clone -q --bare . ../up.git");
}

static void add(World *world, Workspace *ws, const char *path)
{
    Test *t = world->t;
    Plan plan;
    const AddRequest request = {
        .source = scene_project(world, "up.git"), .path = path, .cwd = t->dir, .apply = true};
    CHECK_OK(verb_add(ws, &request, &plan, &t->err));
}

static ArtifactRequest pdf_in(World *world, const char *project)
{
    ArtifactRequest request = {.apply = true};
    ARRAY_PUSH(world->t->arena, &request.artifacts, STR("skill:pdf"));
    request.project = project ? scene_project(world, project) : NULL;
    return request;
}

static void sync_pdf(World *world, Workspace *ws, SyncDirection direction, const char *project)
{
    Test *t = world->t;
    Plan plan;
    const SyncRequest request = {.what = pdf_in(world, project), .direction = direction};
    CHECK_OK(verb_sync(ws, &request, &plan, &t->err));
}

static void deploy_pdf(World *world, Workspace *ws, const char *project)
{
    Test *t = world->t;
    Plan plan;
    const ArtifactRequest request = pdf_in(world, project);
    CHECK_OK(verb_deploy(ws, &request, &plan, &t->err));
}

/* What an upstream said is remembered as long as its handles live: each step has its own. */
static App *open_app(World *world)
{
    Test *t = world->t;
    App *app = NULL;
    AppOptions options = {.verb = "test", .command = "test", .trace_id = "0", .accept_risk = true};
    CHECK_OK(app_open(t->arena, NEEDS_NEW_HOME, &options, &app, &t->err));
    return app;
}

static void fill_collection(World *world)
{
    Test *t = world->t;
    bool made = false;
    SCOPED(app_close) App *app = open_app(world);
    Workspace *ws = &app->workspace;
    CHECK_OK(verb_init(ws, &made, &t->err));
    add(world, ws, "skills/pdf");
    add(world, ws, "commands/go.md");
    deploy_pdf(world, ws, "atlas");
    deploy_pdf(world, ws, "beta");
}

const char *scene_make(World *world)
{
    Test *t = world->t;
    PendingMerges pending;
    make_upstream(t);
    fill_collection(world);
    (void)test_shell(t, "sed -i s/two/mine/ atlas/.claude/skills/pdf/SKILL.md && cd up && "
                        "sed -i s/two/theirs/ skills/pdf/SKILL.md && git commit -qam 2 && "
                        "git tag v2.0.0 && git push -q ../up.git main v2.0.0");
    SCOPED(app_close) App *app = open_app(world);
    Workspace *ws = &app->workspace;
    sync_pdf(world, ws, SYNC_UPSTREAM, NULL);
    sync_pdf(world, ws, SYNC_PROJECT, "atlas");
    sync_pdf(world, ws, SYNC_PROJECT, "beta");
    (void)test_shell(t, "sed -i s/five/fifth/ beta/.claude/skills/pdf/SKILL.md");
    CHECK_OK(pending_list(ws, &pending, &t->err));
    CHECK_INT((long long)pending.count, 1);
    return arena_text(t->arena, pending.items[0].id);
}
