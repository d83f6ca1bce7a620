#include "sync/update.h"

#include "base/process.h"
#include "sync/select.h"

typedef struct {
    const UpdateRequest *request;
    Map *asked; /* what the upstreams said, before any lock was taken */
} UpdateContext;

static EdgePolicy policy_of(const UpdateRequest *request, Str artifact)
{
    for (size_t i = 0; i < request->policies.count; i++)
        if (str_equal(request->policies.items[i].artifact, artifact))
            return request->policies.items[i].policy;
    return request->policy;
}

static bool plan_update(Draft *draft, void *opaque, Error *err)
{
    const UpdateContext *context = opaque;
    ArtifactList part = {0};
    UpstreamState *states = NULL;
    if (!select_batch(draft, &context->request->what, &part, err) ||
        !states_of(draft->ws, &part, context->asked, &states, err))
        return false;
    for (size_t i = 0; i < part.count; i++) {
        EdgePolicy policy = policy_of(context->request, part.items[i]->id);
        workspace_progress(draft->ws, "merge", draft->from + i + 1, draft->selected,
                           part.items[i]->id);
        if (!interrupt_check(err) ||
            (policy != POLICY_LATER &&
             !plan_upstream_edge(draft, part.items[i], &states[i], policy, err)))
            return false;
    }
    return true;
}

bool verb_update(Workspace *ws, const UpdateRequest *request, Plan *out, Error *err)
{
    UpdateContext context = {.request = request};
    DraftRun run = {.plan_it = plan_update,
                    .context = &context,
                    .apply = request->what.apply,
                    .batches = true,
                    .bulk = request->what.all};
    run.session.write_collection = request->what.apply;
    return ask_upstreams(ws, &request->what, &context.asked, err) && draft_run(ws, &run, out, err);
}
