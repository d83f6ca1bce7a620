#include <string.h>

#include "api/api_internal.h"
#include "base/text.h"
#include "jobs/job_record.h"
#include "sync/job_bodies.h"

/* ── POST /api/v1/sync/jobs ── */

typedef struct {
    Str id, trace_id;
    int state;
} JobTicketView;

static const Field ticket_fields[] = {
    {"id", "id of the job", FIELD_TEXT, offsetof(JobTicketView, id), .required = true, .least = 1},
    {"job_id", "the same", FIELD_TEXT, offsetof(JobTicketView, id), .required = true, .least = 1},
    {"trace_id", "of the request that made it", FIELD_TEXT, offsetof(JobTicketView, trace_id),
     .required = true},
    {"state", "where it is", FIELD_WORD, offsetof(JobTicketView, state), .required = true,
     .words = job_state_names},
    {0},
};
const Record job_ticket_record = {"JobTicket", "a job that is stored and will be done",
                                  sizeof(JobTicketView), ticket_fields, false};

static void reply_ticket(ApiCall *call, const Job *job)
{
    JobTicketView view = {job->id, job->trace_id, (int)job->state};
    Error none;
    (void)api_reply(call, &view, &none);
}

bool api_make_ticket(ApiCall *call, JobKind kind, JobRequest *request, Error *err)
{
    JobDraft draft = {0};
    if (!request->collection.len)
        request->collection = call->api->collection;
    if (request->direction == DIRECTION_PROJECT_TO_UPSTREAM && !guard_patch_rate(call, err))
        return false;
    return job_request_draft(call->arena, kind, request, &draft, &call->reply->field, err) &&
           api_make_job(call, &draft, reply_ticket, err);
}

static bool create_sync_job(ApiCall *call, Error *err)
{
    JobRequest request = job_request_new();
    return api_body(call, &request, err) && api_make_ticket(call, JOB_KIND_SYNC, &request, err);
}

/* ── reading ── */

static bool get_job(ApiCall *call, Error *err)
{
    Job job;
    if (!job_get(call->api->jobs, call->arena, api_text(call, "id"), &job, err))
        return false;
    job_write_record(api_reply_begin(call), &job);
    return api_reply_end(call);
}

API_PAGE(job_page, "JobPage", "jobs, newest first", job_summary_record);

static const ApiParameter list_parameters[] = {
    {"state", "only jobs in that state", FIELD_WORD, .words = job_state_names},
    {"kind", "only jobs of that kind", FIELD_WORD, .words = job_kind_names},
    {"artifact", "only jobs that name that artifact", FIELD_TEXT, .most = 512,
     .example = "skill:pdf"},
    {"direction", "only jobs of that direction", FIELD_WORD, .words = job_direction_names},
    API_PAGE_PARAMETERS,
    {0},
};

static bool list_jobs(ApiCall *call, Error *err)
{
    Jobs jobs = {0};
    bool more = false;
    int direction = api_word(call, "direction");
    JobFilter filter = {.state = api_word(call, "state"),
                        .kind = api_word(call, "kind"),
                        .artifact = api_text(call, "artifact"),
                        .direction = str_of(direction < 0 ? "" : job_direction_names[direction]),
                        .limit = (size_t)api_integer(call, "limit")};
    if (!api_cursor(call, &filter.before, err) ||
        !job_list(call->api->jobs, call->arena, &filter, &jobs, &more, err))
        return false;
    JsonWriter *json = api_page_begin(call);
    for (size_t i = 0; i < jobs.count; i++)
        job_write_summary(json, &jobs.items[i]);
    return api_page_end(call, more ? jobs.items[jobs.count - 1].id : STR(""));
}

static bool cancel_job(ApiCall *call, Error *err)
{
    Job job;
    if (!job_cancel(call->api->jobs, call->arena, api_text(call, "id"), &job, err))
        return false;
    job_write_record(api_reply_begin(call), &job);
    return api_reply_end(call);
}

static const ApiParameter id_parameters[] = {
    {"id", "id of the job", FIELD_TEXT, .least = 1, .most = 64,
     .example = "01KAJ3ZV4E8Q2W6N5T7R9XBCDF"},
    {0},
};

const Endpoint job_endpoints[] = {
    {"POST", "/api/v1/sync/jobs", create_sync_job, .summary = "Start a sync job",
     .about = "Stored before it is answered. A dry run unless `dry_run` is false. "
              "`project_to_upstream` makes a patch.",
     .tag = "jobs", .operation = "createSyncJob", .place = ON_SERVER, .limit = LIMIT_WRITE,
     .idempotent_key = true, .body = &job_request_SYNC, .reply = &job_ticket_record, .status = 202,
     .also = 200, .fails = {ERR_KEY_REUSED}},
    {"GET", "/api/v1/sync/jobs", list_jobs, .summary = "List jobs, newest first", .tag = "jobs",
     .operation = "listSyncJobs", .place = ON_POOL, .limit = LIMIT_READ, .etag = true,
     .parameters = list_parameters, .reply = &job_page},
    {"GET", "/api/v1/sync/jobs/{id}", get_job, .summary = "Show a job", .tag = "jobs",
     .operation = "getSyncJob", .place = ON_SERVER, .limit = LIMIT_READ, .etag = true,
     .parameters = id_parameters, .reply = &job_record, .fails = {ERR_NOT_FOUND}},
    {"POST", "/api/v1/sync/jobs/{id}/cancel", cancel_job, .summary = "Cancel a job",
     .about = "A queued job is canceled at once. A running one is asked to stop; past the point "
              "where its changes are certain it ends as it would have. Asking twice is the same.",
     .tag = "jobs", .operation = "cancelSyncJob", .place = ON_POOL, .limit = LIMIT_WRITE,
     .parameters = id_parameters, .reply = &job_record, .fails = {ERR_NOT_FOUND, ERR_JOB_FINAL}},
    {0},
};
