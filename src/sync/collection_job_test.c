/* Jobs that change what the collection holds, where it is deployed, and what holds it. */
#include <string.h>

#include "base/fs.h"
#include "sync/job_fixture_test.h"
#include "sync/locks.h"

TEST(an_add_done_twice_adds_once)
{
    World *world = world_new(t);
    JobRequest request = job_request_real();
    request.source = str_of(world->upstream);
    request.path = STR("skills/d*");
    size_t before = world_operations(world);
    JobReport report = world_do_twice(world, JOB_KIND_ADD, &request);
    CHECK_INT(report.state, JOB_SUCCESS);
    CHECK_RESULT(report, "\"fast_forward\":1");
    CHECK_INT(world_operations(world), before + 1);
    Job again = world_job(world, JOB_KIND_ADD, &request);
    report = world_do_job(world, &again); /* another job: they are there, and it did not add them */
    CHECK_INT(report.state, JOB_ERROR);
    CHECK_INT(report.error.code, ERR_EXISTS);
    world_close(world);
}

TEST(what_leaves_a_project_or_the_collection_leaves_once)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    world_name(world, &request, "skill:pdf");
    request.project_path = str_of(project_path(world, "atlas"));
    JobReport report = world_do_twice(world, JOB_KIND_UNDEPLOY, &request);
    CHECK_RESULT(report, "\"action\":\"delete\"");
    CHECK(!fs_exists(arena_format(t->arena, "%s/atlas/.claude/skills/pdf", t->dir)));
    request.project_path = (Str){0};
    report = world_do_twice(world, JOB_KIND_REMOVE, &request);
    CHECK_RESULT(report, "\"action\":\"delete\"");
    CHECK(!fs_exists(arena_format(t->arena, "%s/home/collections/default/skills/pdf", t->dir)));
    CHECK(fs_exists(arena_format(t->arena, "%s/home/collections/default/skills/doc", t->dir)));
    Job gone = world_job(world, JOB_KIND_REMOVE, &request);
    CHECK_FAILS(ERR_NOT_FOUND, world_try_job(world, &gone, &report, &t->err));
    world_close(world);
}

TEST(edits_that_are_nowhere_else_are_not_taken_out_unasked)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    test_write(t, "atlas/.claude/skills/pdf/own.txt", "mine\n");
    request.all = true;
    request.project_path = str_of(project_path(world, "atlas"));
    Job job = world_job(world, JOB_KIND_UNDEPLOY, &request);
    JobReport report = world_do_job(world, &job);
    CHECK_INT(report.error.code, ERR_EXISTS);
    CHECK_STR(test_read(t, "atlas/.claude/skills/pdf/own.txt"), STR("mine\n"));
    request.strategy = STRATEGY_OVERWRITE;
    report = world_do_twice(world, JOB_KIND_UNDEPLOY, &request);
    CHECK_INT(report.state, JOB_SUCCESS);
    CHECK(!fs_exists(arena_format(t->arena, "%s/atlas/.claude/skills/pdf/own.txt", t->dir)));
    world_close(world);
}

TEST(a_pin_is_one_operation_and_its_dry_run_none)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    size_t before = world_operations(world);
    request.all = true;
    request.pin = STR("v1.0.0");
    request.dry_run = true;
    const char *picture = world_picture(world, true);
    Job job = world_job(world, JOB_KIND_PIN, &request);
    JobReport report = world_do_job(world, &job);
    CHECK_TEXT(world_picture(world, true), picture);
    CHECK_INT(world_operations(world), before);
    request.dry_run = false;
    report = world_do_twice(world, JOB_KIND_PIN, &request);
    CHECK_RESULT(report, "\"pin\":\"v1.0.0\"");
    CHECK_RESULT(report, "\"fast_forward\":2");
    CHECK_INT(world_operations(world), before + 1);
    CHECK_HAS(arena_text(t->arena, test_read(t, "home/collections/default/collection.toml")),
              "v1.0.0");
    world_close(world);
}

TEST(a_lock_and_its_end_are_told_and_a_dry_run_of_either_is_nothing)
{
    World *world = world_deployed(t);
    ArtifactLocks locks = {0};
    JobRequest request = job_request_real();
    world_name(world, &request, "pdf");
    request.reason = STR("release");
    request.dry_run = true;
    Job job = world_job(world, JOB_KIND_LOCK, &request);
    JobReport report = world_do_job(world, &job);
    CHECK_RESULT(report, "\"reason\":\"release\"");
    CHECK_OK(lock_list(&world->ws, &locks, &t->err));
    CHECK_INT(locks.count, 0);
    request.dry_run = false;
    job = world_job(world, JOB_KIND_LOCK, &request);
    report = world_do_job(world, &job);
    CHECK_OK(lock_list(&world->ws, &locks, &t->err));
    CHECK_INT(locks.count, 1);
    request.reason = (Str){0};
    job = world_job(world, JOB_KIND_UNLOCK, &request);
    job.attempts = 1;
    report = world_do_job(world, &job);
    CHECK_RESULT(report, "\"artifact\":\"skill:pdf\"");
    CHECK_FAILS(ERR_NOT_FOUND, world_try_job(world, &job, &report, &t->err));
    job.attempts = 2; /* an attempt before has let it go, and died */
    report = world_do_job(world, &job);
    CHECK_INT(report.state, JOB_SUCCESS);
    world_close(world);
}

TEST(a_gc_frees_what_is_old_and_unnamed_and_its_dry_run_nothing)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    Hash hash;
    CHECK_OK(store_put(world->ws.store, STR("nobody's"), &hash, &t->err));
    request.dry_run = true;
    const char *picture = world_picture(world, true);
    Job job = world_job(world, JOB_KIND_GC, &request);
    JobReport report = world_do_job(world, &job);
    CHECK_RESULT(report, "\"dry_run\":true");
    CHECK_RESULT(report, "\"in_store\":");
    CHECK_TEXT(world_picture(world, true), picture);
    request.dry_run = false;
    job = world_job(world, JOB_KIND_GC, &request);
    report = world_do_job(world, &job);
    CHECK_RESULT(report, "\"dry_run\":false");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "synced");
    world_close(world);
}

TEST(what_a_body_must_name_is_asked_for_by_its_field)
{
    JobRequest request = job_request_real();
    check_job_refused(t, JOB_KIND_REMOVE, &request, "artifacts");
    check_job_refused(t, JOB_KIND_LOCK, &request, "artifacts");
    request.project_path = STR("/tmp");
    check_job_refused(t, JOB_KIND_UNDEPLOY, &request, "artifacts");
    request.all = true;
    request.pin = STR("--upload-pack=x");
    check_job_refused(t, JOB_KIND_PIN, &request, "pin");
}

TEST(a_source_with_a_password_or_without_a_root_is_refused_before_it_is_kept)
{
    static const char *const sources[] = {"https://ada:hunter2@example.org/kit.git",
                                          "./kit",
                                          "../kit",
                                          "~/kit",
                                          ".",
                                          "kit",
                                          "ext::sh -c id",
                                          "--upload-pack=x",
                                          "https://example.org/kit.git@--x"};
    JobRequest request = job_request_real();
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        request.source = str_of(sources[i]);
        check_job_refused(t, JOB_KIND_ADD, &request, "source");
        CHECK(!strstr(t->err.message, "hunter2"));
    }
    request.source = STR("o/kit/skills/pdf@^1.2");
    request.type = STR("a/b");
    check_job_refused(t, JOB_KIND_ADD, &request, "type");
    request.type = (Str){0};
    request.name = STR("..");
    check_job_refused(t, JOB_KIND_ADD, &request, "name");
}
