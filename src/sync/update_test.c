#include "sync/update.h"

#include "sync/fixture_test.h"

static UpdateRequest update_of(World *world, const char *artifact, EdgePolicy policy, bool apply)
{
    UpdateRequest request = {.policy = policy, .what = {.apply = apply, .all = !artifact}};
    if (artifact)
        ARRAY_PUSH(world->t->arena, &request.what.artifacts, str_of(artifact));
    return request;
}

static Plan update(World *world, const char *artifact, EdgePolicy policy)
{
    Test *t = world->t;
    Plan plan = {0};
    UpdateRequest request = update_of(world, artifact, policy, true);
    CHECK_OK(verb_update(&world->ws, &request, &plan, &t->err));
    return plan;
}

static const char notes[] = "home/collections/default/skills/pdf/notes.txt";

static World *clashing_world(Test *t)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/*", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, notes, "alpha\nMINE\ngamma\n");
    test_write(t, "home/collections/default/skills/pdf/own.txt", "only here\n");
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\nTHEIRS\ngamma\n", "v1.1.0");
    return world;
}

TEST(update_touches_the_collection_alone)
{
    World *world = clashing_world(t);
    const char *before = test_shell(t, "cat atlas/.claude/skills/pdf/* atlas/.weir/deployed.toml");
    upstream_commit(world, "skills/doc/SKILL.md", "# Docs\n", "v1.2.0");
    Plan plan = update(world, NULL, POLICY_MERGE);
    CHECK_INT(plan_count(&plan, RESULT_FAST_FORWARD), 1);
    CHECK_INT(plan_count(&plan, RESULT_CONFLICT), 1);
    CHECK_STR(test_read(t, notes), STR("alpha\nMINE\ngamma\n"));
    CHECK_TEXT(test_shell(t, "cat atlas/.claude/skills/pdf/* atlas/.weir/deployed.toml"), before);
    CHECK_TEXT(world_status(world, "skill:doc", NULL), "synced");
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    world_close(world);
}

TEST(taking_the_source_names_every_edit_it_loses_and_undo_has_them)
{
    World *world = clashing_world(t);
    const char *before = world_picture(world, false);
    Plan plan = update(world, "pdf", POLICY_TAKE);
    const PlanItem *item = &plan.items.items[0];
    CHECK_INT(item->result, RESULT_FAST_FORWARD);
    CHECK_INT(item->lost.count, 2);
    CHECK_STR(item->lost.items[0].path, STR("notes.txt"));
    CHECK_STR(item->lost.items[1].path, STR("own.txt"));
    CHECK_TEXT(
        test_shell(t, "diff -r up/skills/pdf home/collections/default/skills/pdf && echo same"),
        "same\n");
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), before);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "diverged");
    world_close(world);
}

TEST(what_upstream_has_too_is_not_lost_by_taking_it)
{
    World *world = clashing_world(t);
    test_write(t, notes, "alpha\nTHEIRS\ngamma\n");
    Plan plan = update(world, "pdf", POLICY_TAKE);
    CHECK_INT(plan.items.items[0].lost.count, 1);
    CHECK_STR(plan.items.items[0].lost.items[0].path, STR("own.txt"));
    world_close(world);
}

TEST(taking_the_source_never_overwrites_an_untracked_file)
{
    World *world = clashing_world(t);
    test_write(t, "home/collections/default/skills/pdf/.weirignore", "local.txt\n");
    test_write(t, "home/collections/default/skills/pdf/local.txt", "never seen\n");
    upstream_commit(world, "skills/pdf/local.txt", "theirs\n", "v1.2.0");
    Plan plan = update(world, "pdf", POLICY_TAKE);
    CHECK_INT(plan.items.items[0].result, RESULT_CONFLICT);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/local.txt"), STR("never seen\n"));
    CHECK_STR(test_read(t, notes), STR("alpha\nMINE\ngamma\n"));
    world_close(world);
}

TEST(keeping_the_target_counts_the_source_as_merged)
{
    World *world = clashing_world(t);
    Plan plan = update(world, "pdf", POLICY_KEEP);
    CHECK_INT(plan.items.items[0].result, RESULT_MERGED);
    CHECK(plan.items.items[0].record_only);
    CHECK_STR(test_read(t, notes), STR("alpha\nMINE\ngamma\n"));
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    plan = update(world, "pdf", POLICY_MERGE);
    CHECK_INT(plan.items.items[0].result, RESULT_UP_TO_DATE);
    world_close(world);
}

TEST(a_policy_of_its_own_beats_the_common_one_and_later_does_nothing)
{
    World *world = clashing_world(t);
    Plan plan = {0};
    const char *before = world_picture(world, true);
    UpdateRequest request = update_of(world, "pdf", POLICY_MERGE, true);
    ARRAY_PUSH(t->arena, &request.policies, ((ArtifactPolicy){STR("skill:pdf"), POLICY_LATER}));
    CHECK_OK(verb_update(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan.items.count, 0);
    CHECK_TEXT(world_picture(world, true), before);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "diverged");
    world_close(world);
}

TEST(a_lost_base_does_not_keep_anyone_from_taking_a_side)
{
    World *world = clashing_world(t);
    (void)test_shell(t, "rm home/collections/default/collection.lock.toml");
    Plan plan = update(world, "pdf", POLICY_MERGE);
    CHECK_INT(plan.items.items[0].error.code, ERR_BASE_NOT_FOUND);
    plan = update(world, "pdf", POLICY_TAKE);
    CHECK_INT(plan.items.items[0].result, RESULT_FAST_FORWARD);
    CHECK_INT(plan.items.items[0].lost.count, 2);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
    world_close(world);
}

TEST(what_is_applied_is_what_was_agreed_to_or_nothing)
{
    World *world = clashing_world(t);
    Plan shown = {0}, applied = {0};
    UpdateRequest request = update_of(world, NULL, POLICY_TAKE, false);
    CHECK_OK(verb_update(&world->ws, &request, &shown, &t->err));
    test_write(t, notes, "a newer edit\n");
    const char *before = world_picture(world, true);
    request.what.apply = true;
    StrArray agreed = plan_digests(t->arena, &shown);
    world->ws.agreed = &agreed;
    CHECK_FAILS(ERR_CHANGED, verb_update(&world->ws, &request, &applied, &t->err));
    CHECK_TEXT(world_picture(world, true), before);
    test_write(t, notes, "alpha\nMINE\ngamma\n");
    CHECK_OK(verb_update(&world->ws, &request, &applied, &t->err));
    CHECK_INT(plan_count(&applied, RESULT_FAST_FORWARD), 1);
    world_close(world);
}
