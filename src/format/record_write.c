#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "format/record_internal.h"

/* ── times: seconds are the clock's own form, thousandths stand behind them ── */

char *record_time(Arena *arena, int64_t ms)
{
    char *seconds = clock_format(arena, ms);
    int64_t part = ms % 1000;
    return arena_format(arena, "%.*s.%03dZ", (int)strlen(seconds) - 1, seconds,
                        (int)(part < 0 ? part + 1000 : part));
}

bool record_time_read(Str text, int64_t *ms)
{
    char seconds[24];
    uint64_t part = 0;
    size_t dot = str_find(text, '.');
    if (dot == STR_NONE)
        return clock_parse(text, ms);
    Str digits = str_slice(text, dot + 1, text.len ? text.len - 1 : 0);
    if (!str_ends(text, STR("Z")) || digits.len != 3 || dot >= sizeof seconds - 1 ||
        !str_to_u64(digits, &part))
        return false;
    int len = snprintf(seconds, sizeof seconds, "%.*sZ", (int)dot, text.data);
    if (!clock_parse((Str){seconds, (size_t)len}, ms))
        return false;
    *ms += (int64_t)part;
    return true;
}

/* ── writing ── */

/* The layout that every ARRAY(type) has, and a pointer to any struct: copied, for they are of other types. */
typedef ARRAY(const char) AnyArray;

static AnyArray any_array(const void *slot)
{
    AnyArray array;
    memcpy(&array, slot, sizeof array);
    return array;
}

static const void *any_pointer(const void *slot)
{
    const void *pointer;
    memcpy(&pointer, slot, sizeof pointer);
    return pointer;
}

static bool is_absent(const Field *field, const void *slot)
{
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_JSON:
        return ((const Str *)slot)->len == 0;
    case FIELD_TEXTS:
    case FIELD_RECORDS:
        return any_array(slot).count == 0;
    case FIELD_TIME:
        return *(const int64_t *)slot == 0;
    case FIELD_WORD:
        return *(const int *)slot < 0;
    case FIELD_HASH:
        return hash_is_zero(slot);
    case FIELD_POINTER:
        return !any_pointer(slot);
    case FIELD_INTEGER:
    case FIELD_BOOL:
    case FIELD_RECORD:
    case FIELD_MAP:
    case FIELD_ANY:
        break;
    }
    return false;
}

static void write_texts(JsonWriter *json, const StrArray *texts)
{
    json_begin_array(json);
    for (size_t i = 0; i < texts->count; i++)
        json_string(json, texts->items[i]);
    json_end_array(json);
}

static void write_records(JsonWriter *json, const Record *record, AnyArray records)
{
    json_begin_array(json);
    for (size_t i = 0; i < records.count; i++)
        record_to_json(json, record, records.items + i * record->size);
    json_end_array(json);
}

static void write_value(JsonWriter *json, const Field *field, const void *slot)
{
    switch (field->kind) {
    case FIELD_TEXT:
        json_string(json, *(const Str *)slot);
        break;
    case FIELD_TEXTS:
        write_texts(json, slot);
        break;
    case FIELD_INTEGER:
        json_integer(json, *(const int64_t *)slot);
        break;
    case FIELD_BOOL:
        json_bool(json, *(const bool *)slot);
        break;
    case FIELD_TIME:
        json_text(json, record_time(json->buf->arena, *(const int64_t *)slot));
        break;
    case FIELD_WORD:
        json_text(json, field->words[*(const int *)slot]);
        break;
    case FIELD_HASH:
        json_text(json, hash_hex(slot).text);
        break;
    case FIELD_RECORD:
        record_to_json(json, field->of, slot);
        break;
    case FIELD_POINTER:
        record_to_json(json, field->of, any_pointer(slot));
        break;
    case FIELD_RECORDS:
        write_records(json, field->of, any_array(slot));
        break;
    case FIELD_JSON:
        json_raw(json, *(const Str *)slot);
        break;
    case FIELD_MAP:
    case FIELD_ANY:
        break;
    }
}

/* Of kinds that say nothing by being empty there is only null to say so. */
static bool can_be_empty(FieldKind kind)
{
    return kind == FIELD_TEXT || kind == FIELD_TEXTS || kind == FIELD_RECORDS;
}

void record_to_json(JsonWriter *json, const Record *record, const void *value)
{
    json_begin_object(json);
    for (const Field *field = record->fields; field->name; field++) {
        if (field->offset == RECORD_NOWHERE)
            continue;
        const void *slot = (const char *)value + field->offset;
        bool absent = is_absent(field, slot);
        if (absent && !field->nullable && !field->required)
            continue;
        json_key(json, field->name);
        if (absent && (field->nullable || !can_be_empty(field->kind)))
            json_null(json);
        else
            write_value(json, field, slot);
    }
    json_end_object(json);
}

/* A value of a FIELD_JSON as text again. Its depth is below the parser's, so the writer's is enough. */
static void write_node(JsonWriter *json, const JsonNode *node)
{
    if (node->kind == JSON_OBJECT)
        json_begin_object(json);
    if (node->kind == JSON_ARRAY)
        json_begin_array(json);
    for (const JsonNode *item = node->first; item; item = item->next) {
        if (node->kind == JSON_OBJECT)
            json_key_str(json, item->key);
        write_node(json, item);
    }
    switch (node->kind) {
    case JSON_OBJECT:
        json_end_object(json);
        break;
    case JSON_ARRAY:
        json_end_array(json);
        break;
    case JSON_STRING:
        json_string(json, node->text);
        break;
    case JSON_NUMBER:
        json_raw(json, node->text);
        break;
    case JSON_BOOL:
        json_bool(json, node->truth);
        break;
    case JSON_NULL:
        json_null(json);
        break;
    }
}

Str record_node_text(Arena *arena, const JsonNode *node)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    write_node(&json, node);
    return buf_str(&buf);
}
