#include <string.h>

#include "base/fs.h"
#include "sync/fixture_test.h"

#define GIT "git -c user.name=t -c user.email=t@t -c init.defaultBranch=main "
#define COLLECTION "home/collections/default"

/* skill:pdf in atlas and in the collection, both edited since their base; the collection is a git repository
 * whose history holds that base. */
static World *diverged(Test *t, bool with_pack)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", NULL);
    ArtifactRequest request = {.apply = true, .base_pack = with_pack};
    Plan plan;
    ARRAY_PUSH(t->arena, &request.artifacts, STR("skill:pdf"));
    request.project = project_path(world, "atlas");
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    (void)test_shell(t, "cd " COLLECTION " && " GIT "init -q && " GIT "add -A && " GIT
                        "commit -qm base && sed -i s/one/ONE/ skills/pdf/SKILL.md && " GIT
                        "commit -qam edit && cd - && sed -i s/seven/SEVEN/ "
                        "atlas/.claude/skills/pdf/SKILL.md && mv up up.gone");
    return world;
}

/* Another machine: no database, no store, no cache. */
static void lose_home(World *world)
{
    Test *t = world->t;
    world_close(world);
    (void)test_shell(t, "rm -rf home/objects.db* home/weir.db* home/cache");
    Workspace *ws = &world->ws;
    CHECK_OK(fs_open_root(ws->home, &ws->home_fd, &t->err));
    CHECK_OK(db_open(t->arena, ws->home, DB_RECORDS, &ws->db, &t->err));
    CHECK_OK(store_open(t->arena, ws->home, &ws->store, &t->err));
    CHECK_OK(git_open(t->arena, ws->home, &(GitSettings){0}, &ws->git, &t->err));
}

static PlanItem sync_atlas(World *world, bool two_way, bool apply)
{
    Test *t = world->t;
    Plan plan;
    SyncRequest request = {.direction = SYNC_PROJECT};
    request.what = (ArtifactRequest){.apply = apply, .two_way = two_way};
    ARRAY_PUSH(t->arena, &request.what.artifacts, STR("skill:pdf"));
    request.what.project = project_path(world, "atlas");
    CHECK_OK(verb_sync(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan.items.count, 1);
    return plan.items.items[0];
}

static void check_merges(World *world)
{
    Test *t = world->t;
    PlanItem item = sync_atlas(world, false, true);
    CHECK_INT(item.error.code, ERR_NONE);
    CHECK_INT(item.result, RESULT_MERGED);
    CHECK_TEXT(test_shell(t, "grep -c 'ONE\\|SEVEN' atlas/.claude/skills/pdf/SKILL.md"), "2\n");
}

TEST(finds_a_base_in_the_history_of_the_collections_own_repository)
{
    World *world = diverged(t, false);
    lose_home(world);
    check_merges(world);
    world_close(world);
}

TEST(finds_a_base_on_a_branch_that_only_the_remote_had_at_the_last_fetch)
{
    World *world = diverged(t, false);
    (void)test_shell(t,
                     "cd " COLLECTION " && " GIT "update-ref refs/remotes/origin/x HEAD~1 && " GIT
                     "checkout -q --orphan fresh && " GIT "add -A && " GIT
                     "commit -qm fresh && " GIT "branch -D main && " GIT "pack-refs --all");
    lose_home(world);
    check_merges(world);
    world_close(world);
}

TEST(fetches_the_collections_remote_for_a_base_that_is_nowhere_on_this_machine)
{
    World *world = diverged(t, false);
    (void)test_shell(t, GIT "clone -q --bare " COLLECTION " team.git && cd " COLLECTION
                            " && rm -rf .git && " GIT "init -q && " GIT
                            "remote add origin $(cd ../../.. && pwd)/team.git");
    lose_home(world);
    check_merges(world);
    world_close(world);
}

/* Hooks, filters, fsmonitor, an alias, an editor: whatever the repository's own configuration would run. */
TEST(runs_nothing_that_the_collections_repository_configures)
{
    World *world = diverged(t, false);
    (void)test_shell(
        t,
        "cd " COLLECTION " && evil=\"$(cd ../../.. && pwd)/evil\" && printf '#!/bin/sh\\ntouch "
        "%%s.ran\\ncat\\n' \"$evil\" > \"$evil\" && chmod +x \"$evil\" && "
        "git config core.fsmonitor \"$evil\" && git config core.hooksPath . && "
        "git config filter.x.smudge \"$evil\" && git config filter.x.clean \"$evil\" && "
        "git config core.pager \"$evil\" && git config core.alternateRefsCommand \"$evil\" && "
        "git config uploadpack.packObjectsHook \"$evil\" && git config diff.external \"$evil\" && "
        "echo '* filter=x' > .git/info/attributes && cp \"$evil\" .git/hooks/post-checkout && "
        "rm -f \"$evil.ran\"");
    const char *before =
        test_shell(t, "cd " COLLECTION "/.git && find . -printf '%%p %%T@\\n' | sort");
    lose_home(world);
    check_merges(world);
    CHECK_TEXT(test_shell(t, "ls evil.ran 2>&1 | grep -c 'No such'"), "1\n");
    CHECK_TEXT(test_shell(t, "cd " COLLECTION "/.git && find . -printf '%%p %%T@\\n' | sort"),
               before);
    world_close(world);
}

TEST(finds_a_base_in_the_projects_base_pack)
{
    World *world = diverged(t, true);
    (void)test_shell(t, "rm -rf " COLLECTION "/.git");
    lose_home(world);
    check_merges(world);
    world_close(world);
}

TEST(a_base_pack_with_a_flipped_byte_is_no_base)
{
    World *world = diverged(t, true);
    (void)test_shell(t, "rm -rf " COLLECTION "/.git; for f in atlas/.weir/base/blobs/*; do "
                        "printf x | dd of=$f bs=1 seek=3 conv=notrunc 2>/dev/null; done");
    lose_home(world);
    CHECK_INT(sync_atlas(world, false, false).error.code, ERR_BASE_NOT_FOUND);
    world_close(world);
}

TEST(a_base_that_is_nowhere_is_never_invented_and_nothing_is_written)
{
    World *world = diverged(t, false);
    (void)test_shell(t, "rm -rf " COLLECTION "/.git");
    lose_home(world);
    const char *before = world_picture(world, true);
    PlanItem item = sync_atlas(world, false, true);
    CHECK_INT(item.result, RESULT_ERROR);
    CHECK_INT(item.error.code, ERR_BASE_NOT_FOUND);
    CHECK(str_search(str_of(item.error.hint), STR("--two-way")) != STR_NONE);
    CHECK_TEXT(world_picture(world, true), before);
    world_close(world);
}

TEST(without_a_base_every_difference_is_a_place_to_decide)
{
    World *world = diverged(t, false);
    (void)test_shell(t,
                     "rm -rf " COLLECTION "/.git; echo mine > atlas/.claude/skills/pdf/mine.txt; "
                     "rm atlas/.claude/skills/pdf/notes.txt");
    lose_home(world);
    PlanItem item = sync_atlas(world, true, true);
    CHECK_INT(item.result, RESULT_CONFLICT);
    CHECK_INT(item.conflicts.count, 3);
    CHECK_TEXT(arena_text(t->arena, item.conflicts.items[0].path), "SKILL.md");
    CHECK_INT(item.conflicts.items[0].merge.regions.count, 2);
    CHECK_OK(project_add(&world->ws, project_path(world, "atlas"), &t->err));
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "conflict");
    (void)world_resolve(world, "skill:pdf", "atlas", "SKILL.md", SIDE_COLLECTION, true);
    (void)world_resolve(world, "skill:pdf", "atlas", "mine.txt", SIDE_PROJECT, true);
    ResolveResult last =
        world_resolve(world, "skill:pdf", "atlas", "notes.txt", SIDE_PROJECT, true);
    CHECK(last.finished);
    CHECK_TEXT(test_shell(t, "cd atlas/.claude/skills/pdf && ls && grep -c 'ONE\\|SEVEN' SKILL.md"),
               "SKILL.md\nmine.txt\nrun.sh\n1\n");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "modified");
    world_close(world);
}

static const char *pack_list(Test *t)
{
    return test_shell(t, "cd atlas/.weir/base && find . -type f | LC_ALL=C sort");
}

TEST(every_apply_that_moves_a_base_moves_its_pack_and_undo_puts_it_back)
{
    World *world = diverged(t, true);
    (void)test_shell(t, "mv up.gone up");
    const char *first = pack_list(t);
    const char *before = world_picture(world, false);
    check_merges(world);
    const char *second = pack_list(t);
    CHECK(!str_equal(str_of(first), str_of(second)));
    (void)world_undo(world, true);
    CHECK_TEXT(pack_list(t), first);
    CHECK_TEXT(world_picture(world, false), before);
    world_close(world);
}

TEST(a_pack_only_grows_in_passing_and_is_trimmed_when_asked)
{
    World *world = diverged(t, true);
    const char *first = pack_list(t);
    ArtifactRequest request = {.apply = true, .base_pack = true, .all = true, .overwrite = true};
    Plan plan;
    request.project = project_path(world, "atlas");
    check_merges(world);
    const char *grown = pack_list(t);
    for (Str rest = str_of(first), line; str_next(&rest, '\n', &line);)
        CHECK(str_search(str_of(grown), line) != STR_NONE);
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    CHECK(strlen(pack_list(t)) < strlen(grown));
    world_close(world);
}

TEST(undo_of_the_deployment_takes_the_pack_away_and_leaves_no_folder)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", NULL);
    const char *before = world_picture(world, false);
    ArtifactRequest request = {.apply = true, .base_pack = true, .all = true};
    Plan plan;
    request.project = project_path(world, "atlas");
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    CHECK(str_search(str_of(pack_list(t)), STR("trees/")) != STR_NONE);
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), before);
    world_close(world);
}

TEST(a_pack_can_be_taken_out_and_strangers_files_stay)
{
    World *world = diverged(t, true);
    ArtifactRequest request = {.apply = true, .no_base_pack = true};
    Plan plan;
    ARRAY_PUSH(t->arena, &request.artifacts, STR("skill:pdf"));
    request.project = project_path(world, "atlas");
    (void)test_shell(t, "echo hi > atlas/.weir/base/trees/README; "
                        "cp " COLLECTION "/skills/pdf/SKILL.md atlas/.claude/skills/pdf/SKILL.md");
    CHECK_OK(verb_deploy(&world->ws, &request, &plan, &t->err));
    CHECK_TEXT(test_shell(t, "cd atlas/.weir && find . -type f | LC_ALL=C sort"),
               "./base/trees/README\n./deployed.toml\n");
    world_close(world);
}
