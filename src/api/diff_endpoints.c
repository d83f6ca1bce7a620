#include <string.h>

#include "api/api_internal.h"
#include "api/shapes.h"
#include "base/text.h"
#include "merge/risk.h"
#include "sync/conflict_json.h"
#include "sync/plan_json.h"

/* ── GET /api/v1/artifacts/{id}/diff ── */

static const char *const action_words[] = {"add", "modify", "delete", "rename", "mode", NULL};
static const char *const end_words[] = {"none", "lf", "crlf", NULL};
static const char *const line_words[] = {"same", "removed", "added", NULL};

static const Field range_fields[] = {
    {"start", "first character, from 0", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"count", "characters (Unicode code points)", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {0},
};
static const Record range_record = {"CharacterRange", "a part of a line", 0, range_fields, false};

static const Field line_fields[] = {
    {"kind", "in both, in the left one, in the right one", FIELD_TEXT, RECORD_NOWHERE,
     .required = true, .words = line_words},
    {"text", "without its line end", FIELD_TEXT, RECORD_NOWHERE, .required = true, .most = 1 << 30},
    {"end", "its line end", FIELD_TEXT, RECORD_NOWHERE, .required = true, .words = end_words},
    {"changed", "what differs from the line it is paired with; empty: all of it, or no pair",
     FIELD_RECORDS, RECORD_NOWHERE, .required = true, .of = &range_record},
    {0},
};
static const Record line_record = {"DiffLine", "a line of a hunk", 0, line_fields, false};

static const Field hunk_fields[] = {
    {"old_start", "line, from 1; the one before when there is none", FIELD_INTEGER, RECORD_NOWHERE,
     .required = true},
    {"old_count", "lines", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"new_start", "line, from 1; the one before when there is none", FIELD_INTEGER, RECORD_NOWHERE,
     .required = true},
    {"new_count", "lines", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"lines", "with three lines around what changed", FIELD_RECORDS, RECORD_NOWHERE,
     .required = true, .most = 1 << 30, .of = &line_record},
    {0},
};
static const Record hunk_record = {"Hunk", "a place that differs", 0, hunk_fields, false};

static const Field file_fields[] = {
    SHAPE_PATH,
    {"from_path", "what it was called; null: the same", FIELD_TEXT, RECORD_NOWHERE,
     .required = true, .nullable = true},
    {"action", "from left to right", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .words = action_words},
    {"binary", "it has no lines", FIELD_BOOL, RECORD_NOWHERE, .required = true},
    {"added", "lines", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"removed", "lines", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"old_mode", "null: it is not there", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"new_mode", "null: it is not there", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"old_hash", "SHA-256 of its bytes", FIELD_HASH, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"new_hash", "SHA-256 of its bytes", FIELD_HASH, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"truncated", "its hunks are left out, see the addresses", FIELD_BOOL, RECORD_NOWHERE,
     .required = true},
    {"hunks", "what differs", FIELD_RECORDS, RECORD_NOWHERE, .required = true, .most = 1 << 30,
     .of = &hunk_record},
    {"old_url", "its bytes on the left; null: it is not there", FIELD_TEXT, RECORD_NOWHERE,
     .required = true, .nullable = true, .most = 8192},
    {"new_url", "its bytes on the right; null: it is not there", FIELD_TEXT, RECORD_NOWHERE,
     .required = true, .nullable = true, .most = 8192},
    {0},
};
static const Record file_record = {"FileDiff", "a file that differs", 0, file_fields, true};

static const Field totals_fields[] = {
    {"files", "that differ", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"added", "lines", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {"removed", "lines", FIELD_INTEGER, RECORD_NOWHERE, .required = true},
    {0},
};
static const Record totals_record = {"DiffTotals", "how much differs", 0, totals_fields, false};

static const Field diff_fields[] = {
    {"artifact", "its id", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"lhs", "the left side", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"rhs", "the right side", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"project", "whose `project` is meant", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"summary", "of all files, shown or not", FIELD_RECORD, RECORD_NOWHERE, .required = true,
     .of = &totals_record},
    {"truncated", "hunks of some files are left out, as they would be beyond SYNC_DIFF_PREVIEW_MAX",
     FIELD_BOOL, RECORD_NOWHERE, .required = true},
    {"patch_url", "all of it as a patch", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .most = 8192},
    {"files", "by path", FIELD_RECORDS, RECORD_NOWHERE, .required = true, .most = 1 << 30,
     .of = &file_record},
    {"risks", "what in the right one deserves a look", FIELD_ANY, RECORD_NOWHERE, .required = true},
    {0},
};
static const Record diff_record = {"Diff", "two versions of an artifact, file by file", 0,
                                   diff_fields, false};

static const ApiParameter diff_parameters[] = {
    SHAPE_ID,
    {"lhs", "`upstream`, `collection`, `project`, or a version's hash or the start of it",
     FIELD_TEXT, .least = 1, .most = 64, .standard = "collection"},
    {"rhs", "likewise", FIELD_TEXT, .least = 1, .most = 64, .standard = "project"},
    SHAPE_PROJECT,
    {0},
};

typedef struct {
    ApiCall *call;
    const Artifact *artifact;
    Str lhs, rhs;
    const char *project;
    DiffResult result;
} DiffView;

static void add_percent(Buf *buf, Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        buf_format(buf, plain ? "%c" : "%%%02X", c);
    }
}

static void add_query(Buf *buf, const char *name, Str value)
{
    if (!value.len)
        return;
    buf_format(buf, "%c%s=", memchr(buf->data, '?', buf->len) ? '&' : '?', name);
    add_percent(buf, value);
}

static Buf address(const DiffView *view, const char *last)
{
    Buf buf = buf_new(view->call->arena);
    buf_add_text(&buf, "/api/v1/artifacts/");
    add_percent(&buf, view->artifact->id);
    buf_format(&buf, "/%s", last);
    return buf;
}

static void write_file_url(JsonWriter *json, const char *key, const DiffView *view, Str side,
                           const Hash *hash, Str path)
{
    if (hash_is_zero(hash)) {
        json_member_null(json, key);
        return;
    }
    Buf buf = address(view, "file");
    add_query(&buf, "side", side);
    add_query(&buf, "path", path);
    add_query(&buf, "project", str_of(view->project));
    json_member(json, key, buf_str(&buf));
}

static void write_mode(JsonWriter *json, const char *key, Mode mode, const Hash *hash)
{
    static const char *const modes[] = {
        [MODE_FILE] = "regular", [MODE_EXEC] = "executable", [MODE_LINK] = "symlink"};
    json_member_text(json, key, hash_is_zero(hash) ? NULL : modes[mode]);
}

static void write_line(JsonWriter *json, const HunkLine *line)
{
    Str text = line->text;
    size_t end = str_ends(text, STR("\r\n")) ? 2 : str_ends(text, STR("\n"));
    text.len -= end;
    json_begin_object(json);
    json_member_text(json, "kind", line_words[line->kind]);
    json_member(json, "text", text);
    json_member_text(json, "end", end_words[end]);
    json_key(json, "changed");
    json_begin_array(json);
    for (size_t i = 0; i < line->changed.count; i++) {
        json_begin_object(json);
        json_member_integer(json, "start", (int64_t)line->changed.items[i].start);
        json_member_integer(json, "count", (int64_t)line->changed.items[i].count);
        json_end_object(json);
    }
    json_end_array(json);
    json_end_object(json);
}

static void write_hunk(JsonWriter *json, const Hunk *hunk)
{
    json_begin_object(json);
    json_member_integer(json, "old_start", (int64_t)hunk->old_start);
    json_member_integer(json, "old_count", (int64_t)hunk->old_count);
    json_member_integer(json, "new_start", (int64_t)hunk->new_start);
    json_member_integer(json, "new_count", (int64_t)hunk->new_count);
    json_key(json, "lines");
    json_begin_array(json);
    for (size_t i = 0; i < hunk->lines.count; i++)
        write_line(json, &hunk->lines.items[i]);
    json_end_array(json);
    json_end_object(json);
}

static void write_file(JsonWriter *json, const DiffView *view, size_t index)
{
    const FileChange *change = &view->result.changes.items[index];
    const ChangeHunks *shown = &view->result.hunks.items[index];
    Str from = change->from_path.len ? change->from_path : change->path;
    json_begin_object(json);
    json_member_bytes(json, "path", shown_path(change->path, view->result.path));
    json_member_bytes_or_null(json, "from_path", change->from_path);
    json_member_text(json, "action", file_action_name(change->action));
    json_member_bool(json, "binary", change->binary);
    json_member_integer(json, "added", (int64_t)change->added);
    json_member_integer(json, "removed", (int64_t)change->removed);
    write_mode(json, "old_mode", change->old_mode, &change->old_hash);
    write_mode(json, "new_mode", change->new_mode, &change->new_hash);
    json_member_hash(json, "old_hash", &change->old_hash);
    json_member_hash(json, "new_hash", &change->new_hash);
    json_member_bool(json, "truncated", shown->cut);
    json_key(json, "hunks");
    json_begin_array(json);
    for (size_t i = 0; i < shown->hunks.count; i++)
        write_hunk(json, &shown->hunks.items[i]);
    json_end_array(json);
    write_file_url(json, "old_url", view, view->lhs, &change->old_hash, from);
    write_file_url(json, "new_url", view, view->rhs, &change->new_hash, change->path);
    json_end_object(json);
}

static bool is_truncated(const DiffResult *result)
{
    for (size_t i = 0; i < result->hunks.count; i++)
        if (result->hunks.items[i].cut)
            return true;
    return false;
}

static void write_totals(JsonWriter *json, const FileTotals *totals)
{
    json_key(json, "summary");
    json_begin_object(json);
    json_member_integer(json, "files", (int64_t)totals->files);
    json_member_integer(json, "added", (int64_t)totals->added);
    json_member_integer(json, "removed", (int64_t)totals->removed);
    json_end_object(json);
}

static bool write_diff(DiffView *view)
{
    Buf patch = address(view, "diff.patch");
    add_query(&patch, "lhs", view->lhs);
    add_query(&patch, "rhs", view->rhs);
    add_query(&patch, "project", str_of(view->project));
    JsonWriter *json = api_object_begin(view->call);
    json_member_bytes(json, "artifact", view->artifact->id);
    json_member(json, "lhs", view->lhs);
    json_member(json, "rhs", view->rhs);
    json_member_text(json, "project", view->project);
    write_totals(json, &view->result.totals);
    json_member_bool(json, "truncated", is_truncated(&view->result));
    json_member(json, "patch_url", buf_str(&patch));
    json_key(json, "files");
    json_begin_array(json);
    for (size_t i = 0; i < view->result.changes.count; i++)
        write_file(json, view, i);
    json_end_array(json);
    json_risks(json, &view->result.risks, view->result.path);
    return api_object_end(view->call);
}

static bool compare(DiffView *view, uint64_t hunks_bytes, Error *err)
{
    ApiCall *call = view->call;
    Workspace *ws = NULL;
    view->lhs = api_text(call, "lhs");
    view->rhs = api_text(call, "rhs");
    if (!shape_project(call, &view->project, err) || !api_workspace(call, &ws, err) ||
        !shape_artifact(call, ws, &view->artifact, err))
        return false;
    const DiffRequest request = {.artifact = arena_text(call->arena, view->artifact->id),
                                 .from = arena_text(call->arena, view->lhs),
                                 .to = arena_text(call->arena, view->rhs),
                                 .project = view->project,
                                 .hunks_bytes = hunks_bytes};
    return verb_diff(ws, &request, &view->result, err);
}

static bool wants_patch(const ApiCall *call)
{
    return str_search(http_header(call->request, "accept"), STR("text/x-diff")) != STR_NONE;
}

static bool get_patch(ApiCall *call, Error *err)
{
    DiffView view = {.call = call};
    if (!compare(&view, 0, err))
        return false;
    api_reply_header(call, "content-disposition", "attachment; filename=\"diff.patch\"");
    return api_reply_bytes(call, "text/x-diff", view.result.patch);
}

static bool get_diff(ApiCall *call, Error *err)
{
    DiffView view = {.call = call};
    api_reply_header(call, "vary", "accept");
    if (wants_patch(call))
        return get_patch(call, err);
    return compare(&view, api_diff_preview_bytes(call->api), err) && write_diff(&view);
}

/* ── GET /api/v1/artifacts/{id}/file ── */

static const ApiParameter bytes_parameters[] = {
    SHAPE_ID,
    {"side", "as `lhs` of a diff", FIELD_TEXT, .least = 1, .most = 64, .standard = "collection"},
    {"path", "inside the artifact; absent of one that is a file", FIELD_TEXT, .most = 1024},
    SHAPE_PROJECT,
    {0},
};

/* What lies in an artifact is never shown as a page: it is a download, whatever it says it is. */
static bool get_file(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    const Artifact *artifact = NULL;
    FileRequest request = {.path = api_text(call, "path")};
    Str bytes;
    if (!shape_project(call, &request.project, err) || !api_workspace(call, &ws, err) ||
        !shape_artifact(call, ws, &artifact, err))
        return false;
    request.artifact = arena_text(call->arena, artifact->id);
    request.side = arena_text(call->arena, api_text(call, "side"));
    if (!verb_file(ws, &request, &bytes, err))
        return false;
    api_reply_header(call, "content-disposition", "attachment");
    return api_reply_bytes(call, "application/octet-stream", bytes);
}

const Endpoint diff_endpoints[] = {
    {"GET", "/api/v1/artifacts/{id}/diff", get_diff, .summary = "Compare two sides of an artifact",
     .about = "Hunks up to SYNC_DIFF_PREVIEW_MAX bytes in all; files beyond that, and binary ones, "
              "have addresses to download. With `Accept: text/x-diff` all of it as a patch.",
     .tag = "artifacts", .operation = "getArtifactDiff", .place = ON_POOL, .limit = LIMIT_WORK,
     .etag = true, .parameters = diff_parameters, .reply = &diff_record,
     .other_type = "text/x-diff", .fails = {ERR_NOT_FOUND, ERR_NOT_CONNECTED, ERR_VERSION_GONE}},
    {"GET", "/api/v1/artifacts/{id}/diff.patch", get_patch,
     .summary = "Compare two sides of an artifact, as a patch",
     .about = "What `git apply` takes, inside the artifact's folder.", .tag = "artifacts",
     .operation = "getArtifactPatch", .place = ON_POOL, .limit = LIMIT_WORK, .etag = true,
     .parameters = diff_parameters, .reply_type = "text/x-diff",
     .fails = {ERR_NOT_FOUND, ERR_NOT_CONNECTED, ERR_VERSION_GONE}},
    {"GET", "/api/v1/artifacts/{id}/file", get_file, .summary = "Download one file of an artifact",
     .tag = "artifacts", .operation = "getArtifactFile", .place = ON_POOL, .limit = LIMIT_WORK,
     .etag = true, .parameters = bytes_parameters, .reply_type = "application/octet-stream",
     .fails = {ERR_NOT_FOUND, ERR_NOT_CONNECTED, ERR_VERSION_GONE}},
    {0},
};
