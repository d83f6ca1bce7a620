/* patch: what an artifact has that its upstream has not, as a file. Nothing is written upstream. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
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

/* Who reads it may follow it: a web address, in one line. */
static bool check(const JobRequest *request, Error *err)
{
    bool web =
        str_starts(request->link, STR("https://")) || str_starts(request->link, STR("http://"));
    for (size_t i = 0; web && i < request->link.len; i++)
        web = request->link.data[i] > ' ' && request->link.data[i] != 0x7f;
    if (request->link.len && !web)
        return fail(err, ERR_INVALID,
                    "field 'link': an address that begins with https:// is expected");
    return job_check_one(request, err);
}

/* Where the daemon hands it out, and until when. */
static void tell_download(JobWork *work)
{
    Arena *arena = work->ws->arena;
    Str id = work->order->job->id;
    int64_t until_ms = clock_ms() + work->order->export_keep_ms;
    json_member_text(work->json, "download_url",
                     arena_format(arena, "/api/v1/patches/%.*s/download", STR_ARG(id)));
    json_member_text(work->json, "expires_at", record_time(arena, until_ms));
}

static bool check_size(const JobWork *work, const char *name, uint64_t size_bytes, Error *err)
{
    Error ignored;
    SCOPED(fd_close) int folder = -1;
    uint64_t most =
        work->order->patch_most_bytes ? work->order->patch_most_bytes : LIMIT_PATCH_BYTES;
    if (size_bytes <= most)
        return true;
    if (fs_open_root(work->order->exports, &folder, &ignored))
        (void)!fs_remove_at(folder, str_of(name), false, &ignored);
    return fail(err, ERR_TOO_LARGE, "the patch has %" PRIu64 " bytes, the most is %" PRIu64,
                size_bytes, most) ||
           fail_hint(err, "`weir patch` writes one of any size.");
}

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
    if (!job_project(work, &request.project, err) || !verb_patch(work->ws, &request, &patch, err) ||
        !check_size(work, name, patch.size_bytes, err))
        return false;
    json_patch_members(work->json, &patch, str_of(name));
    if (patch.written)
        tell_download(work);
    if (work->request.link.len)
        json_member(work->json, "link", work->request.link);
    return true;
}

JOB_BODY(PATCH) = {.request = &job_request_PATCH,
                   .direction = DIRECTION_PROJECT_TO_UPSTREAM,
                   .check = check,
                   .run = run};
