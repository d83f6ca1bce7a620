/* Patches: made by a job, kept for a while in the daemon's folder, handed out once they are there. */
#include <string.h>

#include "api/api_internal.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/path.h"
#include "base/text.h"
#include "sync/job_bodies.h"

/* ── POST /api/v1/sync/patch ── */

static bool make_patch(ApiCall *call, Error *err)
{
    JobRequest request = job_request_new();
    return api_body(call, &request, err) && api_make_ticket(call, JOB_KIND_PATCH, &request, err);
}

/* ── GET /api/v1/patches/{id}/download ── */

static const ApiParameter download_parameters[] = {
    {"id", "of the job that made it", FIELD_TEXT, .least = 1, .most = 64,
     .example = "01KAJ3ZV4E8Q2W6N5T7R9XBCDF"},
    {0},
};

static bool makes_patch(const Job *job)
{
    return job->kind == JOB_KIND_PATCH ||
           (job->kind == JOB_KIND_SYNC &&
            str_is(job->direction, job_direction_names[DIRECTION_PROJECT_TO_UPSTREAM]));
}

/* Name and SHA-256 of what the job has written. The name is made of known parts: whatever stands in the
 * result, it leads nowhere else. */
static bool find_patch(ApiCall *call, const Job *job, const char **name, Hash *sha256, Error *err)
{
    const JsonNode *result = NULL;
    if (!makes_patch(job))
        return fail(err, ERR_NOT_FOUND, "this job makes no patch");
    if (job->state != JOB_SUCCESS)
        return fail(err, ERR_NOT_FOUND, "the job is '%s': there is no patch of it",
                    job_state_names[job->state]) ||
               fail_hint(err, "GET /api/v1/sync/jobs/%.*s tells how it goes.", STR_ARG(job->id));
    if (!json_parse(call->arena, job->result, 0, &result, err))
        return false;
    const JsonNode *out = json_find(result, STR("out")), *sum = json_find(result, STR("sha256"));
    for (int i = 0; out && sum && i < JOB_FORMS; i++) {
        *name = arena_format(call->arena, "%.*s.%s", STR_ARG(job->id), job_form_names[i]);
        if (str_is(out->text, *name) && hash_parse(sum->text, sha256))
            return true;
    }
    return fail(err, ERR_NOT_FOUND, "nothing differed: there is no patch of this job");
}

static bool is_over(ApiCall *call, const FsStat *stat)
{
    return clock_ms() - stat->mtime_ns / 1000000 > api_patch_keep_ms(call->api);
}

static bool read_patch(ApiCall *call, int home_fd, const char *name, Str *out, Error *err)
{
    Str path = str_of(path_join(call->arena, STR(JOB_EXPORTS_FOLDER), str_of(name)));
    FsStat stat;
    bool found = false;
    if (!fs_stat_at(home_fd, path, &found, &stat, err))
        return false;
    if (!found || is_over(call, &stat))
        return fail(err, ERR_PATCH_GONE,
                    "the time in which this patch could be downloaded is over");
    return fs_read_at(call->arena, home_fd, path, LIMIT_PATCH_BYTES, out, err);
}

static bool download(ApiCall *call, Error *err)
{
    Job job;
    Workspace *ws = NULL;
    const char *name = NULL;
    Hash wanted;
    Str bytes;
    if (!job_get(call->api->jobs, call->arena, api_text(call, "id"), &job, err) ||
        !find_patch(call, &job, &name, &wanted, err) || !api_workspace(call, &ws, err) ||
        !read_patch(call, ws->home_fd, name, &bytes, err))
        return false;
    Hash there = hash_of(bytes);
    if (!hash_equal(&there, &wanted))
        return fail(err, ERR_CORRUPT, "the patch is not the one that was made") ||
               fail_hint(err, "Make it again: POST /api/v1/sync/patch.");
    api_reply_header(call, "content-disposition",
                     arena_format(call->arena, "attachment; filename=\"%s\"", name));
    return api_reply_bytes(call, "application/octet-stream", bytes);
}

const Endpoint patch_endpoints[] = {
    {"POST", "/api/v1/sync/patch", make_patch, .summary = "Make a patch for the upstream, as a job",
     .about = "What the collection, or with `project_path` a project, has that the upstream has "
              "not. The job's result has `download_url`, `sha256`, `size_bytes`, `expires_at` and "
              "`link`; nothing is written upstream.",
     .tag = "patches", .operation = "createPatch", .place = ON_SERVER, .limit = LIMIT_PATCH,
     .idempotent_key = true, .body = &job_request_PATCH, .reply = &job_ticket_record, .status = 202,
     .also = 200, .fails = {ERR_KEY_REUSED}},
    {"GET", "/api/v1/patches/{id}/download", download, .summary = "Download a patch",
     .about = "What `git am` or `git apply` takes, in the form that was asked for; for "
              "`patch_keep_minutes`, then 410.",
     .tag = "patches", .operation = "downloadPatch", .place = ON_POOL, .limit = LIMIT_PATCH,
     .etag = true, .parameters = download_parameters, .reply_type = "application/octet-stream",
     .fails = {ERR_NOT_FOUND, ERR_PATCH_GONE, ERR_CORRUPT}},
    {0},
};
