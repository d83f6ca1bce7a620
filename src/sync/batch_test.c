/* Batches: what fails leaves, the rest is written exactly. */
#include "base/fs.h"
#include "base/limits.h"
#include "base/process.h"
#include "sync/fixture_test.h"
#include "sync/select.h"
#include "sync/settle.h"
#include "sync/update.h"

enum { MANY = LIMIT_BATCH_ARTIFACTS + 7 };

static void many_upstreams(World *world, int count)
{
    (void)test_shell(
        world->t,
        "cd up && rm -rf skills commands && for i in $(seq 100 %d); do mkdir -p "
        "skills/s$i && printf 'one\\ntwo\\nthree\\nfour\\nfive\\n' >skills/s$i/SKILL.md; "
        "done",
        100 + count - 1);
    upstream_commit(world, "stamp", "many\n", "v2.0.0");
}

static Plan update_all(World *world, bool apply)
{
    Test *t = world->t;
    Plan plan = {0};
    UpdateRequest request = {.what = {.all = true, .apply = apply}};
    CHECK_OK(verb_update(&world->ws, &request, &plan, &t->err));
    return plan;
}

static const char *in_collection(Test *t, int i)
{
    return arena_format(t->arena, "home/collections/default/skills/s%d/SKILL.md", i);
}

TEST(more_than_a_batch_is_one_operation_that_one_undo_takes_back)
{
    World *world = world_new(t);
    many_upstreams(world, MANY);
    (void)world_add(world, "skills/*", "latest");
    const char *before = world_picture(world, false);
    (void)test_shell(t, "cd up && for f in skills/*/SKILL.md; do echo six >>$f; done");
    upstream_commit(world, "stamp", "more\n", "v2.1.0");
    Plan plan = update_all(world, true);
    CHECK_INT(plan_count(&plan, RESULT_FAST_FORWARD), MANY);
    CHECK_TEXT(test_shell(t, "diff -r up/skills home/collections/default/skills && echo same"),
               "same\n");
    Operations operations;
    operations = world_log(world, NULL, 0);
    CHECK_INT(operations.count, 2);
    CHECK_INT(operations.items[0].artifacts.count, MANY);
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), before);
    world_close(world);
}

TEST(all_that_is_taken_out_in_batches_is_taken_out)
{
    World *world = world_new(t);
    many_upstreams(world, MANY);
    (void)world_add(world, "skills/*", "latest");
    (void)world_deploy(world, NULL, "atlas");
    Plan plan = {0};
    ArtifactRequest request = {.all = true, .apply = true, .project = project_path(world, "atlas")};
    CHECK_OK(verb_undeploy(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan_count(&plan, RESULT_FAST_FORWARD), MANY);
    CHECK_TEXT(test_shell(t, "ls -A atlas"), ".weir\n");
    request.project = NULL;
    CHECK_OK(verb_remove(&world->ws, &request, &plan, &t->err));
    CHECK_INT(plan_count(&plan, RESULT_FAST_FORWARD), MANY);
    ArtifactList left;
    CHECK_OK(collection_list(&world->ws, &left, &t->err));
    CHECK_INT(left.count, 0);
    world_close(world);
}

/* ── a planner whose artifacts fail while they are carried out ── */

typedef enum { FINE, NO_CONTENT, RACES } Fate;

typedef struct {
    World *world;
    const Fate *fates;
    int plans;
} Fates;

/* Each artifact's SKILL.md becomes another text, which one fate does not hand over. */
static bool plan_one(Draft *draft, PlanItem *item, Root *root, Fate fate, Error *err)
{
    Workspace *ws = draft->ws;
    Str text = str_of(arena_format(ws->arena, "new text of %.*s\n", STR_ARG(item->artifact)));
    TreeSide before;
    if (!draft_check_item(draft, item, err) ||
        !draft_snapshot(draft, root, item->path, &before, err))
        return false;
    TreeSide after = before;
    after.tree = (Tree){0};
    TreeEntry entry = before.tree.items[0];
    entry.hash = hash_of(text);
    ARRAY_PUSH(ws->arena, &after.tree, entry);
    after.hash = tree_hash(&after.tree);
    item->result = RESULT_FAST_FORWARD;
    item->record_only = true;
    if (fate != NO_CONTENT)
        ARRAY_PUSH(ws->arena, &draft->blobs, ((NewBlob){entry.hash, text}));
    TreeChange change = {.root = root,
                         .artifact = item->artifact,
                         .path = item->path,
                         .before = before,
                         .after = after,
                         .group = draft_group(draft, item)};
    ARRAY_PUSH(ws->arena, &draft->changes, change);
    return true;
}

static bool plan_fates(Draft *draft, void *context, Error *err)
{
    Fates *fates = context;
    ArtifactList part;
    ArtifactRequest all = {.all = true};
    fates->plans++;
    if (!select_batch(draft, &all, &part, err))
        return false;
    for (size_t i = 0; i < part.count; i++) {
        Error failed = {0};
        PlanItem *item = draft_item(draft, part.items[i]->id, EDGE_UPSTREAM, NULL);
        item->path = part.items[i]->path;
        Fate fate = fates->fates[i];
        if (!plan_one(draft, item, draft->session->collection, fate, &failed) &&
            !draft_failed(draft, item, &failed, err))
            return false;
        if (fate == RACES)
            test_write(fates->world->t, in_collection(fates->world->t, 100 + (int)i),
                       arena_format(draft->ws->arena, "saved %d\n", fates->plans));
    }
    return true;
}

TEST(whatever_fails_while_it_is_carried_out_leaves_the_batch_and_the_rest_is_exact)
{
    enum { COUNT = 12 };
    for (int round = 0; round < test_rounds(4); round++) {
        Fate fates[COUNT];
        (void)test_shell(t, "rm -rf up home atlas beta");
        World *world = world_new(t);
        many_upstreams(world, COUNT);
        (void)world_add(world, "skills/*", "latest");
        size_t good = 0;
        for (size_t i = 0; i < COUNT; i++) {
            fates[i] = test_below(t, 3) ? FINE : 1 + (Fate)test_below(t, 2);
            good += fates[i] == FINE;
        }
        Fates context = {world, fates, 0};
        Plan plan = {0};
        DraftRun run = {.plan_it = plan_fates, .context = &context, .apply = true};
        run.session.write_collection = true;
        CHECK_OK(draft_run(&world->ws, &run, &plan, &t->err));
        CHECK_INT(plan_count(&plan, RESULT_FAST_FORWARD), good);
        for (size_t i = 0; i < COUNT; i++) {
            Str now = test_read(t, in_collection(t, 100 + (int)i));
            const PlanItem *item = &plan.items.items[i];
            if (fates[i] == FINE)
                CHECK_STR(now, str_of(arena_format(t->arena, "new text of %.*s\n",
                                                   STR_ARG(item->artifact))));
            else if (fates[i] == NO_CONTENT)
                CHECK_STR(now, STR("one\ntwo\nthree\nfour\nfive\n"));
            else
                CHECK_STR(now, str_of(arena_format(t->arena, "saved %d\n", context.plans)));
            CHECK_INT(item->error.code == ERR_NONE, fates[i] == FINE);
            if (fates[i] == RACES)
                CHECK_INT(item->error.code, ERR_CHANGED);
        }
        world_close(world);
    }
}

/* ── real verbs, random misfortune ── */

typedef enum { FORWARD, MERGES, CLASHES, GONE, LOCKED, QUIET, MISFORTUNES } Misfortune;

static void befall(World *world, int i, Misfortune what)
{
    Test *t = world->t;
    const char *mine = in_collection(t, i);
    const char *theirs = arena_format(t->arena, "up/skills/s%d/SKILL.md", i);
    if (what != QUIET)
        test_write(t, theirs, "ONE\ntwo\nthree\nfour\nfive\n");
    if (what == MERGES)
        test_write(t, mine, "one\ntwo\nthree\nfour\nFIVE\n");
    if (what == CLASHES)
        test_write(t, mine, "Eins\ntwo\nthree\nfour\nfive\n");
    if (what == GONE)
        (void)test_shell(t, "rm -r $(dirname %s)", mine);
    if (what != LOCKED)
        return;
    ArtifactLocks out;
    LockRequest request = {0};
    ARRAY_PUSH(t->arena, &request.artifacts, str_of(arena_format(t->arena, "s%d", i)));
    CHECK_OK(verb_lock(&world->ws, &request, &out, &t->err));
}

static void check_after(World *world, int i, Misfortune what, const PlanItem *item)
{
    Test *t = world->t;
    static const ItemResult results[] = {
        [FORWARD] = RESULT_FAST_FORWARD, [MERGES] = RESULT_MERGED, [CLASHES] = RESULT_CONFLICT,
        [GONE] = RESULT_ERROR,           [LOCKED] = RESULT_ERROR,  [QUIET] = RESULT_UP_TO_DATE};
    static const char *const texts[] = {
        [FORWARD] = "ONE\ntwo\nthree\nfour\nfive\n",  [MERGES] = "ONE\ntwo\nthree\nfour\nFIVE\n",
        [CLASHES] = "Eins\ntwo\nthree\nfour\nfive\n", [LOCKED] = "one\ntwo\nthree\nfour\nfive\n",
        [QUIET] = "one\ntwo\nthree\nfour\nfive\n",
    };
    CHECK_INT(item->result, results[what]);
    if (what != GONE)
        CHECK_STR(test_read(t, in_collection(t, i)), str_of(texts[what]));
    else
        CHECK(!fs_exists(arena_format(t->arena, "%s/%s", t->dir, in_collection(t, i))));
}

TEST(in_a_random_bulk_each_artifact_gets_just_what_it_would_alone)
{
    enum { COUNT = 15 };
    for (int round = 0; round < test_rounds(4); round++) {
        Misfortune fates[COUNT];
        (void)test_shell(t, "rm -rf up home atlas beta");
        World *world = world_new(t);
        many_upstreams(world, COUNT);
        (void)world_add(world, "skills/*", "latest");
        for (int i = 0; i < COUNT; i++)
            befall(world, 100 + i, fates[i] = (Misfortune)test_below(t, MISFORTUNES));
        upstream_commit(world, "stamp", "next\n", "v2.1.0");
        Plan dry = update_all(world, false);
        Plan plan = update_all(world, true);
        CHECK_INT(dry.items.count, COUNT);
        CHECK_INT(plan.items.count, COUNT);
        for (int i = 0; i < COUNT; i++) {
            CHECK_INT(dry.items.items[i].result, plan.items.items[i].result);
            check_after(world, 100 + i, fates[i], &plan.items.items[i]);
        }
        world_close(world);
    }
}
