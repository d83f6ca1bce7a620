#include "db/writer.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "testing/test.h"

typedef struct {
    int number;
    bool bad;
    _Atomic int *done;
    _Atomic int *failed;
} Put;

static bool put(void *context, Db *db, Error *err)
{
    Put *one = context;
    return db_run(db, "INSERT INTO sequences (name, value) VALUES ($1, $2)",
                  DB_VALUES(db_int(one->number), db_int(one->number)), err) &&
           (!one->bad || fail(err, ERR_INVALID, "no"));
}

static void put_done(void *context, const Error *err)
{
    Put *one = context;
    atomic_fetch_add(err ? one->failed : one->done, 1);
}

static void count_commit(void *context)
{
    atomic_fetch_add((_Atomic int *)context, 1);
}

static int64_t rows_of(Test *t)
{
    SCOPED(db_close) Db *db = NULL;
    SCOPED(db_rows_end) DbRows *rows = NULL;
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err));
    CHECK_OK(db_find(db, "SELECT count(*) FROM sequences WHERE name NOT IN ('event', 'fence')",
                     DB_NO_VALUES, &rows, &t->err));
    return row_int(rows, 0);
}

TEST(commits_what_waits_together_and_takes_back_only_what_fails)
{
    enum { WRITES = 500 };
    _Atomic int done = 0, failed = 0, commits = 0;
    DbWriter *writer = NULL;
    DbWriterOptions options = {t->dir, count_commit, &commits, 0};
    CHECK_OK(db_writer_open(&options, &writer, &t->err));
    Put puts[WRITES];
    for (int i = 0; i < WRITES; i++) {
        puts[i] = (Put){i, i % 7 == 3, &done, &failed};
        db_writer_post(writer, (DbWrite){put, put_done, &puts[i]});
    }
    db_writer_close(&writer);
    CHECK_INT(failed, 71);
    CHECK_INT(done, WRITES - 71);
    CHECK_INT(rows_of(t), WRITES - 71);
    CHECK(commits < WRITES / 4);
}

typedef struct {
    DbWriter *writer;
    int from;
    _Atomic int *ok;
} Client;

static void *put_many(void *context)
{
    Client *client = context;
    Error err;
    for (int i = 0; i < 50; i++) {
        Put one = {.number = client->from + i, .bad = i % 10 == 0};
        bool ok = db_writer_run(client->writer, (DbWrite){put, NULL, &one}, &err);
        if (ok != one.bad)
            atomic_fetch_add(client->ok, 1);
    }
    return NULL;
}

TEST(answers_each_of_many_threads_for_its_own_write)
{
    enum { CLIENTS = 16 };
    _Atomic int ok = 0;
    SCOPED(db_writer_close) DbWriter *writer = NULL;
    CHECK_OK(db_writer_open(&(DbWriterOptions){.folder = t->dir}, &writer, &t->err));
    Client clients[CLIENTS];
    Thread threads[CLIENTS] = {0};
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (Client){writer, i * 1000, &ok};
        CHECK_OK(thread_start(&threads[i], "client", put_many, &clients[i], &t->err));
    }
    for (int i = 0; i < CLIENTS; i++)
        thread_join(&threads[i]);
    CHECK_INT(ok, CLIENTS * 50);
    CHECK_INT(rows_of(t), CLIENTS * 45);
}

TEST(does_not_let_the_log_grow_without_end)
{
    SCOPED(db_writer_close) DbWriter *writer = NULL;
    CHECK_OK(db_writer_open(&(DbWriterOptions){.folder = t->dir}, &writer, &t->err));
    for (int round = 0; round < 9000; round++) {
        Put one = {.number = round};
        DbWrite write = {put, NULL, &one};
        if (round % 100)
            db_writer_post(writer, (DbWrite){.write = put, .context = ARENA_NEW(t->arena, Put)});
        else
            CHECK_OK(db_writer_run(writer, write, &t->err));
    }
    const char *size = test_shell(t, "stat -c %%s weir.db-wal");
    uint64_t bytes = 0;
    CHECK(str_to_u64(str_trim(str_of(size)), &bytes) && bytes < 40U << 20);
}
