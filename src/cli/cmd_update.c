#include <string.h>

#include "base/text.h"
#include "cli/change.h"
#include "cli/markers_write.h"
#include "cli/prompt.h"
#include "sync/update.h"

static bool update_verb(Workspace *ws, void *context, bool apply, Plan *out, Error *err)
{
    UpdateRequest *request = context;
    request->what.apply = apply;
    return verb_update(ws, request, out, err);
}

static bool parse_strategy(Arena *arena, const char *text, JobStrategy *out, Error *err)
{
    for (JobStrategy i = STRATEGY_AUTO; i <= STRATEGY_OVERWRITE; i++) {
        if (strcmp(text, job_strategy_names[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return fail(err, ERR_USAGE, "--strategy is auto, prompt or overwrite, not '%s'",
                text_safe(arena, str_of(text)));
}

static bool check_update(const Call *call, Error *err)
{
    const char *text = option_value(call->options, "strategy");
    JobStrategy strategy;
    return check_artifacts(call, err) &&
           (!text || parse_strategy(call->arena, text, &strategy, err));
}

/* ── asking, artifact by artifact ── */

static bool has_choice(const PlanItem *item)
{
    return item->result == RESULT_MERGED || item->result == RESULT_CONFLICT;
}

static bool parse_answer(const char *answer, EdgePolicy *out)
{
    static const struct {
        char letter;
        EdgePolicy policy;
    } letters[] = {
        {'m', POLICY_MERGE}, {'t', POLICY_TAKE}, {'k', POLICY_KEEP}, {'l', POLICY_LATER}};
    for (size_t i = 0; i < COUNT_OF(letters); i++) {
        if (answer[0] == letters[i].letter && !answer[1]) {
            *out = letters[i].policy;
            return true;
        }
    }
    return false;
}

/* The end of input is "later". */
static bool ask_one(Call *call, const PlanItem *item, EdgePolicy *out, Error *err)
{
    const Question question = {
        .text = arena_format(
            call->arena, "%s: [m]erge%s, [t]ake upstream's, [k]eep mine, [l]ater? ",
            text_safe(call->arena, item->artifact),
            item->result == RESULT_CONFLICT ? " and leave the clash to weir resolve" : "")};
    *out = POLICY_LATER;
    for (;;) {
        const char *answer = NULL;
        bool ended = false;
        if (!prompt_text(call->output, &question, &answer, &ended, err))
            return false;
        if (ended || parse_answer(answer, out))
            return true;
        out_note(call->output, "Type m, t, k or l.");
    }
}

static bool consult(Call *call, const Plan *plan, void *context, bool *changed, Error *err)
{
    UpdateRequest *request = context;
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = &plan->items.items[i];
        ArtifactPolicy policy = {item->artifact, POLICY_MERGE};
        if (!has_choice(item))
            continue;
        if (!plan_shows_files(call->output, plan))
            plan_print_item(call->output, item);
        if (!ask_one(call, item, &policy.policy, err))
            return false;
        *changed |= policy.policy != POLICY_MERGE;
        ARRAY_PUSH(call->arena, &request->policies, policy);
    }
    return true;
}

/* Of answers about single artifacts a job can be told those that change nothing. */
static bool as_job(Arena *arena, const void *context, HandoverJob *out)
{
    const UpdateRequest *request = context;
    (void)arena;
    *out = artifacts_as_job(&request->what, JOB_KIND_UPDATE);
    out->request.strategy = request->policy == POLICY_TAKE ? STRATEGY_OVERWRITE : STRATEGY_AUTO;
    bool told = true;
    for (size_t i = 0; i < request->policies.count; i++)
        told = told && request->policies.items[i].policy == POLICY_MERGE;
    return told;
}

static bool run_update(Call *call, Error *err)
{
    UpdateRequest request = {0};
    JobStrategy strategy;
    const char *text = option_value(call->options, "strategy");
    if (!text)
        text = setting_text(&call->app->settings, SETTING_MERGE_STRATEGY_DEFAULT);
    if (!parse_strategy(call->arena, text, &strategy, err) ||
        !call_request(call, &request.what, err))
        return false;
    if (strategy == STRATEGY_OVERWRITE)
        request.policy = POLICY_TAKE;
    const Change change = {
        .verb = update_verb,
        .request = &request,
        .as_job = as_job,
        .consult = strategy == STRATEGY_PROMPT ? consult : NULL,
        .words = {.would = "Would update",
                  .done = "Updated",
                  .nothing = "upstream has nothing new."},
    };
    return change_run(call, &change, err);
}

static const Option options[] = {
    {.name = "all", .about = "every artifact of the collection"},
    {.name = "strategy",
     .value = "WHICH",
     .words = "auto|prompt|overwrite",
     .about = "auto, prompt or overwrite; else what MERGE_STRATEGY_DEFAULT says"},
    OPTION_WRITE_MARKERS,
    OPTION_APPLY,
    {0},
};

const Command command_update = {
    .name = "update",
    .summary = "bring what is new upstream into the collection",
    .usage = (const char *const[]){"TYPE:NAME...|--all [--strategy auto|prompt|overwrite] "
                                   "[--write-markers] [--apply] [--json]",
                                   NULL},
    .about = "auto: edits on both sides are merged; what clashes waits for `weir resolve`.\n"
             "prompt: asks about each artifact with a merge or a clash; auto where there is no "
             "terminal.\n"
             "overwrite: the collection becomes what upstream holds. The plan names every edit "
             "that this "
             "loses; `weir undo` brings them back.",
    .options = options,
    .examples = (const char *const[]){"weir update --all", "weir update --all --apply",
                                      "weir update pdf --strategy overwrite", NULL},
    .max_operands = OPERANDS_ANY,
    .operand = "an artifact, TYPE:NAME",
    .needs = NEEDS_COLLECTION,
    .check = check_update,
    .run = run_update,
};
