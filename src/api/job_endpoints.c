#include <string.h>

#include "api/api_internal.h"
#include "base/name.h"
#include "base/text.h"
#include "jobs/job_record.h"
#include "model/artifact_id.h"
#include "sync/job_request.h"

/* ── POST /api/v1/sync/jobs ── */

typedef struct {
    SyncJobRequest request;
    StrArray artifact_ids;
} SyncJobBody;

#define BODY(member) offsetof(SyncJobBody, request.member)
static const Field sync_body_fields[] = {
    {"direction", "from which tier to which", FIELD_WORD, BODY(direction), .required = true,
     .words = job_direction_names, .example = "upstream_to_collection"},
    {"artifacts", "ids, or names where these are unique; none: all of the collection", FIELD_TEXTS,
     BODY(artifacts), .most = 10000, .example = "skill:pdf"},
    {"artifact_ids", "the same as `artifacts`; one of the two", FIELD_TEXTS,
     offsetof(SyncJobBody, artifact_ids), .most = 10000},
    {"project_path",
     "absolute path of a project; absent: every known project that holds the artifacts", FIELD_TEXT,
     BODY(project_path), .nullable = true},
    {"collection", "name of the collection; absent: the daemon's", FIELD_TEXT, BODY(collection),
     .nullable = true, .most = 255},
    {"strategy", "what is done where both sides changed; absent: MERGE_STRATEGY_DEFAULT",
     FIELD_WORD, BODY(strategy), .nullable = true, .words = job_strategy_names},
    {"dry_run", "only plan, write nothing; true when absent", FIELD_BOOL, BODY(dry_run),
     .required = false},
    {0},
};
static const Record sync_body = {"SyncJobRequest", "what to bring from which tier to which",
                                 sizeof(SyncJobBody), sync_body_fields, false};

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

static bool wrong_field(ApiCall *call, const char *field, const char *what, Error *err)
{
    call->reply->field = field;
    return fail(err, ERR_INVALID, "field '%s': %s", field, what);
}

/* What the job's body checks against the disk is checked here for what no disk is needed for. */
static bool check_path(ApiCall *call, Str path, Error *err)
{
    Str rest = path, part = {0};
    if (!path.len)
        return true;
    if (path.data[0] != '/')
        return wrong_field(call, "project_path", "an absolute path is expected", err);
    while (str_next(&rest, '/', &part)) {
        if (str_is(part, "..") || str_is(part, "."))
            return wrong_field(call, "project_path", "'.' and '..' are not taken", err);
    }
    return true;
}

static bool check_artifacts(ApiCall *call, const char *field, const StrArray *ids, Error *err)
{
    for (size_t i = 0; i < ids->count; i++) {
        ArtifactId id;
        Error bad = {0};
        bool named = str_find(ids->items[i], ':') != STR_NONE;
        if (named ? !artifact_id_parse(ids->items[i], &id, &bad)
                  : !name_check_component(ids->items[i], &bad))
            return wrong_field(call, arena_format(call->arena, "%s[%zu]", field, i), bad.message,
                               err);
    }
    return true;
}

static bool check_sync(ApiCall *call, SyncJobBody *body, Error *err)
{
    Error bad = {0};
    SyncJobRequest *request = &body->request;
    bool by_id = body->artifact_ids.count > 0;
    if (by_id && request->artifacts.count)
        return wrong_field(call, "artifact_ids", "give these or `artifacts`, not both", err);
    if (by_id)
        request->artifacts = body->artifact_ids;
    if (!request->collection.len)
        request->collection = call->api->collection;
    if (!name_check_component(request->collection, &bad))
        return wrong_field(call, "collection", bad.message, err);
    return check_artifacts(call, by_id ? "artifact_ids" : "artifacts", &request->artifacts, err) &&
           check_path(call, request->project_path, err);
}

static Str canonical(Arena *arena, const Record *record, const void *value)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    record_to_json(&json, record, value);
    return buf_str(&buf);
}

static bool create_sync_job(ApiCall *call, Error *err)
{
    SyncJobBody body = {.request = {.strategy = -1, .dry_run = true}};
    if (!api_body(call, &body, err) || !check_sync(call, &body, err))
        return false;
    const SyncJobRequest *request = &body.request;
    JobDraft draft = {
        .kind = request->direction == JOB_PROJECT_TO_UPSTREAM ? JOB_KIND_PATCH : JOB_KIND_SYNC,
        .direction = str_of(job_direction_names[request->direction]),
        .project_path = request->project_path,
        .collection = request->collection,
        .strategy = str_of(request->strategy < 0 ? "" : job_strategy_names[request->strategy]),
        .request = canonical(call->arena, &sync_job_request, request),
        .artifacts = request->artifacts,
        .dry_run = request->dry_run,
    };
    return api_make_job(call, &draft, reply_ticket, err);
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
     .idempotent_key = true, .body = &sync_body, .reply = &job_ticket_record, .status = 202,
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
