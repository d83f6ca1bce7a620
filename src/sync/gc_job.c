/* gc: content that nothing names any more is freed. */
#include "sync/gc_json.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"

enum { DAY_MS = 24 * 3600 * 1000, DAYS_MOST = 36500 };

static const Field fields[] = {
    {"older_than_days", "what younger versions and operations name stays; 0 or absent: 90",
     FIELD_INTEGER, .offset = offsetof(JobRequest, older_than_days), .least = 0, .most = DAYS_MOST},
    JOB_FIELD_COLLECTION,
    JOB_FIELD_DRY_RUN,
    {0},
};
const Record job_request_GC = {"GcRequest", "what is old enough to be freed",
                               .size = sizeof(JobRequest), .fields = fields};

static bool run(JobWork *work, Error *err)
{
    GcResult result = {0};
    GcRequest request = {.older_than_ms = work->request.older_than_days * DAY_MS,
                         .apply = !work->request.dry_run};
    if (!request.older_than_ms)
        request.older_than_ms = GC_STANDARD_MS;
    work->ws->verb = "gc";
    if (!verb_gc(work->ws, &request, &result, err))
        return false;
    json_gc(work->json, &result, request.apply);
    return true;
}

JOB_BODY(GC) = {.request = &job_request_GC, .direction = -1, .writes = true, .run = run};
