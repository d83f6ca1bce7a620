#include "sync/select.h"

#include "base/map.h"
#include "sync/pending_store.h"

static bool already(const ArtifactList *list, const Artifact *artifact)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == artifact)
            return true;
    return false;
}

bool select_artifacts(const Collection *collection, const ArtifactRequest *request, Arena *arena,
                      ArtifactList *out, Error *err)
{
    ArtifactList list = {0};
    if (request->all) {
        *out = collection->artifacts;
        return true;
    }
    for (size_t i = 0; i < request->artifacts.count; i++) {
        Artifact *artifact = NULL;
        if (!collection_get(collection, request->artifacts.items[i], &artifact, err))
            return false;
        if (!already(&list, artifact))
            ARRAY_PUSH(arena, &list, artifact);
    }
    *out = list;
    return true;
}

StrArray artifact_ids(Arena *arena, const ArtifactList *artifacts)
{
    StrArray ids = {0};
    for (size_t i = 0; i < artifacts->count; i++)
        ARRAY_PUSH(arena, &ids, artifacts->items[i]->id);
    return ids;
}

bool select_batch(Draft *draft, const ArtifactRequest *request, ArtifactList *out, Error *err)
{
    const Collection *collection = draft->session->collection->collection;
    ArtifactList all = {0}, part = {0};
    if (draft->from == 0 && !select_artifacts(collection, request, draft->ws->arena, &all, err))
        return false;
    StrArray names = artifact_ids(draft->ws->arena, &all);
    names = draft_part(draft, &names);
    for (size_t i = 0; i < names.count; i++) {
        Artifact *artifact = collection_find(collection, names.items[i]);
        if (artifact) /* else somebody has removed it since the first batch */
            ARRAY_PUSH(draft->ws->arena, &part, artifact);
    }
    *out = part;
    return true;
}

bool select_projects(Workspace *ws, const char *project, StrArray *out, Error *err)
{
    if (!project)
        return project_paths(ws, out, err);
    StrArray one = {0};
    ARRAY_PUSH(ws->arena, &one, str_of(project));
    *out = one;
    return true;
}

static Str bare_name(Str id)
{
    size_t colon = str_find(id, ':');
    return colon == STR_NONE ? id : str_slice(id, colon + 1, id.len);
}

bool artifact_is_named(Str artifact, Str given)
{
    return str_equal(given, artifact) ||
           (str_find(given, ':') == STR_NONE && str_equal(given, bare_name(artifact)));
}

bool deployment_belongs(const Workspace *ws, const Deployment *deployment)
{
    return str_is(deployment->collection, ws->collection_name);
}

bool request_means(const ArtifactRequest *request, Str artifact)
{
    if (request->all)
        return true;
    for (size_t i = 0; i < request->artifacts.count; i++)
        if (artifact_is_named(artifact, request->artifacts.items[i]))
            return true;
    return false;
}

Str deployment_id(const Deployments *deployments, Str name)
{
    for (size_t i = 0; i < deployments->items.count; i++)
        if (artifact_is_named(deployments->items.items[i]->artifact, name))
            return deployments->items.items[i]->artifact;
    return (Str){0};
}

static bool meant_artifacts(Workspace *ws, const ArtifactRequest *request, ArtifactList *out,
                            Error *err)
{
    SCOPED(session_close) Session *session = NULL;
    SessionSpec spec = {0};
    if (!session_open(ws, &spec, &session, err) ||
        !select_artifacts(session->collection->collection, request, ws->arena, out, err))
        return false;
    session_remember(session);
    return true;
}

static void map_states(const ArtifactList *artifacts, UpstreamState *states, Map *out)
{
    for (size_t i = 0; i < artifacts->count; i++)
        map_put(out, artifacts->items[i]->id, &states[i]);
}

bool ask_upstreams(Workspace *ws, const ArtifactRequest *request, Map **out, Error *err)
{
    ArtifactList artifacts = {0};
    UpstreamState *states = NULL;
    Map *map = map_new(ws->arena, 0);
    if (!meant_artifacts(ws, request, &artifacts, err) ||
        !upstream_states(ws, &artifacts, true, &states, err))
        return false;
    map_states(&artifacts, states, map);
    *out = map;
    return true;
}

bool ask_unseen_upstreams(Workspace *ws, const ArtifactRequest *request, Map **out, Error *err)
{
    ArtifactList artifacts = {0}, unseen = {0};
    UpstreamState *states = NULL;
    Map *map = map_new(ws->arena, 0);
    if (!meant_artifacts(ws, request, &artifacts, err) ||
        !upstream_states(ws, &artifacts, false, &states, err))
        return false;
    for (size_t i = 0; i < artifacts.count; i++)
        if (!states[i].known)
            ARRAY_PUSH(ws->arena, &unseen, artifacts.items[i]);
    if (!upstream_states(ws, &unseen, unseen.count > 0, &states, err))
        return false;
    map_states(&unseen, states, map);
    *out = map;
    return true;
}

static bool asked_for_this(const Artifact *artifact, const UpstreamState *state)
{
    return !state->known || upstream_seen_fits(artifact, &state->seen);
}

bool states_of(Workspace *ws, const ArtifactList *artifacts, const Map *asked, UpstreamState **out,
               Error *err)
{
    UpstreamState *states = NULL;
    if (!upstream_states(ws, artifacts, false, &states, err))
        return false;
    for (size_t i = 0; asked && i < artifacts->count; i++) {
        const UpstreamState *state = map_find(asked, artifacts->items[i]->id);
        if (state && asked_for_this(artifacts->items[i], state))
            states[i] = *state;
    }
    *out = states;
    return true;
}
