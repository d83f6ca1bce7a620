#include "api/api_internal.h"
#include "api/shapes.h"
#include "sync/conflict_json.h"
#include "sync/drift_json.h"

/* ── an artifact ── */

static const Field artifact_fields[] = {
    {"id", "TYPE:NAME", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"id_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE, .required = false},
    {"type", "the part before the colon", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"name", "the part behind it", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"path", "in the collection", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"path_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE, .required = false},
    {"source", "its upstream; null: none", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"source_path", "where it is in its upstream", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"pin", "which versions are taken", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"tags", "of its own", FIELD_TEXTS, RECORD_NOWHERE, .required = true},
    {"upstream_version", "last merged from upstream", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"upstream_sha", "last merged from upstream", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"base_hash", "merge base with its upstream", FIELD_HASH, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"content_hash", "as weir last wrote it", FIELD_HASH, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"status", "the most urgent of its edges; null: it has none that can be told", FIELD_TEXT,
     RECORD_NOWHERE, .required = true, .nullable = true, .words = shape_status_words},
    {"edges", "to its upstream and its projects", FIELD_RECORDS, RECORD_NOWHERE, .required = true,
     .most = 1 << 20, .of = &shape_edge},
    {0},
};
static const Record artifact_record = {"Artifact", "an artifact of the collection", 0,
                                       artifact_fields, true};

static const char *most_urgent(const Drift *drift, Str artifact)
{
    int worst = -1;
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        if (str_equal(item->artifact, artifact) && item->error.code == ERR_NONE &&
            (int)item->status.status > worst)
            worst = (int)item->status.status;
    }
    return worst < 0 ? NULL : sync_status_names[worst];
}

static void write_edges(JsonWriter *json, const Drift *drift, Str artifact)
{
    json_key(json, "edges");
    json_begin_array(json);
    for (size_t i = 0; i < drift->items.count; i++) {
        if (!str_equal(drift->items.items[i].artifact, artifact))
            continue;
        json_begin_object(json);
        json_drift_members(json, &drift->items.items[i]);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_artifact(JsonWriter *json, const Artifact *artifact, const Drift *drift)
{
    json_member_bytes(json, "id", artifact->id);
    json_member(json, "type", artifact->type);
    json_member_bytes(json, "name", artifact->name);
    json_member_bytes(json, "path", artifact->path);
    json_member_bytes_or_null(json, "source", artifact->source);
    json_member_bytes(json, "source_path", artifact->source_path);
    json_member(json, "pin", artifact->pin.len ? artifact->pin : STR("latest"));
    json_member_strings(json, "tags", &artifact->tags);
    json_member_bytes_or_null(json, "upstream_version", artifact->upstream_version);
    json_member_bytes_or_null(json, "upstream_sha", artifact->upstream_sha);
    json_member_hash(json, "base_hash", &artifact->base_hash);
    json_member_hash(json, "content_hash", &artifact->content_hash);
    json_member_text(json, "status", most_urgent(drift, artifact->id));
    write_edges(json, drift, artifact->id);
}

/* ── GET /api/v1/artifacts ── */

API_PAGE(artifact_page, "ArtifactPage", "artifacts, by id", artifact_record);

static const ApiParameter list_parameters[] = {
    {"type", "only artifacts of that type", FIELD_TEXT, .most = 255, .example = "skill"},
    {"tag", "only artifacts with that tag", FIELD_TEXT, .most = 255},
    {"status", "only artifacts whose most urgent status is that", FIELD_WORD,
     .words = shape_status_words},
    {"q", "only artifacts whose id has that in it", FIELD_TEXT, .most = 255},
    API_PAGE_PARAMETERS,
    {0},
};

static bool is_wanted(const ApiCall *call, const Artifact *artifact, const Drift *drift)
{
    Str type = api_text(call, "type"), tag = api_text(call, "tag"), part = api_text(call, "q");
    int status = api_word(call, "status");
    const char *own = status < 0 ? NULL : most_urgent(drift, artifact->id);
    return (!type.len || str_equal(type, artifact->type)) &&
           (!tag.len || str_array_has(&artifact->tags, tag)) &&
           (!part.len || str_search(artifact->id, part) != STR_NONE) &&
           (status < 0 || (own && str_is(str_of(own), shape_status_words[status])));
}

static bool list_artifacts(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    ArtifactList list = {0};
    Drift drift;
    Str after = {0}, last = {0};
    const DriftRequest request = {.all_projects = true, .no_changes = true};
    if (!api_cursor(call, &after, err) || !api_workspace(call, &ws, err) ||
        !collection_list(ws, &list, err) || !verb_drift(ws, &request, &drift, err))
        return false;
    drift_sort(&drift);
    int64_t left = api_integer(call, "limit");
    bool more = false;
    JsonWriter *json = api_page_begin(call);
    for (size_t i = 0; i < list.count && !more; i++) {
        const Artifact *artifact = list.items[i];
        if ((after.len && str_compare(artifact->id, after) <= 0) ||
            !is_wanted(call, artifact, &drift))
            continue;
        more = left-- == 0;
        if (more)
            break;
        last = artifact->id;
        json_begin_object(json);
        write_artifact(json, artifact, &drift);
        json_end_object(json);
    }
    return api_page_end(call, more ? last : (Str){0});
}

/* ── GET /api/v1/artifacts/{id} ── */

static bool get_artifact(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    const Artifact *artifact = NULL;
    Drift drift;
    if (!api_workspace(call, &ws, err) || !shape_artifact(call, ws, &artifact, err) ||
        !shape_drift(call, ws, artifact, NULL, &drift, err))
        return false;
    write_artifact(api_object_begin(call), artifact, &drift);
    return api_object_end(call);
}

/* ── GET /api/v1/artifacts/{id}/versions ── */

static const Field tier_fields[] = {
    {"tier", "which", FIELD_TEXT, RECORD_NOWHERE, .required = true, .words = shape_tier_words},
    {"project", "which project; null: none", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"project_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,
     .required = false},
    {"hash", "of what is there now; null: nothing is, or it has not been seen", FIELD_HASH,
     RECORD_NOWHERE, .required = true, .nullable = true},
    {"timestamp", "when that version came to be there; null: it is not on record", FIELD_TIME,
     RECORD_NOWHERE, .required = true, .nullable = true},
    {"source", "how it came to be there; null: it is not on record", FIELD_TEXT, RECORD_NOWHERE,
     .required = true, .nullable = true},
    {"recorded", "it is a version of the lineage; false: an edit that no command has seen yet",
     FIELD_BOOL, RECORD_NOWHERE, .required = true},
    {"status", "towards the tier above; null of the upstream", FIELD_TEXT, RECORD_NOWHERE,
     .required = true, .nullable = true, .words = shape_status_words},
    {"ref", "branch or tag, of the upstream", FIELD_TEXT, RECORD_NOWHERE, .nullable = true},
    {"version", "of the upstream", FIELD_TEXT, RECORD_NOWHERE, .nullable = true},
    {"sha", "commit last merged, of the upstream", FIELD_TEXT, RECORD_NOWHERE, .nullable = true},
    {"url", "of the upstream", FIELD_TEXT, RECORD_NOWHERE, .nullable = true},
    {"pin", "what is asked of the upstream", FIELD_TEXT, RECORD_NOWHERE, .nullable = true},
    {"checked_at", "when the upstream was last asked", FIELD_TIME, RECORD_NOWHERE,
     .nullable = true},
    {0},
};
static const Record tier_record = {"Tier", "what one tier holds of an artifact", 0, tier_fields,
                                   false};

static const Field versions_fields[] = {
    {"artifact", "its id", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"status", "the most urgent of its edges", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true, .words = shape_status_words},
    {"upstream", "null: it has none", FIELD_RECORD, RECORD_NOWHERE, .required = true,
     .nullable = true, .of = &tier_record},
    {"collection", "what the collection holds", FIELD_RECORD, RECORD_NOWHERE, .required = true,
     .of = &tier_record},
    {"projects", "what each project holds; only the one of ?project=, when it is given",
     FIELD_RECORDS, RECORD_NOWHERE, .required = true, .most = 1 << 20, .of = &tier_record},
    {"lineage", "its newest versions on all tiers, at most 50, newest first", FIELD_RECORDS,
     RECORD_NOWHERE, .required = true, .of = &shape_version},
    {"total", "versions there are", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {0},
};
static const Record versions_record = {"ArtifactVersions", "an artifact on its tiers", 0,
                                       versions_fields, false};

static const ApiParameter versions_parameters[] = {SHAPE_ID, SHAPE_PROJECT, {0}};

typedef struct {
    const char *tier;
    const char *project; /* NULL: none */
    const Hash *hash;
    const DriftItem *edge;   /* to the tier above; NULL: none */
    const Versions *lineage; /* newest first */
} TierView;

static const Version *version_of(const TierView *view)
{
    for (size_t i = 0; i < view->lineage->count; i++) {
        const Version *version = &view->lineage->items[i];
        if (hash_equal(&version->hash, view->hash) && str_is(version->tier, view->tier) &&
            (!view->project || str_is(version->project, view->project)))
            return version;
    }
    return NULL;
}

static void write_tier_members(JsonWriter *json, const TierView *view)
{
    const Version *version = hash_is_zero(view->hash) ? NULL : version_of(view);
    json_member_text(json, "tier", view->tier);
    json_member_bytes_or_null(json, "project", str_of(view->project));
    json_member_hash(json, "hash", view->hash);
    json_member_text(json, "timestamp",
                     version ? record_time(json->buf->arena, version->at_ms) : NULL);
    if (version)
        json_member(json, "source", version->source);
    else
        json_member_null(json, "source");
    json_member_bool(json, "recorded", version != NULL);
    bool known = view->edge && view->edge->error.code == ERR_NONE;
    json_member_text(json, "status", known ? sync_status_names[view->edge->status.status] : NULL);
}

static const DriftItem *upstream_edge(const Drift *drift)
{
    for (size_t i = 0; i < drift->items.count; i++)
        if (drift->items.items[i].edge == EDGE_UPSTREAM)
            return &drift->items.items[i];
    return NULL;
}

static void write_upstream(JsonWriter *json, const Artifact *artifact, const Drift *drift,
                           const Versions *lineage)
{
    const DriftItem *edge = upstream_edge(drift);
    json_key(json, "upstream");
    if (!artifact->source.len || !edge) {
        json_null(json);
        return;
    }
    const TierView view = {"upstream", NULL, &edge->upper, NULL, lineage};
    json_begin_object(json);
    write_tier_members(json, &view);
    json_member_bytes_or_null(json, "ref", artifact->upstream_ref);
    json_member_bytes_or_null(json, "version",
                              edge->upper_version.len ? edge->upper_version
                                                      : artifact->upstream_version);
    json_member_bytes_or_null(json, "sha", artifact->upstream_sha);
    json_member_bytes(json, "url", artifact->source);
    json_member(json, "pin", artifact->pin.len ? artifact->pin : STR("latest"));
    json_member_text(json, "checked_at",
                     edge->checked_ms ? record_time(json->buf->arena, edge->checked_ms) : NULL);
    json_end_object(json);
}

/* Live where an edge has looked at it, else as it is on record. */
static const Hash *collection_hash(const Artifact *artifact, const Drift *drift)
{
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        if (item->error.code == ERR_NONE)
            return item->edge == EDGE_UPSTREAM ? &item->lower : &item->upper;
    }
    return &artifact->content_hash;
}

static void write_projects(JsonWriter *json, const Drift *drift, const Versions *lineage)
{
    json_key(json, "projects");
    json_begin_array(json);
    for (size_t i = 0; i < drift->items.count; i++) {
        const DriftItem *item = &drift->items.items[i];
        const TierView view = {"project", item->project, &item->lower, item, lineage};
        if (item->edge != EDGE_PROJECT)
            continue;
        json_begin_object(json);
        write_tier_members(json, &view);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_lineage(JsonWriter *json, const Versions *lineage, size_t from, size_t most)
{
    json_begin_array(json);
    for (size_t i = from; i < lineage->count && i < from + most; i++)
        shape_write_version(json, &lineage->items[i]);
    json_end_array(json);
}

static bool get_versions(ApiCall *call, Error *err)
{
    enum { SHOWN = 50 };
    Workspace *ws = NULL;
    const Artifact *artifact = NULL;
    const char *project = NULL;
    Drift drift;
    Versions lineage;
    size_t total = 0;
    if (!shape_project(call, &project, err) || !api_workspace(call, &ws, err) ||
        !shape_artifact(call, ws, &artifact, err) ||
        !shape_drift(call, ws, artifact, project, &drift, err) ||
        !version_history(ws, artifact->id, 0, &lineage, &total, err))
        return false;
    JsonWriter *json = api_object_begin(call);
    const TierView collection = {"collection", NULL, collection_hash(artifact, &drift),
                                 upstream_edge(&drift), &lineage};
    json_member_bytes(json, "artifact", artifact->id);
    json_member_text(json, "status", most_urgent(&drift, artifact->id));
    write_upstream(json, artifact, &drift, &lineage);
    json_key(json, "collection");
    json_begin_object(json);
    write_tier_members(json, &collection);
    json_end_object(json);
    write_projects(json, &drift, &lineage);
    json_key(json, "lineage");
    write_lineage(json, &lineage, 0, SHOWN);
    json_member_integer(json, "total", (int64_t)total);
    return api_object_end(call);
}

/* ── GET /api/v1/artifacts/{id}/version-history ── */

API_PAGE(history_page, "VersionPage", "versions on all tiers, newest first", shape_version);

static const ApiParameter history_parameters[] = {SHAPE_ID, API_PAGE_PARAMETERS, {0}};

/* A cursor counts the versions from the oldest, so that new ones move no page. */
static bool get_history(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    const Artifact *artifact = NULL;
    Versions lineage;
    Str after = {0};
    size_t total = 0, limit = (size_t)api_integer(call, "limit");
    uint64_t older = 0;
    if (!api_cursor(call, &after, err) || !api_workspace(call, &ws, err) ||
        !shape_artifact(call, ws, &artifact, err) ||
        !version_history(ws, artifact->id, 0, &lineage, &total, err))
        return false;
    if (after.len && !str_to_u64(after, &older))
        return fail(err, ERR_INVALID, "this cursor is of no page of versions");
    size_t from = after.len && older <= total ? total - (size_t)older : 0;
    size_t next = from + limit;
    JsonWriter *json = api_page_begin(call);
    for (size_t i = from; i < lineage.count && i < next; i++)
        shape_write_version(json, &lineage.items[i]);
    return api_page_end(call, next < total ? str_of(arena_format(call->arena, "%zu", total - next))
                                           : (Str){0});
}

const Endpoint artifact_endpoints[] = {
    {"GET", "/api/v1/artifacts", list_artifacts, .summary = "List the artifacts of the collection",
     .about = "With the status of each of their edges, computed now; `files` is left empty.",
     .tag = "artifacts", .operation = "listArtifacts", .place = ON_POOL, .limit = LIMIT_WORK,
     .etag = true, .parameters = list_parameters, .reply = &artifact_page},
    {"GET", "/api/v1/artifacts/{id}", get_artifact, .summary = "Show an artifact",
     .tag = "artifacts", .operation = "getArtifact", .place = ON_POOL, .limit = LIMIT_WORK,
     .etag = true, .parameters = shape_id_parameters, .reply = &artifact_record,
     .fails = {ERR_NOT_FOUND}},
    {"GET", "/api/v1/artifacts/{id}/versions", get_versions,
     .summary = "What each tier holds of an artifact, and its lineage", .tag = "artifacts",
     .operation = "getArtifactVersions", .place = ON_POOL, .limit = LIMIT_WORK, .etag = true,
     .parameters = versions_parameters, .reply = &versions_record, .fails = {ERR_NOT_FOUND}},
    {"GET", "/api/v1/artifacts/{id}/version-history", get_history,
     .summary = "All versions of an artifact", .tag = "artifacts",
     .operation = "getArtifactHistory", .place = ON_POOL, .limit = LIMIT_WORK, .etag = true,
     .parameters = history_parameters, .reply = &history_page, .fails = {ERR_NOT_FOUND}},
    {0},
};
