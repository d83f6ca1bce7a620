#include "sync/locks.h"

#include "base/clock.h"
#include "sync/fixture_test.h"
#include "sync/update.h"

static ArtifactLocks lock(World *world, const char *artifact, int64_t for_ms)
{
    Test *t = world->t;
    ArtifactLocks out = {0};
    LockRequest request = {.reason = "because", .for_ms = for_ms};
    ARRAY_PUSH(t->arena, &request.artifacts, str_of(artifact));
    CHECK_OK(verb_lock(&world->ws, &request, &out, &t->err));
    return out;
}

static Plan update_all(World *world)
{
    Test *t = world->t;
    Plan plan = {0};
    UpdateRequest request = {.what = {.all = true, .apply = true}};
    CHECK_OK(verb_update(&world->ws, &request, &plan, &t->err));
    return plan;
}

static size_t locks_now(World *world)
{
    Test *t = world->t;
    ArtifactLocks locks;
    CHECK_OK(lock_list(&world->ws, &locks, &t->err));
    return locks.count;
}

TEST(a_locked_artifact_is_left_out_and_the_others_are_written)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/*", "latest");
    upstream_commit(world, "skills/pdf/notes.txt", "new\n", "v1.1.0");
    upstream_commit(world, "skills/doc/SKILL.md", "# New\n", "v1.2.0");
    const ArtifactLocks locks = lock(world, "pdf", 0);
    CHECK_STR(locks.items[0].artifact, STR("skill:pdf"));
    Plan plan = update_all(world);
    CHECK_INT(plan_count(&plan, RESULT_FAST_FORWARD), 1);
    CHECK_INT(plan_count(&plan, RESULT_ERROR), 1);
    CHECK_INT(plan.items.items[1].error.code, ERR_LOCKED);
    CHECK_HAS(plan.items.items[1].error.message, "because");
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    CHECK_STR(test_read(t, "home/collections/default/skills/doc/SKILL.md"), STR("# New\n"));
    world_close(world);
}

TEST(a_lock_stops_nothing_that_writes_nothing)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/*", "latest");
    (void)lock(world, "pdf", 0);
    Plan plan = update_all(world);
    CHECK_INT(plan_count(&plan, RESULT_UP_TO_DATE), 2);
    world_close(world);
}

TEST(a_lock_whose_time_is_over_counts_for_nothing)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/*", "latest");
    (void)lock(world, "pdf", 1);
    for (int64_t set = clock_ms(); clock_ms() <= set + 1;)
        continue;
    CHECK_INT(locks_now(world), 0);
    upstream_commit(world, "skills/pdf/notes.txt", "new\n", "v1.1.0");
    Plan plan = update_all(world);
    CHECK_INT(plan_count(&plan, RESULT_ERROR), 0);
    world_close(world);
}

TEST(a_lock_of_another_person_is_not_taken_over)
{
    World *world = world_new(t);
    ArtifactLocks out;
    (void)world_add(world, "skills/*", "latest");
    (void)lock(world, "pdf", 0);
    world->ws.actor = "someone@else";
    LockRequest request = {.reason = "mine now"};
    ARRAY_PUSH(t->arena, &request.artifacts, STR("doc"));
    ARRAY_PUSH(t->arena, &request.artifacts, STR("pdf"));
    CHECK_FAILS(ERR_LOCKED, verb_lock(&world->ws, &request, &out, &t->err));
    CHECK_INT(locks_now(world), 1); /* all or nothing */
    request.free = true;
    request.artifacts.count = 0;
    ARRAY_PUSH(t->arena, &request.artifacts, STR("pdf"));
    CHECK_OK(verb_lock(&world->ws, &request, &out, &t->err));
    CHECK_INT(locks_now(world), 0);
    world_close(world);
}

TEST(the_third_failure_in_a_row_locks_and_a_success_forgets_the_count)
{
    World *world = world_new(t);
    static const char gone[] = "home/collections/default/skills/doc";
    (void)world_add(world, "skills/*", "latest");
    (void)test_shell(t, "mv %s aside", gone);
    (void)update_all(world);
    (void)update_all(world);
    CHECK_INT(locks_now(world), 0);
    (void)test_shell(t, "mv aside %s", gone);
    (void)update_all(world);
    (void)test_shell(t, "mv %s aside", gone);
    (void)update_all(world);
    (void)update_all(world);
    CHECK_INT(locks_now(world), 0);
    (void)update_all(world);
    CHECK_INT(locks_now(world), 1);
    world_close(world);
}

TEST(an_upstream_that_cannot_be_asked_locks_nothing)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/*", "latest");
    (void)test_shell(t, "mv up away");
    for (int i = 0; i < 2 * FAILURES_TO_LOCK; i++) {
        git_close(&world->ws.git);
        CHECK_OK(git_open(t->arena, world->ws.home, &(GitSettings){0}, &world->ws.git, &t->err));
        Plan plan = update_all(world);
        CHECK_INT(plan_count(&plan, RESULT_ERROR), 2);
    }
    CHECK_INT(locks_now(world), 0);
    world_close(world);
}

TEST(nothing_is_locked_where_nothing_may_be_written)
{
    World *world = world_new(t);
    ArtifactLocks out;
    LockRequest request = {0};
    Plan plan;
    UpdateRequest update = {.what = {.all = true, .apply = true}};
    (void)world_add(world, "skills/*", "latest");
    world->ws.dry_run_only = true;
    ARRAY_PUSH(t->arena, &request.artifacts, STR("pdf"));
    CHECK_FAILS(ERR_DRY_RUN_FORCED, verb_lock(&world->ws, &request, &out, &t->err));
    CHECK_FAILS(ERR_DRY_RUN_FORCED, verb_update(&world->ws, &update, &plan, &t->err));
    CHECK_FAILS(ERR_DRY_RUN_FORCED, project_add(&world->ws, t->dir, &t->err));
    CHECK_FAILS(ERR_DRY_RUN_FORCED, project_forget(&world->ws, t->dir, &t->err));
    CHECK_INT(locks_now(world), 0);
    world_close(world);
}
