#include <string.h>

#include "base/text.h"
#include "cli/change.h"
#include "git/source.h"
#include "sync/plan_json.h"

static const char *pin_text(const char *word)
{
    return word[0] == '@' ? word + 1 : word;
}

/* The last operand is the pin; --all has no other. */
static bool check_pin(const Call *call, Error *err)
{
    size_t count = call->options->operands.count;
    bool all = option_given(call->options, "all");
    if (all && count > 1)
        return fail(err, ERR_USAGE, "name artifacts or say --all, not both");
    if (!all && count < 2)
        return fail(err, ERR_USAGE, "'weir pin' needs an artifact and a version: TYPE:NAME @REF");
    return git_pin_check(str_of(pin_text(call_operand(call, count - 1))), err);
}

static const char *pin_request(const Call *call, ArtifactRequest *request)
{
    size_t count = call->options->operands.count;
    request->apply = true;
    request->all = option_given(call->options, "all");
    for (size_t i = 0; i + 1 < count; i++)
        ARRAY_PUSH(call->arena, &request->artifacts, str_of(call_operand(call, i)));
    return pin_text(call_operand(call, count - 1));
}

static void pin_print(Call *call, const Plan *plan, const char *pin)
{
    const char *safe = text_safe(call->arena, str_of(pin));
    size_t errors = plan_count(plan, RESULT_ERROR), count = plan->items.count - errors;
    if (count == 1 && !errors)
        out_line(call->output, "Pinned %s to @%s.",
                 text_safe(call->arena, plan->items.items[0].artifact), safe);
    else
        out_line(call->output, "Pinned %s to @%s%s.",
                 text_count(call->arena, count, "artifact", "artifacts"), safe,
                 errors ? arena_format(call->arena, ", %zu failed", errors) : "");
    for (size_t i = 0; i < plan->items.count; i++)
        if (plan->items.items[i].result == RESULT_ERROR)
            out_line(call->output, "  error  %s  %s",
                     text_safe(call->arena, plan->items.items[i].artifact),
                     plan->items.items[i].error.message);
    out_next(call->output, "weir sync %s",
             count == 1 && plan->items.count == 1
                 ? text_safe(call->arena, plan->items.items[0].artifact)
                 : "--all");
}

static bool run_pin(Call *call, Error *err)
{
    ArtifactRequest request = {0};
    const char *pin = pin_request(call, &request);
    Plan plan = {0};
    if (!verb_pin(&call->app->workspace, &request, pin, &plan, err))
        return false;
    size_t errors = plan_count(&plan, RESULT_ERROR);
    call->exit_code = errors ? 1 : 0;
    if (call->output->options.json) {
        JsonWriter json = out_json_begin(call->output);
        json_member_bytes(&json, "pin", str_of(pin));
        json_plan_members(&json, &plan);
        json_member_text(&json, "trace_id", out_trace_id(call->output));
        out_json_end(call->output, &json);
    } else if (errors && plan.items.count == 1) {
        return fail_noted(err, &plan.items.items[0].error);
    } else {
        pin_print(call, &plan, pin);
    }
    return true;
}

static const Option options[] = {
    {.name = "all", .about = "every artifact that has an upstream"},
    {0},
};

const Command command_pin = {
    .name = "pin",
    .summary = "say which version of its upstream an artifact follows",
    .usage = (const char *const[]){"TYPE:NAME... @REF", "--all @REF", NULL},
    .about = "REF is latest, a tag, a branch, a sha, or a range such as ^1.2. Acts at once; files "
             "change with "
             "the next sync.",
    .options = options,
    .examples = (const char *const[]){"weir pin skill:pdf @^1.4", "weir pin --all @v6.2.0", NULL},
    .min_operands = 1,
    .max_operands = OPERANDS_ANY,
    .operand = "an artifact and a version: TYPE:NAME @REF",
    .needs = NEEDS_COLLECTION,
    .check = check_pin,
    .run = run_pin,
};
