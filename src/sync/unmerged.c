#include "sync/unmerged.h"

#include "base/path.h"
#include "base/text.h"

enum { STAGE_BASE = 1 };

bool unmerged_read(Workspace *ws, Root *root, Error *err)
{
    GitView *view = ARENA_NEW(ws->arena, GitView);
    bool found = false;
    root->unmerged = (GitUnmergedPaths){0};
    root->view = NULL;
    if (!git_view_find(ws->arena, root->path, view, &found))
        return true;
    root->view = view;
    return git_view_unmerged(view, ws->arena, &root->unmerged, err);
}

bool unmerged_check(const Root *root, Str path, Error *err)
{
    for (size_t i = 0; i < root->unmerged.count; i++) {
        Str waiting = root->unmerged.items[i].path;
        SCOPED(arena_close) Arena *arena = arena_open();
        if (!path_is_inside(waiting, path))
            continue;
        (void)fail(err, ERR_GIT_UNMERGED, "git's merge of '%s' is not finished",
                   text_safe(arena, waiting));
        return fail_hint(err, "Resolve it, then: git -C %s add %s",
                         text_word(arena, str_of(root->path)), text_word(arena, waiting));
    }
    return true;
}

bool unmerged_common(Workspace *ws, const Root *root, const char *record, Str *out, Error *err)
{
    bool found = false;
    *out = (Str){0};
    for (size_t i = 0; root->view && i < root->unmerged.count; i++) {
        const GitUnmerged *one = &root->unmerged.items[i];
        if (one->stage != STAGE_BASE || !str_is(one->path, record) ||
            !git_view_is_merging(root->view))
            continue;
        if (!git_view_borrow(ws->git, root->view, err) ||
            !git_view_object(root->view, ws->arena, &one->oid, &found, out, err))
            return false;
        if (!found)
            *out = (Str){0};
    }
    return true;
}
