#include "api/scene_test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/path.h"
#include "jobs/runner.h"
#include "sync/job_bodies.h"
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

/* ── doing ── */

static bool work(Arena *arena, const Job *job, JobReport *out, Error *err)
{
    AppOptions options = {.verb = "job", .command = "job", .trace_id = "0"};
    SCOPED(app_close) App *app = NULL;
    if (!app_open(arena, NEEDS_COLLECTION, &options, &app, err))
        return false;
    bool made;
    if (!fs_make_folder_at(app->workspace.home_fd, STR(JOB_EXPORTS_FOLDER), 0700, &made, err))
        return false;
    JobOrder order = {.ws = &app->workspace,
                      .job = job,
                      .exports = path_join(arena, str_of(app->home), STR(JOB_EXPORTS_FOLDER)),
                      .export_keep_ms = 3600000,
                      .standard_form = 1,
                      .standard_strategy = STRATEGY_AUTO};
    return job_work(&order, out, err);
}

static void do_job(void *context, Arena *arena, const Job *job, JobTicket *ticket, JobOutcome *out)
{
    Error err = {0};
    JobReport report = {0};
    (void)context;
    (void)ticket;
    if (work(arena, job, &report, &err)) {
        *out = (JobOutcome){
            .state = report.state, .result = report.result, .conflicts = report.conflicts};
        err = report.error;
    } else {
        *out = (JobOutcome){.state = JOB_ERROR};
    }
    if (out->state == JOB_ERROR) {
        out->error_code = str_of(error_name(err.code));
        out->error_message = arena_copy(arena, str_of(err.message));
    }
}

const char *scene_job(World *world)
{
    Answer answer = world_ask(world, "POST", JOBS, "", SYNC_PDF);
    CHECK_INT(answer.status, 202);
    return arena_text(world->t->arena, answer_text(&answer, "id"));
}

Answer scene_do(World *world, const char *target, const char *body)
{
    Test *t = world->t;
    RunnerOptions options = {.queue = world->jobs, .run = do_job};
    SCOPED(runner_close) Runner *runner = NULL;
    Answer made = world_ask(world, "POST", target, "", body), shown = {0};
    CHECK_INT(made.status, 202);
    CHECK_OK(runner_open(&options, &runner, &t->err));
    const char *job =
        arena_format(t->arena, "/api/v1/sync/jobs/%.*s", STR_ARG(answer_text(&made, "id")));
    for (int i = 0; i < 4000; i++) {
        shown = world_ask(world, "GET", job, "", NULL);
        Str state = answer_text(&shown, "state");
        if (!str_is(state, "queued") && !str_is(state, "running"))
            return shown;
        clock_sleep_ms(5);
    }
    CHECK_STR(answer_text(&shown, "state"), STR("ended"));
    return shown;
}
