/* Plans told to a command line and read back: the same again, whatever verb made them. */
#include "sync/plan_read.h"

#include "format/json_read.h"
#include "sync/job_fixture_test.h"
#include "sync/plan_json.h"
#include "sync/update.h"

static const char *told(Arena *arena, const Plan *plan)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    json_plan_members(&json, plan);
    json_plan_detail(arena, &json, plan);
    json_end_object(&json);
    return buf_text(&buf);
}

static Plan read_back(Test *t, const char *text)
{
    const JsonNode *node = NULL;
    Plan plan = {0};
    CHECK_OK(json_parse(t->arena, str_of(text), 0, &node, &t->err));
    CHECK_OK(plan_from_json(t->arena, node, &plan, &t->err));
    return plan;
}

static void check_same(Test *t, const Plan *plan)
{
    const char *text = told(t->arena, plan);
    Plan again = read_back(t, text);
    CHECK_TEXT(told(t->arena, &again), text);
}

TEST(a_plan_read_back_tells_the_same)
{
    World *world = world_new(t);
    Plan plan = world_add(world, "skills/*", "latest");
    check_same(t, &plan);
    plan = world_deploy(world, NULL, "atlas");
    check_same(t, &plan);
    upstream_commit(world, "skills/pdf/run.sh", "#!/bin/sh\n", "v1.1.0");
    upstream_commit(world, "skills/doc/more.md", "more\n", "v1.2.0");
    plan = world_sync(world, NULL, SYNC_BOTH, NULL, true);
    check_same(t, &plan);
    test_write(t, "atlas/.claude/skills/pdf/own.txt", "mine\n");
    plan = world_pull(world, "pdf", "atlas", true);
    CHECK(plan.items.items[0].upward);
    check_same(t, &plan);
    plan = world_undo(world, true);
    check_same(t, &plan);
    plan = world_sync(world, NULL, SYNC_BOTH, NULL, false);
    CHECK(plan.dry_run);
    check_same(t, &plan);
    world_close(world);
}

/* Every member that a person is shown, though no verb gives all of them together. */
static Plan odd_plan(Arena *arena)
{
    PlanItem item = {.artifact = STR("skill:pdf"),
                     .edge = EDGE_PROJECT,
                     .upward = true,
                     .project = "/home/ada/atlas",
                     .result = RESULT_CONFLICT,
                     .rules_changed = true,
                     .marked = 2,
                     .base = hash_of(STR("base")),
                     .target = hash_of(STR("target")),
                     .after = hash_of(STR("after")),
                     .path = STR("skills/pdf"),
                     .from_version = STR("1.0.0"),
                     .to_version = STR("1.1.0"),
                     .note = STR("upstream was \"rewritten\""),
                     .removal = true,
                     .record_only = true,
                     .needs_yes = true};
    const FileChange changes[] = {
        {.path = STR("a"), .new_mode = MODE_FILE, .binary = true},
        {.action = FILE_MODE, .path = STR("b"), .old_mode = MODE_FILE, .new_mode = MODE_EXEC},
        {.action = FILE_MODE, .path = STR("c"), .old_mode = MODE_EXEC, .new_mode = MODE_FILE},
        {.action = FILE_RENAME, .path = STR("d"), .from_path = STR("e"), .new_mode = MODE_LINK},
        {.action = FILE_DELETE, .path = STR("f"), .old_mode = MODE_FILE, .removed = 3},
    };
    Plan plan = {.operation = STR("01KB0000000000000000000000")};
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        ARRAY_PUSH(arena, &item.changes, changes[i]);
    ARRAY_PUSH(arena, &item.lost, ((FileChange){.action = FILE_MODIFY, .path = STR("g")}));
    ARRAY_PUSH(arena, &item.untracked, STR("h.log"));
    ARRAY_PUSH(arena, &item.risks,
               ((RiskFinding){.kind = RISK_KINDS - 1,
                              .review = true,
                              .path = STR("i"),
                              .line = 7,
                              .excerpt = "curl",
                              .change = "new",
                              .more = 2}));
    ARRAY_PUSH(arena, &plan.items, item);
    item = (PlanItem){.artifact = STR("skill:doc"),
                      .result = RESULT_ERROR,
                      .error = {ERR_LOCKED, "it is locked", "weir unlock skill:doc"}};
    ARRAY_PUSH(arena, &plan.items, item);
    return plan;
}

TEST(what_json_does_not_say_of_an_item_comes_back_with_its_detail)
{
    Plan plan = odd_plan(t->arena);
    check_same(t, &plan);
    Plan again = read_back(t, told(t->arena, &plan));
    const PlanItem *item = &again.items.items[0];
    CHECK(item->upward && item->removal && item->record_only && item->rules_changed);
    CHECK(item->needs_yes && item->marked == 2 && item->changes.items[0].binary);
    CHECK_INT(item->changes.items[1].new_mode, MODE_EXEC);
    CHECK_INT(item->changes.items[2].old_mode, MODE_EXEC);
    CHECK_INT(item->changes.items[3].new_mode, MODE_LINK);
    CHECK_STR(item->note, plan.items.items[0].note);
    CHECK_INT(again.items.items[1].error.code, ERR_LOCKED);
    CHECK_TEXT(again.items.items[1].error.hint, "weir unlock skill:doc");
}

TEST(places_in_conflict_are_counted_as_they_were)
{
    World *world = world_deployed(t);
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "alpha\nMINE\ngamma\n");
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\nTHEIRS\ngamma\n", "v1.1.0");
    Plan plan = world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    Plan again = read_back(t, told(t->arena, &plan));
    const TreeConflicts *before = &plan.items.items[0].conflicts,
                        *after = &again.items.items[0].conflicts;
    CHECK_INT(after->count, before->count);
    CHECK_INT(after->items[0].merge.regions.count, before->items[0].merge.regions.count);
    CHECK_INT(after->items[0].kind, before->items[0].kind);
    CHECK_STR(after->items[0].path, before->items[0].path);
    world_close(world);
}

/* Whatever is left out of it, or is something else, the reader says so. */
TEST(a_result_of_another_shape_is_refused)
{
    static const char *const odd[] = {
        "{\"items\":[{}]}",
        "{\"items\":[],\"detail\":[{}]}",
        "{\"items\":[],\"detail\":[],\"files\":[{}]}",
        "{\"items\":[{\"edge\":\"sideways\"}],\"detail\":[{}]}",
        "{\"items\":[{\"edge\":\"upstream_to_collection\",\"result\":\"merged\","
        "\"error\":{\"code\":\"NO_SUCH\"}}],\"detail\":[{}]}",
        "{\"items\":[{\"edge\":\"upstream_to_collection\",\"result\":\"merged\"}],"
        "\"detail\":[{\"marked\":\"two\"}]}",
    };
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        const JsonNode *node = NULL;
        Plan plan = {0};
        CHECK_OK(json_parse(t->arena, str_of(odd[i]), 0, &node, &t->err));
        CHECK_FAILS(ERR_CORRUPT, plan_from_json(t->arena, node, &plan, &t->err));
    }
}

/* ── a job that stands for a command line ── */

static JobRequest update_of(JobCommandLine *line)
{
    JobRequest request = job_request_real();
    line->command = STR("weir update --all --apply");
    request.command_line = line;
    return request;
}

static StrArray shown_of(World *world)
{
    Test *t = world->t;
    Plan plan = {0};
    UpdateRequest update = {.what.all = true};
    CHECK_OK(verb_update(&world->ws, &update, &plan, &t->err));
    return plan_digests(t->arena, &plan);
}

TEST(a_job_does_just_what_was_agreed_to_and_tells_the_words_that_were_typed)
{
    World *world = world_deployed(t);
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\n\nnew\n", "v1.1.0");
    JobCommandLine line = {.agreed = shown_of(world)};
    JobRequest request = update_of(&line);
    Job job = world_job(world, JOB_KIND_UPDATE, &request);
    JobReport report = {0};
    test_write(t, "home/collections/default/skills/pdf/own.txt", "mine\n");
    const char *before = world_picture(world, true);
    CHECK(!world_try_job(world, &job, &report, &t->err));
    CHECK_INT(t->err.code, ERR_CHANGED);
    CHECK_TEXT(world_picture(world, true), before);
    (void)test_shell(t, "rm home/collections/default/skills/pdf/own.txt");
    report = world_do_job(world, &job);
    CHECK_RESULT(report, "\"fast_forward\":1");
    world->ws.agreed = NULL;
    CHECK_STR(world_log(world, NULL, 1).items[0].command, line.command);
    world_close(world);
}

/* The first attempt has done one artifact; of the other one it was said yes to, or was not. */
TEST(a_second_attempt_does_the_rest_of_what_was_agreed_to_and_no_more)
{
    World *world = world_deployed(t);
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\n\nnew\n", "v1.1.0");
    upstream_commit(world, "skills/doc/SKILL.md", "# Doc\n\nnew\n", "v1.2.0");
    JobCommandLine line = {.agreed = shown_of(world)}, less = {0};
    JobRequest first = job_request_real(), rest = update_of(&line);
    JobReport report = {0};
    world_name(world, &first, "skill:pdf");
    Job job = world_job(world, JOB_KIND_UPDATE, &first);
    (void)world_do_job(world, &job);
    ARRAY_PUSH(t->arena, &less.agreed, line.agreed.items[1]);
    JobRequest other = update_of(&less);
    job.fence++;
    job.request = world_job(world, JOB_KIND_UPDATE, &other).request;
    report = world_do_job(world, &job);
    CHECK_INT(report.error.code, ERR_CHANGED);
    CHECK_RESULT(report, "\"partial\":true");
    job.fence++;
    job.request = world_job(world, JOB_KIND_UPDATE, &rest).request;
    report = world_do_job(world, &job);
    CHECK_RESULT(report, "\"fast_forward\":2");
    world->ws.agreed = NULL;
    world_close(world);
}

/* Or the command line would hand over less than it was asked. */
TEST(what_the_command_line_hands_over_can_stand_for_it)
{
    static const JobKind kinds[] = {JOB_KIND_SYNC,    JOB_KIND_UPDATE,   JOB_KIND_DEPLOY,
                                    JOB_KIND_ADD,     JOB_KIND_UNDEPLOY, JOB_KIND_REMOVE,
                                    JOB_KIND_RESOLVE, JOB_KIND_ROLLBACK, JOB_KIND_UNDO};
    JobCommandLine line = {.command = STR("weir")};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        JobRequest request = job_request_real();
        Buf buf = buf_new(t->arena);
        JsonWriter json = json_writer(&buf, false);
        request.command_line = &line;
        record_to_json(&json, job_body(kinds[i])->request, &request);
        CHECK_HAS(buf_text(&buf), "\"command_line\":{\"command\":\"weir\"");
    }
}
