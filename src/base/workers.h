/* Workers: one function over many jobs, on a few threads, done when all jobs are done.
 *
 * Each job runs once, on one thread, and must touch only what is its own or what guards itself. Signals
 * stay with the caller's thread, which looks on meanwhile. Where no thread can be made the caller's does
 * the work. Nothing is stopped from here: a job that may take long looks at interrupt_check itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    size_t jobs, threads;
    void (*run)(void *context, size_t job);
    void (*watch)(void *context, size_t done); /* on the caller's thread, every 100 ms and at
                                                * the end; or NULL */
    bool caller_works; /* the caller's thread is one of `threads`; it looks on only at the end */
    void *context;
} Work;

/* So many threads as can run at the same time here, at most `most`. */
size_t workers_for(size_t most);

void work_run(const Work *work);
