#include <string.h>

#include "sync/fixture_test.h"

#define GIT "git -c user.name=t -c user.email=t@t -c init.defaultBranch=main "
#define COLLECTION "home/collections/default"

/* The collection in the middle of a merge that touches SKILL.md of skill:pdf; skill:doc is not part of it. */
static World *merging(Test *t, const char *merge)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/*", NULL);
    (void)world_deploy(world, NULL, "atlas");
    (void)test_shell(t,
                     "cd " COLLECTION " && " GIT "init -q && " GIT "add -A && " GIT
                     "commit -qm base && " GIT "checkout -qb other && sed -i s/one/THEIRS/ "
                     "skills/pdf/SKILL.md && " GIT "commit -qam theirs && " GIT
                     "checkout -q main && sed -i s/one/OURS/ skills/pdf/SKILL.md && " GIT
                     "commit -qam ours && { " GIT "%s other >/dev/null 2>&1 || :; } && grep -q "
                     "'<<<<<<<' skills/pdf/SKILL.md",
                     merge);
    return world;
}

TEST(a_file_that_git_left_in_conflict_is_nobodys_content)
{
    static const char *const ways[] = {"merge -q", "cherry-pick", "rebase -q"};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        (void)test_shell(t, "rm -rf home atlas beta up");
        World *world = merging(t, ways[i]);
        const char *before = world_picture(world, true);
        CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "GIT_UNMERGED");
        CHECK_TEXT(world_status(world, "skill:doc", "atlas"), "synced");
        Plan plan = world_sync(world, NULL, SYNC_PROJECT, "atlas", true);
        CHECK_INT(plan_count(&plan, RESULT_ERROR), 1);
        CHECK_TEXT(world_picture(world, true), before);
        (void)test_shell(t,
                         "cd " COLLECTION " && sed -i -e '/^[<=>]\\{7\\}/d' skills/pdf/SKILL.md && "
                         "git add skills");
        CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "outdated");
        world_close(world);
    }
}

TEST(the_next_step_is_named)
{
    World *world = merging(t, "merge -q");
    Plan plan = world_sync(world, "skill:pdf", SYNC_PROJECT, "atlas", true);
    CHECK_INT(plan.items.items[0].error.code, ERR_GIT_UNMERGED);
    CHECK(strstr(plan.items.items[0].error.hint, "add skills/pdf/SKILL.md") != NULL);
    world_close(world);
}

/* Two people update to different versions: neither base is the other's ancestor, and the one of git's merge
 * base is a base of both. */
TEST(records_in_a_merge_of_git_go_back_to_the_base_both_sides_come_from)
{
    World *world = world_new(t);
    (void)world_add(world, "skills/pdf", NULL);
    (void)test_shell(t, "cd " COLLECTION " && " GIT "init -q && " GIT "add -A && " GIT
                        "commit -qm base && " GIT "branch other");
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\nbeta\ngamma\nUP2\n", "v2");
    (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    (void)test_shell(t, "cd " COLLECTION " && " GIT "commit -qam two && " GIT "checkout -q other");
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\nUP3\n", "v3");
    (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    (void)test_shell(
        t, "cd " COLLECTION " && " GIT "commit -qam three && { " GIT
           "merge -q main >/dev/null 2>&1 || :; } && grep -q '<<<<' collection.lock.toml");
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced");
    Plan plan = world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    CHECK_INT(plan_count(&plan, RESULT_ERROR), 0);
    CHECK_TEXT(test_shell(t, "grep -c '<<<<' " COLLECTION "/collection.lock.toml || :"), "0\n");
    CHECK_TEXT(test_shell(t, "grep -c 'base_hash' " COLLECTION "/collection.lock.toml"), "1\n");
    world_close(world);
}
