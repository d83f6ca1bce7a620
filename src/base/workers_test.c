#include "base/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "testing/test.h"

enum { JOBS = 200 };

typedef struct {
    _Atomic int runs[JOBS];
    _Atomic int now, most, with_signals;
    int watched;
    size_t last_done;
} Counts;

static void count(void *context, size_t job)
{
    Counts *counts = context;
    sigset_t mask;
    int now = atomic_fetch_add(&counts->now, 1) + 1;
    int most = atomic_load(&counts->most);
    while (now > most && !atomic_compare_exchange_weak(&counts->most, &most, now))
        continue;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (!sigismember(&mask, SIGINT))
        (void)atomic_fetch_add(&counts->with_signals, 1);
    (void)atomic_fetch_add(&counts->runs[job], 1);
    for (int i = 0; i < 5000 && atomic_load(&counts->most) < 2; i++)
        clock_sleep_ms(1); /* until another one is at work too */
    (void)atomic_fetch_sub(&counts->now, 1);
}

static void look(void *context, size_t done)
{
    Counts *counts = context;
    counts->watched++;
    counts->last_done = done;
}

TEST(runs_each_job_once_on_no_more_threads_than_it_may)
{
    static Counts counts; /* zero */
    Work work = {.jobs = JOBS, .threads = 3, .run = count, .watch = look, .context = &counts};
    work_run(&work);
    for (size_t i = 0; i < JOBS; i++)
        CHECK_INT(atomic_load(&counts.runs[i]), 1);
    CHECK(atomic_load(&counts.most) <= 3);
    CHECK(atomic_load(&counts.most) > 1);
    CHECK_INT(atomic_load(&counts.with_signals), 0);
    CHECK(counts.watched > 0);
    CHECK_INT(counts.last_done, JOBS);
    (void)t;
}

TEST(no_job_is_no_work)
{
    Counts counts = {0};
    Work work = {.jobs = 0, .threads = 4, .run = count, .context = &counts};
    work_run(&work);
    CHECK_INT(atomic_load(&counts.most), 0);
    (void)t;
}

static void note_thread(void *context, size_t job)
{
    pthread_t *threads = context;
    threads[job] = pthread_self();
}

TEST(the_caller_works_too_where_it_is_asked_to_and_alone_where_it_is_the_only_thread)
{
    pthread_t threads[JOBS] = {0};
    Work alone = {.jobs = JOBS, .threads = 1, .run = note_thread, .caller_works = true};
    alone.context = threads;
    work_run(&alone);
    for (size_t i = 0; i < JOBS; i++)
        CHECK(pthread_equal(threads[i], pthread_self()));
    Counts counts = {0};
    Work both = {
        .jobs = JOBS, .threads = 2, .run = count, .context = &counts, .caller_works = true};
    work_run(&both);
    for (size_t i = 0; i < JOBS; i++)
        CHECK_INT(counts.runs[i], 1);
    CHECK_INT(counts.most, 2);
}
