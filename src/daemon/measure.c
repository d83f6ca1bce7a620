/* Gauges of the daemon, and its observer's beginning and end. */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "daemon/observe_internal.h"

bool observer_open(const ObserverOptions *options, Observer **out, Error *err)
{
    Arena *arena = arena_open();
    SCOPED(observer_close) Observer *observer = ARENA_NEW(arena, Observer);
    observer->arena = arena;
    observer->options = *options;
    observer->metrics = metrics_new();
    (void)pthread_mutex_init(&observer->log_lock, NULL);
    metric_set(observer->metrics, METRIC_BUILD_INFO, WEIR_VERSION, 1);
    metric_set(observer->metrics, METRIC_START_SECONDS, NULL, (double)clock_ms() / 1000);
    if (!observer_open_export(observer, err))
        return false;
    *out = TAKE(observer);
    return true;
}

void observer_close(Observer **observed)
{
    Observer *observer = *observed;
    if (!observer)
        return;
    exporter_close(&observer->exporter);
    http_client_close(&observer->client);
    secret_free(&observer->headers);
    metrics_free(&observer->metrics);
    (void)pthread_mutex_destroy(&observer->log_lock);
    *observed = NULL;
    Arena *arena = observer->arena;
    arena_close(&arena);
}

void observer_jobs(Observer *observer, const JobCounts *counts)
{
    Metrics *metrics = observer->metrics;
    int64_t since_ms = counts->oldest_queued_ms, now_ms = clock_ms();
    for (JobState state = 0; state < JOB_STATES; state++)
        metric_set(metrics, METRIC_JOBS_IN_STATE, job_state_names[state],
                   (double)counts->by_state[state]);
    metric_set(metrics, METRIC_JOB_OLDEST_SECONDS, NULL,
               since_ms && now_ms > since_ms ? (double)(now_ms - since_ms) / 1000 : 0);
    metric_set(metrics, METRIC_JOB_STORE_FALLBACK, NULL, counts->fallback);
    metric_set(metrics, METRIC_JOB_STORE_STUCK, NULL, counts->stuck);
}

void observer_server(Observer *observer, const HttpServerCounts *counts, size_t streams)
{
    metric_set(observer->metrics, METRIC_HTTP_CONNECTIONS, NULL, (double)counts->connections);
    metric_set(observer->metrics, METRIC_EVENT_STREAMS, NULL, (double)streams);
}

/* statm(5): pages, the second number being those in memory. */
static double resident_bytes(Arena *arena)
{
    Str text, field = {0};
    uint64_t pages = 0;
    Error ignored;
    if (!fs_read_path(arena, "/proc/self/statm", 4096, &text, &ignored) ||
        !str_next(&text, ' ', &field) || !str_next(&text, ' ', &field) ||
        !str_to_u64(field, &pages))
        return 0;
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_fds(Arena *arena)
{
    SCOPED(fd_close) int folder = -1;
    FsNames names = {0};
    Error ignored;
    if (!fs_open_root("/proc/self/fd", &folder, &ignored) ||
        !fs_list(arena, folder, &names, &ignored))
        return 0;
    return (double)(names.count - 1); /* without the one that looks */
}

void observer_process(Observer *observer)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    metric_set(observer->metrics, METRIC_RESIDENT_BYTES, NULL, resident_bytes(arena));
    metric_set(observer->metrics, METRIC_OPEN_FDS, NULL, open_fds(arena));
}
