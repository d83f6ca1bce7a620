#include "sync/workspace.h"

const char *const tier_names[3] = {"upstream", "collection", "project"};
const char *const edge_names[2] = {"upstream_to_collection", "collection_to_project"};

bool workspace_check_writes(const Workspace *ws, Error *err)
{
    return !ws->dry_run_only ||
           fail(err, ERR_DRY_RUN_FORCED, "SYNC_FORCE_DRY_RUN is on: nothing was written");
}

bool job_claim_holds(const Workspace *ws, Error *err)
{
    const JobClaim *claim = &ws->claim;
    return !claim->check || claim->check(ws->db, claim->job, claim->fence, err);
}

void workspace_notice(const Workspace *ws, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(ws->arena, format, arguments);
    va_end(arguments);
    if (ws->notice)
        ws->notice(ws->notice_context, text);
}

void workspace_progress(const Workspace *ws, const char *phase, size_t done, size_t total, Str what)
{
    Progress progress = {.phase = phase, .done = done, .total = total, .what = what};
    if (ws->progress)
        ws->progress(ws->notice_context, &progress);
}
