/* patch: what an artifact has that its upstream has not, as a file. Nothing is written upstream. */
#include "base/path.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"
#include "sync/patch_json.h"

static const Field fields[] = {
    JOB_FIELD_ARTIFACTS,
    JOB_FIELD_PROJECT,
    JOB_FIELD_COLLECTION,
    {"message", "why, for the upstream's people", FIELD_TEXT,
     .offset = offsetof(JobRequest, message), .most = 16384},
    {"format", "of the file; none: what SYNC_PATCH_EXPORT says", FIELD_WORD,
     .offset = offsetof(JobRequest, form), .nullable = true, .words = job_form_names},
    {"link", "an address to keep with it: of an issue, of a pull request", FIELD_TEXT,
     .offset = offsetof(JobRequest, link), .most = 2048},
    {0},
};
const Record job_request_PATCH = {"PatchRequest", "what a patch is made of",
                                  .size = sizeof(JobRequest), .fields = fields};

static bool run(JobWork *work, Error *err)
{
    Arena *arena = work->ws->arena;
    PatchExport patch = {0};
    int form = work->request.form >= 0 ? work->request.form : work->order->standard_form;
    const char *name =
        arena_format(arena, "%.*s.%s", STR_ARG(work->order->job->id), job_form_names[form]);
    PatchRequest request = {
        .artifact = arena_text(arena, work->request.artifacts.items[0]),
        .message = work->request.message.len ? arena_text(arena, work->request.message) : NULL,
        .out = path_join(arena, str_of(work->order->exports), str_of(name)),
        .force = true, /* of an earlier attempt */
        .form = (PatchForm)form,
    };
    work->ws->verb = "patch";
    if (!job_project(work, &request.project, err) || !verb_patch(work->ws, &request, &patch, err))
        return false;
    json_patch_members(work->json, &patch, str_of(name));
    if (work->request.link.len)
        json_member(work->json, "link", work->request.link);
    return true;
}

JOB_BODY(PATCH) = {.request = &job_request_PATCH,
                   .direction = DIRECTION_PROJECT_TO_UPSTREAM,
                   .check = job_check_one,
                   .run = run};
