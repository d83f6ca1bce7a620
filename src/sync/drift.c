/* drift: every edge's status from hashes and records, with the files behind it. Reads only. */
#include "sync/verbs.h"

#include <stdlib.h>

#include "base/process.h"
#include "sync/edge_input.h"
#include "sync/markers.h"
#include "sync/old_base.h"
#include "sync/pending_index.h"
#include "sync/read_ahead.h"
#include "sync/select.h"

typedef struct {
    Draft *draft; /* of this batch; its arena goes with it */
    Arena *keep;  /* of what outlives a batch */
    const DriftRequest *request;
    ArtifactRequest what;
    StrArray ids; /* what this batch looks at, of all sorted */
    size_t from;  /* of the batch at hand, and the items before it: it may be planned again */
    size_t before;
    Drift *out;
    Map *asked; /* what the upstreams said, or NULL */
    ArtifactLocks locks;
} DriftWork;

/* A version's tree, or nothing when it cannot be had: a status needs no content. */
static bool tree_or_nothing(DriftWork *work, const Hash *hash, TreeSide *out, Error *err)
{
    Workspace *ws = work->draft->ws;
    if (side_of_version(ws, work->draft->pool, hash, out, err))
        return true;
    return err->code == ERR_BASE_NOT_FOUND &&
           side_of_version(ws, work->draft->pool, &HASH_NONE, out, err);
}

static bool list_changes(DriftWork *work, const TreeSide *from, const TreeSide *to, DriftItem *item,
                         Error *err)
{
    BlobReader blobs = blob_pool_reader(work->draft->pool);
    TreeDiffOptions options = {.no_counts = true, .no_renames = !from->exists || !to->exists};
    return tree_diff(work->draft->ws->arena, &from->tree, &to->tree, &blobs, &options,
                     &item->changes, err);
}

/* What the status means in files: the lower tier's own edits, else what the upper tier would bring. */
static bool fill_changes(DriftWork *work, const EdgeInput *input, DriftItem *item, Error *err)
{
    const TreeSide *lower = &input->target;
    const TreeSide *upper = &input->source;
    TreeSide base;
    if (work->request->no_changes || item->status.status == STATUS_SYNCED)
        return true;
    if (!tree_or_nothing(work, &item->base, &base, err))
        return false;
    if (item->status.missing || item->status.status == STATUS_MODIFIED)
        return list_changes(work, base.exists ? &base : upper, lower, item, err);
    return list_changes(work, lower, upper, item, err);
}

static bool dry_merge(DriftWork *work, EdgeInput *input, const BaseWanted *wanted, DriftItem *item,
                      EdgeFacts *facts, Error *err)
{
    EdgeResult result;
    Workspace *ws = work->draft->ws;
    if (hash_is_zero(&item->base))
        return true;
    input->statuses_only = true;
    input->base_label = input->target_label = input->source_label = "";
    if (!base_find_here(work->draft, wanted, &input->base, err) ||
        !edge_merge(ws, work->draft->pool, input, &result, err))
        return err->code == ERR_BASE_NOT_FOUND; /* then it is not known */
    facts->mergeable = result.conflicts.count ? MERGEABLE_NO : MERGEABLE_YES;
    return true;
}

/* A merge waits only while it has open places: a side may have moved since, or gone. */
static bool decide(DriftWork *work, EdgeInput *input, const BaseWanted *wanted, DriftItem *item,
                   Error *err)
{
    const PendingMerge *pending = NULL;
    EdgeFacts facts = {.base = item->base, .upper = item->upper, .lower = item->lower};
    item->status = status_of(&facts);
    if (!pending_of_edge(work->draft->session, item->artifact, item->edge, item->project, &pending,
                         err))
        return false;
    bool both = input->target.exists && input->source.exists;
    if (item->status.status == STATUS_DIVERGED && both) {
        if (!dry_merge(work, input, wanted, item, &facts, err))
            return false;
        facts.pending_conflict = pending && facts.mergeable != MERGEABLE_YES;
        item->status = status_of(&facts);
    }
    if (facts.pending_conflict) {
        item->pending_id = pending->id;
        item->pending_since_ms = pending->created_ms;
        const Root *root = pending->upward ? work->draft->session->collection : input->root;
        const Marks *marks = NULL;
        if (!markers_find(work->draft, root, item->artifact, &marks, err))
            return false;
        item->marked = marks && str_equal(marks->pending, pending->id);
    }
    return fill_changes(work, input, item, err);
}

/* An upstream that did not answer leaves the status that was last seen, with its age and the reason. */
static void tell_answer(DriftWork *work, const UpstreamState *state, DriftItem *item)
{
    Arena *arena = work->draft->ws->arena;
    Error offline = {0};
    if (state->error.code == ERR_UPSTREAM_REMOVED)
        return;
    if (upstream_unanswered(state->error.code))
        item->stale = state->error;
    else if (state->error.code)
        item->error = state->error;
    else if (work->request->check_upstream && (state->offline || !work->asked)) {
        (void)fail(&offline, ERR_OFFLINE, "%s",
                   work->asked ? "weir is offline" : "ENABLE_UPSTREAM_CHECK is off");
        if (!work->asked)
            (void)fail_hint(&offline, "weir config ENABLE_UPSTREAM_CHECK true");
        item->stale = error_note(arena, &offline);
    }
}

static bool upstream_item(DriftWork *work, const Artifact *artifact, const UpstreamState *state,
                          DriftItem *item, Error *err)
{
    Draft *draft = work->draft;
    EdgeInput input = {.root = draft->session->collection, .path = artifact->path};
    item->path = artifact->path;
    item->pin = artifact->pin.len ? artifact->pin : STR("latest");
    item->base = base_of_artifact(draft, artifact, state->known ? &state->seen : NULL, false);
    item->lower_version =
        artifact->upstream_version.len ? artifact->upstream_version : artifact->upstream_ref;
    item->upper_version = item->lower_version;
    if (!state->known && hash_is_zero(&item->base)) /* edited since an old system fetched it */
        item->base = hash_or_none(artifact->legacy_hash);
    item->upper = item->base;
    item->checked_ms = artifact->last_check_ms;
    if (!state->known && hash_is_zero(&item->base)) {
        if (state->error.code)
            return fail_noted(err, &state->error);
        (void)fail(err, ERR_BASE_NOT_FOUND, "nothing is on record about the upstream of %.*s",
                   STR_ARG(artifact->id));
        return fail_hint(err, "Ask it: weir drift --check-all. %s comes back from git or a backup.",
                         COLLECTION_LOCK_FILE);
    }
    if (state->known) {
        item->upper = state->seen.tree;
        item->checked_ms = state->seen.checked_ms;
        item->upper_version = state->seen.version.len ? state->seen.version : state->seen.ref;
    }
    if (!draft_side(draft, draft->session->collection, artifact->id, artifact->path, &input.target,
                    err))
        return false;
    item->lower = input.target.hash;
    bool equal = hash_equal(&item->upper, &item->lower);
    if (equal)
        input.source = input.target;
    else if (!tree_or_nothing(work, &item->upper, &input.source, err))
        return false;
    tell_answer(work, state, item);
    BaseWanted wanted = artifact_base(artifact);
    wanted.hash = item->base;
    return decide(work, &input, &wanted, item, err);
}

/* SkillMeat's collection is not weir's: what was deployed stands in for it, by its old hash alone. */
static void stand_in(DriftItem *item, const Deployment *deployment)
{
    if (hash_is_zero(&item->base))
        item->base = hash_or_none(deployment->legacy_hash);
    item->upper = item->base;
}

static bool project_item(DriftWork *work, Root *project, const Deployment *deployment,
                         DriftItem *item, Error *err)
{
    Draft *draft = work->draft;
    EdgeInput input = {.root = project, .path = deployment->path};
    Root *collection = draft->session->collection;
    const Artifact *artifact = collection_find(collection->collection, deployment->artifact);
    item->path = deployment->path;
    item->base = base_of_deployment(draft, project, deployment);
    if (!draft_side(draft, project, deployment->artifact, deployment->path, &input.target, err))
        return false;
    if (!artifact) {
        if (!side_of_version(draft->ws, draft->pool, &HASH_NONE, &input.source, err))
            return false;
    } else if (!draft_side(draft, collection, artifact->id, artifact->path, &input.source, err)) {
        return false;
    }
    item->lower = input.target.hash;
    item->upper = input.source.hash;
    if (item->old && !artifact)
        stand_in(item, deployment);
    BaseWanted wanted = deployment_base(deployment, artifact, project);
    wanted.hash = item->base;
    return decide(work, &input, &wanted, item, err);
}

static void count_item(Drift *drift, const DriftItem *item)
{
    if (item->error.code) {
        drift->errors++;
        return;
    }
    drift->unreachable += item->stale.code && item->stale.code != ERR_OFFLINE;
    drift->count[item->status.status]++;
    drift->missing += item->status.missing;
    drift->removed += item->status.removed;
}

/* Every member that points has its line here; only `project` is borrowed. */
static DriftItem item_copy(Arena *arena, const DriftItem *item)
{
    DriftItem copy = *item;
    copy.artifact = arena_copy(arena, item->artifact);
    copy.changes = file_changes_copy(arena, &item->changes);
    copy.pin = arena_copy(arena, item->pin);
    copy.lower_version = arena_copy(arena, item->lower_version);
    copy.upper_version = arena_copy(arena, item->upper_version);
    copy.path = arena_copy(arena, item->path);
    copy.pending_id = arena_copy(arena, item->pending_id);
    copy.lock.artifact = arena_copy(arena, item->lock.artifact);
    copy.lock.owner = arena_copy(arena, item->lock.owner);
    copy.lock.reason = arena_copy(arena, item->lock.reason);
    copy.stale = error_note_copy(arena, &item->stale);
    copy.error = error_note_copy(arena, &item->error);
    return copy;
}

static bool keep_item(DriftWork *work, DriftItem *item, bool made, const Error *failed, Error *err)
{
    if (!made && failed->code == ERR_INTERRUPTED) {
        *err = *failed;
        return false;
    }
    const ArtifactLock *lock = lock_of(&work->locks, item->artifact);
    if (lock)
        item->lock = *lock;
    if (!made)
        item->error = error_note(work->draft->ws->arena, failed);
    ARRAY_PUSH(work->keep, &work->out->items, item_copy(work->keep, item));
    return true;
}

static ArtifactRequest as_request(Arena *arena, const DriftRequest *request)
{
    ArtifactRequest one = {.all = request->artifact == NULL};
    if (request->artifact)
        ARRAY_PUSH(arena, &one.artifacts, str_of(request->artifact));
    return one;
}

static bool upstream_items(DriftWork *work, Error *err)
{
    Draft *draft = work->draft;
    const Collection *collection = draft->session->collection->collection;
    ArtifactList asked = {0};
    UpstreamState *states = NULL;
    for (size_t i = 0; i < work->ids.count; i++) {
        Artifact *artifact = collection_find(collection, work->ids.items[i]);
        if (artifact)
            ARRAY_PUSH(draft->ws->arena, &asked, artifact);
    }
    if (!states_of(draft->ws, &asked, work->asked, &states, err))
        return false;
    for (size_t i = 0; i < asked.count; i++) {
        DriftItem item = {.artifact = asked.items[i]->id, .edge = EDGE_UPSTREAM};
        Error failed = {0};
        if (!states[i].has_upstream)
            continue;
        workspace_progress(draft->ws, "check", draft->from + i + 1, draft->selected, item.artifact);
        if (!interrupt_check(err))
            return false;
        bool made = upstream_item(work, asked.items[i], &states[i], &item, &failed);
        if (!keep_item(work, &item, made, &failed, err))
            return false;
    }
    return true;
}

/* weir's record, else what SkillMeat left, which is only looked at. */
static const Deployment *find_deployment(const Root *project, Str id, bool *old)
{
    const Deployment *deployment = deployments_find(project->deployments, id);
    for (size_t i = 0; !deployment && i < project->old.count; i++)
        if (str_equal(project->old.items[i]->artifact, id))
            deployment = project->old.items[i];
    *old = deployment && project->old.count;
    return deployment;
}

static bool project_error(DriftWork *work, const Root *project, Error *err)
{
    DriftItem item = {.edge = EDGE_PROJECT, .project = project->path};
    if (work->draft->from > 0)
        return true;
    if (project->error.code)
        return keep_item(work, &item, false, &project->error, err);
    item.old = true;
    item.error = project->old_error;
    return !item.error.code || work->request->artifact || keep_item(work, &item, true, NULL, err);
}

static bool project_items(DriftWork *work, Root *project, Error *err)
{
    Draft *draft = work->draft;
    if (!project_error(work, project, err))
        return false;
    for (size_t i = 0; !project->error.code && i < work->ids.count; i++) {
        DriftItem item = {
            .artifact = work->ids.items[i], .edge = EDGE_PROJECT, .project = project->path};
        const Deployment *deployment = find_deployment(project, work->ids.items[i], &item.old);
        Error failed = {0};
        if (!deployment || !deployment_belongs(draft->ws, deployment))
            continue;
        workspace_progress(draft->ws, "check", draft->from + i + 1, draft->selected, item.artifact);
        if (!interrupt_check(err))
            return false;
        bool made = project_item(work, project, deployment, &item, &failed);
        if (!keep_item(work, &item, made, &failed, err))
            return false;
    }
    return true;
}

static int by_text(const void *a, const void *b)
{
    return str_compare(*(const Str *)a, *(const Str *)b);
}

static void list_deployed(DriftWork *work, const DeploymentList *list, StrArray *out)
{
    const Collection *collection = work->draft->session->collection->collection;
    for (size_t i = 0; i < list->count; i++) {
        Str id = list->items[i]->artifact;
        if (request_means(&work->what, id) && !collection_find(collection, id))
            ARRAY_PUSH(work->draft->ws->arena, out, id);
    }
}

/* Ids of the collection and of all deployments that are meant, each once. */
static StrArray list_ids(DriftWork *work)
{
    Arena *arena = work->draft->ws->arena;
    const Session *session = work->draft->session;
    const ArtifactList *artifacts = &session->collection->collection->artifacts;
    StrArray all = {0};
    StrArray ids = {0};
    for (size_t i = 0; i < artifacts->count; i++)
        if (request_means(&work->what, artifacts->items[i]->id))
            ARRAY_PUSH(arena, &all, artifacts->items[i]->id);
    for (size_t r = 0; r < session->root_count; r++) {
        const Root *root = &session->roots[r];
        if (root->error.code || !root->deployments)
            continue;
        list_deployed(work, &root->deployments->items, &all);
        list_deployed(work, &root->old, &all);
    }
    if (all.count)
        qsort(all.items, all.count, sizeof *all.items, by_text);
    for (size_t i = 0; i < all.count; i++)
        if (!i || !str_equal(all.items[i], all.items[i - 1]))
            ARRAY_PUSH(arena, &ids, all.items[i]);
    return ids;
}

/* Upstream edges first, then project by project, each by artifact. */
static int by_edge(const void *left, const void *right)
{
    const DriftItem *a = left;
    const DriftItem *b = right;
    if (a->edge != b->edge)
        return a->edge < b->edge ? -1 : 1;
    int order = str_compare(str_of(a->project), str_of(b->project));
    return order ? order : str_compare(a->artifact, b->artifact);
}

/* Nothing to compare is no error; a name that nobody bears is one. */
static bool check_asked(const DriftWork *work, Error *err)
{
    Artifact *artifact = NULL;
    for (size_t i = 0; i < work->out->items.count; i++)
        if (work->out->items.items[i].artifact.len)
            return true;
    return !work->request->artifact ||
           collection_get(work->draft->session->collection->collection,
                          str_of(work->request->artifact), &artifact, err);
}

/* Once for all batches. */
static bool read_locks(DriftWork *work, Error *err)
{
    Workspace own = *work->draft->ws;
    own.arena = work->keep;
    return lock_list(&own, &work->locks, err);
}

static bool plan_drift(Draft *draft, void *opaque, Error *err)
{
    SPAN(draft->ws->tracer, "check");
    DriftWork *work = opaque;
    StrArray ids = {0};
    work->draft = draft;
    if (draft->from != work->from)
        work->before = work->out->items.count;
    work->from = draft->from;
    work->out->items.count = work->before;
    if (draft->from == 0)
        ids = list_ids(work);
    work->ids = draft_part(draft, &ids);
    read_ahead(draft, &work->ids, true);
    if ((draft->from == 0 && !read_locks(work, err)) || !upstream_items(work, err))
        return false;
    for (size_t i = 0; i < draft->session->root_count; i++)
        if (!draft->session->roots[i].is_collection &&
            !project_items(work, &draft->session->roots[i], err))
            return false;
    return draft->to < draft->selected || check_asked(work, err);
}

bool verb_drift(Workspace *ws, const DriftRequest *request, Drift *out, Error *err)
{
    Drift drift = {0};
    Plan plan;
    DriftWork work = {.keep = ws->arena, .request = request, .out = &drift};
    work.what = as_request(ws->arena, request);
    DraftRun run = {.plan_it = plan_drift, .context = &work, .batches = true};
    if (request->check_upstream && !ws->upstream_check)
        workspace_notice(
            ws, "note: ENABLE_UPSTREAM_CHECK is off: upstreams are as they were last seen");
    if (request->check_upstream && ws->upstream_check &&
        !ask_upstreams(ws, &work.what, &work.asked, err))
        return false;
    run.session.skip_busy = request->all_projects;
    if (request->all_projects && !select_projects(ws, NULL, &run.session.projects, err))
        return false;
    if (request->project && !request->all_projects) {
        ARRAY_PUSH(ws->arena, &run.session.projects, str_of(request->project));
        run.session.strict = true;
    }
    if (!draft_run(ws, &run, &plan, err))
        return false;
    for (size_t i = 0; i < drift.items.count; i++)
        count_item(&drift, &drift.items.items[i]);
    if (drift.items.count)
        qsort(drift.items.items, drift.items.count, sizeof *drift.items.items, by_edge);
    *out = drift;
    return true;
}
