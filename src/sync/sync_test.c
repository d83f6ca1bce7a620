#include <string.h>

#include "base/fs.h"
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

static World *conflicting(Test *t)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "home/collections/default/skills/pdf/SKILL.md",
               "# PDF\n\none\nmine\nthree\nfour\nfive\nsix\nseven\n");
    upstream_commit(world, "skills/pdf/SKILL.md",
                    "# PDF\n\none\ntheirs\nthree\nfour\nfive\nsix\nSEVEN\n", "v1.1.0");
    upstream_commit(world, "skills/pdf/new.txt", "new\n", "v1.2.0");
    return world;
}

TEST(a_conflict_keeps_all_live_files_and_waits)
{
    World *world = conflicting(t);
    const char *before = world_picture(world, true);
    Plan plan = world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_INT(plan.items.items[0].result, RESULT_CONFLICT);
    CHECK_INT(plan.items.items[0].conflicts.count, 1);
    CHECK_TEXT(world_picture(world, true), before);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    Plan again = world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_STR(again.items.items[0].pending_id, plan.items.items[0].pending_id);
    world_close(world);
}

TEST(a_resolution_takes_a_side_in_the_places_and_keeps_what_merged)
{
    World *world = conflicting(t);
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    ResolveResult dry = world_resolve(world, "pdf", NULL, "SKILL.md", SIDE_COLLECTION, false);
    CHECK(dry.finished);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    ResolveResult result = world_resolve(world, "pdf", NULL, "SKILL.md", SIDE_COLLECTION, true);
    CHECK(result.finished);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/SKILL.md"),
              STR("# PDF\n\none\nmine\nthree\nfour\nfive\nsix\nSEVEN\n"));
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/new.txt"), STR("new\n"));
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    world_close(world);
}

TEST(taking_the_source_everywhere_ends_synced_and_undo_brings_the_merge_back)
{
    World *world = conflicting(t);
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    const char *before = world_picture(world, false);
    (void)world_resolve(world, "pdf", NULL, NULL, SIDE_UPSTREAM, true);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
    (void)world_undo(world, true);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    CHECK_TEXT(world_picture(world, false), before);
    (void)world_undo(world, true); /* the sync that raised it */
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "diverged");
    world_close(world);
}

TEST(a_side_that_takes_no_part_is_a_usage_error)
{
    World *world = conflicting(t);
    ResolveResult result;
    ResolveRequest request = {.artifact = "pdf", .file = "SKILL.md", .take = SIDE_PROJECT};
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_FAILS(ERR_USAGE, verb_resolve(&world->ws, &request, &result, &t->err));
    request.take = SIDE_FILE;
    request.with = STR("<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n");
    CHECK_FAILS(ERR_INVALID, verb_resolve(&world->ws, &request, &result, &t->err));
    world_close(world);
}

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
    Operation none;
    CHECK_FAILS(ERR_NOT_FOUND, verb_undo(&world->ws, true, &none, &plan, &t->err));
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
    CHECK_HAS(error_hint(&plan.items.items[0].error), "weir deploy");
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
    ArtifactRequest all = {.all = true};
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
    CHECK_HAS(error_hint(&plan.items.items[0].error), "--to");
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

TEST(the_log_knows_every_operation_of_an_artifact_by_id_or_bare_name)
{
    World *world = conflicting(t);
    Operations all;
    Operations one;
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_OK(operation_list(&world->ws, NULL, 0, &all, &t->err));
    CHECK_INT(all.count, 3); /* add, deploy, sync */
    CHECK_OK(operation_list(&world->ws, "pdf", 0, &one, &t->err));
    CHECK_INT(one.count, 3);
    CHECK_OK(operation_list(&world->ws, "skill:pdf", 2, &one, &t->err));
    CHECK_INT(one.count, 2);
    CHECK_STR(one.items[0].result, STR("conflict"));
    CHECK_OK(operation_list(&world->ws, "df", 0, &one, &t->err));
    CHECK_INT(one.count, 0);
    world_close(world);
}

TEST(a_project_conflict_resolved_with_the_collections_side_ends_synced)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "alpha\nours\ngamma\n");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "alpha\ntheirs\ngamma\n");
    (void)world_sync(world, "pdf", SYNC_PROJECT, "atlas", true);
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "conflict");
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"), STR("alpha\ntheirs\ngamma\n"));
    CHECK(world_resolve(world, "pdf", "atlas", "notes.txt", SIDE_COLLECTION, true).finished);
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "synced");
    world_close(world);
}

TEST(an_aborted_merge_waits_no_more_and_undo_of_the_abort_brings_it_back)
{
    World *world = conflicting(t);
    ResolveResult result;
    ResolveRequest request = {.artifact = "pdf", .abort = true, .apply = true};
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_OK(verb_resolve(&world->ws, &request, &result, &t->err));
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "diverged");
    (void)world_undo(world, true);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
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

TEST(a_merge_waiting_one_way_stops_the_other_way)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "alpha\nours\ngamma\n");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "alpha\ntheirs\ngamma\n");
    (void)world_pull(world, "pdf", "atlas", true);
    Plan plan = world_sync(world, "pdf", SYNC_PROJECT, "atlas", true);
    CHECK_INT(plan.items.items[0].error.code, ERR_PENDING_MERGE);
    ResolveResult result = world_resolve(world, "pdf", "atlas", "notes.txt", SIDE_BOTH, true);
    CHECK(result.finished);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nours\ntheirs\ngamma\n"));
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"), STR("alpha\ntheirs\ngamma\n"));
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "outdated");
    world_close(world);
}

/* A conflict of every kind in one artifact, between collection (ours) and upstream (theirs). */
static World *conflicts_of_all_kinds(Test *t)
{
    World *world = world_new(t);
    test_write(t, "up/skills/pdf/gone-here.txt", "g\n");
    test_write(t, "up/skills/pdf/gone-there.txt", "h\n");
    test_write(t, "up/skills/pdf/moved.txt", "one\ntwo\nthree\nfour\nfive\nsix\n");
    test_write(t, "up/skills/pdf/kind", "k\n");
    test_write_bytes(t, "up/skills/pdf/bin", STR("a\0b"), 0644);
    (void)test_shell(t, "ln -s SKILL.md up/skills/pdf/link");
    upstream_commit(world, "stamp", "1\n", "v1.1.0");
    (void)world_add(world, "skills/pdf", "latest");
    (void)test_shell(
        t,
        "cd home/collections/default/skills/pdf && rm gone-here.txt && echo H >gone-there.txt && "
        "git mv x y 2>/dev/null; mv moved.txt here.txt && rm kind && mkdir kind && echo f >kind/f "
        "&& "
        "printf 'a\\0c' >bin && ln -sfn notes.txt link && echo mine >new.txt");
    (void)test_shell(
        t, "cd up/skills/pdf && echo G >gone-here.txt && rm gone-there.txt && mv moved.txt "
           "there.txt && "
           "echo K >kind && printf 'a\\0d' >bin && ln -sfn run.sh link && echo theirs >new.txt");
    upstream_commit(world, "stamp", "2\n", "v1.2.0");
    Plan plan = world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_INT(plan.items.items[0].result, RESULT_CONFLICT);
    CHECK_INT(plan.items.items[0].conflicts.count, 8); /* file against folder counts twice */
    return world;
}

#define DIFF_SKILL "diff -r --no-dereference %s home/collections/default/skills/pdf && echo same"

TEST(each_kind_of_conflict_taken_from_one_side_gives_that_sides_tree)
{
    World *world = conflicts_of_all_kinds(t);
    (void)test_shell(t, "cp -a home/collections/default/skills/pdf mine");
    CHECK(world_resolve(world, "pdf", NULL, NULL, SIDE_UPSTREAM, true).finished);
    CHECK_TEXT(test_shell(t, DIFF_SKILL, "up/skills/pdf"), "same\n");
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
    (void)world_undo(world, true);
    CHECK_TEXT(test_shell(t, DIFF_SKILL, "mine"), "same\n");
    CHECK(world_resolve(world, "pdf", NULL, NULL, SIDE_COLLECTION, true).finished);
    CHECK_TEXT(test_shell(t, DIFF_SKILL, "mine"), "same\n");
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    world_close(world);
}

TEST(choices_are_kept_between_sittings_and_the_rest_still_waits)
{
    World *world = conflicts_of_all_kinds(t);
    ResolveResult result = world_resolve(world, "pdf", NULL, "bin", SIDE_UPSTREAM, true);
    CHECK(!result.finished);
    CHECK_INT(result.plan.items.items[0].conflicts.count, 7);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    ResolveRequest request = {.artifact = "pdf",
                              .file = "new.txt",
                              .take = SIDE_FILE,
                              .apply = true,
                              .with = STR("both of us\n")};
    CHECK_OK(verb_resolve(&world->ws, &request, &result, &t->err));
    CHECK_INT(result.plan.items.items[0].conflicts.count, 6);
    request = (ResolveRequest){.artifact = "pdf", .file = "bin", .take = SIDE_BOTH};
    CHECK_FAILS(ERR_USAGE, verb_resolve(&world->ws, &request, &result, &t->err));
    static const char *const rest[] = {"gone-here.txt", "gone-there.txt", "kind", "link"};
    for (size_t i = 0; i < COUNT_OF(rest); i++)
        CHECK(!world_resolve(world, "pdf", NULL, rest[i], SIDE_COLLECTION, true).finished);
    result = world_resolve(world, "pdf", NULL, NULL, SIDE_UPSTREAM, true); /* the rename is left */
    CHECK(result.finished);
    CHECK_TEXT(
        test_shell(t, "cd home/collections/default/skills/pdf && cat new.txt kind/f && ls"),
        "both of us\nf\nSKILL.md\nbin\ngone-there.txt\nkind\nlink\nnew.txt\nnotes.txt\nrun.sh\n"
        "there.txt\n");
    (void)world_undo(world, true);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    CHECK_INT(world_resolve(world, "pdf", NULL, "link", SIDE_COLLECTION, false)
                  .plan.items.items[0]
                  .conflicts.count,
              1);
    world_close(world);
}
