#include "base/hash.h"
#include "format/record_internal.h"

static void write_type(JsonWriter *json, const Field *field, const char *type)
{
    json_key(json, "type");
    if (!field->nullable) {
        json_text(json, type);
        return;
    }
    json_begin_array(json);
    json_text(json, type);
    json_text(json, "null");
    json_end_array(json);
}

static void write_words(JsonWriter *json, const Field *field, bool nullable)
{
    json_key(json, "enum");
    json_begin_array(json);
    for (size_t i = 0; field->words[i]; i++)
        json_text(json, field->words[i]);
    if (nullable)
        json_null(json);
    json_end_array(json);
}

/* Bytes are at least as many as characters, so the schema's length refuses nothing that is taken. */
static void write_text(JsonWriter *json, const Field *field)
{
    write_type(json, field, "string");
    if (field->words) {
        write_words(json, field, field->nullable);
        return;
    }
    if (field->least > 0)
        json_member_integer(json, "minLength", 1);
    json_member_integer(json, "maxLength", field_most(field));
}

static void write_ref(JsonWriter *json, const Record *of, const char *prefix)
{
    json_member_text(json, "$ref", arena_format(json->buf->arena, "%s%s", prefix, of->name));
}

static void write_null_or_ref(JsonWriter *json, const Field *field, const char *prefix)
{
    if (!field->nullable) {
        write_ref(json, field->of, prefix);
        return;
    }
    json_key(json, "anyOf");
    json_begin_array(json);
    json_begin_object(json);
    write_ref(json, field->of, prefix);
    json_end_object(json);
    json_begin_object(json);
    json_member_text(json, "type", "null");
    json_end_object(json);
    json_end_array(json);
}

static void write_list(JsonWriter *json, const Field *field, const char *prefix)
{
    write_type(json, field, "array");
    if (field->least > 0)
        json_member_integer(json, "minItems", field->least);
    json_member_integer(json, "maxItems", field_most(field));
    json_key(json, "items");
    json_begin_object(json);
    if (field->kind == FIELD_RECORDS) {
        write_ref(json, field->of, prefix);
    } else {
        json_member_text(json, "type", "string");
        if (field->words)
            write_words(json, field, false);
        else
            json_member_integer(json, "minLength", 1);
    }
    json_end_object(json);
}

static void write_map(JsonWriter *json, const Field *field, const char *prefix)
{
    write_type(json, field, "object");
    json_key(json, "additionalProperties");
    json_begin_object(json);
    if (field->of)
        write_ref(json, field->of, prefix);
    else
        json_member_text(json, "type", "string");
    json_end_object(json);
}

static void write_integer(JsonWriter *json, const Field *field)
{
    bool ranged = field->least != 0 || field->most != 0;
    write_type(json, field, "integer");
    json_member_integer(json, "minimum", ranged ? field->least : -RECORD_NUMBER_MOST);
    json_member_integer(json, "maximum", ranged ? field->most : RECORD_NUMBER_MOST);
}

static void write_shape(JsonWriter *json, const Field *field, const char *prefix)
{
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_WORD:
        write_text(json, field);
        break;
    case FIELD_TEXTS:
    case FIELD_RECORDS:
        write_list(json, field, prefix);
        break;
    case FIELD_INTEGER:
        write_integer(json, field);
        break;
    case FIELD_BOOL:
        write_type(json, field, "boolean");
        break;
    case FIELD_TIME:
        write_type(json, field, "string");
        json_member_text(json, "format", "date-time");
        break;
    case FIELD_HASH:
        write_type(json, field, "string");
        json_member_text(json, "pattern", "^[0-9a-f]{64}$");
        break;
    case FIELD_RECORD:
    case FIELD_POINTER:
        write_null_or_ref(json, field, prefix);
        break;
    case FIELD_MAP:
        write_map(json, field, prefix);
        break;
    case FIELD_JSON:
    case FIELD_ANY:
        break;
    }
}

void field_schema(JsonWriter *json, const Field *field, const char *prefix)
{
    json_begin_object(json);
    write_shape(json, field, prefix);
    if (field->about)
        json_member_text(json, "description", field->about);
    json_end_object(json);
}

bool record_has_required(const Record *record)
{
    for (const Field *field = record->fields; field->name; field++) {
        if (field->required)
            return true;
    }
    return false;
}

void record_schema(JsonWriter *json, const Record *record, const char *prefix)
{
    json_begin_object(json);
    json_member_text(json, "type", "object");
    if (record->about)
        json_member_text(json, "description", record->about);
    json_key(json, "properties");
    json_begin_object(json);
    for (const Field *field = record->fields; field->name; field++) {
        json_key(json, field->name);
        field_schema(json, field, prefix);
    }
    json_end_object(json);
    if (record_has_required(record)) {
        json_key(json, "required");
        json_begin_array(json);
        for (const Field *field = record->fields; field->name; field++)
            if (field->required)
                json_text(json, field->name);
        json_end_array(json);
    }
    json_member_bool(json, "additionalProperties", record->open);
    json_end_object(json);
}
