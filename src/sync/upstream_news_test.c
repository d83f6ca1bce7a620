/* upstream.changed: once for each new version, whoever looks and however often. */
#include "events/event.h"
#include "sync/fixture_test.h"

static Events news(World *world)
{
    Test *t = world->t;
    Events events = {0};
    EventFilter filter = {0};
    bool gap = false;
    ARRAY_PUSH(t->arena, &filter.kinds, STR("upstream.changed"));
    CHECK_OK(event_list(t->arena, world->ws.db, &filter, 100, &events, &gap, &t->err));
    return events;
}

/* Handles of its own: what an upstream said is remembered as long as they live. */
static void look(World *world)
{
    Test *t = world->t;
    Drift drift = {0};
    const DriftRequest request = {.check_upstream = true};
    git_close(&world->ws.git);
    CHECK_OK(git_open(t->arena, world->ws.home, &(GitSettings){0}, &world->ws.git, &t->err));
    CHECK_OK(verb_drift(&world->ws, &request, &drift, &t->err));
}

static World *world_with_both(Test *t)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/*", "latest");
    return world;
}

TEST(a_new_version_is_told_once_however_often_it_is_seen)
{
    World *world = world_with_both(t);
    look(world);
    CHECK_INT(news(world).count, 0);
    upstream_commit(world, "skills/pdf/notes.txt", "new\n", "v1.1.0");
    world->ws.claim.job = STR("01KAJ3ZV4E8Q2W6N5T7R9XBCDF");
    look(world);
    look(world);
    (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, false);
    (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    look(world);
    Events told = news(world);
    CHECK_INT(told.count, 1);
    CHECK_STR(told.items[0].artifact, STR("skill:pdf"));
    CHECK_STR(told.items[0].subject, STR("01KAJ3ZV4E8Q2W6N5T7R9XBCDF"));
    const char *data = arena_text(t->arena, told.items[0].data);
    CHECK_HAS(data, "\"old_version\":\"1.0.0\"");
    CHECK_HAS(data, "\"new_version\":\"1.1.0\"");
    CHECK_HAS(data, "\"path\":\"skills/pdf\"");
    upstream_commit(world, "skills/pdf/notes.txt", "newer\n", "v1.2.0");
    look(world);
    CHECK_INT(news(world).count, 2);
    world_close(world);
}

TEST(a_command_that_takes_the_version_at_once_tells_it_too)
{
    World *world = world_with_both(t);
    upstream_commit(world, "skills/doc/SKILL.md", "# New\n", "v1.1.0");
    (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    CHECK_INT(news(world).count, 1);
    (void)world_undo(world, true);
    look(world);
    CHECK_INT(news(world).count, 1);
    world_close(world);
}

TEST(what_is_gone_or_was_pinned_by_a_person_is_no_news_of_what_it_was)
{
    World *world = world_with_both(t);
    (void)test_shell(t, "cd up && git rm -qr skills/doc");
    upstream_commit(world, "stamp", "gone\n", "v1.1.0");
    look(world);
    CHECK_INT(news(world).count, 0);
    (void)test_shell(t, "cd up && git checkout -q v1.0.0 -- skills/doc");
    upstream_commit(world, "stamp", "back\n", "v1.2.0");
    look(world);
    Events back = news(world);
    CHECK_INT(back.count, 1);
    CHECK_HAS(arena_text(t->arena, back.items[0].data), "\"old_hash\":null");
    world_close(world);
}
