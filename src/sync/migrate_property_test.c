/* Random SkillMeat worlds: what must hold of every migration, whatever lay there. */
#include "base/buf.h"
#include "sync/migrate_world_test.h"

enum { SKILLS = 7 };

/* What the rule of old says of one deployment, by the hashes alone. */
typedef struct {
    const char *deployed, *above, *below; /* NULL: nothing there */
} OldState;

static const char *expected(const OldState *state)
{
    bool moved = !state->above || !str_equal(str_of(state->above), str_of(state->deployed));
    bool edited = !state->below || !str_equal(str_of(state->below), str_of(state->deployed));
    if (!state->above)
        return edited ? "diverged removed" : "outdated removed";
    if (state->below && str_equal(str_of(state->above), str_of(state->below)))
        return "synced";
    if (!state->below)
        return moved ? "diverged missing" : "modified missing";
    return !edited ? "outdated" : moved ? "diverged" : "modified";
}

static void random_file(Test *t, const char *folder)
{
    static const char *const names[] = {"SKILL.md", "a/b.txt", "a.txt", "deep/er/x", "__init__.py"};
    const char *name = names[test_below(t, COUNT_OF(names))];
    const char *text = arena_format(t->arena, "%llu\r\n\xff", (unsigned long long)test_random(t));
    test_write_bytes(t, arena_format(t->arena, "%s/%s", folder, name), str_of(text),
                     test_below(t, 4) ? 0644 : 0755);
}

static const char *hash_or_null(Test *t, const char *path)
{
    const char *there = test_shell(t, "[ -e %s ] && echo yes; true", path);
    return *there ? old_hash_at(t, path) : NULL;
}

static void random_life(Test *t, const char *home, const char *there)
{
    switch (test_below(t, 6)) {
    case 0:
        random_file(t, home);
        break;
    case 1:
        random_file(t, there);
        break;
    case 2:
        random_file(t, home);
        random_file(t, there);
        break;
    case 3:
        (void)test_shell(t, "rm -r %s", test_below(t, 2) ? home : there);
        break;
    case 4:
        random_file(t, home); /* both alike */
        (void)test_shell(t, "rm -r %s && cp -r %s %s", there, home, there);
        break;
    default:
        break;
    }
}

typedef struct {
    Buf manifest, deployed, expected;
} OldWorldText;

static void random_skill(Test *t, const char *name, OldWorldText *out)
{
    const char *home = arena_format(t->arena, OLD_COLLECTION "/skills/%s", name);
    const char *there = arena_format(t->arena, "atlas/.claude/skills/%s", name);
    const char *path = arena_format(t->arena, "skills/%s", name);
    for (size_t files = 1 + test_below(t, 4); files; files--)
        random_file(t, home);
    (void)test_shell(t, "mkdir -p atlas/.claude/skills && cp -r %s %s", home, there);
    OldState state = {.deployed = old_hash_at(t, home)};
    random_life(t, home, there);
    state.above = hash_or_null(t, home);
    state.below = hash_or_null(t, there);
    buf_add_text(&out->manifest, old_artifact(t, "skill", name, path, ""));
    buf_add_text(&out->deployed, old_deployment(t, "skill", name, path, state.deployed));
    buf_format(&out->expected, "skill:%s atlas %s\n", name, expected(&state));
}

TEST(every_migration_keeps_all_bytes_and_reads_as_the_old_hashes_say)
{
    for (int round = 0; round < test_rounds(12); round++) {
        (void)test_shell(t, "rm -rf up home atlas beta old");
        World *world = world_new(t);
        OldWorldText text = {buf_new(t->arena), buf_new(t->arena), buf_new(t->arena)};
        (void)test_shell(t, "mkdir -p " OLD_COLLECTION);
        for (size_t i = 0; i < SKILLS; i++)
            random_skill(t, arena_format(t->arena, "s%zu", i), &text);
        test_write(t, OLD_COLLECTION "/collection.toml", buf_text(&text.manifest));
        test_write(t, "atlas/.claude/.skillmeat-deployed.toml", buf_text(&text.deployed));
        const char *old = old_picture(world);
        const char *before = world_picture(world, true);
        const char *plain = world_picture(world, false);

        Migration plan = world_migrate(world, false);
        CHECK_TEXT(world_picture(world, true), before);
        Migration done = world_migrate(world, true);
        CHECK_TEXT(migration_text(world, &done), migration_text(world, &plan));
        CHECK_TEXT(old_picture(world), old);
        CHECK_TEXT(test_shell(t, "diff -r " OLD_COLLECTION "/skills "
                                 "home/collections/default/skills && echo same"),
                   "same\n");
        CHECK_TEXT(world_statuses(world), buf_text(&text.expected));

        const char *after = world_picture(world, true);
        Migration again = world_migrate(world, true);
        CHECK_INT(plan_count(&again.plan, RESULT_FAST_FORWARD), 0);
        CHECK_TEXT(world_picture(world, true), after);
        (void)world_undo(world, true);
        CHECK_TEXT(world_picture(world, false), plain);
        CHECK_TEXT(old_picture(world), old);
        world_close(world);
    }
}
