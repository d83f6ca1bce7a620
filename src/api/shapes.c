#include "api/shapes.h"

#include "api/api_internal.h"
#include "base/name.h"
#include "base/text.h"
#include "sync/conflict_json.h"
#include "sync/drift_json.h"

const char *const shape_edge_words[] = {"upstream_to_collection", "collection_to_project", NULL};
const char *const shape_tier_words[] = {"upstream", "collection", "project", NULL};
const char *const shape_status_words[] = {"synced",   "modified", "outdated",
                                          "diverged", "conflict", NULL};

static const Field error_fields[] = {
    {"code", "as in docs/errors.md", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"message", "what went wrong", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"hint", "the next step", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {0},
};
const Record shape_error = {"Problem", "why something could not be told", 0, error_fields, true};

static const Field lock_fields[] = {
    {"owner", "who holds it", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"reason", "why", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"until", "when it ends by itself", FIELD_TIME, RECORD_NOWHERE, .required = true},
    {0},
};
const Record shape_lock = {"ArtifactLock", "nobody writes the artifact until then", 0, lock_fields,
                           true};

static const Field file_fields[] = {
    SHAPE_PATH,
    {"change", "what was done to it", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .words = (const char *const[]){"add", "modify", "delete", "rename", "mode", NULL}},
    {0},
};
static const Record file_record = {"ChangedFile", "a file that differs", 0, file_fields, false};

static const Field hashes_fields[] = {
    {"base", "the last version both had in common", FIELD_HASH, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"upper", "of the tier above", FIELD_HASH, RECORD_NOWHERE, .required = true, .nullable = true},
    {"lower", "of the tier below", FIELD_HASH, RECORD_NOWHERE, .required = true, .nullable = true},
    {0},
};
static const Record hashes_record = {"EdgeHashes", "content hashes", 0, hashes_fields, false};

static const Field edge_fields[] = {
    {"artifact", "its id", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"artifact_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,
     .required = false},
    {"edge", "between which tiers", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .words = shape_edge_words},
    {"project", "path of the project; null between upstream and collection", FIELD_TEXT,
     RECORD_NOWHERE, .required = true, .nullable = true},
    {"project_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,
     .required = false},
    {"status", "as in docs/status.md; null when it cannot be told, see `error`", FIELD_TEXT,
     RECORD_NOWHERE, .required = true, .nullable = true, .words = shape_status_words},
    {"missing", "deployed on record, and not there", FIELD_BOOL, RECORD_NOWHERE, .required = true},
    {"removed", "gone from the tier above", FIELD_BOOL, RECORD_NOWHERE, .required = true},
    {"mergeable", "of diverged: whether it merges without a conflict", FIELD_BOOL, RECORD_NOWHERE,
     .required = true, .nullable = true},
    {"files", "what differs", FIELD_RECORDS, RECORD_NOWHERE, .required = true, .most = 1 << 20,
     .of = &file_record},
    {"hashes", "of base and both tiers", FIELD_RECORD, RECORD_NOWHERE, .required = true,
     .of = &hashes_record},
    {"checked_at", "when the upstream was last asked; null: never", FIELD_TIME, RECORD_NOWHERE,
     .nullable = true},
    {"stale", "it could not be asked now", FIELD_BOOL, RECORD_NOWHERE, .required = false},
    {"stale_because", "why not", FIELD_RECORD, RECORD_NOWHERE, .nullable = true,
     .of = &shape_error},
    {"lock", "who holds the artifact", FIELD_RECORD, RECORD_NOWHERE, .required = true,
     .nullable = true, .of = &shape_lock},
    {"legacy", "on record by SkillMeat alone", FIELD_BOOL, RECORD_NOWHERE, .required = false},
    {"error", "why its status cannot be told", FIELD_RECORD, RECORD_NOWHERE, .of = &shape_error},
    {0},
};
const Record shape_edge = {"Edge", "an artifact between two tiers", 0, edge_fields, false};

static const Field summary_fields[] = {
    {"total", "edges", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"synced", "of these", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"modified", "of these", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"outdated", "of these", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"diverged", "of these", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"conflict", "of these", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"missing", "of these", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"removed", "of these", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"errors", "edges whose status cannot be told", FIELD_INTEGER, RECORD_NOWHERE,
     .required = true},
    {0},
};
const Record shape_summary = {"DriftSummary", "edges by status", 0, summary_fields, false};

/* ── versions ── */

static const Field version_fields[] = {
    {"hash", "content hash", FIELD_HASH, RECORD_NOWHERE, .required = true},
    {"parents", "the versions it was made of", FIELD_TEXTS, RECORD_NOWHERE, .required = true},
    {"tier", "where it came to be", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .words = shape_tier_words},
    {"project", "of which project; null: of none", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"project_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,
     .required = false},
    {"source", "how it came to be", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .words = (const char *const[]){"upstream", "collection", "project", "merge", "resolve",
                                    "rollback", "migration", NULL}},
    {"author", "who", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"message", "in words", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"timestamp", "when", FIELD_TIME, RECORD_NOWHERE, .required = true},
    {0},
};
const Record shape_version = {"Version", "what an artifact was at some time, on one tier", 0,
                              version_fields, true};

static void add_parent(JsonWriter *json, const Hash *parent)
{
    if (!hash_is_zero(parent))
        json_text(json, hash_hex(parent).text);
}

void shape_write_version(JsonWriter *json, const Version *version)
{
    json_begin_object(json);
    json_member_hash(json, "hash", &version->hash);
    json_key(json, "parents");
    json_begin_array(json);
    add_parent(json, &version->parent);
    add_parent(json, &version->other_parent);
    json_end_array(json);
    json_member(json, "tier", version->tier);
    json_member_bytes_or_null(json, "project", version->project);
    json_member(json, "source", version->source);
    json_member_bytes(json, "author", version->author);
    json_member_bytes(json, "message", version->message);
    json_member_text(json, "timestamp", record_time(json->buf->arena, version->at_ms));
    json_end_object(json);
}

/* ── what {id} and ?project= mean ── */

const ApiParameter shape_id_parameters[] = {SHAPE_ID, {0}};

bool shape_artifact(ApiCall *call, Workspace *ws, const Artifact **out, Error *err)
{
    ArtifactList list = {0};
    Str wanted = api_text(call, "id");
    const Artifact *found = NULL;
    size_t count = 0;
    if (!collection_list(ws, &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        bool exact = str_equal(list.items[i]->id, wanted);
        if (!exact && !str_equal(list.items[i]->name, wanted))
            continue;
        found = list.items[i];
        count = exact ? 1 : count + 1;
        if (exact)
            break;
    }
    if (count == 1) {
        *out = found;
        return true;
    }
    call->reply->field = "id";
    if (count)
        return fail(err, ERR_INVALID, "%zu artifacts are called '%s'", count,
                    text_safe(call->arena, wanted)) ||
               fail_hint(err, "Say TYPE:NAME.");
    return fail(err, ERR_NOT_FOUND, "no artifact is called '%s'", text_safe(call->arena, wanted)) ||
           fail_hint(err, "GET /api/v1/artifacts lists them.");
}

bool shape_project(ApiCall *call, const char **out, Error *err)
{
    Str path = api_text(call, "project");
    *out = NULL;
    if (!path.len)
        return true;
    if (!name_check_folder(path, err)) {
        call->reply->field = "project";
        return fail_in(err, "parameter 'project'");
    }
    *out = arena_text(call->arena, path);
    return true;
}

bool shape_drift(ApiCall *call, Workspace *ws, const Artifact *artifact, const char *project,
                 Drift *out, Error *err)
{
    const DriftRequest request = {.all_projects = !project,
                                  .project = project,
                                  .artifact = arena_text(call->arena, artifact->id)};
    if (!verb_drift(ws, &request, out, err))
        return false;
    drift_sort(out);
    return true;
}
