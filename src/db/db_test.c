#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db_internal.h"
#include "testing/test.h"

static Db *open_fresh(Test *t)
{
    Db *db = NULL;
    CHECK_OK(db_open(t->arena, t->dir, DB_OBJECTS, &db, &t->err));
    return db;
}

static Db *open_with_table(Test *t)
{
    Db *db = open_fresh(t);
    CHECK_OK(db_run(db, "CREATE TABLE thing (name TEXT PRIMARY KEY, size BIGINT, data BYTEA)",
                    DB_NO_VALUES, &t->err));
    return db;
}

static void add(Test *t, Db *db, const char *name, int64_t size)
{
    CHECK_OK(db_run(db, "INSERT INTO thing (name, size) VALUES ($1, $2)",
                    DB_VALUES(db_text_of(name), db_int(size)), &t->err));
}

static int64_t count(Test *t, Db *db)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    CHECK_OK(db_find(db, "SELECT count(*) FROM thing", DB_NO_VALUES, &rows, &t->err));
    return row_int(rows, 0);
}

TEST(makes_the_file_for_its_owner_alone)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    const char *modes = test_shell(t, "stat -c %%a objects.db objects.db-wal objects.db-shm");
    CHECK_TEXT(modes, "600\n600\n600\n");
}

TEST(gives_back_every_type_of_value_as_it_was)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    Str odd = STR("a\0b\xff\n");
    CHECK_OK(db_run(db, "INSERT INTO thing (name, size, data) VALUES ($1, $2, $3)",
                    DB_VALUES(db_text(STR("na\0me")), db_int(INT64_MIN), db_blob(odd)), &t->err));
    CHECK_INT(db_changed(db), 1);
    SCOPED(db_rows_end) DbRows *rows = NULL;
    CHECK_OK(
        db_query(db, "SELECT name, size, data, NULL FROM thing", DB_NO_VALUES, &rows, &t->err));
    CHECK(db_next(rows));
    CHECK_STR(row_text(rows, 0), STR("na\0me"));
    CHECK(row_int(rows, 1) == INT64_MIN);
    CHECK_STR(row_blob(rows, 2), odd);
    CHECK(row_is_null(rows, 3) && row_copy(t->arena, rows, 3) == NULL && row_int(rows, 3) == 0);
    CHECK(!db_next(rows));
    CHECK_OK(db_done(rows, &t->err));
}

TEST(keeps_empty_apart_from_null)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    CHECK_OK(db_run(db, "INSERT INTO thing (name, data) VALUES ($1, $2)",
                    DB_VALUES(db_text((Str){0}), db_blob((Str){0})), &t->err));
    SCOPED(db_rows_end) DbRows *rows = NULL;
    CHECK_OK(db_find(db, "SELECT name, data, size FROM thing", DB_NO_VALUES, &rows, &t->err));
    CHECK(!row_is_null(rows, 0) && !row_is_null(rows, 1) && row_is_null(rows, 2));
    CHECK_TEXT(row_copy(t->arena, rows, 0), "");
}

TEST(binds_parameters_by_their_number_not_their_place)
{
    SCOPED(db_close) Db *db = open_fresh(t);
    SCOPED(db_rows_end) DbRows *rows = NULL;
    CHECK_OK(db_find(db, "SELECT $2, $1, $2", DB_VALUES(db_int(1), db_int(2)), &rows, &t->err));
    CHECK_INT(row_int(rows, 0), 2);
    CHECK_INT(row_int(rows, 1), 1);
    CHECK_INT(row_int(rows, 2), 2);
}

TEST(runs_a_statement_inside_its_own_loop)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    const char *all = "SELECT name FROM thing ORDER BY name";
    int pairs = 0;
    add(t, db, "a", 1);
    add(t, db, "b", 2);
    SCOPED(db_rows_end) DbRows *outer = NULL;
    CHECK_OK(db_query(db, all, DB_NO_VALUES, &outer, &t->err));
    while (db_next(outer)) {
        SCOPED(db_rows_end) DbRows *inner = NULL;
        CHECK_OK(db_query(db, all, DB_NO_VALUES, &inner, &t->err));
        while (db_next(inner))
            pairs++;
        CHECK_OK(db_done(inner, &t->err));
    }
    CHECK_OK(db_done(outer, &t->err));
    CHECK_INT(pairs, 4);
}

TEST(finds_nothing_where_nothing_is)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    SCOPED(db_rows_end) DbRows *rows = NULL;
    CHECK_OK(db_find(db, "SELECT name FROM thing", DB_NO_VALUES, &rows, &t->err));
    CHECK(rows == NULL);
}

TEST(rolls_back_what_was_not_committed)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    {
        SCOPED(db_rollback) DbTransaction change = {0};
        CHECK_OK(db_begin(db, &change, &t->err));
        add(t, db, "a", 1);
        CHECK(db_in_transaction(db));
    }
    CHECK(!db_in_transaction(db));
    CHECK_INT(count(t, db), 0);
    SCOPED(db_rollback) DbTransaction change = {0};
    CHECK_OK(db_begin(db, &change, &t->err));
    add(t, db, "a", 1);
    CHECK_OK(db_commit(&change, &t->err));
    db_close(&db);
    db = open_fresh(t);
    CHECK_INT(count(t, db), 1);
}

TEST(tells_a_taken_key_from_another_broken_constraint)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    add(t, db, "a", 1);
    CHECK_FAILS(ERR_EXISTS, db_run(db, "INSERT INTO thing (name) VALUES ($1)",
                                   DB_VALUES(db_text_of("a")), &t->err));
    CHECK_OK(db_run(db, "CREATE TABLE part (thing TEXT NOT NULL REFERENCES thing (name))",
                    DB_NO_VALUES, &t->err));
    CHECK_FAILS(ERR_INVALID, db_run(db, "INSERT INTO part (thing) VALUES ($1)",
                                    DB_VALUES(db_text_of("nobody")), &t->err));
}

TEST(refuses_a_file_that_is_no_database_and_says_how_to_restore)
{
    Db *db = NULL;
    test_write(t, "objects.db",
               "this is a text, long enough to be taken for a header of one ........"
               "....................................................");
    CHECK_FAILS(ERR_CORRUPT, db_open(t->arena, t->dir, DB_OBJECTS, &db, &t->err));
    CHECK(db == NULL);
    CHECK_HAS(t->err.message, "objects.db");
    CHECK_HAS(error_hint(&t->err), "backup");
}

TEST(refuses_a_torn_database)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    for (int i = 0; i < 200; i++)
        add(t, db, arena_format(t->arena, "a rather long name of a thing, number %d", i), i);
    db_close(&db);
    test_shell(t, "dd if=/dev/urandom of=objects.db bs=4096 seek=1 count=4 conv=notrunc 2>&1");
    CHECK_OK(db_open(t->arena, t->dir, DB_OBJECTS, &db, &t->err));
    DbRows *rows = NULL;
    CHECK_FAILS(ERR_CORRUPT, db_find(db, "SELECT sum(size), max(name) FROM thing", DB_NO_VALUES,
                                     &rows, &t->err));
}

TEST(refuses_another_programs_database)
{
    SCOPED(db_close) Db *db = open_fresh(t);
    CHECK_OK(db_run(db, "PRAGMA application_id = 7", DB_NO_VALUES, &t->err));
    db_close(&db);
    CHECK_FAILS(ERR_CORRUPT, db_open(t->arena, t->dir, DB_OBJECTS, &db, &t->err));
    CHECK_HAS(t->err.message, "another program");
}

TEST(refuses_a_database_with_tables_of_nobody)
{
    SCOPED(db_close) Db *db = open_fresh(t);
    CHECK_OK(db_run(db, "PRAGMA application_id = 0", DB_NO_VALUES, &t->err));
    db_close(&db);
    CHECK_FAILS(ERR_CORRUPT, db_open(t->arena, t->dir, DB_OBJECTS, &db, &t->err));
}

TEST(does_not_take_one_of_its_databases_for_the_other)
{
    SCOPED(db_close) Db *db = open_fresh(t);
    db_close(&db);
    test_shell(t, "mv objects.db weir.db");
    CHECK_FAILS(ERR_CORRUPT, db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err));
}

TEST(refuses_the_tables_of_a_newer_weir_and_leaves_them_alone)
{
    SCOPED(db_close) Db *db = NULL;
    CHECK_OK(db_open(t->arena, t->dir, DB_OBJECTS, &db, &t->err));
    CHECK_OK(db_run(db, "PRAGMA user_version = 9000", DB_NO_VALUES, &t->err));
    db_close(&db);
    const char *before = test_shell(t, "sha256sum objects.db");
    CHECK_FAILS(ERR_NEWER_FORMAT, db_open(t->arena, t->dir, DB_OBJECTS, &db, &t->err));
    CHECK_HAS(t->err.message, "9000");
    CHECK_TEXT(test_shell(t, "sha256sum objects.db"), before);
}

TEST(runs_each_migration_once_and_all_or_nothing)
{
    static const DbMigration good[] = {
        {DB_RECORDS, 1, "0001_one", "CREATE TABLE one (a TEXT); INSERT INTO one VALUES ('x')"},
        {DB_OBJECTS, 1, "0001_other", "CREATE TABLE other (a TEXT)"},
        {DB_RECORDS, 2, "0002_two", "INSERT INTO one VALUES ('y')"},
        {DB_RECORDS, 0, NULL, NULL}};
    static const DbMigration bad[] = {
        {DB_RECORDS, 1, "0001_one", "CREATE TABLE one (a TEXT); INSERT INTO one VALUES ('x')"},
        {DB_RECORDS, 2, "0002_two", "INSERT INTO one VALUES ('y')"},
        {DB_RECORDS, 3, "0003_bad", "INSERT INTO one VALUES ('z'); INSERT INTO none VALUES (1)"},
        {DB_RECORDS, 0, NULL, NULL}};
    SCOPED(db_close) Db *db = NULL;
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err));
    int version;
    CHECK_OK(db->driver->set_version(db, 0, &t->err));
    CHECK_OK(db_migrate(db, 0, good, &t->err));
    CHECK_OK(db_migrate(db, 0, good, &t->err)); /* as one who waited while another did it */
    CHECK(!db_migrate(db, 2, bad, &t->err));
    CHECK_HAS(t->err.message, "0003_bad");
    CHECK_OK(db->driver->version(db, &version, &t->err));
    CHECK_INT(version, 2);
    SCOPED(db_rows_end) DbRows *rows = NULL;
    CHECK_OK(db_find(db, "SELECT group_concat(a, '') FROM one", DB_NO_VALUES, &rows, &t->err));
    CHECK_STR(row_text(rows, 0), STR("xy"));
}

TEST(opens_what_is_read_only_as_a_permission_error)
{
    Db *db = open_fresh(t);
    db_close(&db);
    if (geteuid() == 0)
        test_skip("root may write anywhere");
    test_shell(t, "chmod 400 objects.db");
    CHECK_FAILS(ERR_PERMISSION, db_open(t->arena, t->dir, DB_OBJECTS, &db, &t->err));
}

TEST(says_that_the_folder_is_missing)
{
    Db *db = NULL;
    const char *nowhere = arena_format(t->arena, "%s/nowhere", t->dir);
    CHECK_FAILS(ERR_NOT_FOUND, db_open(t->arena, nowhere, DB_OBJECTS, &db, &t->err));
}

/* A database no larger than it is now: what the next write meets is a full disk. */
TEST(ends_the_transaction_when_the_disk_is_full_and_lets_nothing_of_it_through)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    CHECK_OK(db_run(db, "PRAGMA max_page_count = 8", DB_NO_VALUES, &t->err));
    Str large = {arena_alloc(t->arena, 1 << 20, 1), 1 << 20};
    SCOPED(db_rollback) DbTransaction change = {0};
    CHECK_OK(db_begin(db, &change, &t->err));
    add(t, db, "before", 1);
    CHECK_FAILS(ERR_DISK_FULL, db_run(db, "INSERT INTO thing (name, data) VALUES ($1, $2)",
                                      DB_VALUES(db_text_of("large"), db_blob(large)), &t->err));
    db_rollback(&change);
    CHECK_INT(count(t, db), 0);
}

static void add_many_in_a_child(Test *t, int writer, int each)
{
    Db *db = NULL;
    Error err;
    bool ok = db_open(t->arena, t->dir, DB_OBJECTS, &db, &err);
    for (int i = 0; ok && i < each; i++) {
        SCOPED(db_rollback) DbTransaction change = {0};
        const char *name = arena_format(t->arena, "%d-%d", writer, i);
        ok = db_begin(db, &change, &err) &&
             db_run(db, "INSERT INTO thing (name, size) SELECT $1, count(*) FROM thing",
                    DB_VALUES(db_text_of(name)), &err) &&
             db_commit(&change, &err);
    }
    db_close(&db);
    _exit(ok ? 0 : 1);
}

TEST(lets_four_processes_write_without_losing_a_row)
{
    enum { WRITERS = 4, EACH = 50 };
    SCOPED(db_close) Db *db = open_with_table(t);
    db_close(&db); /* a handle does not go through fork */
    pid_t children[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0)
            add_many_in_a_child(t, i, EACH);
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK_INT(status, 0);
    }
    db = open_fresh(t);
    CHECK_INT(count(t, db), WRITERS * EACH);
    SCOPED(db_rows_end) DbRows *rows = NULL;
    CHECK_OK(db_find(db, "SELECT count(DISTINCT size) FROM thing", DB_NO_VALUES, &rows, &t->err));
    CHECK_INT(row_int(rows, 0), WRITERS * EACH);
}

TEST(lets_several_processes_make_the_same_database_at_once)
{
    enum { MAKERS = 6 };
    pid_t children[MAKERS];
    for (int i = 0; i < MAKERS; i++) {
        children[i] = fork();
        if (children[i])
            continue;
        Db *db = NULL;
        Error err;
        bool ok = db_open(t->arena, t->dir, DB_OBJECTS, &db, &err);
        db_close(&db);
        _exit(ok ? 0 : 1);
    }
    for (int i = 0; i < MAKERS; i++) {
        int status;
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK_INT(status, 0);
    }
}

TEST(survives_a_writer_that_is_killed)
{
    SCOPED(db_close) Db *db = open_with_table(t);
    add(t, db, "kept", 1);
    db_close(&db);
    pid_t child = fork();
    if (child == 0) {
        Error err;
        DbTransaction change = {0};
        if (db_open(t->arena, t->dir, DB_OBJECTS, &db, &err) && db_begin(db, &change, &err) &&
            db_run(db, "INSERT INTO thing (name) VALUES ('lost')", DB_NO_VALUES, &err))
            (void)raise(SIGKILL);
        _exit(1);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    db = open_fresh(t);
    CHECK_INT(count(t, db), 1);
    CHECK_TEXT(test_shell(t, "ls objects.db"), "objects.db\n");
}

/* Three files are a database. Whichever of them goes, what is written is not where it will be looked for. */
static void loses(Test *t, const char *what)
{
    SCOPED(db_close) Db *db = NULL;
    SCOPED(db_rollback) DbTransaction change = {0};
    (void)test_shell(t, "rm -f weir.db* kept*");
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err));
    CHECK(db_in_place(db));
    CHECK_OK(db_begin(db, &change, &t->err));
    CHECK_OK(
        db_run(db, "INSERT INTO sequences (name, value) VALUES ('x', 1)", DB_NO_VALUES, &t->err));
    (void)test_shell(t, "%s", what);
    CHECK(!db_in_place(db));
    CHECK_FAILS(ERR_IO, db_commit(&change, &t->err));
    CHECK_HAS(t->err.message, "was moved, removed or replaced");
    CHECK_FAILS(ERR_IO, db_begin(db, &change, &t->err));
}

TEST(a_commit_into_files_that_are_no_longer_in_place_is_told_as_failed)
{
    loses(t, "mv weir.db kept");
    loses(t, "rm weir.db-wal");
    loses(t, "rm weir.db-shm");
    loses(t, "cp weir.db kept; mv kept weir.db");
    loses(t, "cp weir.db-wal kept; mv kept weir.db-wal");
}

TEST(who_opens_it_to_look_does_not_wait_for_another_s_lock)
{
    SCOPED(db_close) Db *holder = NULL;
    SCOPED(db_close) Db *db = NULL;
    SCOPED(db_rollback) DbTransaction held = {0};
    SCOPED(db_rollback) DbTransaction change = {0};
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &holder, &t->err));
    CHECK_OK(db_begin(holder, &held, &t->err));
    int64_t began = clock_monotonic_us();
    CHECK_OK(db_open_within(t->arena, t->dir, DB_RECORDS, 50, &db, &t->err));
    CHECK_FAILS(ERR_LOCKED, db_begin(db, &change, &t->err));
    CHECK(clock_monotonic_us() - began < 5000000);
}

/* The second one would cut off the index that the first has mapped: SIGBUS. */
TEST(two_files_of_one_name_are_never_open_in_one_process)
{
    SCOPED(db_close) Db *old = NULL;
    SCOPED(db_close) Db *db = NULL;
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &old, &t->err));
    (void)test_shell(t, "cp weir.db kept; mv kept weir.db");
    CHECK_FAILS(ERR_IO, db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err));
    CHECK_HAS(t->err.message, "the old file is still in use");
    db_close(&old);
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err));
    CHECK(db_in_place(db));
}
