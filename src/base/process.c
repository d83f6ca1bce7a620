#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/suspend.h"

enum {
    READ_BYTES = 64 << 10,
    ERRORS_KEPT = 64 << 10,
    POLL_SLICE_MS = 100, /* the longest that an exit or an interruption goes unseen */
    GRACE_MS = 500,      /* between SIGTERM, on which git removes its scratch, and SIGKILL */
};

#define OUTPUT_LIMIT_DEFAULT ((uint64_t)64 << 20)

struct Process {
    Arena *arena; /* its own */
    const char *name;
    pid_t pid;
    bool reaped;
    int status;
    bool own_group;
    int in, out, errors; /* our ends, -1 when closed */
    int timeout_ms, quiet_ms, grace_ms;
    bool (*stop)(void *context);
    void *stop_context;
    int64_t killed_at_us; /* asked to stop: then it is killed; 0: not asked */
    void (*errors_seen)(void *context, Str bytes);
    void *errors_context;
    char *buffer;
    Buf kept_errors;
};

typedef struct {
    Process *process;
    Str input; /* what is left of it */
    bool close_input;
    ProcessSink sink;
    void *context;
    bool done;
    int64_t deadline_us; /* awake time; 0: none */
    int64_t moved_us;    /* when something last came */
} Talk;

typedef struct {
    int child[3]; /* its 0, 1, 2; -1: inherited */
    int ours[3];
} Ends;

/* ── starting ── */

static void ends_close(Ends *ends)
{
    for (int i = 0; i < 3; i++) {
        fd_close(&ends->child[i]);
        fd_close(&ends->ours[i]);
    }
}

/* A pipe end that landed on 0, 1 or 2 would be overwritten while the child's are set up. */
static bool move_above_stdio(int *fd)
{
    if (*fd > 2)
        return true;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
    if (moved < 0)
        return false;
    close(*fd);
    *fd = moved;
    return true;
}

static bool make_ends(bool inherit_stdin, Ends *ends)
{
    int pair[2];
    /* A socket and not a pipe, so that writing to a child that is gone gives EPIPE, not SIGPIPE. */
    if (!inherit_stdin) {
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
            return false;
        ends->child[0] = pair[0];
        ends->ours[0] = pair[1];
    }
    for (int i = 1; i < 3; i++) {
        if (pipe2(pair, O_CLOEXEC) != 0)
            return false;
        ends->ours[i] = pair[0];
        ends->child[i] = pair[1];
    }
    for (int i = 0; i < 3; i++)
        if ((ends->child[i] >= 0 && !move_above_stdio(&ends->child[i])) ||
            (ends->ours[i] >= 0 && fcntl(ends->ours[i], F_SETFL, O_NONBLOCK) != 0))
            return false;
    return true;
}

static int set_attributes(posix_spawnattr_t *attributes, const ProcessSpec *spec)
{
    sigset_t blocked, defaults;
    sigemptyset(&blocked);
    sigemptyset(&defaults);
    if (spec->stop_waits)
        sigaddset(&blocked, SIGTERM);
    const int reset[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGWINCH};
    for (size_t i = 0; i < COUNT_OF(reset); i++)
        sigaddset(&defaults, reset[i]);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (!spec->inherit_terminal)
        flags |= POSIX_SPAWN_SETSID;
    int rc = posix_spawnattr_setsigmask(attributes, &blocked);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(attributes, &defaults);
    if (rc == 0)
        rc = posix_spawnattr_setflags(attributes, (short)flags);
    return rc;
}

static int set_actions(posix_spawn_file_actions_t *actions, const Ends *ends, int cwd_fd)
{
    int rc = 0;
    for (int i = 0; i < 3 && rc == 0; i++)
        if (ends->child[i] >= 0)
            rc = posix_spawn_file_actions_adddup2(actions, ends->child[i], i);
    if (rc == 0 && cwd_fd > 0)
        rc = posix_spawn_file_actions_addfchdir_np(actions, cwd_fd);
    return rc != 0 ? rc : posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

static char **own(const char *const *list)
{
    /* posix_spawn's prototype lacks the const it keeps. */
    char **same;
    memcpy(&same, &list, sizeof same);
    return same;
}

static int spawn(const ProcessSpec *spec, const Ends *ends, pid_t *pid)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    if (posix_spawnattr_init(&attributes) != 0)
        return ENOMEM;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        posix_spawnattr_destroy(&attributes);
        return ENOMEM;
    }
    int rc = set_attributes(&attributes, spec);
    if (rc == 0)
        rc = set_actions(&actions, ends, spec->cwd_fd);
    char **environment = spec->environment ? own(spec->environment) : environ;
    if (rc == 0)
        rc = posix_spawnp(pid, spec->program ? spec->program : spec->argv[0], &actions, &attributes,
                          own(spec->argv), environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return rc;
}

static void refuse_core(pid_t pid)
{
    const struct rlimit no_core = {0, 0};
    (void)prlimit(pid, RLIMIT_CORE, &no_core, NULL);
}

/* posix_spawn cannot set a limit, and one set from here afterwards comes too late for a quick child: a
 * shell sets it on itself and becomes the program. It counts in blocks of 512 bytes. */
static const char *const *limited(Arena *arena, const ProcessSpec *spec)
{
    if (spec->file_limit_bytes == 0)
        return spec->argv;
    size_t count = 0;
    while (spec->argv[count])
        count++;
    const char **argv = ARENA_ARRAY(arena, const char *, count + 5);
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = arena_format(arena, "ulimit -f %llu && exec \"$@\"",
                           (unsigned long long)(spec->file_limit_bytes + 511) / 512);
    argv[3] = "sh";
    for (size_t i = 0; i < count; i++)
        argv[4 + i] = spec->argv[i];
    return argv;
}

static Process *process_new(const ProcessSpec *spec, Ends *ends, pid_t pid)
{
    Arena *arena = arena_open();
    Process *process = ARENA_NEW(arena, Process);
    *process = (Process){.arena = arena,
                         .name = arena_text(arena, str_of(spec->argv[0])),
                         .pid = pid,
                         .own_group = !spec->inherit_terminal,
                         .in = fd_take(&ends->ours[0]),
                         .out = fd_take(&ends->ours[1]),
                         .errors = fd_take(&ends->ours[2]),
                         .timeout_ms = spec->timeout_ms,
                         .quiet_ms = spec->quiet_ms,
                         .grace_ms = spec->grace_ms ? spec->grace_ms : GRACE_MS,
                         .stop = spec->stop,
                         .stop_context = spec->stop_context,
                         .errors_seen = spec->errors_seen,
                         .errors_context = spec->errors_context,
                         .kept_errors = buf_new(arena)};
    process->buffer = ARENA_ARRAY(arena, char, READ_BYTES);
    return process;
}

bool process_open(const ProcessSpec *spec, Process **out, Error *err)
{
    SCOPED(ends_close) Ends ends = {{-1, -1, -1}, {-1, -1, -1}};
    if (!make_ends(spec->inherit_terminal && spec->input.len == 0, &ends))
        return fail_errno(err, "cannot make pipes for '%s'", spec->argv[0]);
    SCOPED(arena_close) Arena *scratch = arena_open();
    ProcessSpec started = *spec;
    started.argv = limited(scratch, spec);
    pid_t pid = 0;
    int rc = spawn(&started, &ends, &pid);
    if (rc != 0) {
        errno = rc;
        return fail_errno(err, "cannot run '%s'", spec->argv[0]);
    }
    refuse_core(pid);
    *out = process_new(spec, &ends, pid);
    return true;
}

/* ── ending ── */

static void reap(Process *process)
{
    while (!process->reaped && waitpid(process->pid, &process->status, 0) < 0 && errno == EINTR)
        continue;
    process->reaped = true;
}

/* Looks without reaping: until then neither the pid nor the group's number can be another's. */
static bool has_exited(const Process *process)
{
    siginfo_t info = {0};
    return process->reaped ||
           (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid == process->pid);
}

static void kill_all(const Process *process, int signal_number)
{
    (void)kill(process->own_group ? -process->pid : process->pid, signal_number);
}

static void process_end(Process *process)
{
    if (process->reaped)
        return;
    kill_all(process, SIGTERM);
    int64_t give_up_us = clock_monotonic_us() + (int64_t)process->grace_ms * 1000;
    while (!has_exited(process) && clock_monotonic_us() < give_up_us)
        clock_sleep_ms(2);
    kill_all(process, SIGKILL);
    reap(process);
}

static void close_ends(Process *process)
{
    fd_close(&process->in);
    fd_close(&process->out);
    fd_close(&process->errors);
}

void process_close(Process **process)
{
    if (*process == NULL)
        return;
    close_ends(*process);
    process_end(*process);
    Arena *arena = (*process)->arena;
    *process = NULL;
    arena_close(&arena);
}

/* ── talking ── */

static void feed(Talk *talk)
{
    Process *process = talk->process;
    while (talk->input.len > 0) {
        ssize_t sent = send(process->in, talk->input.data, talk->input.len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0) /* it reads no more: its exit says whether that is an error */
            break;
        talk->input = str_slice(talk->input, (size_t)sent, talk->input.len);
    }
    if (talk->input.len > 0 || talk->close_input)
        fd_close(&process->in);
    talk->input = (Str){0};
}

/* 1: something came, 0: nothing for now, -1: the end; the descriptor is then closed. */
static int read_some(Process *process, int *fd, Str *out)
{
    ssize_t got = read(*fd, process->buffer, READ_BYTES);
    if (got > 0) {
        *out = (Str){process->buffer, (size_t)got};
        return 1;
    }
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    fd_close(fd);
    return -1;
}

static void keep_errors(Process *process)
{
    Str bytes;
    if (read_some(process, &process->errors, &bytes) <= 0)
        return;
    Buf *kept = &process->kept_errors;
    if (process->errors_seen)
        process->errors_seen(process->errors_context, bytes);
    buf_add(kept, bytes);
    if (kept->len > 2 * ERRORS_KEPT) {
        memmove(kept->data, kept->data + kept->len - ERRORS_KEPT, ERRORS_KEPT);
        kept->len = ERRORS_KEPT;
    }
}

static bool hand_on_output(Talk *talk, Error *err)
{
    Str bytes;
    if (read_some(talk->process, &talk->process->out, &bytes) <= 0)
        return true;
    return talk->sink(talk->context, bytes, &talk->done, err);
}

/* Until it is reaped its number is its own. */
static void ask_to_stop(Process *process, int64_t now_us)
{
    if (process->killed_at_us && now_us >= process->killed_at_us)
        kill_all(process, SIGKILL);
    if (process->killed_at_us || !process->stop || !process->stop(process->stop_context))
        return;
    process->killed_at_us = now_us + (int64_t)process->grace_ms * 1000;
    kill_all(process, SIGTERM);
}

static bool check_time(const Talk *talk, Error *err)
{
    if (!interrupt_check(err))
        return false;
    Process *process = talk->process;
    int64_t now_us = suspend_awake_us();
    ask_to_stop(process, clock_monotonic_us());
    if (talk->deadline_us && now_us >= talk->deadline_us)
        return fail(err, ERR_TIMEOUT, "'%s' took longer than %d s", process->name,
                    (process->timeout_ms + 999) / 1000);
    if (process->quiet_ms && now_us - talk->moved_us >= (int64_t)process->quiet_ms * 1000)
        return fail(err, ERR_TIMEOUT, "'%s' got nothing for %d s", process->name,
                    (process->quiet_ms + 999) / 1000);
    return true;
}

/* Negative descriptors are what poll() skips. `*quiet`: nothing moved for a whole slice. */
static bool pump(Talk *talk, bool *quiet, Error *err)
{
    Process *process = talk->process;
    if (!check_time(talk, err))
        return false;
    bool feeding = process->in >= 0 && talk->input.len > 0;
    struct pollfd fds[] = {{feeding ? process->in : -1, POLLOUT, 0},
                           {process->out, POLLIN, 0},
                           {process->errors, POLLIN, 0}};
    int ready = poll(fds, COUNT_OF(fds), POLL_SLICE_MS);
    *quiet = ready == 0;
    if (ready > 0)
        talk->moved_us = suspend_awake_us();
    if (ready <= 0)
        return ready == 0 || errno == EINTR ||
               fail_errno(err, "cannot wait for '%s'", process->name);
    if (fds[0].revents)
        feed(talk);
    if (fds[2].revents)
        keep_errors(process);
    return !fds[1].revents || hand_on_output(talk, err);
}

static Talk talk_new(Process *process, Str input, ProcessSink sink, void *context)
{
    int64_t limit_us = (int64_t)process->timeout_ms * 1000;
    return (Talk){.process = process,
                  .input = input,
                  .sink = sink,
                  .context = context,
                  .moved_us = suspend_awake_us(),
                  .deadline_us = limit_us > 0 ? suspend_awake_us() + limit_us : 0};
}

bool process_talk(Process *process, Str input, ProcessSink sink, void *context, Error *err)
{
    Talk talk = talk_new(process, input, sink, context);
    while (!talk.done) {
        bool quiet;
        if (process->out < 0)
            return fail(err, ERR_IO, "'%s' ended before it had answered", process->name);
        if (!pump(&talk, &quiet, err))
            return false;
    }
    return true;
}

/* A helper the child left behind may hold its pipes open: the child's own exit is the end. */
static bool pump_until_exit(Talk *talk, Error *err)
{
    Process *process = talk->process;
    bool quiet = false;
    while (process->out >= 0 || process->errors >= 0) {
        if (!pump(talk, &quiet, err))
            return false;
        if (quiet && has_exited(process))
            break;
    }
    while (!has_exited(process)) {
        if (!check_time(talk, err))
            return false;
        clock_sleep_ms(1);
    }
    reap(process);
    return true;
}

static Str kept_end(Arena *arena, const Buf *kept)
{
    size_t from = kept->len > ERRORS_KEPT ? kept->len - ERRORS_KEPT : 0;
    return arena_copy(arena, str_slice(buf_str(kept), from, kept->len));
}

bool process_stream(Arena *arena, const ProcessSpec *spec, ProcessSink sink, void *context,
                    ProcessResult *out, Error *err)
{
    SCOPED(process_close) Process *process = NULL;
    if (!process_open(spec, &process, err))
        return false;
    Talk talk = talk_new(process, spec->input, sink, context);
    talk.close_input = true;
    if (talk.input.len == 0)
        fd_close(&process->in);
    /* After Ctrl-C on a terminal they share the child may be gone before anybody has looked. */
    if (!pump_until_exit(&talk, err) || (process->status != 0 && !interrupt_check(err)))
        return false;
    int status = process->status;
    out->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    out->errors = kept_end(arena, &process->kept_errors);
    return true;
}

typedef struct {
    Buf buf;
    uint64_t limit_bytes;
    const char *name;
} Collected;

static bool collect(void *context, Str bytes, bool *done, Error *err)
{
    (void)done;
    Collected *collected = context;
    if (collected->buf.len + bytes.len > collected->limit_bytes)
        return fail(err, ERR_TOO_LARGE, "'%s' wrote more than %llu bytes", collected->name,
                    (unsigned long long)collected->limit_bytes);
    buf_add(&collected->buf, bytes);
    return true;
}

bool process_run(Arena *arena, const ProcessSpec *spec, ProcessResult *out, Error *err)
{
    Collected collected = {buf_new(arena), spec->output_limit_bytes, spec->argv[0]};
    if (collected.limit_bytes == 0)
        collected.limit_bytes = OUTPUT_LIMIT_DEFAULT;
    ProcessResult result = {0};
    if (!process_stream(arena, spec, collect, &collected, &result, err))
        return false;
    result.output = buf_str(&collected.buf);
    *out = result;
    return true;
}
