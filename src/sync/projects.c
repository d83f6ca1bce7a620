/* The known projects: a list of folders, made by the first deploy or by hand. */
#include "sync/verbs.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/text.h"
#include "sync/pending_store.h"
#include "sync/select.h"

static size_t own_deployments(const Workspace *ws, const Root *root)
{
    size_t count = 0;
    for (size_t i = 0; !root->error.code && i < root->deployments->items.count; i++)
        count += deployment_belongs(ws, root->deployments->items.items[i]);
    return count;
}

bool project_list(Workspace *ws, ProjectInfos *out, Error *err)
{
    SCOPED(session_close) Session *session = NULL;
    SessionSpec spec = {.no_collection = true};
    ProjectInfos list = {0};
    if (!project_paths(ws, &spec.projects, err) || !session_open(ws, &spec, &session, err))
        return false;
    for (size_t i = 0; i < session->root_count; i++) {
        const Root *root = &session->roots[i];
        ProjectInfo info = {root->path, root->name, root->error.code == ERR_NONE,
                            own_deployments(ws, root)};
        ARRAY_PUSH(ws->arena, &list, info);
    }
    *out = list;
    return true;
}

/* Else an artifact would be deployed into the artifacts that are deployed. */
bool project_check_apart(Workspace *ws, const char *real, Error *err)
{
    const char *places[] = {ws->collection_path, ws->home};
    Str path = str_of(real);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        char *place = NULL;
        Error absent;
        if (!fs_real_path(ws->arena, places[i], &place, &absent) ||
            !path_is_inside(path, str_of(place)))
            continue;
        (void)fail(err, ERR_INVALID, "'%s' lies in %s, and is no project",
                   text_safe(ws->arena, path), i ? "weir's own folder" : "the collection");
        return fail_hint(err,
                         "Name a folder elsewhere; `weir project forget` drops one that is known.");
    }
    return true;
}

bool project_add(Workspace *ws, const char *path, Error *err)
{
    char *real = NULL;
    SCOPED(fd_close) int fd = -1;
    if (!workspace_check_writes(ws, err) || !fs_real_path(ws->arena, path, &real, err) ||
        !fs_open_root(real, &fd, err) || !project_check_apart(ws, real, err))
        return false;
    return project_put(ws, real, err);
}
