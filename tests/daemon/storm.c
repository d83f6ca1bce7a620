/* A daemon under kills: clients make jobs over HTTP and listen to its events, while it is killed
 * every 50 to 500 ms and started again; writes FOLDER/history.jsonl (tests/jobs/README.md). Fails
 * only when it could not do its part: what it means is for the checker to say.
 *
 * storm WEIR HOME FOLDER KILLS JOBS SECONDS SEED: so many kills and acknowledged jobs, or that long
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db.h"
#include "events/event.h"
#include "lib/clients.h"

enum { DRAIN_S = 240, START_S = 30 };

typedef struct {
    Served served;
    Clients clients;
    Client makers[MAKERS], listeners[LISTENERS];
    Thread making[MAKERS], listening[LISTENERS];
    int64_t kills, early, most_ready_us;
} Storm;

static void begin_clients(Storm *storm)
{
    Error err;
    for (int i = 0; i < MAKERS; i++) {
        storm->makers[i] = (Client){.all = &storm->clients, .index = i};
        if (!thread_start(&storm->making[i], "maker", client_make, &storm->makers[i], &err))
            die_of("thread");
    }
    for (int i = 0; i < LISTENERS; i++) {
        storm->listeners[i] = (Client){.all = &storm->clients, .index = i};
        if (!thread_start(&storm->listening[i], "listener", client_listen, &storm->listeners[i],
                          &err))
            die_of("thread");
    }
}

/* No worker of a daemon that was killed may work while the next one does. */
static void see_workers(Storm *storm, const Workers *workers)
{
    pid_t which;
    if (workers_live(workers, &which))
        tell(&storm->clients, "storm", "outlived", ",\"worker\":\"%d\"", (int)which);
}

static void one_life(Storm *storm, Workers *workers)
{
    int64_t began = clock_monotonic_us();
    int64_t until = began + (50 + chance(451)) * 1000;
    served_start(&storm->served);
    if (served_await(&storm->served, until)) {
        int64_t ready = clock_monotonic_us();
        see_workers(storm, workers);
        storm->most_ready_us =
            ready - began > storm->most_ready_us ? ready - began : storm->most_ready_us;
        if (ready < until)
            clock_sleep_ms((until - ready) / 1000);
    } else {
        storm->early++;
    }
    served_workers(&storm->served, workers);
    served_kill(&storm->served);
    storm->kills++;
}

static int64_t last_event(const Storm *storm)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(db_close) Db *db = NULL;
    Error err;
    int64_t last;
    if (!db_open(arena, storm->served.home, DB_RECORDS, &db, &err) || !event_last(db, &last, &err))
        die_of("database");
    return last;
}

static bool all_has_ended(const Storm *storm)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(db_close) Db *db = NULL;
    SCOPED(db_rows_end) DbRows *rows = NULL;
    Error err;
    if (!db_open(arena, storm->served.home, DB_RECORDS, &db, &err) ||
        !db_query(db, "SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')",
                  DB_NO_VALUES, &rows, &err) ||
        !db_next(rows))
        die_of("database");
    return row_int(rows, 0) == 0;
}

static bool all_is_heard(const Storm *storm, int64_t last)
{
    for (int i = 0; i < LISTENERS; i++)
        if (storm->clients.heard[i] < last)
            return false;
    return true;
}

/* Nobody is killed any more: everything must come to its end by itself, and the daemon to its own. */
static void drain(Storm *storm)
{
    int64_t until = clock_monotonic_us() + (int64_t)DRAIN_S * 1000000;
    served_start(&storm->served);
    if (!served_await(&storm->served, clock_monotonic_us() + (int64_t)START_S * 1000000))
        die_of("the last start");
    storm->clients.no_more_jobs = true;
    for (int i = 0; i < MAKERS; i++)
        thread_join(&storm->making[i]);
    while (!all_has_ended(storm) && clock_monotonic_us() < until)
        clock_sleep_ms(100);
    int64_t last = last_event(storm);
    while (!all_is_heard(storm, last) && clock_monotonic_us() < until)
        clock_sleep_ms(20);
    for (int i = 0; i < LISTENERS; i++)
        tell(&storm->clients, "storm", "listened", ",\"ear\":\"l%d\",\"upto\":%lld", i,
             (long long)last);
    tell(&storm->clients, "storm", "drained", "%s", "");
    storm->clients.stop = true;
    int status = served_end(&storm->served);
    tell(&storm->clients, "storm", "stopped", ",\"status\":%d", status);
    for (int i = 0; i < LISTENERS; i++)
        thread_join(&storm->listening[i]);
}

static void prepare(Storm *storm, char **arguments)
{
    static char socket[4096], log[4096], history[4096];
    (void)snprintf(socket, sizeof socket, "%s/weir.sock", arguments[3]);
    (void)snprintf(log, sizeof log, "%s/daemon.log", arguments[3]);
    (void)snprintf(history, sizeof history, "%s/history.jsonl", arguments[3]);
    storm->served = (Served){.program = arguments[1],
                             .home = arguments[2],
                             .socket = socket,
                             .log = log,
                             .lock = PTHREAD_MUTEX_INITIALIZER};
    storm->clients.served = &storm->served;
    storm->clients.folder = arguments[3];
    storm->clients.history = open(history, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (storm->clients.history < 0)
        die_of(history);
}

int main(int count, char **arguments)
{
    static Storm storm;
    static Workers workers;
    if (count != 8)
        return 2;
    prepare(&storm, arguments);
    long kills = strtol(arguments[4], NULL, 10), jobs = strtol(arguments[5], NULL, 10);
    int64_t until = clock_monotonic_us() + strtoll(arguments[6], NULL, 10) * 1000000;
    ids_seed(strtoull(arguments[7], NULL, 10));
    begin_clients(&storm);
    while ((storm.kills < kills || storm.clients.acks < jobs) && clock_monotonic_us() < until)
        one_life(&storm, &workers);
    drain(&storm);
    (void)printf(
        "%lld kills (%lld before it was ready), %lld jobs acknowledged, %lld keys asked again, "
        "%lld canceled, %lld broken requests, %lld ms at most to start\n",
        (long long)storm.kills, (long long)storm.early, (long long)(storm.clients.acks + 0),
        (long long)storm.clients.replays, (long long)storm.clients.cancels,
        (long long)storm.clients.breaks, (long long)storm.most_ready_us / 1000);
    return 0;
}
