#include "daemon/serve_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "daemon/worker.h"
#include "format/json_read.h"
#include "format/json_write.h"

enum { HOLDER_BYTES = 16 << 10, RETRY_MS = 10, LOOK_MS = 300 };
#define SERVE_LOCK "serve.lock"

static Str text_at(const JsonNode *node, Str key)
{
    const JsonNode *found = json_find(node, key);
    return found && found->kind == JSON_STRING ? found->text : (Str){0};
}

static bool truth_at(const JsonNode *node, Str key)
{
    const JsonNode *found = json_find(node, key);
    return found && found->kind == JSON_BOOL && found->truth;
}

static int64_t number_at(const JsonNode *node, Str key)
{
    int64_t value = 0;
    const JsonNode *found = json_find(node, key);
    return found && found->kind == JSON_NUMBER && json_to_i64(found, &value) ? value : 0;
}

/* What is torn or empty tells nothing; the lock alone decides. */
static ServeHolder read_holder(Arena *arena, int fd)
{
    const JsonNode *root = NULL;
    Str text = {0};
    Error ignored;
    if (lseek(fd, 0, SEEK_SET) != 0 || !fs_read_fd(arena, fd, HOLDER_BYTES, &text, &ignored) ||
        !json_parse(arena, text, HOLDER_BYTES, &root, &ignored))
        return (ServeHolder){0};
    return (ServeHolder){.pid = number_at(root, STR("pid")),
                         .address = text_at(root, STR("address")),
                         .socket = text_at(root, STR("socket")),
                         .version = text_at(root, STR("version")),
                         .since_ms = number_at(root, STR("since_ms")),
                         .user = number_at(root, STR("user")),
                         .overrides = text_at(root, STR("overrides")),
                         .runs_jobs = truth_at(root, STR("runs_jobs"))};
}

static bool open_file(int home_fd, int flags, int *out, Error *err)
{
    SCOPED(fd_close)
    int fd = fs_open_at(home_fd, STR(SERVE_LOCK), flags | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(err, "cannot open '" SERVE_LOCK "' in the home");
    *out = fd_take(&fd);
    return true;
}

/* A client that looks holds it too, for a moment. */
static bool lock_soon(int fd)
{
    for (int waited_ms = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited_ms += RETRY_MS) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited_ms >= LOOK_MS)
            return false;
        clock_sleep_ms(RETRY_MS);
    }
    return true;
}

bool serve_lock_acquire(int home_fd, int *out_fd, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(fd_close) int fd = -1;
    if (!open_file(home_fd, O_RDWR | O_CREAT, &fd, err))
        return false;
    if (lock_soon(fd)) {
        *out_fd = fd_take(&fd);
        return true;
    }
    if (errno != EWOULDBLOCK)
        return fail_errno(err, "cannot lock '" SERVE_LOCK "' in the home");
    ServeHolder holder = read_holder(arena, fd);
    Str at = holder.address.len ? holder.address : holder.socket;
    (void)fail(err, ERR_LOCKED, "a daemon serves this home already: process %lld%s%.*s",
               (long long)holder.pid, at.len ? " at " : "", STR_ARG(at));
    return fail_hint(err, "Use that one, or end it: kill %lld", (long long)holder.pid);
}

bool serve_lock_tell(int fd, const ServeHolder *holder, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, true);
    json_begin_object(&json);
    json_member_integer(&json, "pid", holder->pid);
    json_member(&json, "address", holder->address);
    json_member(&json, "socket", json_bytes_text(arena, holder->socket));
    json_member(&json, "version", holder->version);
    json_member_integer(&json, "since_ms", holder->since_ms);
    json_member_integer(&json, "user", holder->user);
    json_member(&json, "overrides", holder->overrides);
    json_member_bool(&json, "runs_jobs", holder->runs_jobs);
    json_end_object(&json);
    buf_add_char(&buf, '\n');
    return (ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
            fs_write_fd(fd, buf_str(&buf), err)) ||
           fail_errno(err, "cannot write '" SERVE_LOCK "'");
}

void serve_lock_clear(int fd)
{
    (void)!ftruncate(fd, 0);
}

bool serve_lock_look(Arena *arena, int home_fd, bool *found, bool *stale, ServeHolder *out,
                     Error *err)
{
    SCOPED(fd_close) int fd = -1;
    *found = *stale = false;
    *out = (ServeHolder){0};
    if (!open_file(home_fd, O_RDONLY, &fd, err))
        return err->code == ERR_NOT_FOUND;
    *out = read_holder(arena, fd);
    if (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        *found = true;
    else
        *stale = out->pid != 0;
    return true;
}

bool serve_lock_await_workers(int home_fd, int timeout_ms, Error *err)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    SCOPED(fd_close)
    int fd =
        fs_open_at(home_fd, STR(WORKERS_LOCK), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(err, "cannot open '" WORKERS_LOCK "' in the home");
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_errno(err, "cannot lock '" WORKERS_LOCK "' in the home");
        if (clock_monotonic_us() >= until_us)
            return fail(err, ERR_LOCKED, "a worker of an earlier daemon is still at work") ||
                   fail_hint(err, "Wait until it has ended, then start the daemon again.");
        clock_sleep_ms(RETRY_MS);
    }
    return true;
}
