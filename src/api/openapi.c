#include "api/api_internal.h"
#include "events/event_record.h"

static const char prefix[] = "#/components/schemas/";

/* ── the error, as every endpoint may give it ── */

static const Field error_fields[] = {
    {"code", "a word of docs/errors.md", FIELD_TEXT, RECORD_NOWHERE, .required = true,
     .example = "NOT_FOUND"},
    {"message", "what went wrong", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"hint", "the next step", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {"details", "more of it: `field` is what is wrong in the request", FIELD_ANY, RECORD_NOWHERE,
     .required = true},
    {0},
};
static const Record error_record = {"Error", "what went wrong", 0, error_fields, false};
static const Field failure_fields[] = {
    {"error", "what went wrong", FIELD_RECORD, RECORD_NOWHERE, .required = true,
     .of = &error_record},
    {"request_id", "of this request, as in X-Request-Id", FIELD_TEXT, RECORD_NOWHERE,
     .required = true},
    {"trace_id", "of the trace it belongs to", FIELD_TEXT, RECORD_NOWHERE, .required = true},
    {0},
};
const Record api_failure_record = {"Failure", "every reply that is no success", 0, failure_fields,
                                   false};

/* ── schemas: every record that is reached, once ── */

typedef ARRAY(const Record *) Records;

static void collect(Arena *arena, Records *records, const Record *record)
{
    for (size_t i = 0; i < records->count; i++) {
        if (records->items[i] == record)
            return;
        ASSERT(!str_is(str_of(record->name), records->items[i]->name));
    }
    ARRAY_PUSH(arena, records, record);
    for (const Field *field = record->fields; field->name; field++) {
        if (field->of)
            collect(arena, records, field->of);
    }
}

static Records all_records(Arena *arena)
{
    Records records = {0};
    for (size_t i = 0; i < api_endpoint_count(); i++) {
        const Endpoint *endpoint = api_endpoint(i);
        if (endpoint->body)
            collect(arena, &records, endpoint->body);
        if (endpoint->reply)
            collect(arena, &records, endpoint->reply);
    }
    collect(arena, &records, &event_record);
    collect(arena, &records, &api_failure_record);
    return records;
}

static void write_schemas(Arena *arena, JsonWriter *json)
{
    Records records = all_records(arena);
    json_key(json, "schemas");
    json_begin_object(json);
    for (size_t i = 0; i < records.count; i++) {
        json_key(json, records.items[i]->name);
        record_schema(json, records.items[i], prefix);
    }
    json_end_object(json);
}

/* ── parameters ── */

static void write_parameter(JsonWriter *json, const Field *field, const char *in, bool required)
{
    json_begin_object(json);
    json_member_text(json, "name", field->name);
    json_member_text(json, "in", in);
    json_member_bool(json, "required", required);
    bool list = field->kind == FIELD_TEXTS;
    if (field->about)
        json_member_text(
            json, "description",
            list ? arena_format(json->buf->arena, "%s; again for each, or a,b,c", field->about)
                 : field->about);
    if (list) {
        json_member_text(json, "style", "form");
        json_member_bool(json, "explode", true);
    }
    json_key(json, "schema");
    Field bare = *field;
    bare.about = NULL;
    field_schema(json, &bare, prefix);
    if (field->example)
        json_member_text(json, "example", field->example);
    json_end_object(json);
}

static void write_parameters(Arena *arena, JsonWriter *json, const Endpoint *endpoint)
{
    Str names[ENDPOINT_VALUES_MOST];
    size_t index, count = endpoint_path_names(endpoint, names);
    json_key(json, "parameters");
    json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        const ApiParameter *listed = endpoint_parameter(endpoint, names[i], &index);
        Field field = {.name = arena_text(arena, names[i]), .kind = FIELD_TEXT, .least = 1};
        if (listed)
            field = parameter_field(listed);
        write_parameter(json, &field, "path", true);
    }
    for (const ApiParameter *one = endpoint->parameters; one && one->name; one++) {
        Field field = parameter_field(one);
        bool in_path = false;
        for (size_t i = 0; i < count; i++)
            in_path = in_path || str_is(names[i], one->name);
        if (!in_path)
            write_parameter(json, &field, "query", one->required);
    }
    if (endpoint->idempotent_key) {
        Field key = {.name = "Idempotency-Key",
                     .about = "the same key and request give the same job",
                     .kind = FIELD_TEXT,
                     .least = 1,
                     .most = 255};
        write_parameter(json, &key, "header", false);
    }
    json_end_array(json);
}

/* ── replies ── */

static void write_type(JsonWriter *json, const char *type, const Record *record)
{
    json_key(json, type);
    json_begin_object(json);
    json_key(json, "schema");
    json_begin_object(json);
    if (record)
        json_member_text(json, "$ref",
                         arena_format(json->buf->arena, "%s%s", prefix, record->name));
    else
        json_member_text(json, "type", "string");
    json_end_object(json);
    json_end_object(json);
}

static void write_content(JsonWriter *json, const char *type, const Record *record,
                          const char *other_type)
{
    json_key(json, "content");
    json_begin_object(json);
    write_type(json, type ? type : "application/json", record);
    if (other_type)
        write_type(json, other_type, NULL);
    json_end_object(json);
}

static void write_reply(JsonWriter *json, int status, const char *about, const Endpoint *endpoint)
{
    json_key(json, arena_format(json->buf->arena, "%d", status));
    json_begin_object(json);
    json_member_text(json, "description", about);
    if (endpoint)
        write_content(json, endpoint->reply_type, endpoint->reply, endpoint->other_type);
    json_end_object(json);
}

static const ErrorCode any_fails[] = {ERR_INVALID,      ERR_UNAUTHORIZED, ERR_ORIGIN_REFUSED,
                                      ERR_HOST_REFUSED, ERR_RATE_LIMITED, ERR_INTERNAL};
static const ErrorCode body_fails[] = {ERR_TOO_LARGE, ERR_UNSUPPORTED_MEDIA_TYPE};

typedef struct {
    JsonWriter *json;
    bool told[600];
} Told;

/* Codes of one status share a reply. */
static void write_failure(Told *told, ErrorCode code)
{
    JsonWriter *json = told->json;
    int status = error_http_status(code);
    if (told->told[status])
        return;
    told->told[status] = true;
    json_key(json, arena_format(json->buf->arena, "%d", status));
    json_begin_object(json);
    json_member_text(json, "description", error_name(code));
    write_content(json, NULL, &api_failure_record, NULL);
    json_end_object(json);
}

static void write_replies(JsonWriter *json, const Endpoint *endpoint)
{
    int status = endpoint->status ? endpoint->status : 200;
    Told told = {.json = json};
    json_key(json, "responses");
    json_begin_object(json);
    write_reply(json, status, endpoint->reply ? endpoint->reply->about : "as asked", endpoint);
    told.told[status] = true;
    if (endpoint->also) {
        write_reply(json, endpoint->also,
                    endpoint->also == 200 ? "the key was used before: what was made then"
                                          : endpoint->reply->about,
                    endpoint);
        told.told[endpoint->also] = true;
    }
    if (endpoint->etag)
        write_reply(json, 304, "as it was: If-None-Match names it", NULL);
    for (size_t i = 0; i < COUNT_OF(endpoint->fails) && endpoint->fails[i]; i++)
        write_failure(&told, endpoint->fails[i]);
    for (size_t i = 0; i < COUNT_OF(any_fails); i++) {
        if (!endpoint->open || any_fails[i] != ERR_UNAUTHORIZED)
            write_failure(&told, any_fails[i]);
    }
    for (size_t i = 0; endpoint->body && i < COUNT_OF(body_fails); i++)
        write_failure(&told, body_fails[i]);
    if (endpoint->place != ON_SERVER || endpoint->body)
        write_failure(&told, ERR_UNAVAILABLE);
    json_end_object(json);
}

/* ── the document ── */

static void lower_method(JsonWriter *json, const char *method)
{
    char name[16] = "";
    for (size_t i = 0; method[i] && i < sizeof name - 1; i++)
        name[i] = (char)(method[i] | 0x20);
    json_key(json, arena_text(json->buf->arena, str_of(name)));
}

static void write_operation(Arena *arena, JsonWriter *json, const Endpoint *endpoint)
{
    lower_method(json, endpoint->method);
    json_begin_object(json);
    json_member_text(json, "operationId", endpoint->operation);
    json_member_text(json, "summary", endpoint->summary);
    if (endpoint->about)
        json_member_text(json, "description", endpoint->about);
    json_key(json, "tags");
    json_begin_array(json);
    json_text(json, endpoint->tag);
    json_end_array(json);
    if (endpoint->open) {
        json_key(json, "security");
        json_begin_array(json);
        json_end_array(json);
    }
    write_parameters(arena, json, endpoint);
    if (endpoint->body) {
        json_key(json, "requestBody");
        json_begin_object(json);
        json_member_bool(json, "required", record_has_required(endpoint->body));
        write_content(json, NULL, endpoint->body, NULL);
        json_end_object(json);
    }
    write_replies(json, endpoint);
    json_end_object(json);
}

/* Methods of one path stand together, in the order of the tables. */
static void write_paths(Arena *arena, JsonWriter *json)
{
    size_t count = api_endpoint_count();
    bool *written = ARENA_ARRAY(arena, bool, count);
    json_key(json, "paths");
    json_begin_object(json);
    for (size_t i = 0; i < count; i++) {
        if (written[i])
            continue;
        json_key(json, api_endpoint(i)->path);
        json_begin_object(json);
        for (size_t j = i; j < count; j++) {
            if (!str_is(str_of(api_endpoint(j)->path), api_endpoint(i)->path))
                continue;
            written[j] = true;
            write_operation(arena, json, api_endpoint(j));
        }
        json_end_object(json);
    }
    json_end_object(json);
}

static void write_head(JsonWriter *json)
{
    json_member_text(json, "openapi", "3.1.0");
    json_key(json, "info");
    json_begin_object(json);
    json_member_text(json, "title", "weir");
    json_member_text(json, "version", WEIR_VERSION);
    json_member_text(json, "description", "Everything the command line does, as jobs.");
    json_key(json, "license");
    json_begin_object(json);
    json_member_text(json, "name", "Apache-2.0");
    json_member_text(json, "identifier", "Apache-2.0");
    json_end_object(json);
    json_end_object(json);
    json_key(json, "servers");
    json_begin_array(json);
    json_begin_object(json);
    json_member_text(json, "url", "/");
    json_end_object(json);
    json_end_array(json);
    json_key(json, "security");
    json_begin_array(json);
    json_begin_object(json);
    json_key(json, "bearer");
    json_begin_array(json);
    json_end_array(json);
    json_end_object(json);
    json_end_array(json);
}

Str api_openapi(Arena *arena)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    write_head(&json);
    write_paths(arena, &json);
    json_key(&json, "components");
    json_begin_object(&json);
    json_key(&json, "securitySchemes");
    json_begin_object(&json);
    json_key(&json, "bearer");
    json_begin_object(&json);
    json_member_text(&json, "type", "http");
    json_member_text(&json, "scheme", "bearer");
    json_end_object(&json);
    json_end_object(&json);
    write_schemas(arena, &json);
    json_end_object(&json);
    json_end_object(&json);
    return buf_str(&buf);
}
