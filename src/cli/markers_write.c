#include "cli/markers_write.h"

#include "base/text.h"
#include "sync/verbs.h"

static bool write_one(Call *call, const Plan *plan, PlanItem *item, Error *err)
{
    ResolveResult result = {0};
    const ResolveRequest request = {
        .artifact = arena_text(call->arena, item->artifact),
        .project = item->project,
        .project_given = item->edge == EDGE_PROJECT,
        .write_markers = true,
        .operation = plan->operation,
        .apply = true,
    };
    if (!verb_resolve(&call->app->workspace, &request, &result, err))
        return false;
    item->marked = result.marked;
    return true;
}

/* The merge waits by now, and the plan says so; only its markers are not there. */
static void tell_refused(Call *call, const PlanItem *item, const Error *why)
{
    const char *project = item->project
                              ? arena_format(call->arena, " --project %s",
                                             text_word(call->arena, str_of(item->project)))
                              : "";
    if (why->code != ERR_RISK_REVIEW) {
        out_note(call->output, "note: %s", why->message);
        return;
    }
    out_note(call->output, "note: no markers were written: %s", why->message);
    out_note(call->output,
             "note: to take that: weir resolve %s%s --write-markers --apply --accept-risk",
             text_word(call->arena, item->artifact), project);
}

bool markers_write(Call *call, Plan *plan, Error *err)
{
    for (size_t i = 0; i < plan->items.count; i++) {
        PlanItem *item = &plan->items.items[i];
        Error failed = {0};
        if (item->result != RESULT_CONFLICT || item->marked || write_one(call, plan, item, &failed))
            continue;
        if (failed.code != ERR_INVALID && failed.code != ERR_EXISTS &&
            failed.code != ERR_RISK_REVIEW) {
            *err = failed;
            return false;
        }
        tell_refused(call, item, &failed);
    }
    return true;
}
