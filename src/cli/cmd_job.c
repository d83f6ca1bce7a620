#include <string.h>

#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "format/json_read.h"
#include "jobs/job_record.h"
#include "jobs/queue.h"

enum { SHOWN = 20, LOOK_MS = 100 };

/* ── the queue, beside whoever runs it ── */

static bool open_queue(Call *call, JobQueue **out, Error *err)
{
    const JobQueueOptions options = {.folder = call->app->home};
    return job_queue_open(&options, out, err);
}

static Str job_id(const Call *call)
{
    return str_of(call_operand(call, 1));
}

/* ── in words ── */

static Ink state_ink(JobState state)
{
    static const Ink inks[JOB_STATES] = {
        [JOB_QUEUED] = INK_FAINT, [JOB_RUNNING] = INK_MODIFIED, [JOB_SUCCESS] = INK_GOOD,
        [JOB_CONFLICT] = INK_BAD, [JOB_ERROR] = INK_BAD,        [JOB_CANCELED] = INK_FAINT,
    };
    return inks[state];
}

static const char *what_it_does(Arena *arena, const Job *job)
{
    Buf buf = buf_new(arena);
    buf_add_text(&buf, job_kind_names[job->kind]);
    if (job->direction.len)
        buf_format(&buf, " %s", text_safe(arena, job->direction));
    if (job->dry_run)
        buf_add_text(&buf, ", dry run");
    return buf_text(&buf);
}

static const char *about_what(Arena *arena, const Job *job)
{
    if (job->artifacts.count == 0)
        return "all";
    const char *first = text_safe(arena, job->artifacts.items[0]);
    return job->artifacts.count == 1
               ? first
               : arena_format(arena, "%s and %zu more", first, job->artifacts.count - 1);
}

static const char *how_far(Arena *arena, const Job *job)
{
    if (job->state == JOB_RUNNING)
        return arena_format(arena, "running %d %%", job->percent);
    return job_state_names[job->state];
}

/* It stopped after some of it was written. */
static bool is_partial(const Job *job)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const JsonNode *root = NULL;
    Error ignored;
    if (!job->result.len || !json_parse(arena, job->result, 0, &root, &ignored))
        return false;
    const JsonNode *partial = json_find(root, STR("partial"));
    return partial && partial->kind == JSON_BOOL && partial->truth;
}

/* By a job's own words, else by what is asked next of any. */
static const char *next_of(Arena *arena, const Job *job)
{
    const char *id = text_safe(arena, job->id);
    if (is_partial(job))
        return "weir undo, which takes back what was written; or ask for the rest again";
    switch (job->state) {
    case JOB_QUEUED:
    case JOB_RUNNING:
        return arena_format(arena, "weir job watch %s", id);
    case JOB_CONFLICT:
        return "weir resolve";
    case JOB_ERROR:
        return job->error_hint.len ? text_safe(arena, job->error_hint) : "weir job list";
    case JOB_SUCCESS:
        return job->dry_run ? "weir job list" : "weir log";
    case JOB_CANCELED:
    case JOB_STATES:
        break;
    }
    return "weir job list";
}

static void add_row(Arena *arena, Rows *rows, const char *name, const char *text)
{
    if (text && *text)
        ARRAY_PUSH(arena, rows, ROW({name, INK_FAINT}, {text, INK_NONE}));
}

static const char *time_or_nothing(Arena *arena, int64_t ms)
{
    return ms ? time_short(arena, ms) : NULL;
}

static void print_log(Output *output, const Job *job)
{
    Str rest = job->log_excerpt, line = {0};
    while (str_next(&rest, '\n', &line))
        if (line.len)
            out_line(output, "    %s", text_safe(output->arena, line));
}

/* "1 merged, 2 fast_forward": the summary of what the command line would print. */
static const char *summary_of(Arena *arena, const Job *job)
{
    const JsonNode *root = NULL;
    Error ignored;
    Buf buf = buf_new(arena);
    if (!job->result.len || !json_parse(arena, job->result, 0, &root, &ignored))
        return NULL;
    const JsonNode *summary = json_find(root, STR("summary"));
    for (const JsonNode *one = summary ? summary->first : NULL; one; one = one->next) {
        int64_t count = 0;
        if (json_to_i64(one, &count) && count)
            buf_format(&buf, "%s%lld %s", buf.len ? ", " : "", (long long)count,
                       text_safe(arena, one->key));
    }
    return buf_text(&buf);
}

static void print_job(Call *call, const Job *job)
{
    Arena *arena = call->arena;
    Output *output = call->output;
    Rows rows = {0};
    out_line(output, "%s %s of %s: %s", text_safe(arena, job->id), what_it_does(arena, job),
             about_what(arena, job), ink(output, state_ink(job->state), how_far(arena, job)));
    add_row(arena, &rows, is_partial(job) ? "written before" : "result", summary_of(arena, job));
    add_row(arena, &rows, "error",
            job->error_code.len ? arena_format(arena, "%s: %s", text_safe(arena, job->error_code),
                                               text_safe(arena, job->error_message))
                                : NULL);
    add_row(arena, &rows, "project", text_safe(arena, job->project_path));
    add_row(arena, &rows, "asked by", text_safe(arena, job->actor));
    add_row(arena, &rows, "made", time_or_nothing(arena, job->created_ms));
    add_row(arena, &rows, "begun", time_or_nothing(arena, job->started_ms));
    add_row(arena, &rows, "ended", time_or_nothing(arena, job->ended_ms));
    if (job->attempts > 1)
        add_row(arena, &rows, "attempts", arena_format(arena, "%d", job->attempts));
    add_row(arena, &rows, "trace", text_safe(arena, job->trace_id));
    rows_print(output, &rows, "  ");
    print_log(output, job);
    out_next(output, "%s", next_of(arena, job));
}

static void tell_job(Call *call, const Job *job)
{
    if (!call->output->options.json) {
        print_job(call, job);
        return;
    }
    JsonWriter json = json_writer(&call->output->text, true);
    job_write_record(&json, job);
    buf_add_char(&call->output->text, '\n');
}

/* ── list ── */

static bool read_filter(const Call *call, JobFilter *out, Error *err)
{
    uint64_t limit = SHOWN;
    JobState state;
    JobKind kind;
    const char *wanted_state = option_value(call->options, "state");
    const char *wanted_kind = option_value(call->options, "kind");
    const char *count = option_value(call->options, "limit");
    JobFilter filter = {.state = -1,
                        .kind = -1,
                        .artifact = str_of(option_value(call->options, "artifact")),
                        .before = str_of(option_value(call->options, "before"))};
    if (wanted_state && !job_state_find(str_of(wanted_state), &state))
        return fail(err, ERR_USAGE, "no job is ever '%s'",
                    text_safe(call->arena, str_of(wanted_state)));
    if (wanted_kind && !job_kind_find(str_of(wanted_kind), &kind))
        return fail(err, ERR_USAGE, "no kind of job is called '%s'",
                    text_safe(call->arena, str_of(wanted_kind)));
    if (count && (!str_to_u64(str_of(count), &limit) || limit == 0 || limit > 1000))
        return fail(err, ERR_USAGE, "--limit takes a number from 1 to 1000");
    if (wanted_state)
        filter.state = (int)state;
    if (wanted_kind)
        filter.kind = (int)kind;
    filter.limit = (size_t)limit;
    *out = filter;
    return true;
}

static void list_json(Call *call, const Jobs *jobs, bool more)
{
    JsonWriter json = out_json_begin(call->output);
    json_key(&json, "jobs");
    json_begin_array(&json);
    for (size_t i = 0; i < jobs->count; i++)
        job_write_summary(&json, &jobs->items[i]);
    json_end_array(&json);
    json_member_bool(&json, "more", more);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

static void list_text(Call *call, const Jobs *jobs, bool more)
{
    Arena *arena = call->arena;
    Rows rows = {0};
    if (!jobs->count) {
        out_line(call->output,
                 call->options->uses.count ? "No job is like that." : "No job was asked for yet.");
        out_next(call->output, "weir serve");
        return;
    }
    for (size_t i = 0; i < jobs->count; i++) {
        const Job *job = &jobs->items[i];
        ARRAY_PUSH(arena, &rows,
                   ROW({text_safe(arena, job->id), INK_FAINT},
                       {how_far(arena, job), state_ink(job->state)},
                       {what_it_does(arena, job), INK_NONE}, {about_what(arena, job), INK_STRONG},
                       {time_short(arena, job->created_ms), INK_FAINT}));
    }
    rows_print(call->output, &rows, "");
    if (more)
        out_line(call->output, "Older ones: weir job list --before %s",
                 text_safe(arena, jobs->items[jobs->count - 1].id));
    out_next(call->output, "weir job show ID");
}

static bool list_jobs(Call *call, JobQueue *queue, Error *err)
{
    JobFilter filter;
    Jobs jobs = {0};
    bool more = false;
    if (!read_filter(call, &filter, err) ||
        !job_list(queue, call->arena, &filter, &jobs, &more, err))
        return false;
    if (call->output->options.json)
        list_json(call, &jobs, more);
    else
        list_text(call, &jobs, more);
    return true;
}

/* ── one job ── */

static bool show_job(Call *call, JobQueue *queue, Error *err)
{
    Job job;
    if (!job_get(queue, call->arena, job_id(call), &job, err))
        return false;
    tell_job(call, &job);
    return true;
}

static bool cancel_job(Call *call, JobQueue *queue, Error *err)
{
    Job job;
    if (!job_cancel(queue, call->arena, job_id(call), &job, err))
        return false;
    tell_job(call, &job);
    return true;
}

static void show_progress(Call *call, const Job *job)
{
    const Progress progress = {
        .phase = job->phase.len ? arena_text(call->arena, job->phase) : "wait",
        .done = (size_t)job->percent,
        .total = 100,
        .what = job->id,
    };
    if (job->state == JOB_RUNNING)
        out_progress(call->output, &progress);
}

static int exit_of(const Job *job)
{
    switch (job->state) {
    case JOB_CONFLICT:
        return error_exit_code(ERR_CONFLICT);
    case JOB_CANCELED:
        return error_exit_code(ERR_INTERRUPTED);
    case JOB_ERROR:
        return 1;
    case JOB_QUEUED:
    case JOB_RUNNING:
    case JOB_SUCCESS:
    case JOB_STATES:
        break;
    }
    return 0;
}

/* Ends with the job, and as it: 0, 3 with a conflict, 130 when it was canceled, else 1. */
static bool watch_job(Call *call, JobQueue *queue, Error *err)
{
    for (;;) {
        SCOPED(arena_close) Arena *look = arena_open();
        Job job;
        if (!interrupt_check(err) || !job_get(queue, look, job_id(call), &job, err))
            return false;
        if (job_state_is_final(job.state)) {
            Job kept = job_copy(call->arena, &job);
            out_progress_clear(call->output);
            tell_job(call, &kept);
            call->exit_code = exit_of(&kept);
            return true;
        }
        show_progress(call, &job);
        clock_sleep_ms(LOOK_MS);
    }
}

/* ── the command ── */

static const struct {
    const char *word;
    bool one;
    bool (*run)(Call *call, JobQueue *queue, Error *err);
} acts[] = {{"list", false, list_jobs},
            {"show", true, show_job},
            {"watch", true, watch_job},
            {"cancel", true, cancel_job}};

static bool check_job(const Call *call, Error *err)
{
    const char *act = call_operand(call, 0), *id = call_operand(call, 1);
    JobFilter ignored;
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        if (strcmp(act ? act : "list", acts[i].word) != 0)
            continue;
        if (acts[i].one && !id)
            return fail(err, ERR_USAGE, "'weir job %s' needs the id of a job", act);
        if (!acts[i].one && id)
            return fail(err, ERR_USAGE, "'weir job list' takes no id; 'weir job show' does");
        return read_filter(call, &ignored, err);
    }
    return fail(err, ERR_USAGE, "'weir job' knows list, show, watch and cancel, not '%s'",
                text_safe(call->arena, str_of(act)));
}

static bool run_job(Call *call, Error *err)
{
    const char *act = call_operand(call, 0) ? call_operand(call, 0) : "list";
    SCOPED(job_queue_close) JobQueue *queue = NULL;
    if (!open_queue(call, &queue, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (strcmp(act, acts[i].word) == 0)
            return acts[i].run(call, queue, err);
    return true;
}

static const Option options[] = {
    {.name = "state",
     .value = "STATE",
     .words = "queued|running|success|conflict|error|canceled",
     .about = "list: only jobs in that state"},
    {.name = "kind", .value = "KIND", .about = "list: only jobs of that kind: sync, deploy ..."},
    {.name = "artifact", .value = "TYPE:NAME", .about = "list: only jobs that name it"},
    {.name = "limit", .letter = 'n', .value = "N", .about = "list: how many, newest first; 20"},
    {.name = "before", .value = "ID", .about = "list: older than that job: the next page"},
    {0},
};

const Command command_job = {
    .name = "job",
    .summary = "the daemon's jobs: what waits, runs and has ended",
    .usage =
        (const char *const[]){"list [--state STATE] [--kind KIND] [--artifact TYPE:NAME] "
                              "[--limit N] [--before ID] [--json]",
                              "show ID [--json]", "watch ID [--json]", "cancel ID [--json]", NULL},
    .about =
        "Works on the store itself, whether or not a daemon runs. watch waits until the job "
        "has ended; its\nexit code is 0, 3 when places wait for a decision, 130 when it was "
        "canceled, else 1. cancel asks a\nrunning job to stop: what is past its commit mark is "
        "finished.",
    .options = options,
    .examples = (const char *const[]){"weir job list", "weir job list --state running",
                                      "weir job watch 01KAJ3ZV4E8Q2W6N5T7R9XBCDF",
                                      "weir job cancel 01KAJ3ZV4E8Q2W6N5T7R9XBCDF", NULL},
    .max_operands = 2,
    .needs = NEEDS_COLLECTION,
    .check = check_job,
    .run = run_job,
};
