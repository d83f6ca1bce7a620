#include "sync/migrate.h"

#include "base/buf.h"
#include "base/process.h"
#include "sync/migrate_world_test.h"

#define UP "upstream = \"https://github.com/o/r/tree/" SHA "/skills/%s\"\nversion_spec = \"v1\"\n"
#define SHA "0123456789abcdef0123456789abcdef01234567"
#define NO_HASH "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

/* A skill in the collection and, as deployed from it, in atlas; its record's block. */
static const char *skill(Test *t, const char *name)
{
    const char *home = arena_format(t->arena, OLD_COLLECTION "/skills/%s", name);
    const char *there = arena_format(t->arena, "atlas/.claude/skills/%s", name);
    test_write(t, arena_format(t->arena, "%s/SKILL.md", home), name);
    test_write(t, arena_format(t->arena, "%s/deep/a.txt", home), "a\n");
    (void)test_shell(t, "mkdir -p atlas/.claude/skills beta && cp -r %s %s", home, there);
    return old_deployment(t, "skill", name, arena_format(t->arena, "skills/%s", name),
                          old_hash_at(t, home));
}

static void write_records(Test *t, const char *manifest, const char *lock, const char *deployed)
{
    test_write(t, OLD_COLLECTION "/collection.toml", manifest);
    test_write(t, OLD_COLLECTION "/collection.lock", lock);
    test_write(t, "atlas/.claude/.skillmeat-deployed.toml", deployed);
}

static const char *plain(Test *t, const char *name)
{
    return old_artifact(t, "skill", name, arena_format(t->arena, "skills/%s", name), "");
}

/* Six skills, one in each state that old records can tell. */
static World *six_states(Test *t)
{
    static const char *const names[] = {"same", "edited", "moved", "both", "missing", "gone"};
    World *world = world_new(t);
    Buf manifest = buf_new(t->arena);
    Buf deployed = buf_new(t->arena);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        buf_add_text(&deployed, skill(t, names[i]));
        buf_add_text(&manifest, plain(t, names[i]));
    }
    test_write(t, "atlas/.claude/skills/edited/SKILL.md", "edited\n");
    test_write(t, "atlas/.claude/skills/both/SKILL.md", "edited\n");
    test_write(t, OLD_COLLECTION "/skills/moved/SKILL.md", "moved on\n");
    test_write(t, OLD_COLLECTION "/skills/both/SKILL.md", "moved on\n");
    (void)test_shell(t, "rm -r atlas/.claude/skills/missing " OLD_COLLECTION "/skills/gone");
    write_records(t, buf_text(&manifest), "", buf_text(&deployed));
    return world;
}

TEST(takes_over_each_state_that_the_old_hashes_tell)
{
    World *world = six_states(t);
    const char *before = old_picture(world);
    const char *picture = world_picture(world, true);
    Migration plan = world_migrate(world, false);
    CHECK_TEXT(world_picture(world, true), picture);
    Migration done = world_migrate(world, true);
    CHECK_TEXT(migration_text(world, &done), migration_text(world, &plan));
    CHECK_TEXT(migration_text(world, &done), "skill:same collection fast_forward\n"
                                             "skill:edited collection fast_forward\n"
                                             "skill:moved collection fast_forward\n"
                                             "skill:both collection fast_forward\n"
                                             "skill:missing collection fast_forward\n"
                                             "skill:gone collection NOT_FOUND\n"
                                             "skill:same atlas fast_forward synced\n"
                                             "skill:edited atlas fast_forward modified\n"
                                             "skill:moved atlas fast_forward outdated\n"
                                             "skill:both atlas fast_forward diverged\n"
                                             "skill:missing atlas fast_forward missing\n"
                                             "skill:gone atlas fast_forward gone from the "
                                             "collection\n");
    CHECK_TEXT(world_statuses(world), "skill:both atlas diverged\nskill:edited atlas modified\n"
                                      "skill:gone atlas outdated removed\n"
                                      "skill:missing atlas modified missing\n"
                                      "skill:moved atlas outdated\nskill:same atlas synced\n");
    CHECK_TEXT(old_picture(world), before);
    CHECK_HAS(test_shell(t, "ls home/backups/*/FILES home/backups/*/collections/default"),
              "collection.lock");
    world_close(world);
}

TEST(a_second_run_finds_nothing_to_do_and_undo_takes_all_back)
{
    World *world = six_states(t);
    const char *empty = world_picture(world, false);
    (void)world_migrate(world, true);
    const char *picture = world_picture(world, true);
    Migration again = world_migrate(world, true);
    CHECK_INT(plan_count(&again.plan, RESULT_FAST_FORWARD), 0);
    CHECK(again.backup == NULL && again.plan.operation.len == 0);
    CHECK_TEXT(world_picture(world, true), picture);
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), empty);
    world_close(world);
}

TEST(a_version_that_nobody_has_keeps_its_old_hash_until_the_first_apply)
{
    World *world = six_states(t);
    (void)world_migrate(world, true);
    CHECK_HAS(test_shell(t, "cat atlas/.weir/deployed.toml"), "legacy_hash");
    /* the project goes back to what was deployed: by the old rule that is the base */
    test_write(t, "atlas/.claude/skills/both/SKILL.md", "both");
    CHECK_TEXT(world_status(world, "skill:both", "atlas"), "outdated");
    (void)world_sync(world, "skill:both", SYNC_PROJECT, "atlas", true);
    CHECK_TEXT(world_status(world, "skill:both", "atlas"), "synced");
    CHECK_TEXT(test_shell(t, "grep legacy atlas/.weir/deployed.toml; true"), "");
    world_close(world);
}

TEST(another_project_that_still_has_a_version_gives_the_base)
{
    World *world = world_new(t);
    const char *deployed = skill(t, "pdf");
    (void)test_shell(t, "mkdir -p beta/.claude && cp -r atlas/.claude/skills beta/.claude");
    write_records(t, plain(t, "pdf"), "", deployed);
    test_write(t, "beta/.claude/.skillmeat-deployed.toml", deployed);
    test_write(t, "atlas/.claude/skills/pdf/SKILL.md", "pdf\nbelow\n");
    test_write(t, OLD_COLLECTION "/skills/pdf/deep/a.txt", "above\n");
    (void)world_migrate(world, true);
    CHECK_TEXT(world_statuses(world), "skill:pdf atlas diverged\nskill:pdf beta outdated\n");
    (void)world_sync(world, "skill:pdf", SYNC_PROJECT, "atlas", true);
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified");
    CHECK_TEXT(test_shell(t, "cat atlas/.claude/skills/pdf/SKILL.md "
                             "atlas/.claude/skills/pdf/deep/a.txt"),
               "pdf\nbelow\nabove\n");
    world_close(world);
}

TEST(sources_pins_and_tags_come_along)
{
    World *world = world_new(t);
    ArtifactList list = {0};
    const char *deployed = skill(t, "pdf");
    (void)skill(t, "odd");
    const char *up = arena_format(t->arena,
                                  UP "resolved_sha = \"" SHA "\"\nresolved_version = "
                                     "\"v1.2.0\"\ntags = [\"docs\"]\n",
                                  "pdf");
    Buf manifest = buf_new(t->arena);
    buf_add_text(&manifest, old_artifact(t, "skill", "pdf", "skills/pdf", up));
    buf_add_text(&manifest, old_artifact(t, "skill", "odd", "skills/odd",
                                         "upstream = \"/etc\"\nversion_spec = \"a..b\"\n"));
    write_records(t, buf_text(&manifest),
                  old_lock(t, "skill", "pdf", old_hash_at(t, OLD_COLLECTION "/skills/pdf")),
                  deployed);
    Migration done = world_migrate(world, true);
    CHECK_HAS(migration_text(world, &done), "skill:odd collection fast_forward its upstream '/etc' "
                                            "is not taken over");
    CHECK_OK(collection_list(&world->ws, &list, &t->err));
    CHECK_INT(list.count, 2);
    const Artifact *pdf = list.items[1];
    CHECK_STR(pdf->source, STR("https://github.com/o/r"));
    CHECK_STR(pdf->source_path, STR("skills/pdf"));
    CHECK_STR(pdf->pin, STR("v1"));
    CHECK_STR(pdf->upstream_sha, STR(SHA));
    CHECK_STR(pdf->upstream_version, STR("1.2.0"));
    CHECK_STR(pdf->tags.items[0], STR("docs"));
    CHECK(hash_equal(&pdf->base_hash, &pdf->content_hash));
    CHECK_INT(list.items[0]->source.len, 0);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
    Versions versions = {0};
    CHECK_OK(version_list(&world->ws, STR("skill:pdf"), &versions, &t->err));
    CHECK_INT(versions.count, 2);
    CHECK_STR(versions.items[0].source, STR("migration"));
    CHECK(hash_is_zero(&versions.items[0].parent));
    world_close(world);
}

TEST(an_artifact_edited_since_it_was_fetched_reads_modified)
{
    World *world = world_new(t);
    const char *deployed = skill(t, "pdf");
    const char *fetched = old_hash_at(t, OLD_COLLECTION "/skills/pdf");
    const char *manifest =
        old_artifact(t, "skill", "pdf", "skills/pdf", arena_format(t->arena, UP, "pdf"));
    test_write(t, OLD_COLLECTION "/skills/pdf/SKILL.md", "edited here\n");
    write_records(t, manifest, old_lock(t, "skill", "pdf", fetched), deployed);
    (void)world_migrate(world, true); /* atlas still has what was fetched */
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "outdated");
    (void)world_undo(world, true);
    test_write(t, "atlas/.claude/skills/pdf/SKILL.md", "edited there\n");
    (void)world_migrate(world, true); /* nobody has it */
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    CHECK_HAS(test_shell(t, "cat home/collections/default/collection.lock.toml"), "legacy_hash");
    world_close(world);
}

TEST(the_old_hash_of_an_artifact_finds_its_base_in_the_upstream)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    const char *fetched = old_hash_at(t, "up/skills/pdf");
    (void)test_shell(t,
                     "sed -i '/skill:pdf/,$ s/^base_hash = .*/legacy_hash = \"%s\"/' "
                     "home/collections/default/collection.lock.toml",
                     fetched);
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "alpha\nbeta\nmine\n");
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF again\n", "v1.1.0");
    (void)world_sync(world, "skill:pdf", SYNC_UPSTREAM, NULL, true);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "modified");
    CHECK_TEXT(test_shell(t, "cd home/collections/default/skills/pdf && cat SKILL.md notes.txt"),
               "# PDF again\nalpha\nbeta\nmine\n");
    CHECK_TEXT(test_shell(t, "grep legacy home/collections/default/collection.lock.toml; true"),
               "");
    world_close(world);
}

TEST(hostile_records_are_errors_of_their_own)
{
    World *world = world_new(t);
    const char *good = skill(t, "pdf");
    const char *hash = old_hash_at(t, OLD_COLLECTION "/skills/pdf");
    (void)test_shell(t, "ln -s /etc atlas/.claude/link; ln -s /etc/passwd " OLD_COLLECTION
                        "/skills/pdf.md; cp -r " OLD_COLLECTION "/skills/pdf " OLD_COLLECTION
                        "/skills/x; mkdir -p atlas/.codex && cp -r atlas/.claude/skills "
                        "atlas/.codex");
    Buf manifest = buf_new(t->arena);
    Buf deployed = buf_new(t->arena);
    buf_add_text(&manifest, plain(t, "pdf"));
    buf_add_text(&manifest, old_artifact(t, "skill", "PDF", "skills/x", ""));
    buf_add_text(&manifest, old_artifact(t, "skill", "in", "skills/pdf/deep", ""));
    buf_add_text(&manifest, old_artifact(t, "skill", "up", "../../config.toml", ""));
    buf_add_text(&manifest, old_artifact(t, "skill", "abs", "/etc/passwd", ""));
    buf_add_text(&manifest, old_artifact(t, "skill", "link", "skills/pdf.md", ""));
    buf_add_text(&manifest, old_artifact(t, "skill", "own", "collection.toml", ""));
    buf_add_text(&manifest, old_artifact(t, "a type", "odd", "skills/x", ""));
    buf_add_text(&manifest, old_artifact(t, "skill", "o\\u0007dd", "skills/x", ""));
    buf_add_text(&manifest, old_artifact(t, "workflow", "flow", "skills/x", ""));
    buf_add_text(&deployed, good);
    buf_add_text(&deployed, good);
    buf_add_text(&deployed, old_deployment(t, "skill", "a", "../../../out", hash));
    buf_add_text(&deployed, old_deployment(t, "skill", "b", "/etc/passwd", hash));
    buf_add_text(&deployed, old_deployment(t, "skill", "c", "link/passwd", hash));
    buf_add_text(&deployed, old_deployment(t, "skill", "d", "skills/d", "not a hash"));
    buf_add_text(&deployed, old_deployment(t, "skill", "pdf", "skills/other", hash));
    write_records(t, buf_text(&manifest), "[lock", buf_text(&deployed));
    test_write(t, "atlas/.codex/.skillmeat-deployed.toml", good);
    const char *before = old_picture(world);
    Migration done = world_migrate(world, true);
    CHECK_TEXT(migration_text(world, &done),
               arena_format(t->arena,
                            "%s/" OLD_COLLECTION "/collection.lock collection CORRUPT\n"
                            "skill:d atlas INVALID\n"
                            "skill:pdf collection fast_forward\n"
                            "skill:PDF collection EXISTS\n"
                            "skill:in collection EXISTS\n"
                            "skill:up collection NAME_REFUSED\n"
                            "skill:abs collection NAME_REFUSED\n"
                            "skill:link collection LINK_REFUSED\n"
                            "skill:own collection INVALID\n"
                            "a type:odd collection NAME_REFUSED\n"
                            "skill:o\add collection NAME_REFUSED\n"
                            "workflow:flow collection fast_forward\n"
                            "skill:pdf atlas fast_forward synced\n"
                            "skill:pdf atlas up_to_date is on record\n"
                            "skill:a atlas NAME_REFUSED\n"
                            "skill:b atlas PATH_ESCAPES\n"
                            "skill:c atlas PATH_ESCAPES\n"
                            "skill:pdf atlas EXISTS\n"
                            "skill:pdf atlas EXISTS\n",
                            t->dir));
    CHECK_TEXT(old_picture(world), before);
    CHECK_TEXT(world_statuses(world), "skill:pdf atlas synced\n");
    world_close(world);
}

/* SkillMeat wrote its deployment records without care: a crash may have cut them anywhere. */
TEST(records_cut_anywhere_change_nothing_that_is_there)
{
    World *world = world_new(t);
    Buf deployed = buf_new(t->arena);
    buf_add_text(&deployed, skill(t, "pdf"));
    buf_add_text(&deployed, skill(t, "doc"));
    Buf manifest = buf_new(t->arena);
    buf_add_text(&manifest, plain(t, "pdf"));
    buf_add_text(&manifest, plain(t, "doc"));
    write_records(t, buf_text(&manifest), "", buf_text(&deployed));
    Migration whole = world_migrate(world, false);
    size_t most = plan_count(&whole.plan, RESULT_FAST_FORWARD);
    CHECK_INT(most, 4);
    for (size_t cut = 0; cut < deployed.len; cut++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        test_write_bytes(t, "atlas/.claude/.skillmeat-deployed.toml",
                         str_slice(buf_str(&deployed), 0, cut), 0644);
        Migration plan = world_migrate(world, false);
        CHECK(plan_count(&plan.plan, RESULT_FAST_FORWARD) <= most);
        CHECK(plan_count(&plan.plan, RESULT_FAST_FORWARD) >= 2);
        for (size_t i = 0; i < plan.plan.items.count; i++)
            CHECK(plan.plan.items.items[i].result != RESULT_ERROR ||
                  plan.plan.items.items[i].error.hint[0]);
    }
    test_write_bytes(t, "atlas/.claude/.skillmeat-deployed.toml", buf_str(&deployed), 0644);
    Migration after = world_migrate(world, false);
    CHECK_TEXT(migration_text(world, &after), migration_text(world, &whole));
    world_close(world);
}

static void stop_soon(void *context, const Progress *progress)
{
    size_t *left = context;
    if (progress->what.len && *left && --*left == 0)
        interrupt_request();
}

TEST(a_run_that_was_stopped_is_finished_by_the_next)
{
    enum { MANY = 230 };
    World *world = world_new(t);
    Buf manifest = buf_new(t->arena);
    size_t left = MANY + LIMIT_BATCH_ARTIFACTS + 10; /* in the second batch of the apply */
    for (int i = 0; i < MANY; i++) {
        const char *name = arena_format(t->arena, "s%03d", i);
        test_write(t, arena_format(t->arena, OLD_COLLECTION "/skills/%s/SKILL.md", name), name);
        buf_add_text(&manifest, plain(t, name));
    }
    test_write(t, OLD_COLLECTION "/collection.toml", buf_text(&manifest));
    MigrateRequest request = {.here = t->dir, .apply = true};
    ARRAY_PUSH(t->arena, &request.folders, str_of(arena_format(t->arena, "%s/old", t->dir)));
    Migration migration = {0};
    ArtifactList list = {0};
    world->ws.progress = stop_soon;
    world->ws.notice_context = &left;
    CHECK_FAILS(ERR_INTERRUPTED, verb_migrate(&world->ws, &request, &migration, &t->err));
    interrupt_clear();
    world->ws.progress = NULL;
    CHECK_OK(collection_list(&world->ws, &list, &t->err));
    CHECK_INT(list.count, LIMIT_BATCH_ARTIFACTS);
    CHECK_OK(verb_migrate(&world->ws, &request, &migration, &t->err));
    CHECK_INT(plan_count(&migration.plan, RESULT_FAST_FORWARD), MANY - LIMIT_BATCH_ARTIFACTS);
    CHECK_OK(collection_list(&world->ws, &list, &t->err));
    CHECK_INT(list.count, MANY);
    CHECK_TEXT(test_shell(t, "diff -r old/collections/default/skills "
                             "home/collections/default/skills && echo same"),
               "same\n");
    world_close(world);
}

TEST(each_collection_is_an_operation_that_undo_takes_back)
{
    World *world = world_new(t);
    write_records(t, plain(t, "pdf"), "", skill(t, "pdf"));
    (void)test_shell(t, "cp -r " OLD_COLLECTION " old/collections/team");
    const char *before = world_picture(world, false);
    Migration done = world_migrate(world, true);
    CHECK_INT(plan_count(&done.plan, RESULT_FAST_FORWARD), 3);
    CHECK_TEXT(test_shell(t, "cd home/collections && ls */skills/pdf/SKILL.md"),
               "default/skills/pdf/SKILL.md\nteam/skills/pdf/SKILL.md\n");
    (void)world_undo(world, true);
    world->ws.collection_name = "team"; /* undo is of the collection at work */
    world->ws.collection_path = arena_format(t->arena, "%s/collections/team", world->ws.home);
    (void)world_undo(world, true);
    (void)test_shell(t, "test ! -e home/collections/team/skills && rm -r home/collections/team");
    CHECK_TEXT(world_picture(world, false), before);
    world_close(world);
}

TEST(a_project_of_skillmeats_can_be_looked_at_without_migrating)
{
    World *world = six_states(t);
    const char *before = world_picture(world, true);
    DriftRequest request = {.project = project_path(world, "atlas")};
    Drift drift;
    CHECK_OK(verb_drift(&world->ws, &request, &drift, &t->err));
    CHECK_INT(drift.items.count, 6);
    for (size_t i = 0; i < drift.items.count; i++)
        CHECK(drift.items.items[i].old);
    /* what lies above is not known: what was deployed stands in for it */
    CHECK_INT(drift.count[STATUS_SYNCED], 3);
    CHECK_INT(drift.count[STATUS_MODIFIED], 3);
    CHECK_INT(drift.missing, 1);
    CHECK_INT(drift.errors, 0);
    CHECK_TEXT(world_picture(world, true), before);
    (void)test_shell(t, "printf '[[dep' >atlas/.claude/.skillmeat-deployed.toml");
    CHECK_OK(verb_drift(&world->ws, &request, &drift, &t->err));
    CHECK_INT(drift.errors, 1);
    CHECK_INT(drift.items.items[0].error.code, ERR_CORRUPT);
    world_close(world);
}

TEST(records_without_a_schema_load_and_get_one)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", "latest");
    (void)world_deploy(world, "pdf", "atlas");
    const char *statuses = world_statuses(world);
    const char *whole = world_picture(world, false);
    (void)test_shell(t, "sed -i '/^schema/d' atlas/.weir/deployed.toml "
                        "home/collections/default/collection*.toml");
    CHECK_TEXT(world_statuses(world), statuses);
    (void)test_shell(t, "mkdir old");
    Migration done = {0};
    MigrateRequest request = {.here = t->dir, .apply = true};
    CHECK_OK(verb_migrate(&world->ws, &request, &done, &t->err));
    CHECK_INT(plan_count(&done.plan, RESULT_FAST_FORWARD), 3);
    CHECK(done.backup);
    CHECK_TEXT(test_shell(t, "grep -h ^schema atlas/.weir/deployed.toml "
                             "home/collections/default/collection*.toml"),
               "schema = 1\nschema = 1\nschema = 1\n");
    CHECK_TEXT(world_statuses(world), statuses);
    CHECK_OK(verb_migrate(&world->ws, &request, &done, &t->err));
    CHECK_INT(done.plan.items.count, 0);
    (void)whole;
    world_close(world);
}

TEST(records_of_a_newer_weir_are_refused_and_the_rest_goes_on)
{
    World *world = six_states(t);
    test_write(t, "atlas/.weir/deployed.toml", "schema = 99\n");
    Migration done = world_migrate(world, true);
    CHECK_HAS(migration_text(world, &done), "skill:same atlas NEWER_FORMAT\n");
    CHECK_INT(plan_count(&done.plan, RESULT_FAST_FORWARD), 5);
    CHECK_TEXT(test_shell(t, "cat atlas/.weir/deployed.toml"), "schema = 99\n");
    test_write(t, "home/collections/default/collection.toml", "schema = 99\n");
    done = world_migrate(world, true);
    CHECK_HAS(migration_text(world, &done), "home/collections/default collection NEWER_FORMAT\n");
    world_close(world);
}
