/* The projects that weir knows: listing them, and making one known or forgotten, which is done at once. */
#include "api/api_internal.h"
#include "api/shapes.h"
#include "base/name.h"

static const Field project_fields[] = {
    SHAPE_PATH,
    {"name", "its folder's", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"name_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE, .required = false},
    {"reachable", "the folder is there", FIELD_BOOL, RECORD_NOWHERE, .required = true},
    {"deployments", "artifacts deployed in it", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {0},
};
static const Record project_record = {"Project", "a folder that artifacts are deployed in", 0,
                                      project_fields, false};
static const Field projects_fields[] = {
    {"items", "by path", FIELD_RECORDS, RECORD_NOWHERE, .required = true, .most = 1 << 20,
     .of = &project_record},
    {0},
};
static const Record projects_record = {"Projects", "all known projects", 0, projects_fields, false};

static bool reply_projects(ApiCall *call, Workspace *ws, Error *err)
{
    ProjectInfos projects;
    if (!project_list(ws, &projects, err))
        return false;
    JsonWriter *json = api_object_begin(call);
    json_key(json, "items");
    json_begin_array(json);
    for (size_t i = 0; i < projects.count; i++) {
        json_begin_object(json);
        json_member_bytes(json, "path", str_of(projects.items[i].path));
        json_member_bytes(json, "name", str_of(projects.items[i].name));
        json_member_bool(json, "reachable", projects.items[i].reachable);
        json_member_integer(json, "deployments", (int64_t)projects.items[i].deployments);
        json_end_object(json);
    }
    json_end_array(json);
    return api_object_end(call);
}

static bool list_projects(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    return api_workspace(call, &ws, err) && reply_projects(call, ws, err);
}

/* ── changing which are known ── */

typedef struct {
    Str path;
} FolderBody;
static const Field folder_fields[] = {
    {"path", "the project's folder, absolute", FIELD_TEXT, offsetof(FolderBody, path),
     .required = true, .least = 1, .example = "/home/ada/atlas"},
    {0},
};
static const Record folder_record = {"ProjectFolder", "which project", sizeof(FolderBody),
                                     folder_fields, false};

static bool change(ApiCall *call, bool (*verb)(Workspace *ws, const char *path, Error *err),
                   Error *err)
{
    Workspace *ws = NULL;
    FolderBody body = {0};
    if (!api_body(call, &body, err))
        return false;
    if (!name_check_folder(body.path, err)) {
        call->reply->field = "path";
        return fail_in(err, "field 'path'");
    }
    return api_workspace(call, &ws, err) && verb(ws, arena_text(call->arena, body.path), err) &&
           reply_projects(call, ws, err);
}

static bool add_project(ApiCall *call, Error *err)
{
    return change(call, project_add, err);
}

static bool forget_project(ApiCall *call, Error *err)
{
    return change(call, project_forget, err);
}

#define CHANGES                                                                                    \
    .tag = "projects", .place = ON_POOL, .limit = LIMIT_WRITE, .body = &folder_record,             \
    .reply = &projects_record, .fails = {ERR_NOT_FOUND, ERR_PERMISSION, ERR_DRY_RUN_FORCED}

const Endpoint project_endpoints[] = {
    {"GET", "/api/v1/projects", list_projects, .summary = "List the known projects",
     .tag = "projects", .operation = "listProjects", .place = ON_POOL, .limit = LIMIT_WORK,
     .etag = true, .reply = &projects_record},
    {"POST", "/api/v1/projects", add_project, .summary = "Make a folder a known project",
     .about = "A first deploy does so too. Done at once; asking twice is the same.",
     .operation = "addProject", CHANGES},
    {"POST", "/api/v1/projects/forget", forget_project, .summary = "Forget a project",
     .about = "By the path that the list shows. None of its files is touched. Done at once.",
     .operation = "forgetProject", CHANGES},
    {0},
};
