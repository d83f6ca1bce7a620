#include "daemon/daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/path.h"
#include "base/process.h"
#include "base/text.h"
#include "base/thread.h"
#include "daemon/daemon_internal.h"

enum { WORKERS_LEFT_MS = 15000, HTTP_DRAIN_MS = 3000, TICK_MS = 1000, STOP_LOOK_MS = 20 };

/* ── callbacks, from any thread: server, hub and runner come and go while they are called ── */

static void committed(void *context)
{
    Daemon *daemon = context;
    monitor_enter(&daemon->parts);
    if (daemon->hub)
        hub_wake(daemon->hub);
    if (daemon->runner)
        runner_wake(daemon->runner);
    monitor_leave(&daemon->parts);
}

static void told(void *context, const Event *event)
{
    Daemon *daemon = context;
    monitor_enter(&daemon->parts);
    if (daemon->hub)
        hub_tell(daemon->hub, event);
    monitor_leave(&daemon->parts);
}

void daemon_notice(Daemon *daemon, const char *text)
{
    if (daemon->options->notice)
        daemon->options->notice(daemon->options->context, text);
}

static void store_notice(void *context, const char *text)
{
    Daemon *daemon = context;
    daemon_notice(daemon, text);
}

/* Handles of a thread of the API's pool. */
static bool open_app(void *context, Arena *arena, App **out, Error *err)
{
    const Daemon *daemon = context;
    AppOptions options = {.verb = "serve",
                          .command = "weir serve",
                          .trace_id = daemon->options->trace_id,
                          .set = daemon->options->set,
                          .log = "none", /* requests are told by the observer */
                          .notice = daemon->options->notice,
                          .notice_context = daemon->options->context};
    return app_open(arena, NEEDS_COLLECTION, &options, out, err);
}

/* ── what is counted ── */

static void answered(void *context, const ApiAnswered *request)
{
    const Daemon *daemon = context;
    observer_request(daemon->observer, request);
}

static void spanned(void *context, const LogEvent *span)
{
    const Daemon *daemon = context;
    observer_request_span(daemon->observer, span);
}

/* Gauges, when somebody asks. */
static void measure(void *context)
{
    Daemon *daemon = context;
    JobCounts jobs = {0};
    Error ignored;
    monitor_enter(&daemon->parts);
    if (daemon->server && daemon->hub) {
        HttpServerCounts counts = http_server_counts(daemon->server);
        observer_server(daemon->observer, &counts, hub_listeners(daemon->hub));
    }
    monitor_leave(&daemon->parts);
    if (job_counts(daemon->queue, &jobs, &ignored))
        observer_jobs(daemon->observer, &jobs);
    observer_process(daemon->observer);
}

/* ── opening ── */

static bool open_observer(Daemon *daemon, Error *err)
{
    const ObserverOptions options = {.log = daemon->app->log,
                                     .notice = daemon->options->notice,
                                     .context = daemon->options->context};
    return observer_open(&options, &daemon->observer, err);
}

static bool open_home(Daemon *daemon, Error *err)
{
    const Settings *settings = &daemon->app->settings;
    const char *home = daemon->app->home;
    const char *collection = arena_format(daemon->arena, "%s/collections/%s", home,
                                          setting_text(settings, SETTING_COLLECTION));
    if (!fs_exists(collection))
        return fail(err, ERR_NOT_INITIALIZED, "there is no collection '%s' in '%s' yet",
                    setting_text(settings, SETTING_COLLECTION),
                    text_safe(daemon->arena, str_of(home)));
    return fs_open_root(home, &daemon->home_fd, err);
}

static JobStoreChoice store_choice(const Settings *settings)
{
    const char *text = setting_text(settings, SETTING_SYNC_JOB_STORE);
    return strcmp(text, "sqlite") == 0  ? JOB_STORE_SQLITE
           : strcmp(text, "jsonl") == 0 ? JOB_STORE_JSONL
                                        : JOB_STORE_AUTO;
}

static bool open_queue(Daemon *daemon, Error *err)
{
    const JobQueueOptions options = {
        .folder = daemon->app->home,
        .store = store_choice(&daemon->app->settings),
        .owner = true,
        .committed = committed,
        .told = told,
        .notice = store_notice,
        .context = daemon,
    };
    return job_queue_open(&options, &daemon->queue, err);
}

static bool open_hub(Daemon *daemon, Error *err)
{
    Hub *hub = NULL;
    const HubOptions options = {.folder = daemon->app->home, .forget = api_forget_frame};
    if (!hub_open(&options, &hub, err))
        return false;
    monitor_enter(&daemon->parts);
    daemon->hub = hub;
    monitor_leave(&daemon->parts);
    return true;
}

static bool open_api(Daemon *daemon, Error *err)
{
    const ApiOptions options = {
        .token = daemon->token,
        .jobs = daemon->queue,
        .hub = daemon->hub,
        .settings = &daemon->app->settings,
        .open_app = open_app,
        .actor = daemon->app->workspace.actor,
        .answered = answered,
        .metrics = observer_metrics(daemon->observer),
        .measure = measure,
        .span = observer_traces(daemon->observer) ? spanned : NULL,
        .context = daemon,
    };
    return api_open(&options, &daemon->api, err);
}

static const char *listen_on(const Daemon *daemon)
{
    const char *given = daemon->options->listen;
    const char *listen = given ? given : setting_text(&daemon->app->settings, SETTING_LISTEN);
    bool handed = !given && daemon->notify.fds[0] > 0;
    return handed || strcmp(listen, "none") == 0 ? NULL : listen;
}

static const char *socket_path(const Daemon *daemon)
{
    const char *given = daemon->options->socket;
    const char *set = setting_text(&daemon->app->settings, SETTING_LISTEN_SOCKET);
    return given ? given : strcmp(set, "none") == 0 ? NULL : set;
}

static bool open_server(Daemon *daemon, Error *err)
{
    HttpServerOptions options = {.listen = listen_on(daemon), .socket_path = socket_path(daemon)};
    memcpy(options.listen_fds, daemon->notify.fds, sizeof options.listen_fds);
    if (!options.listen && !options.socket_path && options.listen_fds[0] <= 0)
        return fail(err, ERR_USAGE, "there is nothing to listen on") ||
               fail_hint(err, "weir serve --listen 127.0.0.1:7330, or --socket PATH");
    api_serve(daemon->api, &options);
    HttpServer *server = NULL;
    if (!http_server_open(&options, &server, err))
        return false;
    monitor_enter(&daemon->parts);
    daemon->server = server;
    monitor_leave(&daemon->parts);
    daemon->place.address = http_server_address(server);
    daemon->place.socket = options.socket_path;
    return true;
}

static bool open_runner(Daemon *daemon, Error *err)
{
    Runner *runner = NULL;
    const RunnerOptions options = {
        .queue = daemon->queue,
        .parallel = (size_t)setting_number(&daemon->app->settings, SETTING_JOBS_AT_ONCE),
        .run = spawn_job,
        .ended = spawn_ended,
        .context = &daemon->spawner,
    };
    if (!runner_open(&options, &runner, err))
        return false;
    monitor_enter(&daemon->parts);
    daemon->runner = runner;
    monitor_leave(&daemon->parts);
    return true;
}

/* Nobody calls what is taken away before it is closed. */
static void close_runner(Daemon *daemon)
{
    monitor_enter(&daemon->parts);
    Runner *runner = TAKE(daemon->runner);
    monitor_leave(&daemon->parts);
    runner_close(&runner);
}

bool daemon_switch_runner(Daemon *daemon, Error *err)
{
    bool on = setting_bool(&daemon->app->settings, SETTING_SYNC_ASYNC_ENABLED);
    if (on && !daemon->runner)
        return open_runner(daemon, err);
    if (on)
        return true;
    daemon_notice(daemon, "note: SYNC_ASYNC_ENABLED is off: no job is run");
    close_runner(daemon);
    return true;
}

static bool open_spawner(Daemon *daemon, Error *err)
{
    daemon->spawner = (Spawner){.program = "/proc/self/exe",
                                .umask = daemon->umask,
                                .home_fd = daemon->home_fd,
                                .home = daemon->app->home,
                                .observer = daemon->observer,
                                .set = daemon->options->set,
                                .notice = daemon->options->notice,
                                .notice_context = daemon->options->context};
    return spawn_clean(&daemon->spawner, err);
}

static bool take_token(Daemon *daemon, Error *err)
{
    if (!token_take(daemon->home_fd, &daemon->token, &daemon->token_source, err))
        return false;
    if (daemon->token_source != TOKEN_OF_ENVIRONMENT)
        daemon->place.token_file =
            path_join(daemon->arena, str_of(daemon->app->home), STR(TOKEN_FILE));
    return true;
}

/* Signals come by a descriptor, on this thread; threads that follow inherit that they are blocked. */
static bool catch_signals(Daemon *daemon, Error *err)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return fail_errno(err, "cannot block signals");
    daemon->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return daemon->signals >= 0 || fail_errno(err, "cannot wait for signals");
}

/* Each stream of events is a descriptor; the usual soft limit is for programs that use select. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE,
                    &limit); /* with fewer it works, too: the server waits for room */
}

static bool open_all(Daemon *daemon, Error *err)
{
    daemon->umask = umask(077);
    raise_file_limit();
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        return fail_errno(err, "cannot keep others from looking into this process");
    daemon->notify = notify_take(daemon->arena);
    return open_home(daemon, err) && serve_lock_acquire(daemon->home_fd, &daemon->lock, err) &&
           serve_lock_await_workers(daemon->home_fd, WORKERS_LEFT_MS, err) &&
           take_token(daemon, err) && catch_signals(daemon, err) && open_observer(daemon, err) &&
           open_spawner(daemon, err) && open_queue(daemon, err) && open_hub(daemon, err) &&
           open_api(daemon, err) && open_server(daemon, err) && daemon_switch_runner(daemon, err);
}

/* Who asks at the lock learns all of this; told anew when the settings are read anew. */
static bool tell_holder(Daemon *daemon, Error *err)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const ServeHolder holder = {
        .pid = getpid(),
        .address = str_of(daemon->place.address),
        .socket = str_of(daemon->place.socket),
        .version = STR(WEIR_VERSION),
        .since_ms = daemon->since_ms,
        .user = geteuid(),
        .overrides = settings_overrides(scratch, &daemon->app->settings),
        .runs_jobs = daemon->runner != NULL, /* this thread alone opens and closes it */
    };
    return serve_lock_tell(daemon->lock, &holder, err);
}

static bool tell_ready(Daemon *daemon, Error *err)
{
    daemon->since_ms = clock_ms();
    if (!tell_holder(daemon, err))
        return false;
    notify_say(&daemon->notify, "READY=1\nSTATUS=answers");
    if (daemon->options->ready)
        daemon->options->ready(daemon->options->context, &daemon->place);
    return true;
}

/* ── its life ── */

/* The next signal that has come; 0: none within that time. */
static int await_signal(Daemon *daemon, int timeout_ms)
{
    struct pollfd fd = {.fd = daemon->signals, .events = POLLIN};
    struct signalfd_siginfo info;
    if (poll(&fd, 1, timeout_ms) <= 0 ||
        read(daemon->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
    return (int)info.ssi_signo;
}

static void reload(Daemon *daemon)
{
    Error err;
    notify_say(&daemon->notify, "RELOADING=1");
    if (!daemon_reload(daemon, &err) || !tell_holder(daemon, &err))
        daemon_notice(
            daemon, arena_format(daemon->arena, "the settings stay as they are: %s", err.message));
    notify_say(&daemon->notify, "READY=1");
}

static void live(Daemon *daemon)
{
    int64_t watchdog_us = daemon->notify.watchdog_us;
    int tick_ms = watchdog_us && watchdog_us / 2000 < TICK_MS ? (int)(watchdog_us / 2000) : TICK_MS;
    while (!interrupted()) { /* by a signal from before it was caught here */
        int signal_number = await_signal(daemon, tick_ms > 0 ? tick_ms : 1);
        if (signal_number == SIGHUP)
            reload(daemon);
        else if (signal_number)
            return;
        if (watchdog_us)
            notify_say(&daemon->notify, "WATCHDOG=1");
        daemon_tick(daemon);
    }
}

/* ── its end ── */

typedef struct {
    Runner *runner;
    int timeout_ms;
    _Atomic bool done;
} Draining;

static void *drain(void *opaque)
{
    Draining *draining = opaque;
    runner_drain(draining->runner, draining->timeout_ms);
    atomic_store(&draining->done, true);
    return NULL;
}

/* Jobs at work may end; a further signal parks them at once. */
static void drain_jobs(Daemon *daemon)
{
    Runner *runner = daemon->runner;
    Draining draining = {.runner = runner,
                         .timeout_ms =
                             (int)setting_number(&daemon->app->settings, SETTING_DRAIN_TIMEOUT_MS)};
    Thread thread = {0};
    Error err;
    if (!runner)
        return;
    if (!thread_start(&thread, "weir-drain", drain, &draining, &err)) {
        runner_drain(runner, 0);
        return;
    }
    while (!atomic_load(&draining.done)) {
        int signal_number = await_signal(daemon, STOP_LOOK_MS);
        if (signal_number == SIGTERM || signal_number == SIGINT)
            runner_drain(runner, 0);
        if (daemon->notify.watchdog_us)
            notify_say(&daemon->notify, "WATCHDOG=1");
    }
    thread_join(&thread);
}

static void end_life(Daemon *daemon)
{
    notify_say(&daemon->notify, "STOPPING=1\nSTATUS=lets jobs end");
    api_drain(daemon->api);
    drain_jobs(daemon);
    http_server_drain(daemon->server, HTTP_DRAIN_MS);
}

/* Also half-built. First those who ask, then what they ask: a call that is left over is answered
 * into the void. */
static void daemon_close(Daemon *daemon)
{
    if (daemon->api)
        api_stop(daemon->api);
    http_server_close(&daemon->server);
    close_runner(daemon);
    job_queue_close(&daemon->queue);
    hub_close(&daemon->hub);
    api_close(&daemon->api);
    observer_close(&daemon->observer);
    if (daemon->lock >= 0)
        serve_lock_clear(daemon->lock);
    arena_close(&daemon->settings_arena);
    fd_close(&daemon->signals);
    fd_close(&daemon->lock);
    fd_close(&daemon->home_fd);
    monitor_destroy(&daemon->parts);
}

bool daemon_run(App *app, const DaemonOptions *options, Error *err)
{
    SCOPED(daemon_close)
    Daemon daemon = {.app = app,
                     .arena = app->arena,
                     .options = options,
                     .home_fd = -1,
                     .lock = -1,
                     .signals = -1};
    monitor_init(&daemon.parts);
    if (!open_all(&daemon, err))
        return false;
    daemon_tick_begin(&daemon);
    if (!tell_ready(&daemon, err))
        return false;
    live(&daemon);
    end_life(&daemon);
    return true;
}
