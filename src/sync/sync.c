/* sync and pull: the edges of a request, planned in order, carried out in batches. */
#include "sync/verbs.h"

#include "base/process.h"
#include "base/text.h"
#include "sync/edges.h"
#include "sync/read_ahead.h"
#include "sync/select.h"

typedef struct {
    const SyncRequest *request;
    Map *asked; /* what the upstreams said, before any lock was taken */
} SyncContext;

static bool plan_upstream(Draft *draft, const ArtifactList *artifacts, const Map *asked, Error *err)
{
    UpstreamState *states = NULL;
    if (!states_of(draft->ws, artifacts, asked, &states, err))
        return false;
    for (size_t i = 0; i < artifacts->count; i++) {
        workspace_progress(draft->ws, "merge", i + 1, artifacts->count, artifacts->items[i]->id);
        if (!interrupt_check(err) ||
            !plan_upstream_edge(draft, artifacts->items[i], &states[i], POLICY_MERGE, err))
            return false;
    }
    return true;
}

/* Names of ids, because planning the upstream edge replaces the artifacts' records. */
static bool plan_project(Draft *draft, Root *project, const StrArray *ids, Error *err)
{
    if (project->error.code) {
        /* said once; a folder may be busy only since an earlier batch */
        bool told = project->told || (draft->from > 0 && project->error.code != ERR_LOCKED);
        project->told = true;
        return told || draft_failed(draft, draft_item(draft, (Str){0}, EDGE_PROJECT, project),
                                    &project->error, err);
    }
    for (size_t i = 0; i < ids->count; i++) {
        Deployment *deployment = deployments_find(project->deployments, ids->items[i]);
        if (!deployment || !deployment_belongs(draft->ws, deployment))
            continue;
        Artifact *artifact = collection_find(draft->session->collection->collection, ids->items[i]);
        workspace_progress(draft->ws, "merge", i + 1, ids->count, ids->items[i]);
        if (!interrupt_check(err) ||
            !plan_project_edge(draft, artifact, project, deployment, false, err))
            return false;
    }
    return true;
}

static bool plan_projects(Draft *draft, const StrArray *ids, Error *err)
{
    for (size_t i = 0; i < draft->session->root_count; i++) {
        Root *root = &draft->session->roots[i];
        if (!root->is_collection && !plan_project(draft, root, ids, err))
            return false;
    }
    return true;
}

static bool plan_sync(Draft *draft, void *context, Error *err)
{
    const SyncContext *sync = context;
    const SyncRequest *request = sync->request;
    ArtifactList part = {0};
    if (!select_batch(draft, &request->what, &part, err))
        return false;
    draft->two_way = request->what.two_way;
    StrArray ids = artifact_ids(draft->ws->arena, &part);
    read_ahead(draft, &ids, request->direction != SYNC_PROJECT);
    if (request->direction != SYNC_PROJECT && !plan_upstream(draft, &part, sync->asked, err))
        return false;
    return request->direction == SYNC_UPSTREAM || plan_projects(draft, &ids, err);
}

static bool sync_setup(Workspace *ws, const SyncRequest *request, DraftRun *run, Error *err)
{
    bool projects = request->direction != SYNC_UPSTREAM;
    run->apply = request->what.apply;
    run->bulk = request->what.all;
    run->session.write_collection = run->apply && request->direction != SYNC_PROJECT;
    run->session.write_projects = run->apply;
    run->session.strict = request->what.project != NULL;
    run->session.skip_busy = !run->session.strict;
    return !projects || select_projects(ws, request->what.project, &run->session.projects, err);
}

bool verb_sync(Workspace *ws, const SyncRequest *request, Plan *out, Error *err)
{
    SyncContext context = {.request = request};
    DraftRun run = {.plan_it = plan_sync, .context = &context, .batches = true};
    if (!sync_setup(ws, request, &run, err))
        return false;
    if (request->direction != SYNC_PROJECT &&
        !ask_upstreams(ws, &request->what, &context.asked, err))
        return false;
    return draft_run(ws, &run, out, err);
}

static bool pull_one(Draft *draft, Root *project, Str name, Error *err)
{
    Str id = deployment_id(project->deployments, name);
    if (!id.len || !deployment_belongs(draft->ws, deployments_find(project->deployments, id))) {
        (void)fail(err, ERR_NOT_FOUND, "%s has no deployment of '%.*s'", project->name,
                   STR_ARG(name));
        return fail_hint(err, "`weir status --project %s` lists what is deployed there.",
                         text_word(draft->ws->arena, str_of(project->path)));
    }
    Deployment *deployment = deployments_find(project->deployments, id);
    Artifact *artifact = collection_find(draft->session->collection->collection, id);
    return plan_project_edge(draft, artifact, project, deployment, true, err);
}

static bool plan_pull(Draft *draft, void *context, Error *err)
{
    const ArtifactRequest *request = context;
    Root *project = &draft->session->roots[1];
    StrArray names = request->artifacts;
    draft->two_way = request->two_way;
    if (request->all && draft->from == 0)
        for (size_t i = 0; i < project->deployments->items.count; i++)
            if (deployment_belongs(draft->ws, project->deployments->items.items[i]))
                ARRAY_PUSH(draft->ws->arena, &names,
                           project->deployments->items.items[i]->artifact);
    names = draft_part(draft, &names);
    read_ahead(draft, &names, false);
    for (size_t i = 0; i < names.count; i++)
        if (!interrupt_check(err) || !pull_one(draft, project, names.items[i], err))
            return false;
    return true;
}

bool verb_pull(Workspace *ws, const ArtifactRequest *request, Plan *out, Error *err)
{
    ArtifactRequest copy = *request;
    DraftRun run = {.plan_it = plan_pull,
                    .context = &copy,
                    .apply = request->apply,
                    .batches = true,
                    .bulk = request->all};
    ASSERT(request->project != NULL);
    run.session.write_collection = request->apply;
    run.session.write_projects = request->apply;
    run.session.strict = true;
    ARRAY_PUSH(ws->arena, &run.session.projects, str_of(request->project));
    return draft_run(ws, &run, out, err);
}
