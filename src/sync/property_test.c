/* Random histories over three tiers: what must hold after every step, whatever happened before. */
#include "base/buf.h"
#include "base/fs.h"
#include "sync/fixture_test.h"

static const char *const tier_folders[] = {"up/skills/pdf", "home/collections/default/skills/pdf",
                                           "atlas/.claude/skills/pdf", "beta/.claude/skills/pdf"};
static const char *const files[] = {"SKILL.md", "notes.txt", "extra/a.md", "extra/b.md"};

/* Inserts a line that never was before at a random place, so that every edit can be found again. */
static void edit(Test *t, const char *folder, int serial)
{
    const char *path =
        arena_format(t->arena, "%s/%s", folder, files[test_below(t, COUNT_OF(files))]);
    Buf text = buf_new(t->arena);
    Str old = {0};
    bool found = false;
    CHECK_OK(fs_read_if_any(t->arena, t->dir_fd, str_of(path), 1 << 20, &found, &old, &t->err));
    size_t lines = 0;
    for (size_t i = 0; i < old.len; i++)
        lines += old.data[i] == '\n';
    size_t at = test_below(t, lines + 1);
    Str line;
    for (size_t i = 0; str_next(&old, '\n', &line); i++) {
        if (i == at)
            buf_format(&text, "edit %d\n", serial);
        buf_format(&text, "%.*s\n", STR_ARG(line));
    }
    if (at >= lines)
        buf_format(&text, "edit %d\n", serial);
    test_write(t, path, buf_text(&text));
}

static void random_edits(World *world, int *serial)
{
    Test *t = world->t;
    int count = (int)test_below(t, 3);
    for (int i = 0; i < count; i++)
        edit(t, tier_folders[1 + test_below(t, 3)], ++*serial);
    if (test_below(t, 3) == 0) {
        edit(t, tier_folders[0], ++*serial);
        upstream_commit(world, "stamp", arena_format(t->arena, "%d\n", *serial),
                        arena_format(t->arena, "v1.%d.0", *serial));
    }
}

static const char *tokens(Test *t, const char *folder)
{
    return test_shell(t, "grep -rhoE '^edit [0-9]+' '%s' | sort -u", folder);
}

static void check_all_kept(Test *t, const char *before, const char *after)
{
    Str all = str_of(before);
    Str line;
    while (str_next(&all, '\n', &line))
        CHECK_HAS(arena_format(t->arena, "\n%s", after),
                  arena_format(t->arena, "\n%.*s\n", STR_ARG(line)));
}

static void random_verb(World *world, bool apply)
{
    Test *t = world->t;
    static const char *const projects[] = {"atlas", "beta"};
    const char *project = projects[test_below(t, 2)];
    PendingMerges pending;
    CHECK_OK(pending_list(&world->ws, &pending, &t->err));
    if (pending.count) {
        const PendingMerge *one = &pending.items[test_below(t, pending.count)];
        ResolveResult result;
        ResolveRequest request = {.artifact = "pdf",
                                  .project = one->project,
                                  .project_given = one->project != NULL,
                                  .take = SIDE_BOTH,
                                  .apply = apply};
        if (verb_resolve(&world->ws, &request, &result, &t->err))
            return;
        CHECK_INT(t->err.code, ERR_USAGE); /* not all conflicts are text */
        request.abort = true;
        CHECK_OK(verb_resolve(&world->ws, &request, &result, &t->err));
        return;
    }
    switch (test_below(t, 4)) {
    case 0:
        (void)world_pull(world, "pdf", project, apply);
        break;
    case 1:
        (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, apply);
        break;
    case 2:
        (void)world_sync(world, "pdf", SYNC_PROJECT, project, apply);
        break;
    default:
        (void)world_sync(world, "pdf", SYNC_BOTH, NULL, apply);
        break;
    }
}

static void one_history(World *world, int steps, int *serial)
{
    Test *t = world->t;
    for (int step = 0; step < steps; step++) {
        const char *held[COUNT_OF(tier_folders)];
        random_edits(world, serial);
        (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, false); /* learns what upstream has */
        const char *timed = world_picture(world, true);
        const char *plain = world_picture(world, false);
        const char *statuses = world_statuses(world);
        for (size_t i = 0; i < COUNT_OF(tier_folders); i++)
            held[i] = tokens(t, tier_folders[i]);

        uint64_t same_chance = test_random(t);
        test_reseed(t, same_chance);
        random_verb(world, false);
        CHECK_TEXT(world_picture(world, true), timed);
        CHECK_TEXT(world_statuses(world), statuses);

        Operations before;
        Operations after;
        before = world_log(world, NULL, 1);
        test_reseed(t, same_chance);
        random_verb(world, true);
        after = world_log(world, NULL, 1);
        for (size_t i = 0; i < COUNT_OF(tier_folders); i++)
            check_all_kept(t, held[i], tokens(t, tier_folders[i]));
        bool wrote = !str_equal(before.items[0].id, after.items[0].id);
        if (!wrote || test_below(t, 2))
            continue;
        Plan undone = world_undo(world, true);
        CHECK(plan_result(&undone) != RESULT_CONFLICT);
        CHECK_TEXT(world_picture(world, false), plain);
        CHECK_TEXT(world_statuses(world), statuses);
    }
}

TEST(no_history_loses_an_edit_and_undo_is_the_exact_inverse)
{
    int serial = 0;
    for (int round = 0; round < test_rounds(3); round++) {
        (void)test_shell(t, "rm -rf up home atlas beta");
        World *world = world_new(t);
        (void)world_add(world, "skills/pdf", "latest");
        (void)world_deploy(world, "pdf", "atlas");
        (void)world_deploy(world, "pdf", "beta");
        one_history(world, 12, &serial);
        world_close(world);
    }
}
