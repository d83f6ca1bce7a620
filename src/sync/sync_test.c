#include "base/fs.h"
#include "base/process.h"
#include "sync/fixture_test.h"

TEST(an_artifact_comes_from_upstream_to_collection_and_project)
{
    World *world = world_new(t);
    Plan plan = world_add(world, "skills/*", "v1.0.0");
    CHECK_INT(plan.items.count, 2);
    CHECK_INT(plan_result(&plan), RESULT_FAST_FORWARD);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    (void)world_deploy(world, "pdf", "atlas");
    CHECK_TEXT(test_shell(t, "diff -r up/skills/pdf atlas/.claude/skills/pdf && test -x "
                             "atlas/.claude/skills/pdf/run.sh && echo same"),
               "same\n");
    CHECK_TEXT(world_statuses(world), "skill:doc upstream synced\nskill:pdf upstream synced\n"
                                      "skill:pdf atlas synced\n");
    world_close(world);
}

TEST(a_dry_run_changes_no_byte_no_time_and_no_record)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\nBETA\ngamma\n", "v1.1.0");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "alpha\nbeta\nGAMMA\n");
    const char *before = world_picture(world, true);
    Plan plan = world_sync(world, "pdf", SYNC_BOTH, NULL, false);
    CHECK(plan.dry_run);
    CHECK_INT(plan_result(&plan), RESULT_CONFLICT);
    (void)world_pull(world, "pdf", "atlas", false);
    (void)world_statuses(world);
    CHECK_TEXT(world_picture(world, true), before);
    world_close(world);
}

TEST(both_directions_merge_and_leave_the_statuses_of_the_contract)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "alpha\nbeta\ngamma\ndelta\n");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified");
    upstream_commit(world, "skills/pdf/SKILL.md",
                    "# PDF\n\nONE\ntwo\nthree\nfour\nfive\nsix\nseven\n", "v1.1.0");
    Plan plan = world_sync(world, "pdf", SYNC_BOTH, NULL, true);
    CHECK_INT(plan.items.items[0].result, RESULT_FAST_FORWARD);
    CHECK_INT(plan.items.items[1].result, RESULT_MERGED);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified");
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\ndelta\n"));
    CHECK_HAS(test_read(t, "atlas/.claude/skills/pdf/SKILL.md").data, "ONE");
    plan = world_pull(world, "pdf", "atlas", true);
    CHECK_INT(plan.items.items[0].result, RESULT_FAST_FORWARD);
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "synced");
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    world_close(world);
}

TEST(a_second_pull_loses_neither_sides_edit)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "ALPHA\nbeta\ngamma\n");
    test_write(t, "home/collections/default/skills/pdf/SKILL.md",
               "# PDF\n\none\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n");
    Plan plan = world_pull(world, "pdf", "atlas", true);
    CHECK_INT(plan.items.items[0].result, RESULT_MERGED);
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "outdated");
    plan = world_pull(world, "pdf", "atlas", true);
    CHECK_INT(plan.items.items[0].result, RESULT_UP_TO_DATE);
    CHECK_HAS(test_read(t, "home/collections/default/skills/pdf/SKILL.md").data, "SEVEN");
    CHECK_HAS(test_read(t, "home/collections/default/skills/pdf/notes.txt").data, "ALPHA");
    plan = world_sync(world, "pdf", SYNC_PROJECT, "atlas", true);
    CHECK_INT(plan.items.items[0].result, RESULT_FAST_FORWARD);
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "synced");
    world_close(world);
}

TEST(a_missing_deployment_is_never_read_as_deletions)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    (void)test_shell(t, "rm -r atlas/.claude");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified missing");
    Plan plan = world_pull(world, "pdf", "atlas", true);
    CHECK_INT(plan.items.items[0].result, RESULT_ERROR);
    CHECK_INT(plan.items.items[0].error.code, ERR_MISSING_DEPLOYMENT);
    CHECK_HAS(plan.items.items[0].error.hint, "weir deploy");
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    (void)world_deploy(world, "pdf", "atlas");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "synced");
    world_close(world);
}

TEST(an_upstream_that_adds_an_ignore_rule_deletes_nothing)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    upstream_commit(world, "skills/pdf/.weirignore", "notes.txt\n", "v1.1.0");
    Plan plan = world_sync(world, "pdf", SYNC_BOTH, NULL, true);
    CHECK(plan.items.items[0].rules_changed);
    CHECK_INT(plan.items.items[0].untracked.count, 1);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"), STR("alpha\nbeta\ngamma\n"));
    CHECK_TEXT(world_statuses(world), "skill:pdf upstream synced\nskill:pdf atlas synced\n");
    world_close(world);
}

TEST(untracked_files_survive_every_removal)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "atlas/.claude/skills/pdf/draft~", "mine\n");
    ArtifactRequest request = {.project = project_path(world, "atlas"), .all = true, .apply = true};
    Plan plan;
    CHECK_OK(verb_undeploy(&world->ws, &request, &plan, &t->err));
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/draft~"), STR("mine\n"));
    CHECK(!fs_exists(arena_format(t->arena, "%s/atlas/.claude/skills/pdf/SKILL.md", t->dir)));
    world_close(world);
}

TEST(a_vanished_upstream_path_is_told_and_nothing_is_deleted)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/*", "latest");
    (void)test_shell(t, "cd up && git rm -rq skills/doc");
    upstream_commit(world, "x", "x\n", "v1.1.0");
    Plan plan = world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    CHECK_INT(plan.items.items[0].error.code, ERR_UPSTREAM_REMOVED);
    CHECK_INT(plan.items.items[1].result, RESULT_UP_TO_DATE);
    CHECK_STR(test_read(t, "home/collections/default/skills/doc/SKILL.md"), STR("# Doc\n"));
    CHECK_TEXT(world_status(world, "skill:doc", NULL), "outdated removed");
    world_close(world);
}

TEST(a_moved_tag_and_a_rewritten_branch_wait_for_a_person)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "v1.0.0");
    (void)world_add(world, "skills/doc", "main");
    (void)test_shell(t, "cd up && git -c user.name=t -c user.email=t@t commit -q --amend -m again");
    upstream_commit(world, "skills/pdf/notes.txt", "other\n", "v9");
    (void)test_shell(t, "cd up && git tag -f v1.0.0 2>/dev/null");
    Plan plan = world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    CHECK_INT(plan.items.items[0].error.code, ERR_UPSTREAM_REWRITTEN);
    CHECK_INT(plan.items.items[1].error.code, ERR_TAG_MOVED);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    ArtifactRequest all = {.all = true, .apply = true};
    CHECK_OK(verb_pin(&world->ws, &all, "v1.0.0", &plan, &t->err));
    plan = world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    CHECK_INT(plan.items.items[1].result, RESULT_FAST_FORWARD);
    world_close(world);
}

TEST(deploying_onto_foreign_files_is_refused)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    test_write(t, "atlas/.claude/skills/pdf/SKILL.md", "mine\n");
    ArtifactRequest request = {.project = project_path(world, "atlas"), .all = true, .apply = true};
    Plan plan;
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan.items.items[0].error.code, ERR_EXISTS);
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/SKILL.md"), STR("mine\n"));
    (void)test_shell(t, "mkdir beta/real && ln -s real beta/.claude");
    request.project = project_path(world, "beta");
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan.items.items[0].error.code, ERR_PATH_ESCAPES);
    CHECK_HAS(plan.items.items[0].error.hint, "--to");
    world_close(world);
}

TEST(a_base_that_is_not_on_this_machine_is_found_in_the_upstream)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "alpha\nbeta\nGAMMA\n");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "ALPHA\nbeta\ngamma\n");
    store_close(&world->ws.store);
    (void)test_shell(t, "rm -f home/objects.db*");
    CHECK_OK(store_open(t->arena, world->ws.home, &world->ws.store, &t->err));
    Plan plan = world_sync(world, "pdf", SYNC_PROJECT, "atlas", true);
    CHECK_TEXT(plan.items.items[0].error.message, "");
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"), STR("ALPHA\nbeta\nGAMMA\n"));
    world_close(world);
}

TEST(a_base_that_nobody_has_is_said_and_never_invented)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "ALPHA\nbeta\ngamma\n");
    (void)world_pull(world, "pdf", "atlas", true); /* the base is now a version of ours */
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "ALPHA\nbeta\nGAMMA\n");
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "ALPHA\nBETA\ngamma\n");
    store_close(&world->ws.store);
    (void)test_shell(t, "rm -f home/objects.db*");
    CHECK_OK(store_open(t->arena, world->ws.home, &world->ws.store, &t->err));
    const char *before = world_picture(world, true);
    Plan plan = world_sync(world, "pdf", SYNC_PROJECT, "atlas", true);
    CHECK_INT(plan.items.items[0].error.code, ERR_BASE_NOT_FOUND);
    CHECK_TEXT(world_picture(world, true), before);
    world_close(world);
}

TEST(weirs_own_places_hold_no_artifact)
{
    World *world = world_new(t);
    static const char *const places[] = {".weir",  ".weir/deployed.toml", ".weir/txn-1/x",
                                         "../out", ".git/hooks/x",        "/abs"};
    (void)world_add(world, "skills/pdf", "latest");
    ArtifactRequest request = {.project = project_path(world, "atlas"), .all = true, .apply = true};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        Plan plan;
        request.to = places[i];
        CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
        CHECK_INT(plan.items.items[0].result, RESULT_ERROR);
    }
    CHECK_TEXT(test_shell(t, "find atlas"), "atlas\n");
    request.to = NULL;
    request.project = world->ws.collection_path;
    Plan plan;
    CHECK_FAILS(ERR_INVALID, verb_deploy(&world->ws, &request, &plan, &t->err));
    world_close(world);
}

TEST(the_upstream_edge_is_synced_once_upstream_took_the_change)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "alpha\nbeta\ngamma\nmine\n");
    (void)world_pull(world, "pdf", "atlas", true);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\nbeta\ngamma\nmine\n", "v1.1.0");
    Plan plan = world_sync(world, "pdf", SYNC_UPSTREAM, NULL, false); /* the fetch alone */
    CHECK_INT(plan.items.items[0].result, RESULT_UP_TO_DATE);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
    world_close(world);
}

TEST(an_interrupted_bulk_verb_writes_nothing)
{
    World *world = world_new(t);
    Plan plan;
    (void)world_add(world, "skills/*", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    const char *before = world_picture(world, false);
    ArtifactRequest request = {.all = true, .project = project_path(world, "atlas"), .apply = true};
    interrupt_request();
    CHECK_FAILS(ERR_INTERRUPTED, verb_undeploy(&world->ws, &request, &plan, &t->err));
    CHECK_FAILS(ERR_INTERRUPTED, verb_remove(&world->ws, &request, &plan, &t->err));
    CHECK_FAILS(ERR_INTERRUPTED, verb_deploy(&world->ws, &request, &plan, &t->err));
    interrupt_clear();
    CHECK_TEXT(world_picture(world, false), before);
    world_close(world);
}

TEST(a_branch_that_went_on_is_not_taken_for_rewritten_when_the_git_cache_is_new)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/doc", "main");
    git_close(&world->ws.git);
    (void)test_shell(t, "rm -rf home/cache/git");
    upstream_commit(world, "skills/doc/SKILL.md", "# Doc 2\n", "v2");
    Plan plan = world_sync(world, "doc", SYNC_UPSTREAM, NULL, true);
    CHECK_TEXT(plan.items.items[0].error.message, "");
    CHECK_INT(plan.items.items[0].result, RESULT_FAST_FORWARD);
    world_close(world);
}

TEST(versions_name_their_parents_and_a_pulled_edit_is_one)
{
    World *world = world_new(t);
    Versions versions;
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF 2\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_OK(version_list(&world->ws, STR("skill:pdf"), &versions, &t->err));
    const Version *upstream = &versions.items[1]; /* the collection's is told after it */
    const Version *first = &versions.items[versions.count - 1];
    CHECK_STR(upstream->tier, STR("upstream"));
    CHECK(hash_equal(&upstream->parent, &first->hash));
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "alpha\nbeta\ngamma\ndelta\n");
    Plan plan = world_pull(world, "pdf", "atlas", true);
    CHECK_OK(version_list(&world->ws, STR("skill:pdf"), &versions, &t->err));
    const Version *edit = &versions.items[1];
    CHECK_STR(edit->tier, STR("project"));
    CHECK(hash_equal(&edit->hash, &plan.items.items[0].source));
    CHECK(hash_equal(&edit->parent, &first->hash));
    world_close(world);
}
