#include "sync/job_fixture_test.h"

#include "base/ids.h"
#include "sync/history.h"

JobRequest job_request_real(void)
{
    JobRequest request = job_request_new();
    request.dry_run = false;
    return request;
}

Job world_job(World *world, JobKind kind, const JobRequest *request)
{
    Test *t = world->t;
    JobDraft draft = {0};
    CHECK_OK(job_request_draft(t->arena, kind, request, &draft, NULL, &t->err));
    return (Job){.id = str_of(id_new(t->arena)),
                 .kind = kind,
                 .direction = draft.direction,
                 .artifacts = draft.artifacts,
                 .request = draft.request,
                 .dry_run = draft.dry_run,
                 .fence = 1};
}

bool world_try_job(World *world, const Job *job, JobReport *out, Error *err)
{
    test_write(world->t, "home/exports/.keep", "");
    JobOrder order = {.ws = &world->ws,
                      .job = job,
                      .exports = arena_format(world->t->arena, "%s/home/exports", world->t->dir),
                      .standard_form = PATCH_TAR_GZ};
    world->ws.claim = (JobClaim){.job = job->id, .fence = job->fence};
    bool done = job_work(&order, out, err);
    world->ws.claim = (JobClaim){0};
    world->ws.operation = (Str){0};
    return done;
}

JobReport world_do_job(World *world, const Job *job)
{
    Test *t = world->t;
    JobReport report = {0};
    CHECK_OK(world_try_job(world, job, &report, &t->err));
    return report;
}

/* As after a crash behind the apply: the second attempt must change nothing and tell the same. */
JobReport world_do_twice(World *world, JobKind kind, const JobRequest *request)
{
    Job job = world_job(world, kind, request);
    JobReport first = world_do_job(world, &job);
    const char *after = world_picture(world, false);
    job.fence = 2;
    JobReport second = world_do_job(world, &job);
    CHECK_TEXT(world_picture(world, false), after);
    CHECK_STR(second.result, first.result);
    CHECK_INT(second.state, first.state);
    return second;
}

World *world_deployed(Test *t)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/*", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    return world;
}

void world_name(World *world, JobRequest *request, const char *id)
{
    ARRAY_PUSH(world->t->arena, &request->artifacts, str_of(id));
}

size_t world_operations(World *world)
{
    Operations list = {0};
    Test *t = world->t;
    bool more;
    CHECK_OK(operation_log(&world->ws, &(LogRequest){0}, &list, &more, &t->err));
    return list.count;
}

void check_job_refused(Test *t, JobKind kind, const JobRequest *request, const char *field)
{
    JobDraft draft = {0};
    const char *found = NULL;
    t->err = (Error){0};
    CHECK(!job_request_draft(t->arena, kind, request, &draft, &found, &t->err));
    CHECK_TEXT(found, field);
}
