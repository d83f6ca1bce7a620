/* Merges that wait: listing them, looking at one place by place, and choosing. */
#include "api/api_internal.h"
#include "api/shapes.h"
#include "sync/conflict_json.h"
#include "sync/place_json.h"

/* ── conflicts ── */

#define CONFLICT_HEAD                                                                              \
    {"id", "of the waiting merge", FIELD_TEXT, RECORD_NOWHERE, .required = true},                  \
        {"artifact", "its id", FIELD_TEXT, RECORD_NOWHERE, .required = true},                      \
        {"artifact_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,           \
         .required = false},                                                                       \
        {"edge",         "between which tiers", FIELD_TEXT,                                        \
         RECORD_NOWHERE, .required = true,      .words = shape_edge_words},                        \
        {"project",      "of which project", FIELD_TEXT,                                           \
         RECORD_NOWHERE, .required = true,   .nullable = true},                                    \
        {"project_bytes", "in base64, when it is no UTF-8", FIELD_TEXT, RECORD_NOWHERE,            \
         .required = false},                                                                       \
        {"target",       "the tier that is written", FIELD_TEXT,                                   \
         RECORD_NOWHERE, .required = true,           .words = shape_tier_words},                   \
        {"source",       "the tier that is read", FIELD_TEXT,                                      \
         RECORD_NOWHERE, .required = true,        .words = shape_tier_words},                      \
        {"since", "it waits", FIELD_TIME, RECORD_NOWHERE, .required = true},                       \
        {"base_hash",    "common version", FIELD_HASH,                                             \
         RECORD_NOWHERE, .required = true, .nullable = true},                                      \
        {"target_hash",  "what is there",  FIELD_HASH,                                             \
         RECORD_NOWHERE, .required = true, .nullable = true},                                      \
    {                                                                                              \
        "source_hash", "what comes in", FIELD_HASH, RECORD_NOWHERE, .required = true,              \
                                                                    .nullable = true               \
    }

static const Field conflict_fields[] = {CONFLICT_HEAD, {0}};
static const Record conflict_record = {"WaitingMerge", "a merge that waits for a person", 0,
                                       conflict_fields, false};

static const Field conflicts_fields[] = {
    {"items", "by artifact", FIELD_RECORDS, RECORD_NOWHERE, .required = true, .most = 1 << 20,
     .of = &conflict_record},
    {0},
};
static const Record conflicts_record = {"WaitingMerges", "all that waits", 0, conflicts_fields,
                                        false};

static void write_conflict(JsonWriter *json, const PendingMerge *pending)
{
    json_member(json, "id", pending->id);
    json_member_bytes(json, "artifact", pending->artifact);
    json_member_text(json, "edge", edge_names[pending->edge]);
    json_member_bytes_or_null(json, "project", str_of(pending->project));
    json_member_text(json, "target", place_target(pending));
    json_member_text(json, "source", place_source(pending));
    json_member_text(json, "since", record_time(json->buf->arena, pending->created_ms));
    json_member_hash(json, "base_hash", &pending->base);
    json_member_hash(json, "target_hash", &pending->target);
    json_member_hash(json, "source_hash", &pending->source);
}

static bool list_conflicts(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    PendingMerges pending;
    if (!api_workspace(call, &ws, err) || !pending_list(ws, &pending, err))
        return false;
    JsonWriter *json = api_object_begin(call);
    json_key(json, "items");
    json_begin_array(json);
    for (size_t i = 0; i < pending.count; i++) {
        json_begin_object(json);
        write_conflict(json, &pending.items[i]);
        json_end_object(json);
    }
    json_end_array(json);
    return api_object_end(call);
}

/* ── one of them, place by place ── */

static const Field merge_fields[] = {
    CONFLICT_HEAD,
    {"places", "every place, chosen or not: see docs/schema/resolve.json", FIELD_ANY,
     RECORD_NOWHERE, .required = true},
    {"resolved", "files whose places are all chosen", FIELD_INTEGER, RECORD_NOWHERE,
     .required = true},
    {"finished", "nothing is left to choose: a job of kind `resolve` carries it out", FIELD_BOOL,
     RECORD_NOWHERE, .required = true},
    {"pending", "as `weir resolve --json` has it", FIELD_ANY, RECORD_NOWHERE, .required = true,
     .nullable = true},
    {"patch", "of a finished one: from what is there to the result", FIELD_TEXT, RECORD_NOWHERE,
     .required = true, .nullable = true, .most = 1 << 30},
    {0},
};
static const Record merge_record = {"WaitingMergePlaces",
                                    "a waiting merge with each place and what each side has there",
                                    0, merge_fields, true};

static bool find_pending(ApiCall *call, Workspace *ws, PendingMerge *out, Error *err)
{
    PendingMerges pending;
    if (!pending_list(ws, &pending, err))
        return false;
    for (size_t i = 0; i < pending.count; i++) {
        *out = pending.items[i];
        if (str_equal(out->id, api_text(call, "id")))
            return true;
    }
    call->reply->field = "id";
    return fail(err, ERR_NOT_FOUND, "no waiting merge has that id") ||
           fail_hint(err, "GET /api/v1/conflicts lists them.");
}

static ResolveRequest request_for(ApiCall *call, const PendingMerge *pending)
{
    bool named = pending->project && *pending->project;
    return (ResolveRequest){.artifact = arena_text(call->arena, pending->artifact),
                            .project = named ? pending->project : NULL,
                            .project_given = named};
}

static bool reply_places(ApiCall *call, const PendingMerge *pending, const ResolveResult *result)
{
    JsonWriter *json = api_object_begin(call);
    write_conflict(json, pending);
    json_resolve_members(call->arena, json, result);
    if (result->finished)
        json_member_bytes(json, "patch", result->patch);
    else
        json_member_null(json, "patch");
    return api_object_end(call);
}

static bool get_conflict(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    PendingMerge pending;
    ResolveResult result = {0};
    if (!api_workspace(call, &ws, err) || !find_pending(call, ws, &pending, err))
        return false;
    ResolveRequest request = request_for(call, &pending);
    request.show = true;
    return verb_resolve(ws, &request, &result, err) && reply_places(call, &pending, &result);
}

/* ── choosing: it is kept at once, as a sitting of `weir resolve` keeps it; no file changes ── */

static const char *const take_words[] = {
    "base", "collection", "upstream", "project", "both", "both_reversed", "text", "open", NULL};
static const Side take_sides[] = {SIDE_BASE, SIDE_COLLECTION,    SIDE_UPSTREAM, SIDE_PROJECT,
                                  SIDE_BOTH, SIDE_BOTH_REVERSED, SIDE_FILE,     SIDE_OPEN};

typedef struct {
    Str file, place, text;
    int take;
} Choice;
static const Field choice_fields[] = {
    {"file", "the path in conflict; absent: every file that has no choice yet", FIELD_TEXT,
     offsetof(Choice, file), .most = 1024, .nullable = true},
    {"place", "the key of a place in it; absent: all of its places", FIELD_TEXT,
     offsetof(Choice, place), .most = 64, .nullable = true},
    {"take", "whose side; `text`: the bytes of `text`; `open`: takes the choice back", FIELD_WORD,
     offsetof(Choice, take), .required = true, .words = take_words},
    {"text", "of `text`: what the place, or the file, is to hold", FIELD_TEXT,
     offsetof(Choice, text), .most = 64 << 20, .nullable = true},
    {0},
};
static const Record choice_record = {"PlaceChoice", "what a place of a waiting merge gets",
                                     sizeof(Choice), choice_fields, false};
typedef struct {
    ARRAY(Choice) choices;
} Choices;
static const Field choices_fields[] = {
    {"choices", "in order", FIELD_RECORDS, offsetof(Choices, choices), .required = true, .least = 1,
     .most = 10000, .of = &choice_record},
    {0},
};
static const Record choices_record = {"PlaceChoices", "choices for a waiting merge",
                                      sizeof(Choices), choices_fields, false};

static bool choose(ApiCall *call, Workspace *ws, const PendingMerge *pending, const Choice *choice,
                   Str *operation, Error *err)
{
    ResolveResult result = {0};
    ResolveRequest request = request_for(call, pending);
    request.file = choice->file.len ? arena_text(call->arena, choice->file) : NULL;
    request.place = choice->place;
    request.take = take_sides[choice->take];
    request.with = choice->text;
    request.choose_only = true;
    request.apply = true;
    request.operation = *operation;
    if (!verb_resolve(ws, &request, &result, err))
        return false;
    *operation = result.plan.operation.len ? result.plan.operation : *operation;
    return true;
}

static bool add_choices(ApiCall *call, Error *err)
{
    Workspace *ws = NULL;
    PendingMerge pending;
    ResolveResult result = {0};
    Choices body = {0};
    Str operation = {0};
    if (!api_body(call, &body, err) || !api_workspace(call, &ws, err) ||
        !find_pending(call, ws, &pending, err))
        return false;
    ws->verb = "resolve";
    ws->command = "weir serve: choices";
    for (size_t i = 0; i < body.choices.count; i++)
        if (!choose(call, ws, &pending, &body.choices.items[i], &operation, err))
            return fail_in(err, "choice %zu", i);
    ResolveRequest request = request_for(call, &pending);
    request.carry_out = true; /* a dry run of it: what would be written */
    return verb_resolve(ws, &request, &result, err) && reply_places(call, &pending, &result);
}

static const ApiParameter conflict_parameters[] = {
    {"id", "of the waiting merge", FIELD_TEXT, .least = 1, .most = 64},
    {0},
};

const Endpoint conflict_endpoints[] = {
    {"GET", "/api/v1/conflicts", list_conflicts, .summary = "List the merges that wait",
     .tag = "conflicts", .operation = "listConflicts", .place = ON_POOL, .limit = LIMIT_READ,
     .etag = true, .reply = &conflicts_record},
    {"GET", "/api/v1/conflicts/{id}", get_conflict,
     .summary = "Show a waiting merge, place by place", .tag = "conflicts",
     .operation = "getConflict", .place = ON_POOL, .limit = LIMIT_WORK, .etag = true,
     .parameters = conflict_parameters, .reply = &merge_record, .fails = {ERR_NOT_FOUND}},
    {"POST", "/api/v1/conflicts/{id}/choices", add_choices,
     .summary = "Choose for places of a waiting merge, and see what comes of it",
     .about = "Choices are kept at once; no file changes. When nothing is left to choose, `patch` "
              "shows the result, and a job of kind `resolve` carries it out.",
     .tag = "conflicts", .operation = "addConflictChoices", .place = ON_POOL, .limit = LIMIT_WRITE,
     .parameters = conflict_parameters, .body = &choices_record, .body_size_bytes = 64 << 20,
     .reply = &merge_record, .fails = {ERR_NOT_FOUND, ERR_USAGE, ERR_CHANGED}},
    {0},
};
