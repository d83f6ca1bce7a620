#include "apply/world_test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/fs.h"

TEST(recovery_finds_nothing_to_do_in_a_clean_home)
{
    SCOPED(world_close) World *w = world_new(t);
    ApplyRecovery recovery;
    CHECK_OK(apply_recover(t->arena, w->home, w->home_fd, 0, &w->face, &recovery, &t->err));
    CHECK_INT(recovery.count, 0);
    CHECK_TEXT(test_shell(t, "find home | wc -l"), "1\n");
}

/* A journal that got as far as DONE: the database was away. */
static World *unfinished(Test *t)
{
    World *w = world_new(t);
    test_write(t, "root0/a", "one");
    world_change(w, 0, "a", "one", "ONE", 0);
    world_change(w, 1, "b", NULL, "two", 0);
    w->host.finish_fails = true;
    CHECK_FAILS(ERR_UNFINISHED_APPLY, world_run(w, &t->err));
    w->host.finish_fails = false;
    return w;
}

static bool journals_left(Test *t)
{
    return test_shell(t, "ls home/txn")[0] != '\0';
}

TEST(what_the_database_did_not_take_is_given_to_it_by_recovery)
{
    SCOPED(world_close) World *w = unfinished(t);
    CHECK(journals_left(t));
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.count, 1);
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FINISHED);
    CHECK_INT(w->host.finished, 1);
    CHECK(!journals_left(t));
    CHECK_TEXT(world_all(t), "root0/a f 644 |ONE\nroot1/b f 644 |two\n");
}

TEST(a_database_that_stays_away_leaves_it_for_the_next_time)
{
    SCOPED(world_close) World *w = unfinished(t);
    w->host.finish_fails = true;
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FAILED);
    CHECK_INT(w->recovery.items[0].error.code, ERR_UNFINISHED_APPLY);
    w->host.finish_fails = false;
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FINISHED);
}

TEST(an_absent_root_is_waited_for_and_nothing_is_forgotten)
{
    SCOPED(world_close) World *w = unfinished(t);
    (void)test_shell(t, "mv root1 elsewhere; mkdir root1");
    for (int i = 0; i < 2; i++) {
        CHECK_OK(world_recover(w, &t->err));
        CHECK_INT(w->recovery.items[0].kind, RECOVERY_WAITING);
        CHECK_STR(w->recovery.items[0].absent.items[0], str_of(w->path[1]));
        CHECK(journals_left(t));
    }
    CHECK_OK(apply_check_root(t->arena, w->fd[0], ".weir", w->home, w->home_fd, false, &t->err));
    (void)test_shell(t, "rmdir root1; mv elsewhere root1");
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FINISHED);
    CHECK(!journals_left(t));
    CHECK_TEXT(world_all(t), "root0/a f 644 |ONE\nroot1/b f 644 |two\n");
}

TEST(a_journal_whose_owner_lives_is_left_alone)
{
    SCOPED(world_close) World *w = unfinished(t);
    const char *id = test_shell(t, "printf %%s home/txn/*");
    SCOPED(fd_close) int owner = fs_open_at(t->dir_fd, str_of(id), O_RDONLY | O_DIRECTORY, 0);
    CHECK_INT(flock(owner, LOCK_EX), 0);
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_BUSY);
    CHECK(journals_left(t));
    CHECK_INT(w->host.finished, 0);
}

TEST(recovery_does_not_work_in_a_root_that_is_in_use)
{
    SCOPED(world_close) World *w = unfinished(t);
    SCOPED(operation_lock_release) OperationLock *lock = NULL;
    LockFolder folder = {.path = w->path[0], .write = true};
    CHECK_OK(operation_lock_acquire(t->arena, &folder, 1, 0, &lock, &t->err));
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_BUSY);
}

TEST(a_root_says_when_recovery_has_to_come_first)
{
    SCOPED(world_close) World *w = unfinished(t);
    CHECK_FAILS(ERR_CHANGED,
                apply_check_root(t->arena, w->fd[0], ".weir", w->home, w->home_fd, false, &t->err));
    CHECK_OK(world_recover(w, &t->err));
    CHECK_OK(apply_check_root(t->arena, w->fd[0], ".weir", w->home, w->home_fd, false, &t->err));
}

TEST(another_home_is_told_whose_apply_was_interrupted_and_restores_when_that_home_is_gone)
{
    SCOPED(world_close) World *w = unfinished(t);
    SCOPED(fd_close) int other = -1;
    CHECK_OK(fs_make_root(arena_format(t->arena, "%s/other", t->dir), 0700, &other, &t->err));
    CHECK_FAILS(ERR_INTERRUPTED_APPLY,
                apply_check_root(t->arena, w->fd[0], ".weir", "/other", other, true, &t->err));
    CHECK_HAS(t->err.message, w->home);
    (void)test_shell(t, "rm -r home");
    CHECK_FAILS(ERR_INTERRUPTED_APPLY,
                apply_check_root(t->arena, w->fd[0], ".weir", "/other", other, false, &t->err));
    CHECK_OK(apply_check_root(t->arena, w->fd[0], ".weir", "/other", other, true, &t->err));
    CHECK_OK(apply_check_root(t->arena, w->fd[1], ".weir", "/other", other, true, &t->err));
    CHECK_TEXT(world_all(t), "root0/a f 644 |one\n");
}

TEST(what_cannot_go_back_because_something_stands_there_stays_until_the_way_is_free)
{
    SCOPED(world_close) World *w = world_new(t);
    SCOPED(fd_close) int other = -1;
    test_write(t, "root0/box/p", "p");
    world_change(w, 0, "box/p", "p", NULL, 0);
    world_change(w, 0, "box", NULL, "BOX", 0);
    w->host.finish_fails = true;
    CHECK_FAILS(ERR_UNFINISHED_APPLY, world_run(w, &t->err));
    CHECK_OK(fs_make_root(arena_format(t->arena, "%s/other", t->dir), 0700, &other, &t->err));
    (void)test_shell(t, "rm -r home; printf his >root0/box");
    for (int i = 0; i < 2; i++) {
        CHECK_FAILS(ERR_INTERRUPTED_APPLY,
                    apply_check_root(t->arena, w->fd[0], ".weir", "/other", other, true, &t->err));
        CHECK_HAS(t->err.message, "box/p");
    }
    (void)test_shell(t, "mv root0/box root0/his");
    CHECK_OK(apply_check_root(t->arena, w->fd[0], ".weir", "/other", other, true, &t->err));
    CHECK_TEXT(world_all(t), "root0/box/p f 644 |p\nroot0/his f 644 |his\n");
}

/* As two power losses leave it: his file is in a folder that was to become a file, so that it stays, and what
 * was deleted below it is in staging, but the removal of its folder never got to the disk. */
TEST(an_empty_folder_below_one_that_did_not_give_way_goes_in_recovery)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/box/p", "p");
    test_write(t, "root0/box/q/r", "r");
    world_change(w, 0, "a", NULL, "A", 1);
    world_change(w, 0, "box", NULL, "BOX", 0);
    world_change(w, 0, "box/p", "p", NULL, 0);
    world_change(w, 0, "box/q/r", "r", NULL, 0);
    world_change(w, 0, "record", NULL, "record", APPLY_RECORD);
    w->host.finish_fails = true;
    CHECK_FAILS(ERR_UNFINISHED_APPLY, world_run(w, &t->err));
    w->host.finish_fails = false;
    (void)test_shell(t, "mv root0/box $(echo root0/.weir/txn-*/new)/1; mkdir -p root0/box/q; "
                        "printf his >root0/box/p; "
                        "for id in home/txn/*; do : >$id/BACK; mv $id/DONE $id/FORWARD; done");
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FINISHED);
    CHECK(!journals_left(t));
    CHECK_TEXT(world_all(t), "root0/a f 644 |A\nroot0/box/p f 644 |his\n"
                             "root0/record f 644 |amended 0 from record\n");
    CHECK_TEXT(test_shell(t, "find root0/box -type d"), "root0/box\n");
}

/* A program that has the old file open. What it has open for writing is never replaced; the later tests have
 * it open for reading only, until it has been. */
static int held;

static void open_a(void *context)
{
    World *w = context;
    held = fs_open_at(w->fd[0], STR("a"), O_WRONLY, 0);
}

static void open_a_for_reading(void *context)
{
    World *w = context;
    held = fs_open_at(w->fd[0], STR("a"), O_RDONLY, 0);
}

static void open_held_for_writing(void *context)
{
    World *w = context;
    Str again = str_of(arena_format(w->t->arena, "/proc/self/fd/%d", held));
    fd_close(&w->written);
    w->written = open(again.data, O_WRONLY | O_CLOEXEC);
    fd_close(&held);
}

static void write_and_close(void *context)
{
    World *w = context;
    open_held_for_writing(w);
    CHECK_INT(write(w->written, "HIS", 3), 3);
    fd_close(&w->written);
}

TEST(a_file_that_is_open_for_writing_is_not_replaced_and_all_goes_back)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/0", "zero");
    test_write(t, "root0/a", "one");
    world_change(w, 0, "0", "zero", "ZERO", 0);
    world_change(w, 0, "a", "one", "ONE", 0);
    w->host.before_commit = open_a;
    w->host.context = w;
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_RACED);
    CHECK_INT(w->result.raced.count, 1);
    CHECK_INT(write(held, "HIS", 3), 3);
    fd_close(&held);
    CHECK_TEXT(world_all(t), "root0/0 f 644 |zero\nroot0/a f 644 |HIS\n");
}

TEST(a_file_that_is_open_for_writing_is_not_deleted)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/a", "one");
    world_change(w, 0, "a", "one", NULL, 0);
    w->host.before_commit = open_a;
    w->host.context = w;
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_RACED);
    CHECK_INT(write(held, "HIS", 3), 3);
    fd_close(&held);
    CHECK_TEXT(world_all(t), "root0/a f 644 |HIS\n");
}

TEST(what_is_still_open_for_writing_at_the_end_gets_a_name_beside_the_new_one)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/a", "one");
    world_change(w, 0, "a", "one", "ONE", 0);
    w->host.before_commit = open_a_for_reading;
    w->host.at_finish = open_held_for_writing;
    w->host.context = w;
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_DONE);
    CHECK_INT(write(w->written, "HIS", 3), 3);
    CHECK_TEXT(world_all(t), "root0/a f 644 |ONE\nroot0/a.weir-kept-1 f 644 |HIS\n");
    CHECK_INT(w->result.late.count, 1);
    CHECK_STR(w->result.late.items[0].path, STR("a.weir-kept-1"));
}

TEST(a_write_to_a_file_that_has_been_replaced_gets_a_name_beside_the_new_one)
{
    SCOPED(world_close) World *w = world_new(t);
    test_write(t, "root0/a", "one");
    world_change(w, 0, "a", "one", "ONE", 0);
    w->host.before_commit = open_a_for_reading;
    w->host.at_finish = write_and_close;
    w->host.context = w;
    CHECK_OK(world_run(w, &t->err));
    CHECK_INT(w->result.outcome, APPLY_DONE);
    CHECK_INT(w->result.late.count, 1);
    CHECK_TEXT(world_all(t), "root0/a f 644 |ONE\nroot0/a.weir-kept-1 f 644 |HIS\n");
}

/* He writes to what weir has deleted, and its folder with it; or he has put a file where that was. */
static World *late_write_to_a_deleted_file(Test *t)
{
    World *w = world_new(t);
    test_write(t, "root0/d/e/a", "one");
    world_change(w, 0, "d/e/a", "one", NULL, 0);
    w->host.finish_fails = true;
    CHECK_FAILS(ERR_UNFINISHED_APPLY, world_run(w, &t->err));
    w->host.finish_fails = false;
    (void)test_shell(t, "printf HIS >$(echo root0/.weir/txn-*/new)/0");
    return w;
}

TEST(a_write_to_a_file_that_was_deleted_with_its_folder_gets_the_folder_again)
{
    SCOPED(world_close) World *w = late_write_to_a_deleted_file(t);
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FINISHED);
    CHECK_TEXT(world_all(t), "root0/d/e/a.weir-kept-1 f 644 |HIS\n");
}

TEST(a_write_to_a_file_whose_folder_is_a_file_by_now_lies_beside_that)
{
    SCOPED(world_close) World *w = late_write_to_a_deleted_file(t);
    test_write(t, "root0/d", "his too");
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FINISHED);
    CHECK_TEXT(world_all(t), "root0/d f 644 |his too\nroot0/d.weir-kept-1 f 644 |HIS\n");
}

TEST(what_was_being_set_aside_when_a_crash_came_gets_no_second_name)
{
    SCOPED(world_close) World *w = unfinished(t);
    (void)test_shell(t, "printf HIS >$(echo root0/.weir/txn-*/new)/0; "
                        "ln root0/.weir/txn-*/new/0 root0/a.weir-kept-1");
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FINISHED);
    CHECK_INT(w->recovery.items[0].result.late.count, 1);
    CHECK_TEXT(world_all(t), "root0/a f 644 |ONE\nroot0/a.weir-kept-1 f 644 |HIS\n"
                             "root1/b f 644 |two\n");
}

/* As a crash leaves it where there is no exchange: the old file has its second name, and is not replaced. */
TEST(a_second_name_of_what_is_still_in_its_place_and_open_for_writing_goes)
{
    SCOPED(world_close) World *w = unfinished(t);
    (void)test_shell(t, "cp $(echo root0/.weir/txn-*/new)/0 root0/a; rm root0/.weir/txn-*/new/0; "
                        "printf ONE >$(echo root0/.weir/txn-*/new)/0; "
                        "ln root0/a $(echo root0/.weir/txn-*/new)/o0; rm home/txn/*/DONE");
    w->written = fs_open_at(w->fd[0], STR("a"), O_WRONLY, 0);
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_ROLLED_BACK);
    CHECK_INT(w->recovery.items[0].result.late.count, 0);
    CHECK_INT(write(w->written, "HIS", 3), 3);
    CHECK_TEXT(world_all(t), "root0/a f 644 |HIS\n");
}

TEST(a_vanished_staging_folder_of_a_finished_apply_is_no_trouble)
{
    SCOPED(world_close) World *w = unfinished(t);
    (void)test_shell(t, "rm -rf root0/.weir root1/.weir");
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FINISHED);
    CHECK_TEXT(world_all(t), "root0/a f 644 |ONE\nroot1/b f 644 |two\n");
}

TEST(a_journal_cut_short_before_commit_is_tidied_away)
{
    SCOPED(world_close) World *w = unfinished(t);
    (void)test_shell(
        t, "rm home/txn/*/COMMIT home/txn/*/DONE; for f in home/txn/*/roots; do : >$f; done");
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_ROLLED_BACK);
    CHECK(!journals_left(t));
}

TEST(a_committed_journal_that_cannot_be_read_is_reported_and_kept)
{
    SCOPED(world_close) World *w = unfinished(t);
    (void)test_shell(t, "for f in home/txn/*/journal; do echo x >>$f; done");
    CHECK_OK(world_recover(w, &t->err));
    CHECK_INT(w->recovery.items[0].kind, RECOVERY_FAILED);
    CHECK_INT(w->recovery.items[0].error.code, ERR_CORRUPT);
    CHECK(journals_left(t));
}
