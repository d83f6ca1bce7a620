/* Rollback, undo and gc together: exact inverses, nothing lost that is within retention. */
#include "sync/history.h"

#include "base/clock.h"
#include "base/ids.h"
#include "sync/fixture_test.h"
#include "sync/operation_store.h"
#include "sync/verify.h"
#include "sync/version_store.h"

#define THEN_MS ((int64_t)1790000000000)
#define DAY_MS ((int64_t)24 * 3600 * 1000)

static bool try_rollback(World *world, const char *artifact, const char *project, const char *to,
                         bool apply, Plan *plan)
{
    RollbackRequest request = {.artifact = artifact, .to = to, .apply = apply};
    if (project)
        request.project = project_path(world, project);
    return verb_rollback(&world->ws, &request, plan, &world->t->err);
}

static void roll_back(World *world, const char *artifact, const char *project, const char *to)
{
    Test *t = world->t;
    Plan plan;
    CHECK_OK(try_rollback(world, artifact, project, to, true, &plan));
}

static Versions versions_of(World *world, const char *artifact)
{
    Test *t = world->t;
    Versions versions;
    CHECK_OK(version_list(&world->ws, str_of(artifact), &versions, &t->err));
    return versions;
}

static const char *hex_of(World *world, const Version *version)
{
    return arena_format(world->t->arena, "%s", hash_hex(&version->hash).text);
}

static GcResult collect(World *world, int64_t older_than_ms)
{
    Test *t = world->t;
    GcResult result;
    GcRequest request = {.older_than_ms = older_than_ms, .apply = true};
    CHECK_OK(verb_gc(&world->ws, &request, &result, &t->err));
    return result;
}

static void check_sound(World *world)
{
    Test *t = world->t;
    VerifyReport report;
    CHECK_OK(verb_verify(&world->ws, &(VerifyRequest){0}, &report, &t->err));
    for (size_t i = 0; i < report.findings.count; i++)
        print_message("%s %.*s\n", report.findings.items[i]->code,
                      STR_ARG(report.findings.items[i]->what));
    CHECK_INT(report.problems, 0);
}

static World *world_with_two_versions(Test *t)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\nbeta\ngamma\ndelta\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_BOTH, NULL, true);
    return world;
}

static const char *first_version(World *world)
{
    Versions versions = versions_of(world, "skill:pdf");
    return hex_of(world, &versions.items[versions.count - 1]);
}

TEST(a_rollback_stays_until_somebody_asks_for_the_newer_one)
{
    World *world = world_with_two_versions(t);
    roll_back(world, "pdf", NULL, first_version(world));
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "outdated");
    const char *back = world_picture(world, false);
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_TEXT(world_picture(world, false), back);
    Versions versions = versions_of(world, "skill:pdf");
    CHECK_STR(versions.items[0].source, STR("rollback"));
    CHECK_STR(versions.items[0].tier, STR("collection"));
    CHECK(!hash_equal(&versions.items[0].parent, &versions.items[0].hash));
    world_close(world);
}

TEST(a_rollback_to_what_the_upper_tier_has_is_synced_and_moves_the_base)
{
    World *world = world_with_two_versions(t);
    const char *synced = world_statuses(world);
    Versions versions = versions_of(world, "skill:pdf");
    const char *newest = hex_of(world, &versions.items[0]);
    roll_back(world, "pdf", NULL, first_version(world));
    roll_back(world, "pdf", NULL, newest);
    CHECK_TEXT(world_statuses(world), synced);
    roll_back(world, "pdf", "atlas", first_version(world));
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified");
    roll_back(world, "pdf", "atlas", newest);
    CHECK_TEXT(world_statuses(world), synced);
    world_close(world);
}

TEST(an_edit_that_was_never_on_record_is_a_version_before_it_is_replaced)
{
    World *world = world_with_two_versions(t);
    const char *first = first_version(world);
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "mine alone\n");
    test_write(t, "atlas/.claude/skills/pdf/left.pyc", "ignored\n");
    const char *edited = world_picture(world, false);
    roll_back(world, "pdf", "atlas", first);
    Versions versions = versions_of(world, "skill:pdf");
    CHECK_STR(versions.items[1].message, STR("as it was found"));
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/left.pyc"), STR("ignored\n"));
    roll_back(world, "pdf", "atlas", hex_of(world, &versions.items[1]));
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"), STR("mine alone\n"));
    (void)world_undo(world, true);
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), edited);
    check_sound(world);
    world_close(world);
}

TEST(a_rollback_refuses_what_is_untracked_in_its_way)
{
    World *world = world_new(t);
    Plan plan;
    (void)world_add(world, "skills/pdf", "latest");
    upstream_commit(world, "skills/pdf/.weirignore", "notes.txt\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "mine\n");
    const char *before = world_picture(world, true);
    CHECK_FAILS(ERR_EXISTS, try_rollback(world, "pdf", NULL, first_version(world), true, &plan));
    CHECK_TEXT(world_picture(world, true), before);
    world_close(world);
}

TEST(a_rollback_is_refused_while_a_merge_waits_on_its_edge)
{
    World *world = world_with_two_versions(t);
    Plan plan;
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "MINE\n");
    upstream_commit(world, "skills/pdf/notes.txt", "THEIRS\n", "v1.2.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_FAILS(ERR_PENDING_MERGE,
                try_rollback(world, "pdf", NULL, first_version(world), true, &plan));
    CHECK_HAS(t->err.hint, "--abort");
    roll_back(world, "pdf", "atlas", first_version(world));
    world_close(world);
}

TEST(a_broken_lineage_stops_what_relies_on_it_and_nothing_else)
{
    World *world = world_with_two_versions(t);
    Plan plan;
    const char *first = first_version(world);
    CHECK_OK(db_run(world->ws.db, "DELETE FROM versions WHERE hash = $1",
                    DB_VALUES(db_text_of(first)), &t->err));
    CHECK_FAILS(ERR_LINEAGE_BROKEN, try_rollback(world, "pdf", NULL, first, true, &plan));
    CHECK_HAS(t->err.hint, "weir verify");
    upstream_commit(world, "skills/pdf/notes.txt", "more\n", "v1.2.0");
    plan = world_sync(world, "pdf", SYNC_BOTH, NULL, true);
    CHECK_INT(plan_result(&plan), RESULT_FAST_FORWARD);
    VerifyReport report;
    CHECK_OK(
        verb_verify(&world->ws, &(VerifyRequest){.repair = true, .apply = true}, &report, &t->err));
    CHECK_INT(report.problems, 0);
    roll_back(world, "pdf", NULL, first);
    check_sound(world);
    world_close(world);
}

TEST(a_cycle_in_a_lineage_is_found_and_mended)
{
    World *world = world_with_two_versions(t);
    Plan plan;
    const char *first = first_version(world);
    CHECK_OK(db_run(world->ws.db,
                    "UPDATE versions SET parent = (SELECT v.hash FROM versions v WHERE v.hash <> "
                    "$1 LIMIT 1) WHERE seq = (SELECT MIN(seq) FROM versions)",
                    DB_VALUES(db_text_of(first)), &t->err));
    CHECK_FAILS(ERR_LINEAGE_BROKEN, try_rollback(world, "pdf", NULL, first, true, &plan));
    CHECK_HAS(t->err.message, "cycle");
    VerifyReport report;
    CHECK_OK(
        verb_verify(&world->ws, &(VerifyRequest){.repair = true, .apply = true}, &report, &t->err));
    CHECK_INT(report.problems, 0);
    roll_back(world, "pdf", NULL, first);
    world_close(world);
}

/* ── undo ── */

TEST(undo_leaves_a_project_that_is_away_when_that_is_asked_for)
{
    World *world = world_new(t);
    UndoResult result;
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    upstream_commit(world, "skills/pdf/notes.txt", "new\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_BOTH, NULL, true);
    (void)test_shell(t, "mv atlas gone");
    CHECK_FAILS(ERR_NOT_FOUND, verb_undo_with(&world->ws, &(UndoRequest){.apply = true},
                                              &(UndoResult){0}, &t->err));
    CHECK_HAS(t->err.hint, "--without-missing");
    UndoRequest request = {.apply = true, .without_missing = true};
    CHECK_OK(verb_undo_with(&world->ws, &request, &result, &t->err));
    CHECK_INT(result.left.count, 1);
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"),
              STR("alpha\nbeta\ngamma\n"));
    (void)test_shell(t, "mv gone atlas");
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"), STR("new\n"));
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "outdated");
    world_close(world);
}

static void tell_operation(World *world, Str id, const char *result, const char *collection)
{
    Test *t = world->t;
    Facts facts = {0};
    facts_add(t->arena, &facts, FACT_OPERATION, FACT_NO_GROUP, id, STR("sync"), STR("weir sync"),
              STR("a@b"), STR("00"), STR("1"), str_of(result), (Str){0}, str_of(collection));
    CHECK_OK(operation_record(world->ws.db, str_of(id_new(t->arena)), &facts, NULL, NULL, &t->err));
}

TEST(the_result_of_an_operation_is_the_worst_of_its_batches)
{
    World *world = world_new(t);
    Operations all;
    Str id = str_of(id_new(t->arena));
    tell_operation(world, id, "fast_forward", "default");
    tell_operation(world, id, "conflict", "default");
    tell_operation(world, id, "merged", "default");
    all = world_log(world, NULL, 0);
    CHECK_INT(all.count, 1);
    CHECK_STR(all.items[0].result, STR("conflict"));
    world_close(world);
}

TEST(undo_takes_the_last_operation_of_this_collection)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    tell_operation(world, str_of(id_new(t->arena)), "fast_forward", "another");
    (void)world_undo(world, true);
    CHECK_TEXT(world_statuses(world), "");
    world_close(world);
}

/* ── log ── */

TEST(the_log_is_read_page_after_page_without_a_gap)
{
    World *world = world_new(t);
    LogRequest request = {.limit = 3};
    size_t count = 0;
    bool more = true;
    for (int i = 0; i < 10; i++)
        tell_operation(world, str_of(id_new(t->arena)), "merged", "default");
    while (more) {
        Operations page;
        CHECK_OK(operation_log(&world->ws, &request, &page, &more, &t->err));
        CHECK(page.count == 3 || !more);
        count += page.count;
        request.before = page.items[page.count - 1].id;
    }
    CHECK_INT(count, 10);
    request = (LogRequest){.verb = "deploy"};
    Operations none;
    CHECK_OK(operation_log(&world->ws, &request, &none, &more, &t->err));
    CHECK_INT(none.count, 0);
    world_close(world);
}

/* ── gc ── */

static void random_step(World *world, int serial)
{
    Test *t = world->t;
    Versions versions = versions_of(world, "skill:pdf");
    const char *to = hex_of(world, &versions.items[test_below(t, versions.count)]);
    switch (test_below(t, 4)) {
    case 0:
        upstream_commit(world, arena_format(t->arena, "skills/pdf/f%d.md", (int)test_below(t, 4)),
                        arena_format(t->arena, "text %d\n", serial),
                        arena_format(t->arena, "v1.%d.0", serial));
        (void)world_sync(world, NULL, SYNC_BOTH, NULL, true);
        break;
    case 1:
        (void)world_pull(world, "pdf", "atlas", true);
        break;
    case 2:
        roll_back(world, "pdf", "atlas", to);
        break;
    default:
        roll_back(world, "pdf", NULL, to);
        break;
    }
}

/* Pictures hold the record files: bases go back with them. */
TEST(after_gc_every_undo_and_every_version_within_retention_is_still_to_be_had)
{
    enum { STEPS = 10 };
    for (int round = 0; round < test_rounds(3); round++) {
        const char *pictures[STEPS];
        size_t written = 0;
        clock_freeze(THEN_MS);
        (void)test_shell(t, "rm -rf up home atlas beta");
        World *world = world_new(t);
        (void)world_add(world, "skills/pdf", "latest");
        (void)world_deploy(world, "pdf", "atlas");
        for (int step = 0; step < STEPS; step++) {
            Operations before;
            Operations after;
            before = world_log(world, NULL, 1);
            pictures[written] = world_picture(world, false);
            PendingMerges pending;
            CHECK_OK(pending_list(&world->ws, &pending, &t->err));
            if (pending.count)
                break;
            random_step(world, round * STEPS + step + 1);
            after = world_log(world, NULL, 1);
            written += !str_equal(before.items[0].id, after.items[0].id);
        }
        clock_freeze(THEN_MS + 30 * DAY_MS);
        const char *now = world_statuses(world);
        (void)collect(world, 90 * DAY_MS);
        check_sound(world);
        CHECK_TEXT(world_statuses(world), now);
        Versions versions = versions_of(world, "skill:pdf");
        PendingMerges pending;
        CHECK_OK(pending_list(&world->ws, &pending, &t->err));
        for (size_t i = 0; !pending.count && i < versions.count; i++) {
            Plan plan;
            CHECK_OK(
                try_rollback(world, "pdf", NULL, hex_of(world, &versions.items[i]), false, &plan));
        }
        while (written--) {
            (void)world_undo(world, true);
            CHECK_TEXT(world_picture(world, false), pictures[written]);
        }
        world_close(world);
        clock_freeze(-1);
    }
}

TEST(gc_keeps_the_base_of_a_project_that_is_away_and_the_choices_of_a_waiting_merge)
{
    clock_freeze(THEN_MS);
    World *world = world_new(t);
    (void)world_add(world, "skills/*", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    (void)world_deploy(world, "doc", "beta");
    test_write(t, "beta/.claude/skills/doc/SKILL.md", "# Mine\n");
    upstream_commit(world, "skills/doc/SKILL.md", "# Theirs\n", "v1.1.0");
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\nbeta\ngamma\nnew\n", "v1.2.0");
    (void)world_sync(world, "doc", SYNC_BOTH, NULL, true);
    (void)test_shell(t, "mv atlas gone");
    clock_freeze(THEN_MS + 200 * DAY_MS);
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    clock_freeze(THEN_MS + 400 * DAY_MS);
    (void)collect(world, 90 * DAY_MS);
    (void)test_shell(t, "mv gone atlas");
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "mine\nalpha\nbeta\ngamma\n");
    Plan plan = world_sync(world, "pdf", SYNC_PROJECT, "atlas", true);
    CHECK_INT(plan_result(&plan), RESULT_MERGED);
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/notes.txt"),
              STR("mine\nalpha\nbeta\ngamma\nnew\n"));
    ResolveResult result = world_resolve(world, "doc", "beta", NULL, SIDE_BOTH, true);
    CHECK(result.finished);
    check_sound(world);
    world_close(world);
    clock_freeze(-1);
}

TEST(what_gc_freed_is_said_so_and_the_log_stays_whole)
{
    clock_freeze(THEN_MS);
    World *world = world_with_two_versions(t);
    test_write(t, "atlas/.claude/skills/pdf/notes.txt", "mine alone\n");
    roll_back(world, "pdf", "atlas", first_version(world));
    Versions versions = versions_of(world, "skill:pdf");
    const char *mine = hex_of(world, &versions.items[1]);
    Operations before;
    Operations after;
    Plan plan;
    before = world_log(world, NULL, 0);
    clock_freeze(THEN_MS + 100 * DAY_MS);
    CHECK(collect(world, 90 * DAY_MS).objects > 0);
    after = world_log(world, NULL, 0);
    CHECK_INT(after.count, before.count);
    CHECK_FAILS(ERR_VERSION_GONE, try_rollback(world, "pdf", "atlas", mine, true, &plan));
    CHECK_FAILS(ERR_VERSION_GONE, verb_undo_with(&world->ws, &(UndoRequest){.apply = true},
                                                 &(UndoResult){0}, &t->err));
    check_sound(world);
    world_close(world);
    clock_freeze(-1);
}
