/* Reading ahead changes nothing but the time: what the verbs say is compared with one thread's work. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "sync/fixture_test.h"

enum { MANY = LIMIT_BATCH_ARTIFACTS + 20, ONE = 1, SEVERAL = 5 };

static const char *const projects[] = {"atlas", "beta", "gamma", "delta"};

static void deploy_everywhere(World *world)
{
    (void)test_shell(world->t, "mkdir -p gamma delta");
    (void)world_add(world, "skills/*", "latest");
    for (size_t i = 0; i < COUNT_OF(projects); i++)
        (void)world_deploy(world, NULL, projects[i]);
}

static void add_changes(Buf *out, const FileChanges *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        buf_format(out, " %.*s", STR_ARG(changes->items[i].path));
}

static const char *drift_text(World *world, int threads)
{
    Test *t = world->t;
    Drift drift = {0};
    DriftRequest request = {.all_projects = true};
    Buf out = buf_new(t->arena);
    world->ws.read_threads = threads;
    CHECK_OK(verb_drift(&world->ws, &request, &drift, &t->err));
    for (size_t i = 0; i < drift.items.count; i++) {
        const DriftItem *item = &drift.items.items[i];
        buf_format(&out, "%.*s %s %s %s %s %d %s", STR_ARG(item->artifact),
                   item->project ? item->project : "", sync_status_names[item->status.status],
                   hash_hex(&item->lower).text, hash_hex(&item->upper).text, item->status.missing,
                   item->error.code ? item->error.message : "");
        add_changes(&out, &item->changes);
        buf_add_char(&out, '\n');
    }
    return buf_text(&out);
}

static const char *plan_text(World *world, int threads, SyncDirection direction)
{
    Test *t = world->t;
    Plan plan = {0};
    SyncRequest request = {.what = {.all = true}, .direction = direction};
    Buf out = buf_new(t->arena);
    world->ws.read_threads = threads;
    CHECK_OK(verb_sync(&world->ws, &request, &plan, &t->err));
    for (size_t i = 0; i < plan.items.count; i++) {
        const PlanItem *item = &plan.items.items[i];
        buf_format(&out, "%.*s %s %s %s %s %zu %s", STR_ARG(item->artifact),
                   item->project ? item->project : "", item_result_names[item->result],
                   hash_hex(&item->target).text, hash_hex(&item->after).text, item->conflicts.count,
                   item->error.code ? item->error.message : "");
        add_changes(&out, &item->changes);
        buf_add_char(&out, '\n');
    }
    return buf_text(&out);
}

static void check_alike(World *world, size_t least_bytes)
{
    Test *t = world->t;
    for (int warm = 0; warm < 2; warm++) {
        const char *alone = drift_text(world, ONE);
        if (!warm)
            (void)test_shell(t, "rm -rf home/cache/stat");
        CHECK_TEXT(drift_text(world, SEVERAL), alone);
        CHECK(strlen(alone) > least_bytes);
    }
    CHECK_TEXT(plan_text(world, SEVERAL, SYNC_BOTH), plan_text(world, ONE, SYNC_BOTH));
    CHECK_TEXT(plan_text(world, SEVERAL, SYNC_PROJECT), plan_text(world, ONE, SYNC_PROJECT));
}

TEST(several_readers_say_what_one_says_of_every_misfortune)
{
    World *world = world_new(t);
    deploy_everywhere(world);
    upstream_commit(world, "skills/pdf/SKILL.md", "newer\n", "v1.1.0");
    (void)test_shell(t, "echo more >>atlas/.claude/skills/pdf/SKILL.md && "
                        "rm -r beta/.claude/skills/pdf && "
                        "rm beta/.claude/skills/doc/SKILL.md && "
                        "mkfifo gamma/.claude/skills/doc/pipe && "
                        "ln -s /etc/passwd delta/.claude/skills/pdf/out && "
                        "echo x >delta/.claude/skills/doc/A && echo x >delta/.claude/skills/doc/a");
    check_alike(world, 1000);
    const char *statuses = drift_text(world, SEVERAL);
    CHECK_HAS(statuses, "neither a file");
    CHECK_HAS(statuses, "one name where case");
    (void)test_shell(t, "mv gamma gone && echo broken >delta/.weir/deployed.toml");
    check_alike(world, 1000);
    world_close(world);
}

TEST(several_readers_of_more_than_a_batch_read_it_as_one_does_and_write_the_same)
{
    World *world = world_new(t);
    (void)test_shell(t,
                     "cd up && rm -rf skills commands && for i in $(seq 100 %d); do mkdir -p "
                     "skills/s$i && echo text >skills/s$i/SKILL.md; done",
                     100 + MANY - 1);
    upstream_commit(world, "stamp", "many\n", "v2.0.0");
    world->ws.read_threads = SEVERAL;
    deploy_everywhere(world);
    for (size_t i = 0; i < COUNT_OF(projects); i++)
        CHECK_TEXT(test_shell(t, "diff -r up/skills %s/.claude/skills && echo same", projects[i]),
                   "same\n");
    (void)test_shell(t, "for f in atlas/.claude/skills/s*5/SKILL.md "
                        "delta/.claude/skills/s*5/SKILL.md up/skills/s*0/SKILL.md;"
                        " do echo more >>$f; done");
    upstream_commit(world, "stamp", "more\n", "v2.1.0");
    check_alike(world, MANY * 100);
    (void)world_sync(world, NULL, SYNC_BOTH, NULL, true);
    CHECK_TEXT(test_shell(t, "diff -r up/skills gamma/.claude/skills && echo same"), "same\n");
    world_close(world);
}
