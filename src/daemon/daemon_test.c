/* Parts of the daemon that need no daemon: token, lock, protocol, a worker's process. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fs.h"
#include "daemon/notify.h"
#include "daemon/probe.h"
#include "daemon/serve_lock.h"
#include "daemon/token.h"
#include "daemon/worker.h"
#include "testing/test.h"

/* ── the token ── */

TEST(a_token_is_made_once_for_this_user_alone)
{
    Hash first, second;
    TokenSource source;
    SCOPED(secret_free) Secret *token = NULL;
    CHECK(unsetenv(TOKEN_VARIABLE) == 0);
    CHECK_FAILS(ERR_NOT_FOUND, token_read(t->dir_fd, &token, &t->err));
    CHECK_OK(token_take(t->dir_fd, &first, &source, &t->err));
    CHECK_INT(source, TOKEN_MADE);
    CHECK_TEXT(test_shell(t, "stat -c %%a token"), "600\n");
    CHECK_OK(token_take(t->dir_fd, &second, &source, &t->err));
    CHECK_INT(source, TOKEN_OF_FILE);
    CHECK(hash_equal(&first, &second));
    CHECK_OK(token_read(t->dir_fd, &token, &t->err));
    Hash of_file = secret_hash(token);
    CHECK(hash_equal(&of_file, &first));
}

TEST(the_variable_wins_and_is_gone_from_the_environment)
{
    Hash hash, wanted = hash_of(STR("a-token-of-sixteen"));
    TokenSource source;
    CHECK(setenv(TOKEN_VARIABLE, "a-token-of-sixteen", 1) == 0);
    const char *kept = getenv(TOKEN_VARIABLE);
    CHECK_OK(token_take(t->dir_fd, &hash, &source, &t->err));
    CHECK_INT(source, TOKEN_OF_ENVIRONMENT);
    CHECK(hash_equal(&hash, &wanted));
    CHECK(getenv(TOKEN_VARIABLE) == NULL);
    CHECK_TEXT(kept, "");
    CHECK_TEXT(test_shell(t, "ls"), ""); /* no file was made for it */
    CHECK(setenv(TOKEN_VARIABLE, "short", 1) == 0);
    CHECK_FAILS(ERR_CONFIG_INVALID, token_take(t->dir_fd, &hash, &source, &t->err));
    CHECK(unsetenv(TOKEN_VARIABLE) == 0);
}

static void check_file_refused(Test *t, ErrorCode code, const char *make)
{
    Hash hash;
    TokenSource source;
    (void)test_shell(t, "rm -f token other; %s", make);
    CHECK_FAILS(code, token_take(t->dir_fd, &hash, &source, &t->err));
}

TEST(a_token_file_that_others_can_touch_is_refused)
{
    static const char text[] = "echo 0123456789abcdef0123 >token";
    CHECK(unsetenv(TOKEN_VARIABLE) == 0);
    check_file_refused(t, ERR_PERMISSION, arena_format(t->arena, "%s; chmod 640 token", text));
    check_file_refused(t, ERR_PERMISSION,
                       arena_format(t->arena, "%s; chmod 600 token; ln token other", text));
    check_file_refused(t, ERR_CONFIG_INVALID, "echo two words here now >token; chmod 600 token");
    (void)test_shell(t, "rm -f token; echo 0123456789abcdef0123 >other; chmod 600 other; "
                        "ln -s other token");
    Hash hash;
    TokenSource source;
    CHECK(!token_take(t->dir_fd, &hash, &source, &t->err)); /* never through a link */
}

/* ── one daemon ── */

TEST(a_second_daemon_is_refused_and_hears_of_the_first)
{
    SCOPED(fd_close) int first = -1;
    int second = -1;
    bool found, stale;
    ServeHolder holder = {.pid = 4711, .address = STR("127.0.0.1:7330")}, seen;
    CHECK_OK(serve_lock_look(t->arena, t->dir_fd, &found, &stale, &seen, &t->err));
    CHECK(!found && !stale);
    CHECK_OK(serve_lock_acquire(t->dir_fd, &first, &t->err));
    CHECK_OK(serve_lock_tell(first, &holder, &t->err));
    CHECK_FAILS(ERR_LOCKED, serve_lock_acquire(t->dir_fd, &second, &t->err));
    CHECK_HAS(t->err.message, "process 4711 at 127.0.0.1:7330");
    CHECK_OK(serve_lock_look(t->arena, t->dir_fd, &found, &stale, &seen, &t->err));
    CHECK(found && !stale);
    CHECK_STR(seen.address, holder.address);
    fd_close(&first); /* as when it dies */
    CHECK_OK(serve_lock_look(t->arena, t->dir_fd, &found, &stale, &seen, &t->err));
    CHECK(!found && stale);
    CHECK_OK(serve_lock_acquire(t->dir_fd, &first, &t->err));
    serve_lock_clear(first);
    fd_close(&first);
    CHECK_OK(serve_lock_look(t->arena, t->dir_fd, &found, &stale, &seen, &t->err));
    CHECK(!found && !stale);
}

TEST(a_new_daemon_waits_for_workers_of_the_old_one)
{
    CHECK_OK(serve_lock_await_workers(t->dir_fd, 0, &t->err));
    SCOPED(fd_close) int worker = openat(t->dir_fd, WORKERS_LOCK, O_RDWR | O_CLOEXEC);
    CHECK(worker >= 0 && flock(worker, LOCK_SH) == 0);
    CHECK_FAILS(ERR_LOCKED, serve_lock_await_workers(t->dir_fd, 50, &t->err));
    fd_close(&worker);
    CHECK_OK(serve_lock_await_workers(t->dir_fd, 0, &t->err));
}

TEST(a_torn_lock_file_tells_nothing_and_hurts_nobody)
{
    bool found, stale;
    ServeHolder seen;
    test_write(t, "serve.lock", "{\"pid\": 12, \"addr");
    CHECK_OK(serve_lock_look(t->arena, t->dir_fd, &found, &stale, &seen, &t->err));
    CHECK(!found && !stale && seen.pid == 0);
}

TEST(who_does_not_answer_is_told_as_such)
{
    ServeHolder nobody = {.address = STR("127.0.0.1:1")}, no_place = {0};
    ServeHolder odd = {.address = STR("localhost")};
    CHECK_FAILS(ERR_NETWORK_ERROR, daemon_probe(&nobody, 2000, &t->err));
    CHECK_FAILS(ERR_NETWORK_ERROR, daemon_probe(&no_place, 2000, &t->err));
    CHECK_FAILS(ERR_NETWORK_ERROR, daemon_probe(&odd, 2000, &t->err));
}

/* ── the protocol ── */

TEST(an_order_is_read_back_as_it_was_written)
{
    WorkerOrder order = {.parent = 12,
                         .umask = 022,
                         .job = {.id = STR("01J"), .kind = JOB_KIND_DEPLOY}},
                back;
    order.job.request = STR("{\"to\":\"a\\nb\"}");
    order.job.fence = 99;
    ARRAY_PUSH(t->arena, &order.set, STR("collection=team"));
    ARRAY_PUSH(t->arena, &order.job.artifacts, STR("skill:pdf"));
    Str text = worker_order_write(t->arena, &order);
    CHECK_OK(worker_order_read(t->arena, text, &back, &t->err));
    CHECK_INT(back.parent, 12);
    CHECK_INT(back.umask, 022);
    CHECK_STR(back.job.request, order.job.request);
    CHECK_INT(back.job.fence, 99);
    CHECK_INT(back.job.kind, JOB_KIND_DEPLOY);
    CHECK_STR(back.set.items[0], STR("collection=team"));
    CHECK_FAILS(ERR_USAGE, worker_order_read(t->arena, STR(""), &back, &t->err));
    CHECK_FAILS(ERR_USAGE, worker_order_read(t->arena, STR("[1]"), &back, &t->err));
}

TEST(a_line_is_read_back_as_it_was_written_and_is_one_line)
{
    WorkerLine line = {.word = WORKER_DONE,
                       .outcome = {.state = JOB_CONFLICT,
                                   .result = STR("{\"a\":[1]}"),
                                   .conflicts = STR("[]"),
                                   .error_message = STR("two\nlines \xff")}},
               back;
    Str text = worker_line_write(t->arena, &line);
    CHECK_INT(str_find(text, '\n'), text.len - 1);
    CHECK_OK(worker_line_read(t->arena, str_slice(text, 0, text.len - 1), &back, &t->err));
    CHECK_INT(back.outcome.state, JOB_CONFLICT);
    CHECK_STR(back.outcome.result, line.outcome.result);
    CHECK_STR(back.outcome.error_message, STR("two\nlines \\xFF"));
    WorkerLine progress = {.word = WORKER_PROGRESS, .phase = STR("merge"), .percent = 40};
    text = worker_line_write(t->arena, &progress);
    CHECK_OK(worker_line_read(t->arena, str_trim(text), &back, &t->err));
    CHECK_INT(back.percent, 40);
}

TEST(a_worker_that_ends_in_no_final_state_is_not_believed)
{
    WorkerLine line;
    CHECK_FAILS(ERR_INVALID, worker_line_read(t->arena, STR("{\"done\":{\"state\":\"running\"}}"),
                                              &line, &t->err));
    CHECK_FAILS(ERR_INVALID, worker_line_read(t->arena, STR("{\"hello\":1}"), &line, &t->err));
    CHECK(!worker_line_read(t->arena, STR("Segmentation fault"), &line, &t->err));
}

/* ── the service manager ── */

TEST(the_service_manager_hears_and_its_variables_go_no_further)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char text[64] = "";
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", t->dir);
    SCOPED(fd_close) int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(bind(manager, (const struct sockaddr *)&address, sizeof address) == 0);
    CHECK(setenv("NOTIFY_SOCKET", address.sun_path, 1) == 0);
    CHECK(setenv("WATCHDOG_USEC", "2000000", 1) == 0);
    CHECK(setenv("LISTEN_PID", "1", 1) == 0 && setenv("LISTEN_FDS", "1", 1) == 0);
    Notify notify = notify_take(t->arena);
    CHECK_INT(notify.watchdog_us, 2000000);
    CHECK_INT(notify.fds[0], 0); /* meant for another process */
    CHECK(!getenv("NOTIFY_SOCKET") && !getenv("LISTEN_FDS") && !getenv("WATCHDOG_USEC"));
    notify_say(&notify, "READY=1");
    CHECK(recv(manager, text, sizeof text - 1, MSG_DONTWAIT) == 7);
    CHECK_TEXT(text, "READY=1");
    Notify nobody = notify_take(t->arena);
    notify_say(&nobody, "READY=1");
    CHECK(recv(manager, text, sizeof text, MSG_DONTWAIT) < 0);
}
