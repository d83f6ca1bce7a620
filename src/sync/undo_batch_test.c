/* Undo in several batches: still the exact inverse, wherever it is stopped and gone on with. */
#include "base/buf.h"
#include "base/process.h"
#include "sync/fixture_test.h"
#include "sync/history.h"
#include "sync/record_blocks.h"
#include "sync/session.h"
#include "sync/verify.h"

enum { COUNT = 11 };

#define COLLECTION "home/collections/default"

static const char *skill(Test *t, const char *root, int i)
{
    return arena_format(t->arena, "%s/skills/s%02d", root, i);
}

static void write_skill(Test *t, const char *root, int i, const char *first, const char *last)
{
    test_write(t, arena_format(t->arena, "%s/SKILL.md", skill(t, root, i)),
               arena_format(t->arena, "%s\ntwo\nthree\nfour\n%s\n", first, last));
}

static World *world_of_many(Test *t)
{
    (void)test_shell(t, "rm -rf up home atlas beta");
    World *world = world_new(t);
    (void)test_shell(t, "rm -r up/skills up/commands");
    for (int i = 0; i < COUNT; i++)
        write_skill(t, "up", i, "one", "five");
    upstream_commit(world, "stamp", "many\n", "v2.0.0");
    return world;
}

/* Each artifact gets its own fate: nothing, a fast-forward, a merge, a file more, a place that clashes. */
static void move_upstream(World *world, int serial)
{
    Test *t = world->t;
    const char *text = arena_format(t->arena, "ONE %d", serial);
    for (int i = 0; i < COUNT; i++) {
        uint64_t fate = test_below(t, 5);
        if (fate)
            write_skill(t, "up", i, text, "five");
        if (fate == 2)
            write_skill(t, "atlas/.claude", i, "one", "mine");
        if (fate == 3)
            test_write(t, arena_format(t->arena, "%s/more/new.md", skill(t, "up", i)), text);
        if (fate == 4)
            write_skill(t, "atlas/.claude", i, "eins", "five");
    }
    upstream_commit(world, "stamp", text, arena_format(t->arena, "v2.%d.0", serial));
}

static ArtifactRequest all_in(World *world, const char *project)
{
    return (ArtifactRequest){
        .all = true, .overwrite = true, .apply = true, .project = project_path(world, project)};
}

typedef enum { ADD, DEPLOY, SYNC, PULL, UNDEPLOY, REMOVE, VERBS } Verb;

/* What `verb` needs, then the verb. */
static void prepare(World *world, Verb verb, int serial)
{
    if (verb != ADD)
        (void)world_add(world, "skills/*", "latest");
    if (verb == SYNC || verb == PULL || verb == UNDEPLOY)
        (void)world_deploy(world, NULL, "atlas");
    if (verb == SYNC || verb == PULL)
        move_upstream(world, serial);
    if (verb == SYNC || verb == PULL)
        (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, false);
}

static void carry_out(World *world, Verb verb)
{
    Test *t = world->t;
    Plan plan;
    ArtifactRequest request = all_in(world, "atlas");
    world->ws.batch_artifacts = 1 + test_below(t, COUNT + 2);
    switch (verb) {
    case ADD:
        (void)world_add(world, "skills/*", "latest");
        break;
    case DEPLOY:
        (void)world_deploy(world, NULL, "beta");
        break;
    case SYNC:
        (void)world_sync(world, NULL, SYNC_BOTH, NULL, true);
        break;
    case PULL:
        (void)world_pull(world, NULL, "atlas", true);
        break;
    case UNDEPLOY:
        CHECK_OK(verb_undeploy(&world->ws, &request, &plan, &t->err));
        break;
    case REMOVE:
        request.project = NULL;
        CHECK_OK(verb_remove(&world->ws, &request, &plan, &t->err));
        break;
    case VERBS:
        break;
    }
    world->ws.batch_artifacts = 0;
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

/* ── an artifact as it stands: its files on all tiers and its blocks in all records ── */

static const char *const roots[] = {COLLECTION, "atlas/.claude", "beta/.claude"};
static const char *const records[] = {COLLECTION "/" COLLECTION_FILE,
                                      COLLECTION "/" COLLECTION_LOCK_FILE, "atlas/" DEPLOYED_FILE,
                                      "beta/" DEPLOYED_FILE};

static Str record_bytes(Test *t, const char *path)
{
    return str_of(test_shell(t, "cat %s 2>/dev/null || :", path));
}

static const char *state_of(World *world, int i)
{
    Test *t = world->t;
    Buf buf = buf_new(t->arena);
    Str id = str_of(arena_format(t->arena, "skill:s%02d", i));
    for (size_t r = 0; r < COUNT_OF(roots); r++)
        buf_add_text(
            &buf, test_shell(t, "cd %s 2>/dev/null && grep -rs '' skills/s%02d || :", roots[r], i));
    for (size_t r = 0; r < COUNT_OF(records); r++) {
        RecordDoc *doc = NULL;
        Str path = str_of(records[r]);
        CHECK_OK(record_doc_read(t->arena, path, record_bytes(t, records[r]), &doc, &t->err));
        buf_add(&buf, record_doc_block(t->arena, doc, id));
    }
    return buf_text(&buf);
}

static void states_of(World *world, const char *out[COUNT])
{
    for (int i = 0; i < COUNT; i++)
        out[i] = state_of(world, i);
}

/* How many are old again; each is old or new. */
static size_t count_old(World *world, const char *const old[COUNT], const char *const new[COUNT])
{
    size_t count = 0;
    for (int i = 0; i < COUNT; i++) {
        const char *now = state_of(world, i);
        bool is_old = str_equal(str_of(now), str_of(old[i]));
        count += is_old;
        if (!is_old)
            CHECK_TEXT(now, new[i]);
    }
    return count;
}

/* ── stopping on the way ── */

static void stop_before_batch(void *context, const Progress *progress)
{
    size_t *left = context;
    if (str_is(str_of(progress->phase), "apply") && (*left)-- == 0)
        interrupt_request();
}

static bool undo_stopped_after(World *world, size_t batches)
{
    Test *t = world->t;
    UndoResult result;
    UndoRequest request = {.apply = true};
    world->ws.progress = stop_before_batch;
    world->ws.notice_context = &batches;
    bool done = verb_undo_with(&world->ws, &request, &result, &t->err);
    interrupt_clear();
    world->ws.progress = NULL;
    world->ws.notice_context = NULL;
    if (!done)
        CHECK_INT(t->err.code, ERR_INTERRUPTED);
    return done;
}

static Operations log_of(World *world)
{
    Operations operations;
    operations = world_log(world, NULL, 0);
    return operations;
}

static void check_log_half(World *world, Str undone)
{
    Operations log = log_of(world);
    CHECK_STR(log.items[0].undoes, undone);
    CHECK(log.items[0].is_half_undone);
    CHECK_STR(log.items[1].id, undone);
    CHECK(log.items[1].is_half_undone);
    CHECK_INT(log.items[1].undone_by.len, 0);
}

static void check_log_done(World *world, Str undone)
{
    Operations log = log_of(world);
    for (size_t i = 0; i < log.count; i++)
        CHECK(!log.items[i].is_half_undone);
    CHECK_STR(log.items[0].undoes, undone);
    CHECK_STR(log.items[1].id, undone);
    CHECK_STR(log.items[1].undone_by, log.items[0].id);
}

/* How often it stood half done. */
static size_t stop_everywhere(World *world, Verb verb)
{
    size_t halves = 0;
    Test *t = world->t;
    const char *old[COUNT], *new[COUNT];
    states_of(world, old);
    const char *before = world_picture(world, false);
    const char *statuses = world_statuses(world);
    carry_out(world, verb);
    states_of(world, new);
    Str operation = log_of(world).items[0].id;
    bool changed = false;
    for (int i = 0; i < COUNT; i++)
        changed |= !str_equal(str_of(old[i]), str_of(new[i]));
    CHECK(changed);
    world->ws.batch_artifacts = 2 + test_below(t, 3);
    bool done = undo_stopped_after(world, test_below(t, 2));
    while (!done) {
        (void)count_old(world, old, new);
        check_sound(world);
        if (!str_equal(log_of(world).items[0].id, operation)) {
            check_log_half(world, operation);
            halves++;
        }
        world->ws.batch_artifacts = 2 + test_below(t, 3);
        done = undo_stopped_after(world, 1);
    }
    world->ws.batch_artifacts = 0;
    CHECK_TEXT(world_picture(world, false), before);
    CHECK_TEXT(world_statuses(world), statuses);
    check_log_done(world, operation);
    check_sound(world);
    return halves;
}

TEST(an_undo_in_batches_that_is_stopped_anywhere_goes_on_to_the_exact_inverse)
{
    size_t halves = 0;
    for (int round = 0; round < test_rounds(1); round++)
        for (Verb verb = ADD; verb < VERBS; verb++) {
            World *world = world_of_many(t);
            prepare(world, verb, round + 1);
            halves += stop_everywhere(world, verb);
            world_close(world);
        }
    CHECK(halves > VERBS);
}

TEST(each_batch_of_an_undo_takes_back_as_many_artifacts_as_it_holds)
{
    enum { DEPLOYED = COUNT - 1, BATCH = 3 };
    World *world = world_of_many(t);
    const char *old[COUNT], *new[COUNT];
    (void)world_add(world, "skills/*", "latest");
    (void)world_deploy(world, "s05", "atlas");
    states_of(world, old);
    (void)world_deploy(world, NULL, "atlas");
    states_of(world, new);
    world->ws.batch_artifacts = BATCH;
    for (size_t undone = 0; undone < DEPLOYED; undone += BATCH) {
        CHECK_INT(count_old(world, old, new), undone + 1);
        CHECK(undo_stopped_after(world, 1) == (undone + BATCH >= DEPLOYED));
    }
    CHECK_INT(count_old(world, old, new), COUNT);
    Operations log = log_of(world);
    CHECK_INT(log.items[0].artifacts.count, COUNT);
    CHECK_INT(log.count, 4);
    world_close(world);
}

/* ── newer words ── */

TEST(a_clash_in_the_last_batch_keeps_the_first_from_being_taken_back)
{
    World *world = world_of_many(t);
    (void)world_add(world, "skills/*", "latest");
    move_upstream(world, 1);
    for (int i = 0; i < COUNT; i++)
        write_skill(t, "up", i, "again", "five");
    upstream_commit(world, "stamp", "again\n", "v3.0.0");
    (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    write_skill(t, COLLECTION, test_below(t, 2) ? 0 : COUNT - 1, "MINE", "five");
    const char *before = world_picture(world, true);
    world->ws.batch_artifacts = 2;
    Plan plan = world_undo(world, true);
    CHECK_INT(plan_count(&plan, RESULT_CONFLICT), 1);
    CHECK_INT(plan.items.count, COUNT);
    CHECK_TEXT(world_picture(world, true), before);
    CHECK_INT(log_of(world).count, 2);
    world_close(world);
}

TEST(a_record_that_changed_since_keeps_all_batches_from_being_taken_back)
{
    World *world = world_of_many(t);
    (void)world_add(world, "skills/*", "latest");
    (void)world_deploy(world, NULL, "atlas");
    (void)test_shell(t, "sed -i 's/^artifact = \"skill:s01\"$/&\\nnote = \"mine\"/' atlas/%s",
                     DEPLOYED_FILE);
    const char *before = world_picture(world, true);
    world->ws.batch_artifacts = 2;
    CHECK_FAILS(ERR_CONFLICT, verb_undo_with(&world->ws, &(UndoRequest){.apply = true},
                                             &(UndoResult){0}, &t->err));
    CHECK_HAS(t->err.message, "skill:s01");
    CHECK_TEXT(world_picture(world, true), before);
    world_close(world);
}

TEST(what_people_wrote_into_a_record_file_since_stays_while_its_blocks_go_back)
{
    World *world = world_of_many(t);
    (void)world_add(world, "skills/*", "latest");
    (void)world_deploy(world, NULL, "atlas");
    move_upstream(world, 1);
    const char *old[COUNT];
    states_of(world, old);
    (void)world_sync(world, NULL, SYNC_BOTH, NULL, true);
    (void)test_shell(t, "printf '\\n# a word of mine\\n' >>atlas/%s", DEPLOYED_FILE);
    world->ws.batch_artifacts = 4;
    CHECK(!undo_stopped_after(world, 2));
    (void)test_shell(t, "sed -i '1i # another' %s", COLLECTION "/" COLLECTION_FILE);
    (void)world_undo(world, true);
    CHECK_INT(count_old(world, old, old), COUNT);
    CHECK_HAS(test_shell(t, "cat atlas/%s", DEPLOYED_FILE), "# a word of mine\n");
    CHECK_HAS(test_shell(t, "cat %s", COLLECTION "/" COLLECTION_FILE), "# another\n");
    check_sound(world);
    world_close(world);
}

TEST(an_edit_between_two_halves_of_an_undo_is_kept)
{
    World *world = world_of_many(t);
    (void)world_add(world, "skills/*", "latest");
    for (int i = 0; i < COUNT; i++)
        write_skill(t, "up", i, "ONE", "five");
    upstream_commit(world, "stamp", "again\n", "v3.0.0");
    (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    world->ws.batch_artifacts = 3;
    CHECK(!undo_stopped_after(world, 2));
    for (int i = 0; i < COUNT; i++)
        (void)test_shell(t, "sed -i 's/^five$/mine/' " COLLECTION "/skills/s%02d/SKILL.md", i);
    (void)world_undo(world, true);
    for (int i = 0; i < COUNT; i++)
        CHECK_STR(test_read(t, arena_format(t->arena, COLLECTION "/skills/s%02d/SKILL.md", i)),
                  STR("one\ntwo\nthree\nfour\nmine\n"));
    check_sound(world);
    world_close(world);
}

TEST(what_was_written_between_two_halves_of_an_undo_is_taken_back_first)
{
    World *world = world_of_many(t);
    (void)world_add(world, "skills/*", "latest");
    const char *added = world_picture(world, false);
    (void)world_deploy(world, NULL, "atlas");
    world->ws.batch_artifacts = 3;
    CHECK(!undo_stopped_after(world, 2));
    const char *half = world_picture(world, false);
    (void)world_deploy(world, "s05", "beta");
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), half);
    (void)world_undo(world, true);
    CHECK_TEXT(world_picture(world, false), added);
    check_sound(world);
    world_close(world);
}
