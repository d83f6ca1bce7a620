/* Jobs that stop halfway tell the half; those that have too much to tell keep what counts. */
#include <string.h>

#include "base/clock.h"
#include "base/process.h"
#include "sync/history.h"
#include "sync/job_cut.h"
#include "sync/job_fixture_test.h"

enum { SKILLS = 6 };

static World *world_of_many(Test *t)
{
    World *world = world_new(t);
    for (int i = 0; i < SKILLS; i++)
        test_write(t, arena_format(t->arena, "up/skills/s%d/SKILL.md", i), "one\n");
    upstream_commit(world, "stamp", "many\n", "v2.0.0");
    (void)world_add(world, "skills/s*", "latest");
    for (int i = 0; i < SKILLS; i++)
        test_write(t, arena_format(t->arena, "up/skills/s%d/SKILL.md", i), "two\n");
    upstream_commit(world, "stamp", "more\n", "v3.0.0");
    world->ws.batch_artifacts = 2;
    return world;
}

/* As when somebody cancels just before the second batch is carried out. */
static void stop_before_batch(void *context, const Progress *progress)
{
    size_t *left = context;
    if (strcmp(progress->phase, "apply") == 0 && (*left)-- == 0)
        interrupt_request();
}

static JobReport stopped_after(World *world, const Job *job, size_t batches)
{
    Test *t = world->t;
    JobReport report = {0};
    world->ws.progress = stop_before_batch;
    world->ws.notice_context = &batches;
    CHECK_OK(world_try_job(world, job, &report, &t->err));
    interrupt_clear();
    world->ws.progress = NULL;
    world->ws.notice_context = NULL;
    return report;
}

static Job update_job(World *world)
{
    JobRequest request = job_request_real();
    return world_job(world, JOB_KIND_UPDATE, &request);
}

static size_t updated(World *world)
{
    size_t count = 0;
    for (int i = 0; i < SKILLS; i++) {
        const char *path =
            arena_format(world->t->arena, "home/collections/default/skills/s%d/SKILL.md", i);
        count += str_is(test_read(world->t, path), "two\n");
    }
    return count;
}

TEST(a_job_stopped_between_two_batches_tells_what_it_has_written)
{
    World *world = world_of_many(t);
    Job job = update_job(world);
    size_t before = world_operations(world);
    JobReport report = stopped_after(world, &job, 1);
    CHECK_INT(report.state, JOB_CANCELED);
    CHECK_INT(report.error.code, ERR_INTERRUPTED);
    CHECK_HAS(error_hint(&report.error), "weir undo");
    CHECK_INT(updated(world), 2);
    CHECK_RESULT(report, "\"partial\":true");
    CHECK_RESULT(report, "\"fast_forward\":2");
    CHECK_INT(world_operations(world), before + 1);
    CHECK_RESULT(report, arena_format(t->arena, "\"operation\":\"%.*s\"",
                                      STR_ARG(world_log(world, NULL, 1).items[0].id)));
    (void)world_undo(world, true);
    CHECK_INT(updated(world), 0);
    world_close(world);
}

TEST(a_job_stopped_before_it_wrote_tells_nothing_of_a_part)
{
    World *world = world_of_many(t);
    JobReport report = {0};
    Job job = update_job(world);
    interrupt_request();
    CHECK_FAILS(ERR_INTERRUPTED, world_try_job(world, &job, &report, &t->err));
    interrupt_clear();
    CHECK_INT(updated(world), 0);
    world_close(world);
}

TEST(begun_again_after_it_was_stopped_it_does_the_rest_and_tells_all)
{
    World *world = world_of_many(t);
    Job job = update_job(world);
    JobReport report = stopped_after(world, &job, 1);
    CHECK_INT(report.state, JOB_CANCELED);
    job.fence = 2;
    report = world_do_job(world, &job);
    CHECK_INT(report.state, JOB_SUCCESS);
    CHECK_RESULT(report, arena_format(t->arena, "\"fast_forward\":%d", SKILLS));
    CHECK(!strstr(arena_text(t->arena, report.result), "partial"));
    world_close(world);
}

TEST(a_job_asked_to_stop_when_all_was_written_has_succeeded)
{
    World *world = world_of_many(t);
    JobReport report = {0};
    JobRequest request = job_request_real();
    world_name(world, &request, "skill:s0");
    Job job = world_job(world, JOB_KIND_UPDATE, &request);
    CHECK_INT(world_do_job(world, &job).state, JOB_SUCCESS);
    job.fence = 2;
    interrupt_request();
    CHECK_OK(world_try_job(world, &job, &report, &t->err));
    interrupt_clear();
    CHECK_INT(report.state, JOB_SUCCESS);
    CHECK_RESULT(report, "\"fast_forward\":1");
    CHECK(!strstr(arena_text(t->arena, report.result), "partial"));
    world_close(world);
}

TEST(begun_again_after_somebody_took_it_back_it_writes_nothing)
{
    World *world = world_of_many(t);
    Job job = update_job(world);
    JobReport report = world_do_job(world, &job);
    CHECK_INT(report.state, JOB_SUCCESS);
    (void)world_undo(world, true);
    size_t before = world_operations(world);
    job.fence = 2;
    CHECK_FAILS(ERR_UNDONE, world_try_job(world, &job, &report, &t->err));
    CHECK_INT(updated(world), 0);
    CHECK_INT(world_operations(world), before);
    world_close(world);
}

/* ── too much to tell ── */

TEST(a_result_that_is_too_long_keeps_its_summary_and_says_how_much_there_was)
{
    World *world = world_new(t);
    JobReport whole = {0}, cut = {0};
    enum { FILES = 200 };
    for (int i = 0; i < FILES; i++)
        test_write(t, arena_format(t->arena, "up/skills/doc/file%03d.md", i), "text\n");
    upstream_commit(world, "stamp", "many\n", "v2.0.0");
    JobRequest request = job_request_real();
    request.source = str_of(world->upstream);
    request.path = STR("skills/doc");
    request.dry_run = true;
    Job job = world_job(world, JOB_KIND_ADD, &request);
    JobOrder order = {.ws = &world->ws, .job = &job, .exports = t->dir};
    CHECK_OK(job_work(&order, &whole, &t->err));
    order.result_most_bytes = 8192;
    CHECK(whole.result.len > 2 * order.result_most_bytes);
    CHECK_OK(job_work(&order, &cut, &t->err));
    CHECK_INT(cut.state, whole.state);
    CHECK(cut.result.len <= order.result_most_bytes);
    CHECK_RESULT(cut, arena_format(t->arena, "\"truncated\":{\"files\":%d}", FILES + 1));
    CHECK_RESULT(cut, "\"summary\":{\"fast_forward\":1,");
    const JsonNode *node = NULL;
    CHECK_OK(json_parse(t->arena, cut.result, 0, &node, &t->err));
    size_t kept = json_find(node, STR("files"))->count;
    CHECK(kept > 10 && kept < FILES);
    world_close(world);
}

static void add_value(Test *t, JsonWriter *json, int depth)
{
    static const char *const texts[] = {"", "a,b]}", "say \"it\\\"", "\\", "{[:", "long"};
    switch (test_below(t, depth ? 5 : 3)) {
    case 0:
        json_text(json, texts[test_below(t, COUNT_OF(texts))]);
        return;
    case 1:
        json_integer(json, (int64_t)test_below(t, 1000) - 500);
        return;
    case 2:
        json_null(json);
        return;
    case 3:
        json_begin_array(json);
        for (uint64_t i = test_below(t, 200); i > 0; i--)
            add_value(t, json, depth - 1);
        json_end_array(json);
        return;
    default:
        json_begin_object(json);
        for (uint64_t i = test_below(t, 9); i > 0; i--) {
            json_key(json, arena_format(t->arena, "k\"%llu", (unsigned long long)i));
            add_value(t, json, depth - 1);
        }
        json_end_object(json);
    }
}

static Str any_object(Test *t)
{
    Buf buf = buf_new(t->arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    for (int i = 0; i < 5; i++) {
        json_key(&json, arena_format(t->arena, "m%d", i));
        add_value(t, &json, 3);
    }
    json_end_object(&json);
    return buf_str(&buf);
}

static Str source_of(const JsonNode *node, Str text)
{
    return str_slice(text, node->value_from, node->value_to);
}

/* A list is the beginning of what it was, anything else is what it was, or null. */
static void check_member(const JsonNode *was, Str text, const JsonNode *is, Str cut,
                         const JsonNode *truncated)
{
    const JsonNode *note = json_find(truncated, is->key), *old = was->first;
    int64_t count = 0;
    if (!note) {
        CHECK_STR(source_of(is, cut), source_of(was, text));
        return;
    }
    CHECK(json_to_i64(note, &count));
    CHECK_INT(count, was->kind == JSON_ARRAY ? was->count : 1);
    CHECK(is->kind == JSON_NULL || is->count < was->count);
    for (const JsonNode *one = is->first; one; one = one->next, old = old->next)
        CHECK_STR(source_of(one, cut), source_of(old, text));
}

TEST(whatever_is_cut_is_json_whose_lists_begin_as_they_did)
{
    int cuts = 0;
    for (int round = 0; round < 300; round++) {
        const JsonNode *before = NULL, *after = NULL;
        Str text = any_object(t);
        uint64_t most = 30000;
        Str cut = job_result_cut(t->arena, text, most);
        CHECK_OK(json_parse(t->arena, text, 0, &before, &t->err));
        CHECK_OK(json_parse(t->arena, cut, 0, &after, &t->err));
        const JsonNode *truncated = json_find(after, STR("truncated"));
        CHECK((text.len > most) == (truncated != NULL));
        if (!truncated)
            continue;
        cuts++;
        CHECK(cut.len <= most + 1024);
        for (const JsonNode *one = before->first; one; one = one->next)
            check_member(one, text, json_find(after, one->key), cut, truncated);
    }
    CHECK(cuts > 20);
}

/* ── patches ── */

TEST(a_patch_above_its_limit_is_refused_and_leaves_no_file)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    JobReport report = {0};
    test_write(t, "home/collections/default/skills/pdf/own.txt", "mine\n");
    test_write(t, "home/exports/.keep", "");
    world_name(world, &request, "skill:pdf");
    Job job = world_job(world, JOB_KIND_PATCH, &request);
    JobOrder order = {.ws = &world->ws,
                      .job = &job,
                      .exports = arena_format(t->arena, "%s/home/exports", t->dir),
                      .patch_most_bytes = 100};
    CHECK_FAILS(ERR_TOO_LARGE, job_work(&order, &report, &t->err));
    CHECK_HAS(t->err.message, "the most is 100");
    CHECK_TEXT(test_shell(t, "ls home/exports"), "");
    order.patch_most_bytes = 0;
    CHECK_OK(job_work(&order, &report, &t->err));
    CHECK_HAS(test_shell(t, "ls home/exports"), ".patch");
    world_close(world);
}
