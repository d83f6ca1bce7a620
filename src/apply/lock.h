/* Operation lock: who works in which folders, across threads and processes.
 *
 * An advisory flock on a read-only descriptor of the folder itself: no file is made, so a dry run leaves
 * nothing, and the kernel frees it when its holder dies. Exclusive for roots written, shared for roots
 * only read; taken in (device, inode) order, so two operations cannot wait for each other. A root that
 * was swapped while we waited is opened again. A second lock of one folder by the same process waits for
 * the first, so an operation takes all its folders in one call.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct OperationLock OperationLock;

typedef struct {
    const char *path;
    bool write;
    Error *
        busy; /* not NULL: held by others till the time is over, it is left out, and this says so */
} LockFolder;

/* Waits up to `timeout_ms` for all of them together. ERR_LOCKED names the folder and, where the kernel
 * tells, the holder's process; ERR_UNSUPPORTED where the file system knows no such lock. Lives in `arena`,
 * must be released. */
MUST_CHECK bool operation_lock_acquire(Arena *arena, const LockFolder *folders, size_t count,
                                       int timeout_ms, OperationLock **out, Error *err);
/* The open root of folders[index], for fs_*; borrowed. -1: it was left out. */
int operation_lock_fd(const OperationLock *lock, size_t index);
void operation_lock_release(OperationLock **lock); /* fine on NULL */
