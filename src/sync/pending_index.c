#include "sync/pending_index.h"

static Str key_of(Arena *arena, Str artifact, Edge edge, const char *project)
{
    return str_of(
        arena_format(arena, "%d\n%.*s\n%s", (int)edge, STR_ARG(artifact), project ? project : ""));
}

static bool load(Session *session, Error *err)
{
    Workspace own = *session->ws;
    PendingMerges list;
    own.arena = session->arena;
    if (!pending_list(&own, &list, err))
        return false;
    session->pending = map_new(session->arena, list.count);
    for (size_t i = 0; i < list.count; i++) {
        PendingMerge *one = &list.items[i];
        map_put(session->pending, key_of(session->arena, one->artifact, one->edge, one->project),
                one);
    }
    return true;
}

bool pending_of_edge(Session *session, Str artifact, Edge edge, const char *project,
                     const PendingMerge **out, Error *err)
{
    *out = NULL;
    if (!session->pending && !load(session, err))
        return false;
    if (map_count(session->pending))
        *out = map_find(session->pending, key_of(session->ws->arena, artifact, edge, project));
    return true;
}
