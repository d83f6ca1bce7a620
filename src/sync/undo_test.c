#include "sync/fixture_test.h"

#include "sync/history.h"

TEST(undo_takes_back_a_whole_operation_over_all_tiers_to_the_byte)
{
    World *world = world_new(t);
    const char *empty = world_picture(world, false);
    (void)world_add(world, "skills/*", "latest");
    const char *added = world_picture(world, false);
    (void)world_deploy(world, NULL, "atlas");
    (void)world_deploy(world, "pdf", "beta");
    const char *deployed = world_picture(world, false);
    test_write(t, "beta/.claude/skills/pdf/notes.txt", "alpha\nbeta\ngamma\ndelta\n");
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF 2\n", "v1.1.0");
    upstream_commit(world, "skills/doc/more/deep.md", "deep\n", "v1.2.0");
    const char *edited = world_picture(world, false);
    Plan plan = world_sync(world, NULL, SYNC_BOTH, NULL, true);
    CHECK_INT(plan_result(&plan), RESULT_MERGED);
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), edited);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "outdated");
    test_write(t, "beta/.claude/skills/pdf/notes.txt", "alpha\nbeta\ngamma\n");
    CHECK_TEXT(world_picture(world, false), deployed);
    (void)world_undo(world, true);
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), added);
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), empty);
    CHECK_FAILS(ERR_NOT_FOUND, verb_undo_with(&world->ws, &(UndoRequest){.apply = true},
                                              &(UndoResult){0}, &t->err));
    world_close(world);
}

TEST(undo_never_overwrites_a_newer_edit)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    upstream_commit(world, "skills/pdf/notes.txt", "ALPHA\nbeta\ngamma\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "ALPHA\nbeta\ngamma\nmine\n");
    (void)world_undo(world, true);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\nmine\n"));
    world_close(world);
}

TEST(undo_that_would_clash_with_a_newer_edit_changes_nothing)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    upstream_commit(world, "skills/pdf/notes.txt", "ALPHA\nbeta\ngamma\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "MINE\nbeta\ngamma\n");
    const char *before = world_picture(world, true);
    Plan plan = world_undo(world, true);
    CHECK_INT(plan_result(&plan), RESULT_CONFLICT);
    CHECK_TEXT(world_picture(world, true), before);
    world_close(world);
}
