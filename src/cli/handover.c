#include "cli/handover.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/handover_watch.h"
#include "cli/prompt.h"
#include "daemon/probe.h"

enum { ANSWER_MS = 1000, QUEUED_LISTED = 200 };

bool handover_may(const Call *call)
{
    const Settings *settings = &call->app->settings;
    bool waits = setting_number(settings, SETTING_LOCK_TIMEOUT_MS) > 0; /* else it is not to wait */
    return waits && setting_bool(settings, SETTING_USE_DAEMON) &&
           setting_bool(settings, SETTING_SYNC_ASYNC_ENABLED) &&
           !option_given(call->options, "no-daemon") && !option_given(call->options, "offline");
}

/* ── is there a daemon that would do the same? ── */

/* What keeps it from doing so; NULL: nothing. */
static const char *misfit(Call *call, const ServeHolder *holder)
{
    Arena *arena = call->arena;
    Error err = {0};
    if (!holder->version.len)
        return "it has not said yet who it is";
    if (!str_is(holder->version, WEIR_VERSION))
        return arena_format(arena, "it is weir %s, this is %s", text_safe(arena, holder->version),
                            WEIR_VERSION);
    if (holder->user != (int64_t)geteuid())
        return "it is another user's";
    if (!holder->runs_jobs)
        return "it runs no jobs";
    if (!str_equal(holder->overrides, settings_overrides(arena, &call->app->settings)))
        return "its settings are not those of this call";
    return daemon_probe(holder, ANSWER_MS, &err) ? NULL : arena_text(arena, str_of(err.message));
}

static bool find_daemon(Call *call, ServeHolder *out)
{
    bool found = false, stale = false;
    Error ignored;
    if (!serve_lock_look(call->arena, call->app->workspace.home_fd, &found, &stale, out,
                         &ignored) ||
        !found)
        return false;
    const char *why_not = misfit(call, out);
    if (why_not)
        out_note(call->output, "note: the daemon is not asked: %s", why_not);
    return !why_not;
}

/* ── what it is asked ── */

/* JSON would change bytes that are no text. */
static bool can_be_told(const JobRequest *request)
{
    bool told = str_is_utf8(request->project_path) && str_is_utf8(request->to) &&
                str_is_utf8(request->source) && str_is_utf8(request->path) &&
                str_is_utf8(request->ref) && str_is_utf8(request->name);
    for (size_t i = 0; i < request->artifacts.count; i++)
        told = told && str_is_utf8(request->artifacts.items[i]);
    for (size_t i = 0; i < request->choices.count; i++)
        told = told && str_is_utf8(request->choices.items[i].path) &&
               str_is_utf8(request->choices.items[i].text);
    return told;
}

static bool draft_job(Call *call, HandoverJob *job, JobDraft *out)
{
    Arena *arena = call->arena;
    Workspace *ws = &call->app->workspace;
    JobCommandLine *line = ARENA_NEW(arena, JobCommandLine);
    Error ignored;
    line->command = json_bytes_text(arena, str_of(call->typed));
    if (ws->agreed)
        line->agreed = *ws->agreed;
    for (size_t i = 0; i < ws->accepted.count; i++)
        ARRAY_PUSH(arena, &line->accepted, hash_format(arena, &ws->accepted.items[i]));
    job->request.dry_run = false;
    job->request.accept_risk = ws->accept_risk;
    job->request.collection = str_of(ws->collection_name);
    job->request.command_line = line;
    *out = (JobDraft){.trace_id = str_of(out_trace_id(call->output)),
                      .parent_id = str_of(call->app->command.event.span_id),
                      .actor = str_of(ws->actor)};
    return can_be_told(&job->request) &&
           job_request_draft(arena, job->kind, &job->request, out, NULL, &ignored);
}

/* Typed again while the first one still waits, it is the same job: begun, it may have looked already at
 * what has changed since. Undo alone would go further back. */
static bool find_same(JobQueue *queue, Arena *arena, const JobDraft *draft, Job *out)
{
    static const JobState states[] = {JOB_QUEUED, JOB_RUNNING};
    size_t looked_at = draft->kind == JOB_KIND_UNDO ? 2 : 1;
    for (size_t i = 0; i < looked_at; i++) {
        JobFilter filter = {
            .state = (int)states[i], .kind = (int)draft->kind, .limit = QUEUED_LISTED};
        Jobs jobs = {0};
        bool more = false;
        Error ignored;
        if (!job_list(queue, arena, &filter, &jobs, &more, &ignored))
            return false;
        for (size_t k = 0; k < jobs.count; k++) {
            const Job *job = &jobs.items[k];
            if (job->cancel_requested || !str_equal(job->request, draft->request) ||
                !str_equal(job->actor, draft->actor))
                continue;
            *out = *job;
            return true;
        }
    }
    return false;
}

/* ── its end ── */

static void tell_notices(Output *output, const Job *job)
{
    Str rest = job->log_excerpt, line = {0};
    while (str_next(&rest, '\n', &line))
        if (line.len)
            out_note(output, "%s", text_safe(output->arena, line));
}

static bool truth_of(const JsonNode *result, Str key)
{
    const JsonNode *found = result ? json_find(result, key) : NULL;
    return found && found->kind == JSON_BOOL && found->truth;
}

/* Its words are the verb's own. */
static bool fail_as_job(Arena *arena, const Job *job, Error *err)
{
    ErrorCode code = ERR_INTERNAL;
    const char *hint = arena_text(arena, job->error_hint);
    if (job->state == JOB_CANCELED) {
        (void)fail(err, ERR_INTERRUPTED, "job %s was canceled", text_safe(arena, job->id));
        return fail_hint(err, "%s",
                         *hint ? hint : "Run the command again; it starts from where things are.");
    }
    (void)error_find(arena_text(arena, job->error_code), &code);
    (void)fail(err, code, "%s", arena_text(arena, job->error_message));
    return fail_hint(err, "%s", hint);
}

/* It is done, all the same. */
static bool fail_long(Arena *arena, const Job *job, Error *err)
{
    const char *id = text_safe(arena, job->id);
    (void)fail(err, ERR_TOO_LARGE,
               "job %s has ended as '%s', and did more than it can tell at once", id,
               job_state_names[job->state]);
    return fail_hint(err, "weir job show %s, and weir log", id);
}

/* What the daemon could not do, and this call may: a person can be asked for what git wants to know. */
static const char *why_here(Call *call, const Watched *watched, const JsonNode *result)
{
    const Job *job = &watched->job;
    const JsonNode *operation = result ? json_find(result, STR("operation")) : NULL;
    bool written = operation && operation->kind != JSON_NULL;
    bool shut_out = str_is(job->error_code, error_name(ERR_GIT_AUTH_FAILED));
    if (written)
        return NULL;
    if (job->state == JOB_CANCELED)
        return watched->taken_back;
    return shut_out && prompt_can_ask(call->output) ? "the upstream did not let the daemon in"
                                                    : NULL;
}

static bool take_end(Call *call, const Watched *watched, Handed *out, Error *err)
{
    const Job *job = &watched->job;
    Handed handed = {.job = job->id};
    if (job->result.len && !json_parse(call->arena, job->result, 0, &handed.result, err))
        return fail_in(err, "the result of job %s", text_safe(call->arena, job->id));
    const char *here = why_here(call, watched, handed.result);
    if (here) {
        out_note(call->output, "note: %s; it is done here", here);
        return true;
    }
    tell_notices(call->output, job);
    bool stopped = job->state == JOB_CANCELED || truth_of(handed.result, STR("partial"));
    if (stopped || !handed.result)
        return fail_as_job(call->arena, job, err);
    if (json_find(handed.result, STR("truncated")))
        return fail_long(call->arena, job, err);
    *out = handed;
    return true;
}

static bool enqueue(Call *call, JobQueue *queue, const JobDraft *draft, Job *out)
{
    JobMade made;
    Error err = {0};
    if (find_same(queue, call->arena, draft, out) ||
        job_create(queue, call->arena, draft, &made, out, &err))
        return true;
    out_note(call->output, "note: the daemon is not asked: %s", err.message);
    return false;
}

bool handover_run(Call *call, HandoverJob *job, const Error *held, Handed *out, Error *err)
{
    const JobQueueOptions options = {.folder = call->app->home};
    SCOPED(job_queue_close) JobQueue *queue = NULL;
    ServeHolder holder;
    JobDraft draft;
    Job made;
    Watched watched;
    Error ignored;
    *out = (Handed){0};
    if (!find_daemon(call, &holder) || !draft_job(call, job, &draft) ||
        !job_queue_open(&options, &queue, &ignored) || !enqueue(call, queue, &draft, &made))
        return true;
    out_note(call->output, "note: %s; the daemon does it in its turn, as job %s", held->message,
             text_safe(call->arena, made.id));
    return handover_watch(call, queue, made.id, &watched, err) &&
           take_end(call, &watched, out, err);
}

/* ── as JSON ── */

static void write_node(JsonWriter *json, const JsonNode *node)
{
    switch (node->kind) {
    case JSON_NULL:
        json_null(json);
        return;
    case JSON_BOOL:
        json_bool(json, node->truth);
        return;
    case JSON_NUMBER:
        json_raw(json, node->text);
        return;
    case JSON_STRING:
        json_string(json, node->text);
        return;
    case JSON_ARRAY:
        json_begin_array(json);
        for (const JsonNode *one = node->first; one; one = one->next)
            write_node(json, one);
        json_end_array(json);
        return;
    case JSON_OBJECT:
        break;
    }
    json_begin_object(json);
    for (const JsonNode *one = node->first; one; one = one->next) {
        json_key_str(json, one->key);
        write_node(json, one);
    }
    json_end_object(json);
}

void handover_json(Call *call, const Handed *handed)
{
    JsonWriter json = out_json_begin(call->output);
    for (const JsonNode *one = handed->result->first; one; one = one->next) {
        if (str_is(one->key, "detail"))
            continue;
        json_key_str(&json, one->key);
        write_node(&json, one);
    }
    json_member(&json, "job_id", handed->job);
    out_json_end(call->output, &json);
}
