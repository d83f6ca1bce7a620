/* Projects that another weir holds: errors of their own, waited for once, and the rest goes on. */
#include "apply/lock.h"
#include "base/clock.h"
#include "sync/fixture_test.h"

enum { PROJECTS = 8, HELD = 6, TIMEOUT_MS = 1000 };

typedef struct {
    OperationLock *locks[HELD];
} Holders;

/* PROJECTS projects with all artifacts, of which the first HELD are held. */
static void arrange(World *world, Holders *holders)
{
    Test *t = world->t;
    (void)world_add(world, "skills/*", "latest");
    for (int i = 0; i < PROJECTS; i++) {
        const char *name = arena_format(t->arena, "many%d", i);
        (void)test_shell(t, "mkdir %s", name);
        (void)world_deploy(world, NULL, name);
        LockFolder folder = {.path = project_path(world, name), .write = true};
        if (i < HELD)
            CHECK_OK(operation_lock_acquire(t->arena, &folder, 1, 0, &holders->locks[i], &t->err));
    }
    world->ws.lock_timeout_ms = TIMEOUT_MS;
}

static void let_go(Holders *holders)
{
    for (int i = 0; i < HELD; i++)
        operation_lock_release(&holders->locks[i]);
}

static size_t locked_items(const Plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->items.count; i++)
        count += plan->items.items[i].error.code == ERR_LOCKED;
    return count;
}

TEST(busy_projects_of_a_bulk_sync_cost_one_time_out_and_the_rest_is_written)
{
    World *world = world_new(t);
    Holders holders = {0};
    arrange(world, &holders);
    upstream_commit(world, "skills/pdf/SKILL.md", "newer\n", "v1.1.0");
    int64_t began_us = clock_monotonic_us();
    Plan plan = {0};
    SyncRequest request = {.what = {.all = true, .apply = true}, .direction = SYNC_BOTH};
    CHECK_OK(verb_sync(&world->ws, &request, &plan, &t->err));
    int64_t took_ms = (clock_monotonic_us() - began_us) / 1000;
    CHECK(took_ms >= TIMEOUT_MS && took_ms < (int64_t)HELD * TIMEOUT_MS);
    CHECK_INT(locked_items(&plan), HELD);
    CHECK_INT(plan_count(&plan, RESULT_ERROR), HELD);
    CHECK_INT(plan_count(&plan, RESULT_FAST_FORWARD), 1 + PROJECTS - HELD);
    let_go(&holders);
    CHECK_OK(verb_sync(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan_count(&plan, RESULT_FAST_FORWARD), HELD);
    world_close(world);
}

/* A person's lock makes the batch be planned again, in a session of its own. */
TEST(busy_projects_are_not_waited_for_again_when_a_batch_is_planned_again)
{
    World *world = world_new(t);
    Holders holders = {0};
    ArtifactLocks locks;
    LockRequest lock = {.reason = "mine"};
    arrange(world, &holders);
    ARRAY_PUSH(t->arena, &lock.artifacts, STR("skill:doc"));
    CHECK_OK(verb_lock(&world->ws, &lock, &locks, &t->err));
    upstream_commit(world, "skills/pdf/SKILL.md", "newer\n", "v1.1.0");
    upstream_commit(world, "skills/doc/SKILL.md", "newer\n", "v1.2.0");
    int64_t began_us = clock_monotonic_us();
    Plan plan = {0};
    SyncRequest request = {.what = {.all = true}, .direction = SYNC_BOTH};
    CHECK_OK(verb_sync(&world->ws, &request, &plan, &t->err));
    int64_t took_ms = (clock_monotonic_us() - began_us) / 1000;
    CHECK(took_ms >= TIMEOUT_MS && took_ms < 2 * TIMEOUT_MS);
    CHECK_INT(locked_items(&plan), HELD + 1 + PROJECTS - HELD);
    let_go(&holders);
    world_close(world);
}

/* Who can have it done by somebody else does not wait, and has written nothing by then. */
TEST(who_gives_way_fails_at_once_with_nothing_written_and_waits_once_something_is)
{
    World *world = world_new(t);
    Holders holders = {0};
    arrange(world, &holders);
    upstream_commit(world, "skills/pdf/SKILL.md", "newer\n", "v1.1.0");
    Plan plan = {0};
    SyncRequest request = {.what = {.all = true, .apply = true}, .direction = SYNC_BOTH};
    const char *before = world_picture(world, true);
    world->ws.lock_timeout_ms = 60000;
    world->ws.give_way = true;
    int64_t began_us = clock_monotonic_us();
    CHECK_FAILS(ERR_LOCKED, verb_sync(&world->ws, &request, &plan, &t->err));
    CHECK(world->ws.gave_way && clock_monotonic_us() - began_us < 30000000);
    CHECK_TEXT(world_picture(world, true), before);
    let_go(&holders);
    world->ws.gave_way = false;
    CHECK_OK(verb_sync(&world->ws, &request, &plan, &t->err));
    CHECK(!world->ws.gave_way && !world->ws.give_way);
    world_close(world);
}
