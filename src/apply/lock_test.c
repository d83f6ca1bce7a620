#include "apply/lock.h"

#include <string.h>

#include "base/clock.h"

#include "testing/test.h"

TEST(a_second_writer_waits_and_is_told_who_holds_the_folder)
{
    SCOPED(operation_lock_release) OperationLock *first = NULL;
    SCOPED(operation_lock_release) OperationLock *second = NULL;
    LockFolder folder = {.path = t->dir, .write = true}, reader = {.path = t->dir};
    CHECK_OK(operation_lock_acquire(t->arena, &folder, 1, 0, &first, &t->err));
    CHECK_FAILS(ERR_LOCKED, operation_lock_acquire(t->arena, &reader, 1, 30, &second, &t->err));
    CHECK_HAS(t->err.message, "by process");
    operation_lock_release(&first);
    CHECK_OK(operation_lock_acquire(t->arena, &reader, 1, 0, &second, &t->err));
    CHECK_OK(operation_lock_acquire(t->arena, &reader, 1, 0, &first, &t->err));
}

TEST(one_folder_under_two_names_is_locked_once_and_the_stronger_way)
{
    SCOPED(operation_lock_release) OperationLock *lock = NULL;
    SCOPED(operation_lock_release) OperationLock *other = NULL;
    (void)test_shell(t, "ln -s . self");
    LockFolder both[] = {{.path = t->dir},
                         {.path = arena_format(t->arena, "%s/self", t->dir), .write = true}};
    CHECK_OK(operation_lock_acquire(t->arena, both, 2, 0, &lock, &t->err));
    CHECK_INT(operation_lock_fd(lock, 0), operation_lock_fd(lock, 1));
    CHECK_FAILS(ERR_LOCKED, operation_lock_acquire(t->arena, both, 1, 0, &other, &t->err));
}

TEST(any_number_of_busy_folders_costs_one_time_out_and_the_others_are_locked)
{
    enum { MANY = 12, FREE = 2, TIMEOUT_MS = 250 };
    OperationLock *holders[MANY] = {0};
    SCOPED(operation_lock_release) OperationLock *lock = NULL;
    LockFolder folders[MANY + FREE];
    Error *busy = ARENA_ARRAY(t->arena, Error, MANY + FREE);
    for (int i = 0; i < MANY + FREE; i++) {
        const char *path = arena_format(t->arena, "%s/%d", t->dir, i);
        (void)test_shell(t, "mkdir %d", i);
        folders[i] = (LockFolder){.path = path, .write = true, .busy = &busy[i]};
        if (i >= FREE)
            CHECK_OK(
                operation_lock_acquire(t->arena, &folders[i], 1, 0, &holders[i - FREE], &t->err));
    }
    int64_t began_us = clock_monotonic_us();
    CHECK_OK(
        operation_lock_acquire(t->arena, folders, COUNT_OF(folders), TIMEOUT_MS, &lock, &t->err));
    int64_t took_ms = (clock_monotonic_us() - began_us) / 1000;
    CHECK(took_ms >= TIMEOUT_MS && took_ms < (int64_t)MANY * TIMEOUT_MS / 2);
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        CHECK_INT(busy[i].code, i < FREE ? ERR_NONE : ERR_LOCKED);
        CHECK((operation_lock_fd(lock, i) < 0) == (i >= FREE));
        CHECK(i < FREE || strstr(busy[i].message, folders[i].path));
    }
    for (int i = 0; i < MANY; i++)
        operation_lock_release(&holders[i]);
}

TEST(a_busy_folder_that_somebody_needs_fails_them_all)
{
    SCOPED(operation_lock_release) OperationLock *holder = NULL;
    SCOPED(operation_lock_release) OperationLock *lock = NULL;
    Error busy = {0};
    (void)test_shell(t, "ln -s . self");
    LockFolder both[] = {
        {.path = t->dir, .write = true, .busy = &busy},
        {.path = arena_format(t->arena, "%s/self", t->dir), .write = true},
    };
    CHECK_OK(operation_lock_acquire(t->arena, both, 1, 0, &holder, &t->err));
    CHECK_FAILS(ERR_LOCKED, operation_lock_acquire(t->arena, both, 2, 0, &lock, &t->err));
    operation_lock_release(&holder);
    CHECK_OK(operation_lock_acquire(t->arena, both, 2, 0, &lock, &t->err));
}
