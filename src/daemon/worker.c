#include "daemon/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "jobs/fence_store.h"
#include "sync/job_bodies.h"

typedef struct {
    Arena *arena;
    int out;
    int percent; /* told last; it never falls */
    const char *phase;
} Teller;

/* ── saying ── */

/* A daemon that is gone takes this process with it: nothing to be done about a failed write. */
static void say(Teller *teller, const WorkerLine *line)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Error ignored;
    (void)!fs_write_fd(teller->out, worker_line_write(scratch, line), &ignored);
}

static void say_notice(void *context, const char *text)
{
    say(context, &(WorkerLine){.word = WORKER_NOTICE, .notice = str_of(text)});
}

/* Artifacts are told by the result, and by the log. */
static void say_span(void *context, const LogEvent *event)
{
    if (event->span_id)
        say(context, &(WorkerLine){.word = WORKER_SPAN, .span = *event});
}

/* Which part of a job each phase of a verb is, and what share of the whole. */
static const struct {
    const char *told, *phase;
    int from, to;
} shares[] = {
    {"fetch", "fetch", 0, 40},
    {"check", "fetch", 0, 90},
    {"merge", "merge", 40, 80},
    {"apply", "apply", 80, 100},
};

static void say_progress(void *context, const Progress *progress)
{
    Teller *teller = context;
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        if (strcmp(progress->phase, shares[i].told) != 0)
            continue;
        size_t total = progress->total ? progress->total : 1;
        size_t done = progress->done < total ? progress->done : total;
        int percent =
            shares[i].from + (int)((size_t)(shares[i].to - shares[i].from) * done / total);
        percent = percent > 99 ? 99 : percent;
        bool same = teller->phase && strcmp(teller->phase, shares[i].phase) == 0;
        if (same && percent <= teller->percent)
            return;
        teller->phase = shares[i].phase;
        teller->percent = percent > teller->percent ? percent : teller->percent;
        say(teller, &(WorkerLine){.word = WORKER_PROGRESS,
                                  .phase = str_of(teller->phase),
                                  .percent = teller->percent});
    }
}

/* ── the process ── */

/* Ends with the daemon, whatever becomes of that; nobody reads this process's memory. */
static bool bind_to_parent(const WorkerOrder *order, Error *err)
{
    (void)umask((mode_t)order->umask);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        return fail_errno(err, "cannot bind a worker to its daemon");
    return getppid() == (pid_t)order->parent || fail(err, ERR_INTERRUPTED, "the daemon is gone");
}

/* The program's handler is in place: a wish to stop that has come meanwhile is heeded. */
static void heed_stop(void)
{
    sigset_t term;
    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    (void)pthread_sigmask(SIG_UNBLOCK, &term, NULL);
}

static bool hold_lock(int home_fd, int *out, Error *err)
{
    SCOPED(fd_close)
    int fd = fs_open_at(home_fd, STR(WORKERS_LOCK), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) != 0)
        return fail_errno(err, "cannot lock '" WORKERS_LOCK "'");
    *out = fd_take(&fd);
    return true;
}

static int form_of(const Settings *settings)
{
    const char *text = setting_text(settings, SETTING_SYNC_PATCH_EXPORT);
    for (int i = 0; i < JOB_FORMS; i++)
        if (strcmp(text, job_form_names[i]) == 0)
            return i;
    return 1;
}

static int strategy_of(const Settings *settings)
{
    const char *text = setting_text(settings, SETTING_MERGE_STRATEGY_DEFAULT);
    return strcmp(text, "overwrite") == 0 ? STRATEGY_OVERWRITE : STRATEGY_AUTO;
}

static bool open_app(Arena *arena, const WorkerOrder *order, Teller *teller, App **out, Error *err)
{
    AppOptions options = {
        .verb = job_kind_names[order->job.kind],
        .command = arena_format(arena, "job %.*s", STR_ARG(order->job.id)),
        .trace_id = arena_text(arena, order->job.trace_id),
        .parent_id = order->job.parent_id.len ? arena_text(arena, order->job.parent_id) : NULL,
        .job_id = order->job.id,
        .span_sink = say_span,
        .span_context = teller,
        .set = order->set,
        .notice = say_notice,
        .progress = say_progress,
        .notice_context = teller,
    };
    if (order->job.collection.len)
        ARRAY_PUSH(arena, &options.set,
                   str_of(arena_format(arena, "collection=%.*s", STR_ARG(order->job.collection))));
    return app_open(arena, NEEDS_COLLECTION, &options, out, err);
}

static bool work_in(Arena *arena, App *app, const WorkerOrder *order, JobReport *out, Error *err)
{
    Workspace *ws = &app->workspace;
    SCOPED(fd_close) int lock = -1;
    bool made = false;
    if (!hold_lock(ws->home_fd, &lock, err) ||
        !fs_make_folder_at(ws->home_fd, STR(JOB_EXPORTS_FOLDER), 0700, &made, err))
        return false;
    if (order->job.actor.len)
        ws->actor = arena_text(arena, order->job.actor);
    ws->claim = (JobClaim){order->job.id, order->job.fence, job_fence_check};
    JobOrder job = {
        .ws = ws,
        .job = &order->job,
        .exports = path_join(arena, str_of(app->home), STR(JOB_EXPORTS_FOLDER)),
        .export_keep_ms = setting_number(&app->settings, SETTING_PATCH_KEEP_MINUTES) * 60000,
        .standard_form = form_of(&app->settings),
        .standard_strategy = strategy_of(&app->settings),
    };
    return job_work(&job, out, err);
}

static void tell_error(Arena *arena, const Error *err, JobOutcome *out)
{
    out->error_code = str_of(error_name(err->code));
    out->error_message = arena_copy(arena, str_of(err->message));
    out->error_hint = arena_copy(arena, str_of(error_hint(err)));
}

static JobOutcome outcome_of(Arena *arena, bool worked, const JobReport *report, const Error *err)
{
    JobOutcome outcome = {.state = JOB_ERROR};
    if (worked) {
        outcome = (JobOutcome){.state = report->state,
                               .result = report->result,
                               .conflicts = report->conflicts,
                               .transient = report->transient};
        if (report->state == JOB_ERROR || report->state == JOB_CANCELED)
            tell_error(arena, &report->error, &outcome);
        return outcome;
    }
    tell_error(arena, err, &outcome);
    outcome.transient = job_is_transient(err->code);
    if (err->code == ERR_INTERRUPTED)
        outcome.state = JOB_CANCELED;
    return outcome;
}

static JobOutcome do_order(Arena *arena, const WorkerOrder *order, Teller *teller)
{
    Error err = {0};
    JobReport report = {0};
    SCOPED(app_close) App *app = NULL;
    bool opened = open_app(arena, order, teller, &app, &err);
    bool worked = opened && work_in(arena, app, order, &report, &err);
    JobOutcome outcome = outcome_of(arena, worked, &report, &err);
    /* what was agreed to is gone: another try would find the same */
    if (opened && app->workspace.agreed && err.code == ERR_CHANGED)
        outcome.transient = false;
    if (opened)
        app_ended(app, worked ? NULL : &err, worked && report.state != JOB_SUCCESS);
    return outcome;
}

bool worker_run(Arena *arena, int in, int out, Error *err)
{
    Str text;
    WorkerOrder order;
    Teller teller = {.arena = arena, .out = out, .percent = -1};
    if (!fs_read_fd(arena, in, 2 * LIMIT_JOB_REQUEST_BYTES, &text, err) ||
        !worker_order_read(arena, text, &order, err) || !bind_to_parent(&order, err))
        return false;
    heed_stop();
    JobOutcome outcome = do_order(arena, &order, &teller);
    return fs_write_fd(
        out, worker_line_write(arena, &(WorkerLine){WORKER_DONE, .outcome = outcome}), err);
}
