#include "sync/fixture_test.h"

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

TEST(the_log_knows_every_operation_of_an_artifact_by_id_or_bare_name)
{
    World *world = conflicting(t);
    Operations all;
    Operations one;
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    all = world_log(world, NULL, 0);
    CHECK_INT(all.count, 3); /* add, deploy, sync */
    one = world_log(world, "pdf", 0);
    CHECK_INT(one.count, 3);
    one = world_log(world, "skill:pdf", 2);
    CHECK_INT(one.count, 2);
    CHECK_STR(one.items[0].result, STR("conflict"));
    one = world_log(world, "df", 0);
    CHECK_INT(one.count, 0);
    world_close(world);
}

static ResolveResult waiting(World *world)
{
    Test *t = world->t;
    ResolveResult result;
    ResolveRequest show = {.artifact = "pdf", .show = true};
    CHECK_OK(verb_resolve(&world->ws, &show, &result, &t->err));
    return result;
}

/* `number` from 1; 0: all. */
static ResolveResult choose(World *world, size_t number, Side take, Str with, Str *operation)
{
    Test *t = world->t;
    ResolveResult result;
    ResolveRequest request = {.artifact = "pdf",
                              .take = take,
                              .with = with,
                              .choose_only = true,
                              .operation = *operation,
                              .apply = true};
    if (number)
        request.place = waiting(world).places.items[number - 1].key;
    CHECK_OK(verb_resolve(&world->ws, &request, &result, &t->err));
    if (result.plan.operation.len)
        *operation = result.plan.operation;
    return result;
}

#define APART "k1\nk2\nk3\nk4\n"
#define SKILL(a, b, c, d) a "\n" APART b "\n" APART c "\n" APART d "\n"

/* Three places in one file. */
static World *three_places(Test *t)
{
    World *world = world_new(t);
    upstream_commit(world, "skills/pdf/SKILL.md", SKILL("a", "b", "c", "d"), "v1.0.1");
    (void)world_add(world, "skills/pdf", "latest");
    test_write(t, "home/collections/default/skills/pdf/SKILL.md", SKILL("a1", "b1", "c1", "d"));
    upstream_commit(world, "skills/pdf/SKILL.md", SKILL("a2", "b2", "c2", "D"), "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    return world;
}

TEST(each_place_has_a_choice_of_its_own_and_a_sitting_is_undone_as_one)
{
    World *world = three_places(t);
    const char *before = world_picture(world, true);
    Str sitting = {0};
    ResolveResult result = choose(world, 2, SIDE_UPSTREAM, (Str){0}, &sitting);
    Str first = sitting;
    CHECK_INT(result.places.count, 3);
    CHECK(!result.places.items[0].chosen && result.places.items[1].chosen);
    (void)choose(world, 1, SIDE_FILE, STR("by hand\nin two lines\n"), &sitting);
    result = choose(world, 3, SIDE_BOTH_REVERSED, (Str){0}, &sitting);
    CHECK(!result.finished);
    CHECK_STR(sitting, first);
    CHECK_TEXT(world_picture(world, true), before); /* choices alone touch no file */

    ResolveRequest end = {
        .artifact = "pdf", .carry_out = true, .operation = sitting, .apply = false};
    CHECK_OK(verb_resolve(&world->ws, &end, &result, &t->err));
    CHECK(result.finished);
    CHECK(str_search(result.patch, STR("+by hand\n+in two lines\n")) != STR_NONE);
    CHECK_TEXT(world_picture(world, true), before);
    end.apply = true;
    CHECK_OK(verb_resolve(&world->ws, &end, &result, &t->err));
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/SKILL.md"),
              STR(SKILL("by hand\nin two lines", "b2", "c2\nc1", "D")));
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");

    (void)world_undo(world, true);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/SKILL.md"),
              STR(SKILL("a1", "b1", "c1", "d")));
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    result = waiting(world);
    for (size_t i = 0; i < 3; i++)
        CHECK(!result.places.items[i].chosen);
    world_close(world);
}

TEST(a_choice_can_be_taken_back_and_nothing_is_carried_out_while_a_place_is_open)
{
    World *world = three_places(t);
    Str sitting = {0};
    (void)choose(world, 0, SIDE_COLLECTION, (Str){0}, &sitting);
    ResolveResult result = choose(world, 2, SIDE_OPEN, (Str){0}, &sitting);
    CHECK(result.places.items[0].chosen && !result.places.items[1].chosen);
    ResolveRequest end = {.artifact = "pdf", .carry_out = true, .apply = true};
    CHECK_OK(verb_resolve(&world->ws, &end, &result, &t->err));
    CHECK(!result.finished);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    world_close(world);
}

TEST(a_place_that_has_changed_or_a_text_with_markers_is_refused)
{
    World *world = three_places(t);
    ResolveResult result = waiting(world);
    ResolveRequest request = {
        .artifact = "pdf", .place = result.places.items[0].key, .take = SIDE_FILE, .apply = true};
    request.with = STR("<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n");
    CHECK_FAILS(ERR_INVALID, verb_resolve(&world->ws, &request, &result, &t->err));
    test_write(t, "home/collections/default/skills/pdf/SKILL.md", SKILL("a9", "b1", "c1", "d"));
    request.take = SIDE_COLLECTION;
    CHECK_FAILS(ERR_CHANGED, verb_resolve(&world->ws, &request, &result, &t->err));
    world_close(world);
}

TEST(a_whole_file_is_a_place_too)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "edited\n");
    (void)test_shell(t, "cd up && rm skills/pdf/notes.txt");
    upstream_commit(world, "skills/pdf/more.txt", "more\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    ResolveResult result = waiting(world);
    CHECK_INT(result.places.count, 1);
    CHECK(!result.places.items[0].region);
    Str sitting = {0};
    CHECK(choose(world, 1, SIDE_UPSTREAM, (Str){0}, &sitting).places.items[0].chosen);
    CHECK(!choose(world, 1, SIDE_OPEN, (Str){0}, &sitting).places.items[0].chosen);
    world_close(world);
}

TEST(choices_outlive_a_new_version_of_another_place)
{
    World *world = three_places(t);
    Str sitting = {0};
    (void)choose(world, 1, SIDE_FILE, STR("kept\n"), &sitting);
    (void)choose(world, 2, SIDE_UPSTREAM, (Str){0}, &sitting);
    test_write(t, "home/collections/default/skills/pdf/SKILL.md", SKILL("a1", "b9", "c1", "d"));
    ResolveResult result = waiting(world);
    CHECK_INT(result.places.count, 3);
    CHECK(result.places.items[0].chosen);
    CHECK(!result.places.items[1].chosen);
    world_close(world);
}
