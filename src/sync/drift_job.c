/* drift: what differs between the tiers; upstream_check: the same of the upstream edges, asked now. */
#include "sync/drift_json.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"

static const Field fields[] = {
    JOB_FIELD_ARTIFACTS,
    JOB_FIELD_PROJECT,
    JOB_FIELD_COLLECTION,
    {"check_upstream", "ask the upstreams first", FIELD_BOOL,
     .offset = offsetof(JobRequest, check_upstream)},
    {0},
};
const Record job_request_DRIFT = {"DriftRequest", "what a drift check looks at",
                                  .size = sizeof(JobRequest), .fields = fields};

static void add_items(Arena *arena, const Drift *part, Drift *whole)
{
    for (size_t i = 0; i < part->items.count; i++)
        ARRAY_PUSH(arena, &whole->items, part->items.items[i]);
    for (size_t i = 0; i < STATUS_COUNT; i++)
        whole->count[i] += part->count[i];
    whole->missing += part->missing;
    whole->removed += part->removed;
    whole->errors += part->errors;
    whole->unreachable += part->unreachable;
}

/* The verb looks at one artifact or at all. */
static bool look(JobWork *work, DriftRequest *request, Error *err)
{
    Drift whole = {0};
    const StrArray *artifacts = &work->request.artifacts;
    for (size_t i = 0; i < artifacts->count || i == 0; i++) {
        Drift part = {0};
        request->artifact =
            artifacts->count ? arena_text(work->ws->arena, artifacts->items[i]) : NULL;
        if (!verb_drift(work->ws, request, &part, err))
            return false;
        add_items(work->ws->arena, &part, &whole);
    }
    drift_sort(&whole);
    json_drift(work->json, &whole);
    return true;
}

static bool run(JobWork *work, Error *err)
{
    DriftRequest request = {.check_upstream = work->request.check_upstream};
    work->ws->verb = "drift";
    if (!job_project(work, &request.project, err))
        return false;
    request.all_projects = !request.project;
    return look(work, &request, err);
}

JOB_BODY(DRIFT) = {.request = &job_request_DRIFT, .direction = -1, .run = run};

static const Field check_fields[] = {JOB_FIELD_ARTIFACTS, JOB_FIELD_COLLECTION, {0}};
const Record job_request_UPSTREAM_CHECK = {"UpstreamCheckRequest", "which upstreams are asked",
                                           .size = sizeof(JobRequest), .fields = check_fields};

static bool run_check(JobWork *work, Error *err)
{
    DriftRequest request = {.check_upstream = true};
    work->ws->verb = "drift";
    return look(work, &request, err);
}

JOB_BODY(UPSTREAM_CHECK) = {
    .request = &job_request_UPSTREAM_CHECK, .direction = -1, .run = run_check};
