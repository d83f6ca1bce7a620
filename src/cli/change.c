#include "cli/change.h"

#include "base/text.h"
#include "cli/markers_write.h"
#include "cli/prompt.h"
#include "cli/risk_text.h"
#include "cli/words.h"
#include "sync/plan_json.h"
#include "sync/plan_read.h"

static bool forced_dry(const Call *call)
{
    return setting_bool(&call->app->settings, SETTING_SYNC_FORCE_DRY_RUN);
}

bool call_writes(const Call *call)
{
    return call_applies(call) && !forced_dry(call);
}

bool call_held_back(Call *call)
{
    bool held = call_applies(call) && forced_dry(call);
    if (held)
        out_note(call->output, "note: SYNC_FORCE_DRY_RUN is on: this is a dry run");
    return held;
}

bool call_may_ask(const Call *call)
{
    return !forced_dry(call) && prompt_can_ask(call->output);
}

void next_apply(Call *call, const char *more)
{
    if (forced_dry(call) && call_applies(call))
        out_next(call->output, "weir config SYNC_FORCE_DRY_RUN false");
    else
        out_next(call->output, "%s --apply%s", text_safe(call->arena, str_of(call->typed)), more);
}

bool check_artifacts(const Call *call, Error *err)
{
    bool all = option_given(call->options, "all"), named = call->options->operands.count > 0;
    if (all && named)
        return fail(err, ERR_USAGE, "name artifacts or say --all, not both");
    return all || named ||
           fail(err, ERR_USAGE, "'weir %s' needs an artifact, TYPE:NAME", call->command->name);
}

bool call_request(const Call *call, ArtifactRequest *out, Error *err)
{
    ArtifactRequest request = {.apply = call_writes(call)};
    request.all = option_given(call->options, "all");
    request.overwrite = option_given(call->options, "overwrite");
    request.to = option_value(call->options, "to");
    request.two_way = option_given(call->options, "two-way");
    request.base_pack = option_given(call->options, "base-pack");
    request.no_base_pack = option_given(call->options, "no-base-pack");
    for (size_t i = 0; i < call->options->operands.count; i++)
        ARRAY_PUSH(call->arena, &request.artifacts, str_of(call->options->operands.items[i]));
    if (!call_project(call, &request.project, err))
        return false;
    *out = request;
    return true;
}

/* ── exit code ── */

static bool single_error(const Plan *plan)
{
    return plan->items.count == 1 && plan->items.items[0].result == RESULT_ERROR;
}

/* Where all that failed lacks a yes, or is locked, the code tells. */
static int several_errors(const Plan *plan)
{
    ErrorCode code = ERR_NONE;
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        if (item->result != RESULT_ERROR)
            continue;
        bool telling = item->error.code == ERR_RISK_REVIEW || item->error.code == ERR_LOCKED;
        if (!telling || (code && code != item->error.code))
            return 1;
        code = item->error.code;
    }
    return error_exit_code(code);
}

static int plan_exit(const Plan *plan)
{
    if (plan_count(plan, RESULT_CONFLICT))
        return error_exit_code(ERR_CONFLICT);
    if (single_error(plan))
        return error_exit_code(plan->items.items[0].error.code);
    return plan_count(plan, RESULT_ERROR) ? several_errors(plan) : 0;
}

static bool is_stopped(const Change *change, const Plan *plan)
{
    return change->all_or_nothing && plan_count(plan, RESULT_CONFLICT);
}

static bool has_work(const Change *change, const Plan *plan)
{
    return change->acts_without_files || plan_count(plan, RESULT_FAST_FORWARD) ||
           plan_count(plan, RESULT_MERGED) || plan_count(plan, RESULT_CONFLICT);
}

/* ── by the daemon, where it would wait ── */

HandoverJob artifacts_as_job(const ArtifactRequest *request, JobKind kind)
{
    HandoverJob job = {.kind = kind, .request = job_request_new()};
    job.request.artifacts = request->artifacts;
    job.request.project_path = str_of(request->project);
    job.request.two_way = request->two_way;
    return job;
}

static bool is_tellable(Call *call, const Change *change, HandoverJob *out)
{
    return change->as_job && handover_may(call) && !option_given(call->options, "write-markers") &&
           change->as_job(call->arena, change->request, out);
}

static bool take_result(Call *call, const Change *change, Plan *out, Error *err)
{
    const JsonNode *result = call->handed.result;
    return change->from_job ? change->from_job(call->arena, result, change->request, out, err)
                            : plan_from_json(call->arena, result, out, err);
}

/* A folder that is in use is not waited for when the daemon can do it in its turn. */
static bool carry_out(Call *call, const Change *change, Plan *out, Error *err)
{
    Workspace *ws = &call->app->workspace;
    HandoverJob job;
    Error held = {0};
    ws->gave_way = false;
    ws->give_way = is_tellable(call, change, &job);
    bool ran = change->verb(ws, change->request, true, out, err);
    ws->give_way = false;
    if (ran || !ws->gave_way)
        return ran;
    held = *err;
    if (!handover_run(call, &job, &held, &call->handed, err))
        return false;
    return call->handed.job.len ? take_result(call, change, out, err)
                                : change->verb(ws, change->request, true, out, err);
}

/* --write-markers: what clashed goes into the live files, in the same operation. */
static bool run_verb_of(Call *call, const Change *change, bool apply, Plan *out, Error *err)
{
    Plan plan = {0};
    if (!(apply ? carry_out(call, change, &plan, err)
                : change->verb(&call->app->workspace, change->request, false, &plan, err)))
        return false;
    *out = plan;
    return !apply || plan.dry_run || !option_given(call->options, "write-markers") ||
           markers_write(call, out, err);
}

/* ── showing ── */

static void show(Call *call, const Change *change, const Plan *plan)
{
    if (change->print)
        change->print(call, plan, change->request);
    else
        plan_print(call->output, plan, &change->words);
}

static const char *resolve_next(Call *call, const Plan *plan)
{
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        const char *id = text_safe(call->arena, item->artifact);
        const char *live = item->marked ? " --from-live" : "";
        if (item->result == RESULT_CONFLICT && item->edge == EDGE_PROJECT)
            return arena_format(call->arena, "weir resolve %s --project %s%s", id,
                                text_word(call->arena, str_of(item->project)), live);
        if (item->result == RESULT_CONFLICT)
            return arena_format(call->arena, "weir resolve %s%s", id, live);
    }
    return NULL;
}

/* Where several items went and some failed: what helps the first of these. */
static void next_of_errors(Call *call, const Plan *plan)
{
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        if (item->result != RESULT_ERROR)
            continue;
        out_next(call->output, "%s", item->error.hint);
        return;
    }
}

static void show_applied(Call *call, const Change *change, const Plan *plan)
{
    Output *output = call->output;
    const char *resolve = is_stopped(change, plan) ? NULL : resolve_next(call, plan);
    show(call, change, plan);
    if (output->options.verbose && plan->operation.len)
        out_line(output, "Operation %s, trace %s.", text_safe(call->arena, plan->operation),
                 out_trace_id(output));
    if (resolve)
        out_next(output, "%s", resolve);
    else if (change->next && has_work(change, plan))
        out_next(output, "%s", change->next(call, plan));
    else if (plan->operation.len && has_work(change, plan) && !output->options.quiet)
        out_line(output, "%s weir undo", ink(output, INK_FAINT, "Undo:"));
    else
        next_of_errors(call, plan);
}

static void show_dry(Call *call, const Change *change, const Plan *plan)
{
    show(call, change, plan);
    if (!has_work(change, plan)) {
        next_of_errors(call, plan);
        return;
    }
    if (is_stopped(change, plan)) {
        out_next(call->output, "%s", change->next(call, plan));
        return;
    }
    out_line(call->output, "Nothing was written.");
    next_apply(call, risk_open(plan) ? " --accept-risk" : "");
}

static void show_json(Call *call, const Change *change, const Plan *plan)
{
    if (call->handed.job.len) {
        handover_json(call, &call->handed);
        return;
    }
    JsonWriter json = out_json_begin(call->output);
    json_plan_members(&json, plan);
    if (change->more_json)
        change->more_json(&json, change->request);
    json_member_text(&json, "trace_id", out_trace_id(call->output));
    out_json_end(call->output, &json);
}

/* ── asking ── */

static const char *question(Call *call, const Plan *plan)
{
    size_t files = plan_files(plan), conflicts = plan_count(plan, RESULT_CONFLICT);
    const char *what =
        files ? arena_format(call->arena, "Apply %s", count_files(call->arena, files)) : "Apply";
    if (!conflicts)
        return arena_format(call->arena, "%s?", what);
    return arena_format(call->arena, "%s, leave %s?", what,
                        text_count(call->arena, conflicts, "conflict", "conflicts"));
}

/* A second yes, for what the review flags, and for just these trees. */
static bool ask_risk(Call *call, const Plan *plan, bool *yes, Error *err)
{
    size_t open = risk_open(plan);
    if (!*yes || !open)
        return true;
    const char *count = text_count(call->arena, open, "finding", "findings");
    if (!prompt_yes(call->output, arena_format(call->arena, "Accept %s?", count), yes, err))
        return false;
    for (size_t i = 0; *yes && i < plan->items.count; i++)
        if (plan->items.items[i].needs_yes)
            ARRAY_PUSH(call->arena, &call->app->workspace.accepted, plan->items.items[i].after);
    return true;
}

static bool ask(Call *call, const Change *change, const Plan *plan, bool *yes, Error *err)
{
    if (!prompt_yes(call->output, question(call, plan), yes, err) ||
        !ask_risk(call, plan, yes, err))
        return false;
    if (!*yes || !(change->drops_edits || plan_lost(plan)))
        return true;
    return prompt_yes(call->output, "This drops edits that were never pulled. Sure?", yes, err);
}

/* Answers about single items may make another plan of it, which is shown too. */
static bool consult(Call *call, const Change *change, Plan *plan, Error *err)
{
    bool changed = false;
    if (!change->consult)
        return true;
    if (!change->consult(call, plan, change->request, &changed, err))
        return false;
    if (!changed)
        return true;
    if (!run_verb_of(call, change, false, plan, err))
        return false;
    show(call, change, plan);
    return true;
}

/* What is applied is what was shown, or nothing. */
static bool apply_shown(Call *call, const Change *change, const Plan *shown, Error *err)
{
    Workspace *ws = &call->app->workspace;
    Plan applied = {0};
    StrArray agreed = plan_digests(call->arena, shown);
    ws->agreed = &agreed;
    bool ran = run_verb_of(call, change, true, &applied, err);
    ws->agreed = NULL;
    if (!ran)
        return false;
    show_applied(call, change, &applied);
    call->exit_code = plan_exit(&applied);
    return true;
}

static bool ask_and_apply(Call *call, const Change *change, Plan *plan, Error *err)
{
    bool yes = call_applies(call);
    if (setting_bool(&call->app->settings, SETTING_ENABLE_SYNC_PREVIEW))
        show(call, change, plan);
    if (!consult(call, change, plan, err))
        return false;
    call->exit_code = plan_exit(plan);
    if (yes ? !ask_risk(call, plan, &yes, err)
            : has_work(change, plan) && !ask(call, change, plan, &yes, err))
        return false;
    if (yes)
        return apply_shown(call, change, plan, err);
    out_line(call->output, "Nothing was written.");
    return true;
}

/* A person decides: about all of it, or, though --apply was given, about single items. */
static bool asks(const Call *call, const Change *change, const Plan *plan)
{
    bool about_items =
        change->consult && (plan_count(plan, RESULT_MERGED) || plan_count(plan, RESULT_CONFLICT));
    return has_work(change, plan) && !is_stopped(change, plan) && call_may_ask(call) &&
           (call_applies(call) ? about_items : true);
}

static bool may_accept(const Call *call, const Plan *plan)
{
    return !plan->dry_run && risk_open(plan) && prompt_can_ask(call->output);
}

/* What --apply refused for want of a yes is asked about, and done then. */
static bool ask_refused(Call *call, const Change *change, const Plan *plan, Error *err)
{
    bool yes = true;
    Plan again = {0};
    if (single_error(plan))
        risk_print(call->output, &plan->items.items[0], "");
    else
        show_applied(call, change, plan);
    if (!ask_risk(call, plan, &yes, err))
        return false;
    if (!yes)
        return !single_error(plan) || fail_noted(err, &plan->items.items[0].error);
    if (!carry_out(call, change, &again, err))
        return false;
    show_applied(call, change, &again);
    call->exit_code = plan_exit(&again);
    return true;
}

bool change_run(Call *call, const Change *change, Error *err)
{
    bool apply = call_writes(call);
    bool consults = change->consult && apply && prompt_can_ask(call->output);
    Plan plan = {0};
    (void)call_held_back(call);
    if (!run_verb_of(call, change, apply && !consults, &plan, err))
        return false;
    if (consults && !asks(call, change, &plan) && !run_verb_of(call, change, true, &plan, err))
        return false;
    call->exit_code = plan_exit(&plan);
    if (call->output->options.json) {
        show_json(call, change, &plan);
        return true;
    }
    if (may_accept(call, &plan))
        return ask_refused(call, change, &plan, err);
    if (single_error(&plan))
        return fail_noted(err, &plan.items.items[0].error);
    if (!plan.dry_run)
        show_applied(call, change, &plan);
    else if (asks(call, change, &plan))
        return ask_and_apply(call, change, &plan, err);
    else
        show_dry(call, change, &plan);
    return true;
}

typedef struct {
    const ArtifactChange *change;
    ArtifactRequest request;
} ArtifactCall;

static bool run_verb(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    ArtifactCall *artifacts = context;
    artifacts->request.apply = apply;
    return artifacts->change->verb(ws, &artifacts->request, out, err);
}

static bool artifact_job(Arena *arena, const void *context, HandoverJob *out)
{
    const ArtifactCall *artifacts = context;
    (void)arena;
    return artifacts->change->as_job(&artifacts->request, out);
}

bool change_artifacts(Call *call, const ArtifactChange *change, Error *err)
{
    ArtifactCall artifacts = {.change = change};
    if (!call_request(call, &artifacts.request, err) ||
        (change->project && !change->project(call, &artifacts.request.project, err)))
        return false;
    const Change run = {
        .verb = run_verb,
        .request = &artifacts,
        .as_job = change->as_job ? artifact_job : NULL,
        .words = change->words,
        .drops_edits = artifacts.request.overwrite,
    };
    return change_run(call, &run, err);
}
