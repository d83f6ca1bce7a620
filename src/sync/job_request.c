#include "sync/job_request.h"

#include "base/limits.h"
#include "base/name.h"
#include "base/text.h"
#include "model/artifact_id.h"
#include "sync/job_bodies.h"
#include "sync/job_fields.h"

const char *const job_direction_names[DIRECTIONS + 1] = {"upstream_to_collection",
                                                         "collection_to_project",
                                                         "project_to_collection",
                                                         "project_to_upstream",
                                                         "both",
                                                         NULL};
const char *const job_strategy_names[STRATEGIES + 1] = {"auto", "prompt", "overwrite",
                                                        "ours", "theirs", NULL};
const char *const job_take_names[SIDE_COUNT + 1] = {
    "upstream", "collection", "project", "base",   "both", "both-reversed",
    "text",     "nothing",    "ours",    "theirs", NULL};
const char *const job_base_pack_names[3] = {"write", "remove", NULL};
const char *const job_form_names[JOB_FORMS + 1] = {"patch", "tar.gz", "zip", NULL};

enum { COMMAND_MOST = 64 << 10, ITEMS_MOST = 1000000 };

static const Field command_line_fields[] = {
    {"command", "as it was typed", FIELD_TEXT, .offset = offsetof(JobCommandLine, command),
     .required = true, .most = COMMAND_MOST},
    {"agreed", "digests of the plan's items: just that is done, or `CHANGED`", FIELD_TEXTS,
     .offset = offsetof(JobCommandLine, agreed), .most = ITEMS_MOST},
    {"accepted", "trees whose findings were accepted", FIELD_TEXTS,
     .offset = offsetof(JobCommandLine, accepted), .most = ITEMS_MOST},
    {0},
};
const Record job_command_line_record = {"CommandLine", "what a command line has handed over",
                                        .size = sizeof(JobCommandLine),
                                        .fields = command_line_fields};

JobRequest job_request_new(void)
{
    return (JobRequest){
        .direction = -1, .strategy = -1, .form = -1, .base_pack = -1, .dry_run = true};
}

/* ── checks ── */

static bool check_name(const char *field, size_t index, Str given, Error *err)
{
    ArtifactId id;
    bool named = str_find(given, ':') != STR_NONE;
    if (named ? artifact_id_parse(given, &id, err) : name_check_artifact(given, err))
        return true;
    (void)fail_in(err, "field '%s[%zu]'", field, index);
    return fail_hint(err, "An artifact's id is TYPE:NAME, skill:pdf for one.");
}

static bool check_names(Arena *arena, const char *field, const StrArray *given, StrArray *out,
                        Error *err)
{
    for (size_t i = 0; i < given->count; i++) {
        if (!check_name(field, i, given->items[i], err))
            return false;
        if (!str_array_has(out, given->items[i]))
            ARRAY_PUSH(arena, out, given->items[i]);
    }
    return true;
}

/* A bare name may be any artifact's until somebody looks into the collection: then nothing else
 * runs. */
static StrArray exclusive_names(const StrArray *artifacts)
{
    for (size_t i = 0; i < artifacts->count; i++)
        if (str_find(artifacts->items[i], ':') == STR_NONE)
            return (StrArray){0};
    return *artifacts;
}

static bool check_choice(const JobRequest *request, size_t index, Error *err)
{
    const JobChoice *choice = &request->choices.items[index];
    if (choice->take < 0)
        return fail(err, ERR_INVALID, "field 'choices[%zu].take' is missing", index);
    if ((choice->take == SIDE_FILE) != (choice->text.data != NULL) &&
        (choice->take == SIDE_FILE || choice->text.len))
        return fail(err, ERR_INVALID,
                    "field 'choices[%zu].text' goes with take 'text', and with that alone", index);
    if ((choice->take == SIDE_FILE || choice->place.len) && !choice->path.len)
        return fail(err, ERR_INVALID, "field 'choices[%zu].path' is missing", index);
    if (!choice->artifact.len && request->artifacts.count != 1)
        return fail(err, ERR_INVALID,
                    "field 'choices[%zu].artifact' is missing: the job is not about one artifact",
                    index);
    return !choice->artifact.len || !request->artifacts.count ||
           str_array_has(&request->artifacts, choice->artifact) ||
           fail(err, ERR_INVALID, "field 'choices[%zu].artifact' names none of the job's artifacts",
                index);
}

static bool check_command_line(const JobCommandLine *line, Error *err)
{
    Hash tree;
    for (size_t i = 0; line && i < line->accepted.count; i++)
        if (!hash_parse(line->accepted.items[i], &tree))
            return fail(err, ERR_INVALID, "field 'command_line.accepted[%zu]' is no tree", i);
    return true;
}

static bool check_all(Arena *arena, JobKind kind, JobRequest *request, Error *err)
{
    const JobBody *body = job_body(kind);
    StrArray ids = {0};
    if (!check_names(arena, "artifacts", &request->artifacts, &ids, err) ||
        !check_names(arena, "artifact_ids", &request->artifact_ids, &ids, err) ||
        !check_command_line(request->command_line, err))
        return false;
    if (request->project_path.len && !name_check_folder(request->project_path, err))
        return fail_in(err, "field 'project_path'");
    request->artifacts = ids;
    request->artifact_ids = (StrArray){0};
    if (request->collection.len && !name_check_component(request->collection, err))
        return fail_in(err, "field 'collection'");
    for (size_t i = 0; i < request->choices.count; i++)
        if (!check_choice(request, i, err))
            return false;
    return !body->check || body->check(request, err);
}

/* ── the draft ── */

static Str canonical(Arena *arena, const Record *record, const JobRequest *request)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    record_to_json(&json, record, request);
    return buf_str(&buf);
}

static Str word(const char *const *names, int index)
{
    return index < 0 ? (Str){0} : str_of(names[index]);
}

/* Every refusal of this file and of the bodies' checks that is about a member says so in front. */
static const char *field_of(Arena *arena, const Error *err)
{
    Str text = str_of(err->message), name = {0};
    if (!str_starts(text, STR("field '")))
        return NULL;
    text = str_slice(text, sizeof "field '" - 1, text.len);
    return str_next(&text, '\'', &name) ? arena_text(arena, name) : NULL;
}

bool job_request_draft(Arena *arena, JobKind kind, const JobRequest *request, JobDraft *out,
                       const char **field, Error *err)
{
    const JobBody *body = job_body(kind);
    JobRequest whole = *request;
    if (!check_all(arena, kind, &whole, err)) {
        if (field)
            *field = field_of(arena, err);
        return false;
    }
    int direction = whole.direction >= 0 ? whole.direction : body->direction;
    out->kind = kind;
    out->direction = word(job_direction_names, direction);
    out->strategy = word(job_strategy_names, whole.strategy);
    out->artifacts = exclusive_names(&whole.artifacts);
    out->project_path = whole.project_path;
    out->collection = whole.collection;
    out->dry_run = whole.dry_run && body->writes;
    out->request = canonical(arena, body->request, &whole);
    Str keyed = str_of(arena_format(arena, "%s %.*s", job_kind_names[kind], STR_ARG(out->request)));
    out->request_hash = hash_of(keyed);
    return true;
}

bool job_request_read(Arena *arena, JobKind kind, Str text, JobRequest *out, Error *err)
{
    const JsonNode *node = NULL;
    JobRequest request = job_request_new();
    JobDraft ignored = {0};
    if (!json_parse(arena, text, LIMIT_JOB_REQUEST_BYTES, &node, err) ||
        !record_from_json(arena, job_body(kind)->request, node, &request, NULL, err) ||
        !job_request_draft(arena, kind, &request, &ignored, NULL, err))
        return fail_in(err, "the job's request");
    *out = request;
    return true;
}
