#include "sync/fixture_test.h"
#include "sync/verify.h"

static VerifyReport verify(World *world, bool apply)
{
    Test *t = world->t;
    VerifyReport report = {0};
    CHECK_OK(verb_verify(&world->ws, &(VerifyRequest){.repair = true, .apply = apply}, &report,
                         &t->err));
    return report;
}

TEST(a_lost_base_is_derived_from_the_upstreams_commit_and_the_edits_still_merge)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", NULL);
    (void)world_deploy(world, "skill:pdf", "atlas");
    (void)test_shell(t, "sed -i s/one/ONE/ home/collections/default/skills/pdf/SKILL.md && "
                        "sed -i s/seven/SEVEN/ atlas/.claude/skills/pdf/SKILL.md && "
                        "sed -i /parent_hash/d atlas/.weir/deployed.toml && "
                        "sed -i /base_hash/d home/collections/default/collection.lock.toml");
    Plan plan = world_sync(world, "skill:pdf", SYNC_PROJECT, "atlas", false);
    CHECK_INT(plan.items.items[0].error.code, ERR_BASE_NOT_FOUND);
    const char *before = world_picture(world, true);
    VerifyReport report = verify(world, false);
    CHECK_INT(report.mendable, 2);
    CHECK_TEXT(world_picture(world, true), before);
    report = verify(world, true);
    CHECK_INT(report.problems, 0);
    plan = world_sync(world, "skill:pdf", SYNC_PROJECT, "atlas", true);
    CHECK_INT(plan.items.items[0].result, RESULT_MERGED);
    CHECK_TEXT(test_shell(t, "grep -c 'ONE\\|SEVEN' atlas/.claude/skills/pdf/SKILL.md"), "2\n");
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    world_close(world);
}

TEST(a_lost_base_of_equal_tiers_is_what_they_have)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", NULL);
    (void)world_deploy(world, "skill:pdf", "atlas");
    (void)test_shell(t, "cp atlas/.weir/deployed.toml kept && "
                        "sed -i /parent_hash/d atlas/.weir/deployed.toml && rm -rf home/cache");
    CHECK_INT(verify(world, true).problems, 0);
    CHECK_TEXT(
        test_shell(t,
                   "grep parent_hash kept | diff - atlas/.weir/deployed.toml | grep -c '^<' || :"),
        "0\n");
    world_close(world);
}

TEST(where_nothing_tells_the_base_none_is_invented)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", NULL);
    (void)world_deploy(world, "skill:pdf", "atlas");
    (void)test_shell(t, "sed -i s/seven/SEVEN/ atlas/.claude/skills/pdf/SKILL.md && "
                        "sed -i -e /parent_hash/d -e /upstream_sha/d atlas/.weir/deployed.toml");
    const char *before = world_picture(world, true);
    VerifyReport report = verify(world, true);
    CHECK_INT(report.problems, 1);
    CHECK_INT(report.mendable, 0);
    CHECK_TEXT(world_picture(world, true), before);
    world_close(world);
}
