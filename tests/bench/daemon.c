/* Measures a daemon at 127.0.0.1:PORT from outside; the token comes in WEIR_TOKEN. Prints
 * `name value` a line.
 *
 * daemon creates PORT CLIENTS SECONDS FOLDER  creates_s, p50_ms, p99_ms; the peer in FOLDER: sync_s
 * daemon status PORT CLIENTS SECONDS          status_p99_ms, while 8 others make jobs
 * daemon toast PORT ROUNDS                    toast_ms: from POST to job.success, median
 * daemon streams PORT COUNT                   says "open" and keeps them until its input ends
 * daemon first HOME SINCE_MS                  first_ms: from then until the first job that ran
 * daemon queue PORT HOME COUNT                makes jobs until so many wait
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../daemon/lib/load.h"
#include "base/clock.h"
#include "db/db.h"
#include "sync_rate.h"

enum { ROUNDS = 4, WRITERS = 8, TOASTS_MOST = 1000 };

static const char *token;

/* In turns with the peer, so that both meet the same noise; the worst p99 counts. */
static int measure_creates(uint16_t port, size_t clients, double seconds, const char *folder)
{
    double rate = 0, peer = 0, middle = 0, late = 0;
    for (int round = 0; round < ROUNDS; round++) {
        LoadResult result;
        LoadSpec spec = {
            .port = port, .token = token, .clients = clients, .seconds = seconds / ROUNDS};
        peer += sync_rate(folder, seconds / ROUNDS / 2) / ROUNDS;
        load_run(&spec, &result);
        rate += result.rate / ROUNDS;
        middle += result.p50_ms / ROUNDS;
        late = result.p99_ms > late ? result.p99_ms : late;
    }
    (void)printf("creates_s %.0f\nsync_s %.0f\nratio %.2f\np50_ms %.2f\np99_ms %.2f\n", rate, peer,
                 rate / peer, middle, late);
    return 0;
}

static Str job_id(Str reply)
{
    size_t at = str_search(reply, STR("\"id\":\""));
    if (at == STR_NONE)
        exit(2);
    Str rest = str_slice(reply, at + 6, reply.len);
    return str_slice(rest, 0, str_find(rest, '"'));
}

static Str make_job(int fd, Arena *arena)
{
    Str body = STR("{\"direction\":\"upstream_to_collection\",\"artifacts\":[\"skill:s0\"],"
                   "\"dry_run\":false}");
    return job_id(load_ask(fd, arena, "POST", "/api/v1/sync/jobs", token, body));
}

static void *write_meanwhile(void *context)
{
    LoadResult ignored;
    load_run(context, &ignored);
    return NULL;
}

static int measure_status(uint16_t port, size_t clients, double seconds)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    int fd = load_connect(port);
    Str id = make_job(fd, arena);
    pthread_t thread;
    LoadResult result;
    LoadSpec writers = {.port = port, .token = token, .clients = WRITERS, .seconds = seconds};
    LoadSpec readers = {.port = port,
                        .token = token,
                        .clients = clients,
                        .seconds = seconds,
                        .target = arena_format(arena, "/api/v1/sync/jobs/%.*s", STR_ARG(id))};
    if (pthread_create(&thread, NULL, write_meanwhile, &writers) != 0)
        return 2;
    load_run(&readers, &result);
    (void)pthread_join(thread, NULL);
    (void)printf("status_s %.0f\nstatus_p50_ms %.2f\nstatus_p99_ms %.2f\n", result.rate,
                 result.p50_ms, result.p99_ms);
    (void)close(fd);
    return 0;
}

/* ---- from POST to the event that a page shows as a toast ---- */

static void await_success(int stream, Str id)
{
    static char text[1 << 16];
    size_t len = 0;
    for (;;) {
        ssize_t got = recv(stream, text + len, sizeof text - len, 0);
        if (got <= 0)
            exit(1);
        len += (size_t)got;
        Str all = {text, len};
        for (size_t at; (at = str_search(all, STR("event: job.success"))) != STR_NONE;) {
            all = str_slice(all, at + 1, all.len);
            if (str_search(all, id) != STR_NONE)
                return;
        }
        if (len > sizeof text / 2) {
            memmove(text, text + len - 4096, 4096);
            len = 4096;
        }
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int measure_toast(uint16_t port, size_t rounds)
{
    int64_t spent[TOASTS_MOST];
    int fd = load_connect(port), stream = load_stream(port, "/api/v1/events", token);
    for (size_t i = 0; i < rounds && i < TOASTS_MOST; i++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        int64_t began = clock_monotonic_us();
        await_success(stream, make_job(fd, arena));
        spent[i] = clock_monotonic_us() - began;
    }
    qsort(spent, rounds, sizeof *spent, compare);
    (void)printf("toast_ms %.1f\n", (double)spent[rounds / 2] / 1000);
    return 0;
}

static int hold_streams(uint16_t port, size_t count)
{
    load_raise_limit();
    for (size_t i = 0; i < count; i++)
        (void)load_stream(port, "/api/v1/events", token);
    (void)printf("open\n");
    (void)fflush(stdout);
    while (getchar() != EOF)
        continue;
    return 0;
}

/* ---- restart ---- */

static int64_t number_of(const char *home, const char *sql)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(db_close) Db *db = NULL;
    SCOPED(db_rows_end) DbRows *rows = NULL;
    Error err;
    if (!db_open(arena, home, DB_RECORDS, &db, &err) ||
        !db_query(db, sql, DB_NO_VALUES, &rows, &err) || !db_next(rows))
        exit(2);
    return row_int(rows, 0);
}

static int fill_queue(uint16_t port, const char *home, int64_t count)
{
    for (int round = 0; round < 600; round++) {
        LoadResult ignored;
        LoadSpec spec = {.port = port, .token = token, .clients = 64, .seconds = 0.5};
        if (number_of(home, "SELECT COUNT(*) FROM jobs WHERE state = 'queued'") >= count)
            return 0;
        load_run(&spec, &ignored);
    }
    return 1;
}

static int await_first(const char *home, int64_t since_ms)
{
    for (int i = 0; i < 6000; i++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        int64_t at =
            number_of(home, arena_format(arena,
                                         "SELECT COALESCE(MIN(at_ms), 0) FROM events WHERE "
                                         "kind = 'job.running' AND at_ms > %lld",
                                         (long long)since_ms));
        if (at) {
            (void)printf("first_ms %lld\n", (long long)(at - since_ms));
            return 0;
        }
        clock_sleep_ms(10);
    }
    return 1;
}

int main(int count, char **arguments)
{
    token = getenv("WEIR_TOKEN");
    const char *what = count > 3 && token ? arguments[1] : "";
    uint16_t port = (uint16_t)(count > 2 ? strtoul(arguments[2], NULL, 10) : 0);
    size_t number = count > 3 ? (size_t)strtoull(arguments[3], NULL, 10) : 0;
    if (strcmp(what, "creates") == 0 && count == 6)
        return measure_creates(port, number, strtod(arguments[4], NULL), arguments[5]);
    if (strcmp(what, "status") == 0 && count == 5)
        return measure_status(port, number, strtod(arguments[4], NULL));
    if (strcmp(what, "toast") == 0)
        return measure_toast(port, number);
    if (strcmp(what, "streams") == 0)
        return hold_streams(port, number);
    if (strcmp(what, "queue") == 0 && count == 5)
        return fill_queue(port, arguments[3], strtoll(arguments[4], NULL, 10));
    if (strcmp(what, "first") == 0)
        return await_first(arguments[2], strtoll(arguments[3], NULL, 10));
    return 2;
}
