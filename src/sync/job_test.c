/* Jobs: what a body tells is what the verbs did, once, however often the job was begun. */
#include "base/clock.h"
#include "base/ids.h"
#include "sync/history.h"
#include "sync/job_fixture_test.h"

/* ── twice is once ── */

TEST(a_sync_done_twice_tells_both_edges_and_is_one_operation)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\n\nnew\n", "v1.1.0");
    size_t before = world_operations(world);
    const char *picture = world_picture(world, false);
    request.direction = DIRECTION_BOTH;
    JobReport report = world_do_twice(world, JOB_KIND_SYNC, &request);
    CHECK_INT(report.state, JOB_SUCCESS);
    CHECK_RESULT(report, "\"fast_forward\":2");
    CHECK_RESULT(report, "\"edge\":\"collection_to_project\"");
    CHECK_INT(world_operations(world), before + 1);
    (void)world_undo(world, true); /* takes back the whole of it */
    CHECK_TEXT(world_picture(world, false), picture);
    world_close(world);
}

TEST(a_merge_told_again_is_still_a_merge)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    test_write(t, "home/collections/default/skills/pdf/own.txt", "mine\n");
    upstream_commit(world, "skills/pdf/new.txt", "new\n", "v1.1.0");
    JobReport report = world_do_twice(world, JOB_KIND_UPDATE, &request);
    CHECK_RESULT(report, "\"merged\":1");
    world_close(world);
}

TEST(a_pull_done_twice_tells_the_edge_it_went)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    test_write(t, "atlas/.claude/skills/pdf/own.txt", "mine\n");
    request.direction = DIRECTION_PROJECT_TO_COLLECTION;
    request.project_path = str_of(project_path(world, "atlas"));
    world_name(world, &request, "skill:pdf");
    JobReport report = world_do_twice(world, JOB_KIND_SYNC, &request);
    CHECK_RESULT(report, "\"path\":\"own.txt\",\"action\":\"add\"");
    CHECK_RESULT(report, "\"edge\":\"collection_to_project\"");
    world_close(world);
}

TEST(a_deploy_done_twice_deploys_once)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    request.project_path = str_of(project_path(world, "beta"));
    world_name(world, &request, "skill:doc");
    JobReport report = world_do_twice(world, JOB_KIND_DEPLOY, &request);
    CHECK_RESULT(report, "\"action\":\"add\"");
    CHECK_TEXT(world_status(world, "skill:doc", "beta"), "synced");
    world_close(world);
}

TEST(an_undo_done_twice_goes_back_once)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\n\nnew\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    (void)world_sync(world, "pdf", SYNC_PROJECT, "atlas", true);
    JobReport report = world_do_twice(world, JOB_KIND_UNDO, &request);
    CHECK_RESULT(report, "\"undone\":{");
    CHECK_TEXT(world_status(world, "skill:pdf", "atlas"), "outdated");
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "synced"); /* the sync before it stands */
    world_close(world);
}

TEST(a_rollback_done_twice_goes_back_once)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    Versions versions = {0};
    size_t total = 0;
    CHECK_OK(version_history(&world->ws, STR("skill:pdf"), 0, &versions, &total, &t->err));
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\n\nnew\n", "v1.1.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    request.to = hash_format(t->arena, &versions.items[0].hash);
    world_name(world, &request, "skill:pdf");
    JobReport report = world_do_twice(world, JOB_KIND_ROLLBACK, &request);
    CHECK_RESULT(report, "\"action\":\"modify\"");
    world_close(world);
}

/* ── conflicts ── */

static World *clashing_world(Test *t)
{
    World *world = world_deployed(t);
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "alpha\nMINE\ngamma\n");
    upstream_commit(world, "skills/pdf/notes.txt", "alpha\nTHEIRS\ngamma\n", "v1.1.0");
    return world;
}

TEST(a_clash_ends_as_a_conflict_with_its_places_and_waits)
{
    World *world = clashing_world(t);
    JobRequest request = job_request_real();
    JobReport report = world_do_twice(world, JOB_KIND_UPDATE, &request);
    CHECK_INT(report.state, JOB_CONFLICT);
    CHECK_HAS(arena_text(t->arena, report.conflicts), "\"path\":\"notes.txt\"");
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    world_close(world);
}

TEST(choices_carry_a_merge_out_in_one_step_and_ours_keeps_the_rest)
{
    World *world = clashing_world(t);
    JobRequest request = job_request_real();
    test_write(t, "home/collections/default/skills/pdf/SKILL.md", "# Mine\n");
    upstream_commit(world, "skills/pdf/SKILL.md", "# Theirs\n", "v1.2.0");
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    size_t before = world_operations(world);
    JobChoice choice = {.path = STR("notes.txt"), .take = SIDE_FILE, .text = STR("alpha\nboth\n")};
    ARRAY_PUSH(t->arena, &request.choices, choice);
    request.strategy = STRATEGY_OURS;
    world_name(world, &request, "skill:pdf");
    Job job = world_job(world, JOB_KIND_RESOLVE, &request);
    JobReport report = world_do_job(world, &job);
    CHECK_INT(report.state, JOB_SUCCESS);
    CHECK_RESULT(report, "\"finished\":true");
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/notes.txt"), STR("alpha\nboth\n"));
    CHECK_STR(test_read(t, "home/collections/default/skills/pdf/SKILL.md"), STR("# Mine\n"));
    CHECK_INT(world_operations(world), before + 1);
    JobReport again = world_do_job(world, &job);
    CHECK_INT(again.state, JOB_SUCCESS);
    CHECK_RESULT(again, "\"path\":\"notes.txt\",\"action\":\"modify\"");
    CHECK_INT(world_operations(world), before + 1);
    world_close(world);
}

TEST(a_resolution_with_a_marker_left_is_refused_and_one_without_a_merge_too)
{
    World *world = clashing_world(t);
    JobRequest request = job_request_real();
    JobReport report = {0};
    world_name(world, &request, "skill:pdf");
    Job none = world_job(world, JOB_KIND_RESOLVE, &request);
    CHECK_FAILS(ERR_NOT_FOUND, world_try_job(world, &none, &report, &t->err));
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    JobChoice choice = {.path = STR("notes.txt"),
                        .take = SIDE_FILE,
                        .text = STR("<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n")};
    ARRAY_PUSH(t->arena, &request.choices, choice);
    Job marked = world_job(world, JOB_KIND_RESOLVE, &request);
    CHECK_FAILS(ERR_INVALID, world_try_job(world, &marked, &report, &t->err));
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "conflict");
    world_close(world);
}

TEST(auto_leaves_what_clashes_and_lists_it)
{
    World *world = clashing_world(t);
    JobRequest request = job_request_real();
    (void)world_sync(world, "pdf", SYNC_UPSTREAM, NULL, true);
    request.strategy = STRATEGY_AUTO;
    world_name(world, &request, "skill:pdf");
    Job job = world_job(world, JOB_KIND_RESOLVE, &request);
    JobReport report = world_do_job(world, &job);
    CHECK_INT(report.state, JOB_CONFLICT);
    CHECK_RESULT(report, "\"finished\":false");
    CHECK_HAS(arena_text(t->arena, report.conflicts), "\"path\":\"notes.txt\"");
    world_close(world);
}

/* ── what writes nothing ── */

TEST(a_dry_run_changes_nothing_and_names_no_operation)
{
    World *world = clashing_world(t);
    JobRequest request = job_request_real();
    request.dry_run = true;
    const char *before = world_picture(world, true);
    Job job = world_job(world, JOB_KIND_UPDATE, &request);
    JobReport report = world_do_job(world, &job);
    CHECK_RESULT(report, "\"dry_run\":true");
    CHECK_RESULT(report, "\"operation\":null");
    CHECK_TEXT(world_picture(world, true), before);
    world_close(world);
}

TEST(drift_and_upstream_check_tell_what_drift_tells)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\n\nnew\n", "v1.1.0");
    Job drift = world_job(world, JOB_KIND_DRIFT, &request);
    JobReport report = world_do_job(world, &drift);
    CHECK_RESULT(report, "\"outdated\":0");
    Job check = world_job(world, JOB_KIND_UPSTREAM_CHECK, &request);
    report = world_do_job(world, &check);
    CHECK_RESULT(report, "\"outdated\":1");
    world_close(world);
}

TEST(a_patch_lands_in_the_exports_under_the_jobs_name)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    test_write(t, "home/collections/default/skills/pdf/notes.txt", "alpha\nMINE\ngamma\n");
    request.direction = DIRECTION_PROJECT_TO_UPSTREAM;
    world_name(world, &request, "skill:pdf");
    clock_freeze(clock_ms()); /* the report says when the download ends */
    JobReport report = world_do_twice(world, JOB_KIND_SYNC, &request);
    clock_freeze(-1);
    CHECK_RESULT(report, "\"written\":true");
    CHECK_TEXT(test_shell(t, "ls home/exports | sed 's/^[0-9A-Z]*//'"), ".tar.gz\n");
    world_close(world);
}

/* ── the fence ── */

static bool refuse(Db *db, Str job, int64_t fence, Error *err)
{
    (void)db;
    (void)job;
    return fence == 7 || fail(err, ERR_FENCED, "overtaken");
}

static void check_fenced(World *world, const Job *job, JobReport *report)
{
    Test *t = world->t;
    JobOrder order = {.ws = &world->ws, .job = job, .exports = t->dir};
    world->ws.claim = (JobClaim){job->id, job->fence, refuse};
    CHECK_FAILS(ERR_FENCED, job_work(&order, report, &t->err));
    world->ws.claim = (JobClaim){0};
    world->ws.operation = (Str){0};
}

TEST(a_stale_fence_changes_neither_a_file_nor_a_waiting_merge)
{
    World *world = clashing_world(t);
    JobRequest request = job_request_real();
    JobReport report = {0};
    upstream_commit(world, "skills/doc/SKILL.md", "# Docs\n", "v1.2.0");
    world_name(world, &request, "skill:doc");
    size_t operations_before = world_operations(world);
    const char *before = world_picture(world, false);
    Job files = world_job(world, JOB_KIND_UPDATE, &request);
    check_fenced(world, &files, &report);
    request.artifacts.count = 0;
    world_name(world, &request, "skill:pdf");
    Job merge = world_job(world, JOB_KIND_UPDATE, &request);
    check_fenced(world, &merge, &report);
    CHECK_TEXT(world_picture(world, false), before);
    CHECK_INT(world_operations(world), operations_before);
    CHECK_TEXT(world_status(world, "skill:pdf", NULL), "diverged");
    world_close(world);
}

TEST(a_write_names_its_job_and_fence)
{
    World *world = world_deployed(t);
    JobRequest request = job_request_real();
    OperationDetail found = {0};
    bool is_there = false;
    upstream_commit(world, "skills/pdf/SKILL.md", "# PDF\n\nnew\n", "v1.1.0");
    Job job = world_job(world, JOB_KIND_UPDATE, &request);
    (void)world_do_job(world, &job);
    CHECK_OK(operation_of_job(t->arena, world->ws.db, job.id, &is_there, &found, &t->err));
    CHECK(is_there);
    CHECK_STR(found.head.id, job.id);
    CHECK_OK(operation_of_job(t->arena, world->ws.db, STR(""), &is_there, &found, &t->err));
    CHECK(!is_there);
    world_close(world);
}

/* ── requests ── */

TEST(a_request_is_refused_with_the_name_of_its_field)
{
    JobRequest request = job_request_real();
    ARRAY_PUSH(t->arena, &request.artifacts, STR("skill:../x"));
    check_job_refused(t, JOB_KIND_UPDATE, &request, "artifacts[0]");
    request = job_request_real();
    request.project_path = STR("atlas");
    check_job_refused(t, JOB_KIND_DRIFT, &request, "project_path");
    request.project_path = STR("/tmp/../etc");
    check_job_refused(t, JOB_KIND_DRIFT, &request, "project_path");
    request = job_request_real();
    check_job_refused(t, JOB_KIND_ROLLBACK, &request, "artifacts");
    request.direction = DIRECTION_PROJECT_TO_COLLECTION;
    check_job_refused(t, JOB_KIND_SYNC, &request, "project_path");
    request.direction = DIRECTION_UPSTREAM_TO_COLLECTION;
    request.strategy = STRATEGY_OURS;
    check_job_refused(t, JOB_KIND_SYNC, &request, "strategy");
}

TEST(a_requests_text_is_read_back_and_two_ways_to_say_it_are_one)
{
    JobRequest by_id = job_request_real(), by_name = job_request_real(), back;
    JobDraft a = {0}, b = {0};
    by_id.direction = by_name.direction = DIRECTION_BOTH;
    ARRAY_PUSH(t->arena, &by_id.artifact_ids, STR("skill:pdf"));
    ARRAY_PUSH(t->arena, &by_name.artifacts, STR("skill:pdf"));
    ARRAY_PUSH(t->arena, &by_name.artifacts, STR("skill:pdf"));
    CHECK_OK(job_request_draft(t->arena, JOB_KIND_SYNC, &by_id, &a, NULL, &t->err));
    CHECK_OK(job_request_draft(t->arena, JOB_KIND_SYNC, &by_name, &b, NULL, &t->err));
    CHECK_STR(a.request, b.request);
    CHECK(hash_equal(&a.request_hash, &b.request_hash));
    CHECK_OK(job_request_read(t->arena, JOB_KIND_SYNC, a.request, &back, &t->err));
    CHECK_INT(back.direction, DIRECTION_BOTH);
    CHECK_INT(back.artifacts.count, 1);
    CHECK(!back.dry_run);
    CHECK_OK(job_request_draft(t->arena, JOB_KIND_UPDATE, &by_name, &b, NULL, &t->err));
    CHECK(!hash_equal(&a.request_hash, &b.request_hash));
    CHECK_FAILS(ERR_INVALID,
                job_request_read(t->arena, JOB_KIND_SYNC, STR("{\"what\":1}"), &back, &t->err));
}

TEST(a_bare_name_keeps_everything_else_out)
{
    JobRequest request = job_request_real();
    JobDraft draft = {0};
    ARRAY_PUSH(t->arena, &request.artifacts, STR("skill:pdf"));
    ARRAY_PUSH(t->arena, &request.artifacts, STR("doc"));
    CHECK_OK(job_request_draft(t->arena, JOB_KIND_UPDATE, &request, &draft, NULL, &t->err));
    CHECK_INT(draft.artifacts.count, 0);
}
