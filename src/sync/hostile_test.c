/* What a hostile reviewer found once: cases that lost, hid or misnamed something. */
#include <fcntl.h>
#include <string.h>

#include "base/fs.h"
#include "base/limits.h"
#include "sync/fixture_test.h"

/* The project keeps an edit of its own in a merge that weir wrote itself. */
static World *merged_project(Test *t)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "alpha\nbeta\nMINE\n");
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\n\nONE\ntwo\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_BOTH, NULL, true);
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified");
    return world;
}

TEST(a_second_deploy_does_not_drop_edits_that_a_merge_kept)
{
    World *world = merged_project(t);
    ArtifactRequest request = {.project = project_path(world, "atlas"), .all = true, .apply = true};
    Plan plan;
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan.items.items[0].error.code, ERR_EXISTS);
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"), STR("alpha\nbeta\nMINE\n"));
    request.overwrite = true;
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"), STR("alpha\nbeta\ngamma\n"));
    world_close(world);
}

TEST(undeploying_edits_that_a_merge_kept_asks_for_overwrite_until_they_are_pulled)
{
    World *world = merged_project(t);
    ArtifactRequest request = {.project = project_path(world, "atlas"), .all = true, .apply = true};
    Plan plan;
    CHECK_OK(verb_undeploy(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan.items.items[0].error.code, ERR_EXISTS);
    (void)world_pull(world, "pdf", "atlas", true);
    CHECK_OK(verb_undeploy(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan.items.items[0].error.code, 0);
    CHECK_TEXT(test_shell(t, "ls -A atlas"), ".weir\n"); /* the folders that weir made go too */
    world_close(world);
}

TEST(undo_takes_back_every_batch_of_a_big_operation)
{
    World *world = world_new(t);
    (void)test_shell(
        t,
        "for i in $(seq %d); do mkdir up/skills/s$i && echo $i >up/skills/s$i/SKILL.md;"
        " done",
        LIMIT_BATCH_ARTIFACTS + 10);
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\n", "v2.0.0");
    const char *before = world_picture(world, false);
    Plan plan = world_add(world, "skills/*", "latest");
    CHECK(plan.items.count > LIMIT_BATCH_ARTIFACTS);
    plan = world_undo(world, true);
    CHECK_INT(plan_result(&plan), RESULT_FAST_FORWARD);
    CHECK_TEXT(world_picture(world, false), before);
    world_close(world);
}

TEST(taking_the_base_of_a_file_that_both_added_leaves_no_file)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    test_write(t, "home/collections/default/skills/pdf/both.txt", "mine\n");
    upstream_commit(world, "skills/pdf/both.txt", "theirs\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    ResolveResult result = world_resolve(world, "pdf", NULL, "both.txt", SIDE_BASE, true);
    CHECK(result.finished);
    CHECK_TEXT(test_shell(t, "ls home/collections/default/skills/pdf/both.txt 2>&1 | grep -c No"),
               "1\n");
    world_close(world);
}

TEST(a_folder_with_only_ignored_files_is_no_artifact)
{
    World *world = world_new(t);
    (void)test_shell(t, "mkdir -p up/skills/bare");
    upstream_commit(world, "skills/bare/x.pyc", "x", "v1.1.0");
    Plan plan = world_add(world, "skills/bare", "latest");
    CHECK_INT(plan.items.items[0].error.code, ERR_INVALID);
    CHECK_TEXT(world_statuses(world), "");
    world_close(world);
}

TEST(a_file_that_comes_back_from_being_ignored_is_taken_over_as_it_lies)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    upstream_commit(world, "skills/pdf/.weirignore", "notes.txt\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    upstream_commit(world, "skills/pdf/.weirignore", "other\n", "v1.2.0");
    Plan plan = world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_INT(plan_result(&plan), RESULT_FAST_FORWARD);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
    (void)world_undo(world, true);
    (void)world_undo(world, true);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    world_close(world);
}

TEST(an_ignored_file_in_the_way_is_chosen_or_must_be_moved_and_is_never_lost)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    test_write(t, "home/collections/default/skills/pdf/.weirignore", "new.log\n");
    test_write(t, "home/collections/default/skills/pdf/new.log", "mine\n");
    upstream_commit(world, "skills/pdf/new.log", "theirs\n", "v1.1.0");
    (void)test_shell(t, "rm home/collections/default/skills/pdf/.weirignore && "
                        "echo '*.tmp' >up/skills/pdf/.weirignore && "
                        "echo '*.log' >home/collections/default/skills/pdf/.weirignore");
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\n", "v1.2.0");
    Plan plan = world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_INT(plan_result(&plan), RESULT_CONFLICT);
    ResolveRequest request = {.artifact = "pdf", .take = SIDE_UPSTREAM, .apply = true};
    ResolveResult result;
    CHECK_FAILS(ERR_EXISTS, verb_resolve(&world->ws, &request, &result, &t->err));
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/new.log"), STR("mine\n"));
    world_close(world);
}

TEST(an_artifact_swaps_between_folder_and_file_and_back)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    const char *before = world_picture(world, false);
    (void)test_shell(t, "rm -r up/skills/pdf");
    upstream_commit(world, "skills/pdf", "one file\n", "v1.1.0");
    Plan plan = world_sync(world, "pdf", SYNC_BOTH, NULL, true);
    CHECK_INT(plan_result(&plan), RESULT_FAST_FORWARD);
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf"), STR("one file\n"));
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), before);
    test_write(t, "atlas/.claude/skills/pdf/mine.pyc", "x");
    plan = world_sync(world, "pdf", SYNC_BOTH, NULL, true);
    CHECK_INT(plan.items.items[1].error.code, ERR_EXISTS);
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/mine.pyc"), STR("x"));
    world_close(world);
}

TEST(a_link_and_a_folder_swap_places)
{
    World *world = world_new(t);
    (void)test_shell(t, "ln -s SKILL.md up/skills/pdf/see");
    upstream_commit(world, "skills/pdf/new.txt", "new\n", "v1.1.0");
    (void)world_add(world, "skills/pdf", "latest");
    const char *before = world_picture(world, false);
    (void)test_shell(t, "rm up/skills/pdf/see && mkdir up/skills/pdf/see");
    upstream_commit(world, "skills/pdf/see/it.txt", "it\n", "v1.2.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/see/it.txt"), STR("it\n"));
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), before);
    world_close(world);
}

TEST(an_upstream_without_a_single_file_is_gone_not_empty)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)test_shell(t, "rm -r up/skills/pdf/*");
    upstream_commit(world, "skills/pdf/x.pyc", "x", "v1.1.0");
    Plan plan = world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_INT(plan.items.items[0].error.code, ERR_UPSTREAM_REMOVED);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    world_close(world);
}

TEST(no_project_lies_in_the_collection_or_in_weirs_own_folder)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    const char *places[] = {"home", "home/collections/default",
                            "home/collections/default/skills/pdf"};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        ArtifactRequest request = {
            .project = project_path(world, places[i]), .all = true, .apply = true};
        Plan plan;
        CHECK_FAILS(ERR_INVALID, verb_deploy(&world->ws, &request, &plan, &t->err));
        CHECK_FAILS(ERR_INVALID, project_add(&world->ws, request.project, &t->err));
    }
    world_close(world);
}

TEST(a_deployment_of_another_collection_is_not_taken_over)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    (void)test_shell(t, "sed -i s/default/team/ atlas/.weir/deployed.toml");
    ArtifactRequest request = {.project = project_path(world, "atlas"), .all = true, .apply = true};
    Plan plan;
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan.items.items[0].error.code, ERR_EXISTS);
    CHECK_HAS(plan.items.items[0].error.message, "team");
    world_close(world);
}

TEST(a_merge_whose_sides_have_met_or_gone_is_no_conflict)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "MINE\nbeta\ngamma\n");
    upstream_commit(world, "skills/pdf/notes.txt", "THEIRS\nbeta\ngamma\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_BOTH, NULL, true);
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "conflict");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "THEIRS\nbeta\ngamma\n");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "synced");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "MINE\nbeta\ngamma\n");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "conflict");
    (void)test_shell(t, "mv atlas/.claude atlas/away");
    CHECK_HAS(world_status(world, "skill:pdf", "atlas"), "missing");
    (void)test_shell(t, "mv atlas/away atlas/.claude");
    ArtifactRequest request = {
        .project = project_path(world, "atlas"), .all = true, .apply = true, .overwrite = true};
    Plan plan;
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "MINE\nbeta\ngamma\n");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified");
    world_close(world);
}

TEST(a_name_that_nobody_bears_has_no_status)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    DriftRequest request = {.artifact = "nobody"};
    Drift drift;
    CHECK_FAILS(ERR_NOT_FOUND, verb_drift(&world->ws, &request, &drift, &t->err));
    world_close(world);
}

TEST(an_emptied_folder_is_a_missing_deployment_not_a_wish_to_delete)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    (void)test_shell(t, "rm -r atlas/.claude/skills/pdf && mkdir atlas/.claude/skills/pdf && "
                        "touch atlas/.claude/skills/pdf/x.pyc");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified missing");
    Plan plan = world_pull(world, "pdf", "atlas", true);
    CHECK_INT(plan.items.items[0].error.code, ERR_MISSING_DEPLOYMENT);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    (void)world_deploy(world, "pdf", "atlas");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "synced");
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/x.pyc"), STR(""));
    (void)world_undo(world, true);
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified missing");
    world_close(world);
}

TEST(a_deploy_that_has_nothing_to_do_is_no_operation)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    Plan plan = world_deploy(world, "pdf", "atlas");
    CHECK_INT(plan.items.items[0].result, RESULT_UP_TO_DATE);
    CHECK_INT(plan.operation.len, 0);
    world_close(world);
}

TEST(a_file_that_a_program_has_open_for_writing_is_left_alone_and_named)
{
    World *world = world_new(t);
    SyncRequest request = {.what = {.all = true, .apply = true}, .direction = SYNC_BOTH};
    Plan plan;
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\n\nONE\ntwo\n", "v1.1.0");
    const char *before = world_picture(world, false);
    Str path = STR("atlas/.claude/skills/pdf/SKILL.md");
    SCOPED(fd_close) int writer = fs_open_at(t->dir_fd, path, O_WRONLY, 0);
    CHECK_OK(verb_sync(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan_count(&plan, RESULT_ERROR), plan.items.count);
    CHECK_INT(plan.items.items[0].error.code, ERR_CHANGED);
    CHECK_HAS(plan.items.items[0].error.message, "pdf/SKILL.md");
    CHECK_TEXT(world_picture(world, false), before);
    fd_close(&writer);
    CHECK_OK(verb_sync(&world->ws, &request, &plan, &t->err));
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "synced");
    world_close(world);
}
