#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "jobs/moves_internal.h"
#include "jobs/pick_internal.h"
#include "testing/test.h"

static const Moment moment = {.now_ms = 1000, .boot_ms = 50, .boot_id = "boot", .lease_ms = 30000};

static JobRow running(int64_t fence)
{
    JobRow row = {.job = {.state = JOB_QUEUED}};
    CHECK(move_claim(&row, fence, STR("w"), &moment) == MOVED_STATE);
    return row;
}

TEST(the_database_allows_the_moves_that_the_table_here_allows)
{
    SCOPED(db_close) Db *db = NULL;
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err));
    for (int from = 0; from < JOB_STATES; from++) {
        for (int to = 0; to < JOB_STATES; to++) {
            SCOPED(db_rows_end) DbRows *rows = NULL;
            CHECK_OK(db_find(
                db, "SELECT 1 FROM job_moves WHERE from_state = $1 AND to_state = $2",
                DB_VALUES(db_text_of(job_state_names[from]), db_text_of(job_state_names[to])),
                &rows, &t->err));
            CHECK((rows != NULL) == job_state_may((JobState)from, (JobState)to));
        }
    }
}

TEST(who_holds_an_older_fence_changes_nothing)
{
    JobRow row = running(7);
    CHECK(move_lose(&row, 7, &moment) == MOVED_STATE);
    CHECK(move_claim(&row, 8, STR("v"), &moment) == MOVED_STATE);
    JobRow before = row;
    JobOutcome done = {.state = JOB_SUCCESS}, dead = {.state = JOB_ERROR, .crashed = true};
    CHECK(move_end(&row, 7, &done, JOB_GO_ON, &moment) == MOVED_NOTHING);
    CHECK(move_end(&row, 7, &dead, JOB_STOP_PARKED, &moment) == MOVED_NOTHING);
    CHECK(move_progress(&row, 7, STR("apply"), 50) == MOVED_NOTHING);
    CHECK(move_renew(&row, 7, &moment) == MOVED_NOTHING);
    CHECK(move_lose(&row, 7, &moment) == MOVED_NOTHING);
    CHECK(row.job.state == before.job.state && row.job.fence == 8 && row.job.percent == 0);
    CHECK(move_end(&row, 8, &done, JOB_GO_ON, &moment) == MOVED_STATE);
    CHECK(move_end(&row, 8, &done, JOB_GO_ON, &moment) == MOVED_NOTHING);
}

TEST(a_canceled_job_whose_worker_died_is_run_once_more_to_tell_what_was_done)
{
    JobRow row = running(1);
    CHECK(move_cancel(&row, &moment) == MOVED_QUIETLY);
    CHECK(move_lose(&row, 1, &moment) == MOVED_STATE);
    CHECK(row.job.state == JOB_QUEUED && row.job.cancel_requested);
    CHECK(move_claim(&row, 2, STR("w"), &moment) == MOVED_STATE);
    CHECK(move_end(&row, 2, &(JobOutcome){.state = JOB_CANCELED}, JOB_STOP_CANCELED, &moment) ==
          MOVED_STATE);
    CHECK_INT(row.job.state, JOB_CANCELED);
}

TEST(a_canceled_job_that_failed_halfway_keeps_what_it_tells_of_the_half)
{
    JobRow row = running(3);
    JobOutcome half = {.state = JOB_ERROR, .transient = true, .result = STR("{\"partial\":true}")};
    CHECK(move_cancel(&row, &moment) == MOVED_QUIETLY);
    CHECK(move_end(&row, 3, &half, JOB_STOP_CANCELED, &moment) == MOVED_STATE);
    CHECK_INT(row.job.state, JOB_CANCELED);
    CHECK_STR(row.job.result, half.result);
}

TEST(a_worker_that_was_stopped_by_nobody_has_died)
{
    JobRow row = running(1);
    CHECK(move_end(&row, 1, &(JobOutcome){.state = JOB_CANCELED}, JOB_GO_ON, &moment) ==
          MOVED_STATE);
    CHECK(row.job.state == JOB_QUEUED && row.job.crashes == 1);
}

TEST(daemons_that_die_are_blamed_on_a_job_only_when_it_ran_as_a_suspect)
{
    JobRow row = running(1);
    for (int i = 0; i < 4; i++) {
        CHECK(row.job.state == JOB_RUNNING && row.job.crashes == (i ? i - 1 : 0));
        CHECK(move_lose(&row, 0, &moment) == MOVED_STATE);
        if (i < 3)
            CHECK(move_claim(&row, 2 + i, STR("w"), &moment) == MOVED_STATE);
    }
    CHECK(row.job.state == JOB_ERROR && row.job.suspect);
    CHECK_STR(row.job.error_code, STR("POISON"));
}

TEST(a_lease_is_void_after_its_time_and_on_another_start_of_the_machine)
{
    JobRow row = running(1);
    Moment later = moment;
    CHECK(!lease_is_void(&row, &later));
    later.boot_ms += 30001;
    CHECK(lease_is_void(&row, &later));
    later = moment;
    later.boot_id = "other";
    CHECK(lease_is_void(&row, &later));
}

TEST(a_turn_set_far_ahead_by_a_clock_that_went_back_is_not_waited_for)
{
    Job job = {.run_at_ms = 1000};
    CHECK(!job_is_runnable(&job, 500));
    CHECK(job_is_runnable(&job, 1000));
    job.run_at_ms = (int64_t)365 * 86400 * 1000;
    CHECK(job_is_runnable(&job, 1000));
}

TEST(keeps_the_end_of_a_long_log_at_the_start_of_a_letter)
{
    JobRow row = running(1);
    char log[JOB_LOG_BYTES + 11];
    memset(log, 'x', sizeof log);
    for (size_t i = 0; i + 1 < sizeof log; i += 2)
        memcpy(log + i, "\xc3\xa9", 2);
    JobOutcome done = {.state = JOB_SUCCESS, .log_excerpt = {log, sizeof log}};
    CHECK(move_end(&row, 1, &done, JOB_GO_ON, &moment) == MOVED_STATE);
    CHECK(row.job.log_excerpt.len <= JOB_LOG_BYTES && str_is_utf8(row.job.log_excerpt));
}

/* Whatever comes in whatever order: only legal moves, rising fences, an end that stays. */
TEST(random_moves_never_leave_the_table_of_moves)
{
    for (int round = 0; round < test_rounds(3000); round++) {
        JobRow row = {.job = {.state = JOB_QUEUED}};
        int64_t fence = 0;
        for (int i = 0; i < 40; i++) {
            JobRow before = row;
            int64_t used = 1 + (int64_t)test_below(t, (uint64_t)fence + 1);
            JobOutcome outcome = {.state = (JobState)(JOB_SUCCESS + test_below(t, 4)),
                                  .transient = test_below(t, 2),
                                  .crashed = test_below(t, 4) == 0};
            Moment now = moment;
            now.now_ms += i * 100000;
            Moved moved = MOVED_NOTHING;
            switch (test_below(t, 6)) {
            case 0:
            case 1:
                moved = move_claim(&row, fence + 1, STR("w"), &now);
                fence += moved != MOVED_NOTHING;
                break;
            case 2:
                moved = move_end(&row, used, &outcome, (JobStop)test_below(t, 3), &now);
                break;
            case 3:
                moved = move_lose(&row, used, &now);
                break;
            case 4:
                moved = move_progress(&row, used, STR("merge"), 10);
                break;
            default:
                moved = test_below(t, 5) ? MOVED_NOTHING : move_cancel(&row, &now);
                break;
            }
            bool same = row.job.state == before.job.state;
            CHECK(same || job_state_may(before.job.state, row.job.state));
            CHECK((moved == MOVED_STATE) == !same);
            CHECK(row.job.fence >= before.job.fence && row.job.crashes <= JOB_CRASHES_MOST);
            CHECK((row.job.state == JOB_RUNNING) == (row.lease_boot.len > 0));
            CHECK(job_state_is_final(row.job.state) == (row.job.ended_ms > 0));
        }
    }
}

/* An undo, or whatever else comes behind it, would be written over by its next try. */
TEST(a_job_that_waits_to_be_tried_again_is_not_overtaken)
{
    Str artifact = STR("skill:pdf");
    Job tried = {.kind = JOB_KIND_SYNC, .artifacts = {&artifact, 1, 1}, .run_at_ms = 2000};
    Job undo = {.kind = JOB_KIND_UNDO};
    Job suspect = tried, other = {.kind = JOB_KIND_SYNC};
    Str name = STR("skill:doc");
    other.artifacts = (StrArray){&name, 1, 1};
    Pick *pick = pick_new(t->arena, 1000);
    CHECK(!pick_waiting(pick, &tried));
    CHECK(!pick_waiting(pick, &undo));
    suspect.run_at_ms = 0;
    suspect.suspect = true;
    Job runs = {.kind = JOB_KIND_DRIFT, .suspect = true};
    pick = pick_new(t->arena, 1000);
    pick_running(pick, &runs);
    CHECK(!pick_waiting(pick, &suspect));
    CHECK(pick_waiting(pick, &other));
    CHECK(!pick_waiting(pick, &undo));
}
