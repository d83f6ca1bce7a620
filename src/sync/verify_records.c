/* Records can be read, and agree with each other. */
#include "sync/verify.h"

#include "base/text.h"
#include "sync/select.h"

static void check_readable(Verify *verify, const Root *root)
{
    Str where = str_of(root->path);
    if (root->error.code == ERR_NONE)
        return;
    bool away = root->error.code == ERR_NOT_FOUND;
    Finding *finding = verify_found(verify, away ? "PROJECT_AWAY" : "RECORD_UNREADABLE", where,
                                    "%s", root->error.message);
    finding->note = away;
    finding->advice = arena_copy(verify->ws->arena, str_of(error_hint(&root->error))).data;
}

static bool has_markers(const Root *root)
{
    if (root->is_collection)
        return root->collection && root->collection->had_markers;
    return root->deployments && root->deployments->had_markers;
}

static void check_markers(Verify *verify, const Root *root)
{
    if (root->error.code || !has_markers(root))
        return;
    Finding *finding = verify_found(verify, "RECORD_MARKERS", str_of(root->path),
                                    "its records hold git's conflict markers");
    finding->advice = "Any write cleans them.";
    finding->repair = "united block by block, and written clean";
}

static void check_deployment(Verify *verify, const Root *project, const Deployment *deployment)
{
    const Root *collection = verify->draft->session->collection;
    Arena *arena = verify->ws->arena;
    if (collection->error.code || !deployment_belongs(verify->ws, deployment) ||
        collection_find(collection->collection, deployment->artifact))
        return;
    Finding *finding = verify_found(verify, "ARTIFACT_REMOVED", str_of(project->path),
                                    "%s is deployed, but no longer in the collection",
                                    text_safe(arena, deployment->artifact));
    finding->note = true;
    finding->advice = arena_format(arena, "`weir undeploy %s --project %s` takes it out there too.",
                                   text_word(arena, deployment->artifact),
                                   text_word(arena, str_of(project->path)));
}

static bool check_records(Verify *verify, Error *err __attribute__((unused)))
{
    Session *session = verify->draft->session;
    for (size_t i = 0; i < session->root_count; i++) {
        const Root *root = &session->roots[i];
        verify->looked_at++;
        check_readable(verify, root);
        check_markers(verify, root);
        if (root->is_collection || root->error.code)
            continue;
        for (size_t j = 0; j < root->deployments->items.count; j++)
            check_deployment(verify, root, root->deployments->items.items[j]);
    }
    return true;
}

const VerifyCheck verify_records = {
    .name = "records",
    .about = "folders",
    .check = check_records,
};
