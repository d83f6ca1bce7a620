/* What differs between the tiers: of one artifact, of all, and in plain words. */
#include "api/shapes.h"
#include "sync/drift_json.h"

static const ApiParameter one_parameters[] = {SHAPE_ID, SHAPE_PROJECT, {0}};

static const Field drift_fields[] = {
    {"items", "edges, by artifact", FIELD_RECORDS, RECORD_NOWHERE, .required = true,
     .most = 1 << 20, .of = &shape_edge},
    {"summary", "how many of each", FIELD_RECORD, RECORD_NOWHERE, .required = true,
     .of = &shape_summary},
    {0},
};
static const Record drift_record = {"Drift", "what differs between the tiers", 0, drift_fields,
                                    false};

static bool drift_of_one(ApiCall *call, const Artifact **artifact, Drift *out, Error *err)
{
    Workspace *ws = NULL;
    const char *project = NULL;
    return shape_project(call, &project, err) && api_workspace(call, &ws, err) &&
           shape_artifact(call, ws, artifact, err) &&
           shape_drift(call, ws, *artifact, project, out, err);
}

static bool get_artifact_drift(ApiCall *call, Error *err)
{
    const Artifact *artifact = NULL;
    Drift drift;
    if (!drift_of_one(call, &artifact, &drift, err))
        return false;
    json_drift(api_object_begin(call), &drift);
    return api_object_end(call);
}

static const ApiParameter drift_parameters[] = {
    SHAPE_PROJECT,
    {"files", "list the files that differ, too", FIELD_BOOL, .standard = "false"},
    {0},
};

static bool get_drift(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    Drift drift;
    DriftRequest request = {.no_changes = !api_bool(call, "files")};
    if (!shape_project(call, &request.project, err) || !api_workspace(call, &ws, err))
        return false;
    request.all_projects = !request.project;
    if (!verb_drift(ws, &request, &drift, err))
        return false;
    drift_sort(&drift);
    json_drift(api_object_begin(call), &drift);
    return api_object_end(call);
}

/* ── GET /api/v1/artifacts/{id}/why ── */

static const Field said_fields[] = {
    {"artifact", "its id", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"edge", "between which tiers", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .words = shape_edge_words},
    {"status", "as in docs/status.md; null when it cannot be told", FIELD_TEXT, RECORD_NOWHERE,
     .required = true, .nullable = true, .words = shape_status_words},
    {"sentence", "what holds, and why", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"next", "what to type; null: nothing is to do", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {0},
};
static const Record said_record = {"EdgeInWords", "an edge in words; it has all members of Edge", 0,
                                   said_fields, true};
static const Field why_fields[] = {
    {"artifact", "its id", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"edges", "to its upstream and its projects", FIELD_RECORDS, RECORD_NOWHERE, .required = true,
     .most = 1 << 20, .of = &said_record},
    {"next", "what to type about the one that needs it most", FIELD_TEXT, RECORD_NOWHERE,
     .required = true, .nullable = true},
    {0},
};
static const Record why_record = {"Why", "a status in plain words", 0, why_fields, false};

static bool get_why(ApiCall *call, Error *err)
{
    const Artifact *artifact = NULL;
    Drift drift;
    if (!drift_of_one(call, &artifact, &drift, err))
        return false;
    json_why(api_object_begin(call), &drift, artifact->id, "→");
    return api_object_end(call);
}

const Endpoint drift_endpoints[] = {
    {"GET", "/api/v1/artifacts/{id}/drift", get_artifact_drift,
     .summary = "What differs of an artifact between its tiers",
     .about = "From what was last seen of the upstream; a job of kind `drift` asks it anew.",
     .tag = "artifacts", .operation = "getArtifactDrift", .place = ON_POOL, .limit = LIMIT_WORK,
     .etag = true, .parameters = one_parameters, .reply = &drift_record, .fails = {ERR_NOT_FOUND}},
    {"GET", "/api/v1/drift", get_drift, .summary = "What differs between all tiers",
     .about = "Of one project, or of all that are known. From what was last seen of upstreams.",
     .tag = "artifacts", .operation = "getDrift", .place = ON_POOL, .limit = LIMIT_WORK,
     .etag = true, .parameters = drift_parameters, .reply = &drift_record},
    {"GET", "/api/v1/artifacts/{id}/why", get_why,
     .summary = "Explain the status of an artifact in plain words",
     .about = "And say what to type next. From what was last seen of the upstream.",
     .tag = "artifacts", .operation = "getArtifactWhy", .place = ON_POOL, .limit = LIMIT_WORK,
     .etag = true, .parameters = one_parameters, .reply = &why_record, .fails = {ERR_NOT_FOUND}},
    {0},
};
