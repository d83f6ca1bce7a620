#include "sync/job_bodies.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "sync/job_cut.h"
#include "sync/job_earlier.h"
#include "sync/plan_json.h"
#include "sync/plan_read.h"
#include "sync/session.h"

static const JobBody *const bodies[JOB_KINDS] = {
#define JOB_KIND(name, word, exclusive, about) &job_body_##name,
#include "jobs/job_kinds.def"
#undef JOB_KIND
};

const JobBody *job_body(JobKind kind)
{
    return bodies[kind];
}

bool job_is_transient(ErrorCode code)
{
    return code == ERR_IO || code == ERR_NETWORK_ERROR || code == ERR_TIMEOUT ||
           code == ERR_RATE_LIMITED || code == ERR_LOCKED || code == ERR_CHANGED;
}

/* ── words of requests as the verbs take them ── */

bool job_project(const JobWork *work, const char **out, Error *err)
{
    char *real = NULL;
    SCOPED(fd_close) int folder = -1;
    const char *path = arena_text(work->ws->arena, work->request.project_path);
    if (work->request.project_path.len &&
        (!fs_open_root(path, &folder, err) || !fs_real_path(work->ws->arena, path, &real, err)))
        return fail_in(err, "project") || fail_hint(err, "weir project list");
    *out = real;
    return true;
}

bool job_artifacts(const JobWork *work, ArtifactRequest *out, Error *err)
{
    ArtifactRequest request = {
        .artifacts = work->request.artifacts,
        .all = work->request.artifacts.count == 0,
        .two_way = work->request.two_way,
        .apply = !work->request.dry_run,
    };
    if (!job_project(work, &request.project, err))
        return false;
    *out = request;
    return true;
}

bool job_check_one(const JobRequest *request, Error *err)
{
    return request->artifacts.count == 1 ||
           fail(err, ERR_INVALID, "field 'artifacts': one artifact is expected, not %zu",
                request->artifacts.count);
}

/* ── telling ── */

static void tell_conflicts(JobWork *work, const Plan *plan)
{
    Buf buf = buf_new(work->ws->arena);
    JsonWriter json = json_writer(&buf, false);
    json_plan_conflicts(&json, plan);
    work->report->conflicts = buf_str(&buf);
}

/* Of several items the first error stands for all; the others are in the result. */
static void tell_errors(JobWork *work, const Plan *plan, size_t failed)
{
    const PlanItem *first = NULL;
    JobReport *report = work->report;
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        if (item->result != RESULT_ERROR)
            continue;
        first = first ? first : item;
        report->transient |= job_is_transient(item->error.code);
    }
    (void)fail_noted(&report->error, &first->error);
    if (plan->items.count > 1)
        (void)fail_in(&report->error, "%zu of %zu items failed; %s", failed, plan->items.count,
                      text_safe(work->ws->arena, first->artifact));
    report->state = JOB_ERROR;
}

bool job_tell_plan(JobWork *work, Plan *plan, Error *err)
{
    if (work->again && !job_join_earlier(work, plan, err))
        return false;
    size_t failed = plan_count(plan, RESULT_ERROR);
    if (plan_count(plan, RESULT_CONFLICT)) {
        work->report->state = JOB_CONFLICT;
        tell_conflicts(work, plan);
    } else if (failed) {
        tell_errors(work, plan, failed);
    }
    json_plan_members(work->json, plan);
    if (work->request.command_line)
        json_plan_detail(work->ws->arena, work->json, plan);
    return true;
}

/* ── the order ── */

static const char *command_of(Arena *arena, const Job *job)
{
    Buf buf = buf_new(arena);
    buf_format(&buf, "job %.*s: %s", STR_ARG(job->id), job_kind_names[job->kind]);
    if (job->direction.len)
        buf_format(&buf, " %s", text_safe(arena, job->direction));
    for (size_t i = 0; i < job->artifacts.count && i < 5; i++)
        buf_format(&buf, " %s", text_safe(arena, job->artifacts.items[i]));
    if (job->artifacts.count > 5)
        buf_format(&buf, " and %zu more", job->artifacts.count - 5);
    return buf_text(&buf);
}

/* What an earlier attempt left half done is finished first: then the log tells all of it. */
static bool look_back(JobWork *work, Error *err)
{
    if (work->request.dry_run || !job_body(work->order->job->kind)->writes)
        return true;
    return session_recover(work->ws, err) &&
           operation_of_job(work->ws->arena, work->ws->db, work->order->job->id, &work->again,
                            &work->earlier, err);
}

/* Done again it would bring back what somebody has just taken back. */
static bool still_stands(const JobWork *work, Error *err)
{
    const Operation *earlier = &work->earlier.head;
    return !work->again || !earlier->undone_by.len ||
           fail(err, ERR_UNDONE, "what this job had written was taken back before it had ended");
}

/* As on the command line: what would be refused is planned. */
static void hold_back(JobWork *work)
{
    if (!work->ws->dry_run_only || work->request.dry_run)
        return;
    work->request.dry_run = true;
    workspace_notice(work->ws, "note: SYNC_FORCE_DRY_RUN is on: this is a dry run");
}

/* What was said on a terminal counts as if it were said here. */
static void stand_for(JobWork *work)
{
    Workspace *ws = work->ws;
    const JobCommandLine *line = work->request.command_line;
    if (!line)
        return;
    ws->command = arena_text(ws->arena, line->command);
    ws->agreed = line->agreed.count ? &line->agreed : NULL;
    ws->agreed_before = work->again;
    for (size_t i = 0; i < line->accepted.count; i++) {
        Hash tree = {0};
        (void)hash_parse(line->accepted.items[i], &tree);
        ARRAY_PUSH(ws->arena, &ws->accepted, tree);
    }
}

/* ── the report ── */

/* What is too long for a job's row loses the ends of its lists, and says so; its state is what it was. Both
 * together fit into a worker's line. */
static void fit(const JobOrder *order, JobReport *report)
{
    uint64_t most = order->result_most_bytes ? order->result_most_bytes
                                             : LIMIT_JOB_RESULT_BYTES + LIMIT_JOB_RESULT_BYTES / 2;
    report->result = job_result_cut(order->ws->arena, report->result, most);
    report->conflicts = job_list_cut(order->ws->arena, report->conflicts, most / 4);
}

/* Asked to stop when all it was asked for had been written: by an earlier attempt, or just now. */
static bool is_past_stopping(const JobWork *work, const Error *why)
{
    return why->code == ERR_INTERRUPTED && work->request.artifacts.count > 0 &&
           job_names_left(work).count == 0 && !str_is(work->earlier.head.result, "conflict");
}

static void tell_stopped(JobReport *report, const Error *why)
{
    report->state = why->code == ERR_INTERRUPTED ? JOB_CANCELED : JOB_ERROR;
    report->error = *why;
    report->transient = job_is_transient(why->code);
    if (why->code == ERR_INTERRUPTED)
        (void)fail_hint(&report->error, "`weir undo` takes back what was written; asked for again, "
                                        "the rest is done.");
}

/* Why it stopped stays what is told; beside it, what was written until then. Always false where that is
 * nothing, or cannot be known. */
static bool tell_part(JobWork *work, const Error *why, JobReport *out)
{
    Workspace *ws = work->ws;
    Plan plan = {0};
    Error ignored;
    Buf buf = buf_new(ws->arena);
    JsonWriter json = json_writer(&buf, false);
    if (work->request.dry_run || !job_body(work->order->job->kind)->writes ||
        why->code == ERR_FENCED ||
        !operation_of_job(ws->arena, ws->db, work->order->job->id, &work->again, &work->earlier,
                          &ignored) ||
        !work->again || !job_join_earlier(work, &plan, &ignored))
        return false;
    json_begin_object(&json);
    json_plan_members(&json, &plan);
    bool past = is_past_stopping(work, why);
    if (!past) {
        json_member_bool(&json, "partial", true);
        json_member_text(&json, "next", "weir undo");
    }
    json_member_text(&json, "trace_id", ws->trace_id);
    json_end_object(&json);
    *out = (JobReport){.state = JOB_SUCCESS, .result = buf_str(&buf)};
    if (!past)
        tell_stopped(out, why);
    fit(work->order, out);
    return true;
}

bool job_work(const JobOrder *order, JobReport *out, Error *err)
{
    Workspace *ws = order->ws;
    JobReport report = {.state = JOB_SUCCESS};
    JobWork work = {.order = order, .ws = ws, .report = &report};
    Buf buf = buf_new(ws->arena);
    JsonWriter json = json_writer(&buf, false);
    work.json = &json;
    ws->operation = order->job->id;
    ws->command = command_of(ws->arena, order->job);
    if (!job_request_read(ws->arena, order->job->kind, order->job->request, &work.request, err) ||
        !look_back(&work, err) || !still_stands(&work, err))
        return false;
    hold_back(&work);
    ws->accept_risk = work.request.accept_risk;
    stand_for(&work);
    json_begin_object(&json);
    if (!job_body(order->job->kind)->run(&work, err))
        return tell_part(&work, err, out);
    json_member_text(&json, "trace_id", ws->trace_id);
    json_end_object(&json);
    report.result = buf_str(&buf);
    fit(order, &report);
    *out = report;
    return true;
}
