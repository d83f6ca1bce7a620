#include "apply/lock.h"

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
