/* The log: what was done, and one operation with all that it changed. */
#include "api/api_internal.h"
#include "api/shapes.h"
#include "base/text.h"
#include "sync/operation_json.h"

static const Field operation_fields[] = {
    {"id", "later ones sort behind it", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {0},
};
static const Record operation_record = {"Operation", "what was done, as `weir log` tells it", 0,
                                        operation_fields, true};
API_PAGE(operation_page, "OperationPage", "operations, newest first", operation_record);

static const ApiParameter log_parameters[] = {
    {"artifact", "only what touched that artifact", FIELD_TEXT, .most = 512,
     .example = "skill:pdf"},
    {"verb", "only operations of that verb", FIELD_TEXT, .most = 64, .example = "sync"},
    API_PAGE_PARAMETERS,
    {0},
};

static const char *text_or_null(ApiCall *call, const char *name)
{
    Str text = api_text(call, name);
    return text.len ? arena_text(call->arena, text) : NULL;
}

static bool list_operations(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    Operations operations = {0};
    bool more = false;
    LogRequest request = {.artifact = text_or_null(call, "artifact"),
                          .verb = text_or_null(call, "verb"),
                          .limit = (size_t)api_integer(call, "limit")};
    if (!api_cursor(call, &request.before, err) || !api_workspace(call, &ws, err) ||
        !operation_log(ws, &request, &operations, &more, err))
        return false;
    JsonWriter *json = api_page_begin(call);
    for (size_t i = 0; i < operations.count; i++)
        json_operation(json, &operations.items[i]);
    return api_page_end(call, more ? operations.items[operations.count - 1].id : (Str){0});
}

/* ── GET /api/v1/operations/{id} ── */

static const Field change_fields[] = {
    {"artifact", "its id", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"tier", "where", FIELD_TEXT, RECORD_NOWHERE, .required = true, .words = shape_tier_words},
    {"project", "in which project; null: in none", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"project_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,
     .required = false},
    {"path", "in the collection or project", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"path_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE, .required = false},
    {"before", "version; null: it was not there", FIELD_HASH, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"after", "version; null: it is gone", FIELD_HASH, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {0},
};
static const Record change_record = {"OperationChange", "what an artifact was and became", 0,
                                     change_fields, false};
static const Field detail_fields[] = {
    {"id", "later ones sort behind it", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"changes", "newest first", FIELD_RECORDS, RECORD_NOWHERE, .required = true, .most = 1 << 20,
     .of = &change_record},
    {0},
};
static const Record detail_record = {"OperationDetail", "what was done, with all that it changed",
                                     0, detail_fields, true};

static bool get_operation(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    OperationDetail detail;
    bool found = false;
    Str id = api_text(call, "id");
    if (!api_workspace(call, &ws, err) ||
        !operation_find(call->arena, ws->db, id, &found, &detail, err))
        return false;
    if (!found) {
        call->reply->field = "id";
        return fail(err, ERR_NOT_FOUND, "no operation has the id '%s'",
                    text_safe(call->arena, id)) ||
               fail_hint(err, "GET /api/v1/operations lists them.");
    }
    json_operation_detail(api_object_begin(call), &detail);
    return api_object_end(call);
}

static const ApiParameter id_parameters[] = {
    {"id", "of the operation", FIELD_TEXT, .least = 1, .most = 64,
     .example = "01KAJ3ZV4E8Q2W6N5T7R9XBCDF"},
    {0},
};

const Endpoint history_endpoints[] = {
    {"GET", "/api/v1/operations", list_operations, .summary = "What was done, newest first",
     .tag = "history", .operation = "listOperations", .place = ON_POOL, .limit = LIMIT_READ,
     .etag = true, .parameters = log_parameters, .reply = &operation_page},
    {"GET", "/api/v1/operations/{id}", get_operation,
     .summary = "Show an operation with all that it changed", .tag = "history",
     .about = "That of a job has the id that its result tells as `operation`.",
     .operation = "getOperation", .place = ON_POOL, .limit = LIMIT_READ, .etag = true,
     .parameters = id_parameters, .reply = &detail_record, .fails = {ERR_NOT_FOUND}},
    {0},
};
