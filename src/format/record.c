#include "format/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "format/record_internal.h"

/* Where in the text a value stands: a chain on the stack, written out only for a message. */
typedef struct Place Place;
struct Place {
    const Place *up;
    Str name;     /* of a member; empty: an item */
    size_t index; /* of an item */
};

typedef struct {
    Arena *arena;
    const char **field;
    Error *err;
} Reader;

static void add_place(Buf *buf, const Place *place)
{
    if (!place)
        return;
    add_place(buf, place->up);
    if (!place->name.len) {
        buf_format(buf, "[%zu]", place->index);
        return;
    }
    if (buf->len)
        buf_add_char(buf, '.');
    text_add_safe(buf, str_slice(place->name, 0, 80));
}

static bool wrong(const Reader *reader, const Place *place, const char *what)
{
    Buf buf = buf_new(reader->arena);
    add_place(&buf, place);
    if (!place)
        return fail(reader->err, ERR_INVALID, "%s", what);
    if (reader->field)
        *reader->field = buf_text(&buf);
    return fail(reader->err, ERR_INVALID, "field '%s': %s", buf_text(&buf), what);
}

static bool expected(const Reader *reader, const Place *place, const char *what,
                     const JsonNode *node)
{
    return wrong(
        reader, place,
        arena_format(reader->arena, "%s is expected, not %s", what, json_kind_name(node->kind)));
}

/* ── what a kind allows ── */

int64_t field_most(const Field *field)
{
    bool list = field->kind == FIELD_TEXTS || field->kind == FIELD_RECORDS;
    return field->most ? field->most : list ? FIELD_ITEMS_MOST : FIELD_TEXT_MOST;
}

bool field_is_word(const Field *field, Str text, int *index)
{
    for (int i = 0; field->words[i]; i++) {
        if (!str_is(text, field->words[i]))
            continue;
        *index = i;
        return true;
    }
    return false;
}

const char *field_words(Arena *arena, const Field *field)
{
    Buf buf = buf_new(arena);
    for (size_t i = 0; field->words[i]; i++)
        buf_format(&buf, "%s'%s'", !i ? "" : field->words[i + 1] ? ", " : " or ", field->words[i]);
    return buf_text(&buf);
}

static bool check_text(const Reader *reader, const Place *place, const Field *field, Str text)
{
    int index;
    bool item = field->kind == FIELD_TEXTS;
    int64_t most = item ? FIELD_TEXT_MOST : field_most(field), least = item ? 1 : field->least;
    if (field->words)
        return field_is_word(field, text, &index) ||
               wrong(reader, place,
                     arena_format(reader->arena, "%s is expected, not '%s'",
                                  field_words(reader->arena, field),
                                  text_safe(reader->arena, str_slice(text, 0, 80))));
    if (str_has_nul(text))
        return wrong(reader, place, "holds the character U+0000");
    if ((int64_t)text.len < least)
        return wrong(reader, place, text.len ? "is too short" : "must not be empty");
    return (int64_t)text.len <= most ||
           wrong(reader, place,
                 arena_format(reader->arena, "is longer than %lld bytes", (long long)most));
}

static bool check_range(const Reader *reader, const Place *place, const Field *field, int64_t value)
{
    if (value > RECORD_NUMBER_MOST || value < -RECORD_NUMBER_MOST)
        return wrong(reader, place,
                     "is beyond 9007199254740991, which not every JSON reader keeps exactly");
    if ((field->least == 0 && field->most == 0) || (value >= field->least && value <= field->most))
        return true;
    return wrong(reader, place,
                 arena_format(reader->arena, "must be from %lld to %lld", (long long)field->least,
                              (long long)field->most));
}

static bool check_integer(const Reader *reader, const Place *place, const Field *field,
                          const JsonNode *node, int64_t *value)
{
    if (node->kind != JSON_NUMBER)
        return expected(reader, place, "a whole number", node);
    if (json_to_i64(node, value))
        return check_range(reader, place, field, *value);
    Str digits = str_slice(node->text, str_starts(node->text, STR("-")), node->text.len);
    if (strspn(arena_text(reader->arena, digits), "0123456789") == digits.len)
        return check_range(reader, place, field, INT64_MAX);
    return wrong(reader, place, "a whole number is expected, without fraction or exponent");
}

static bool check_time(const Reader *reader, const Place *place, Str text, int64_t *ms)
{
    return record_time_read(text, ms) ||
           wrong(reader, place, "a time such as 2026-11-21T08:00:00Z is expected");
}

static bool check_hash(const Reader *reader, const Place *place, Str text, Hash *hash)
{
    return hash_parse(text, hash) || wrong(reader, place, "64 lower-case hex digits are expected");
}

/* Of a value that no field describes: its numbers must be such as every reader keeps. */
static bool check_any(const Reader *reader, const Place *place, const JsonNode *node)
{
    size_t index = 0;
    if (node->kind == JSON_NUMBER) {
        double value = strtod(arena_text(reader->arena, node->text), NULL);
        return (isfinite(value) && fabs(value) <= (double)RECORD_NUMBER_MOST) ||
               wrong(reader, place, "is beyond 9007199254740991");
    }
    for (const JsonNode *item = node->first; item; item = item->next) {
        Place here = {place, node->kind == JSON_OBJECT ? item->key : (Str){0}, index++};
        if (!check_any(reader, &here, item))
            return false;
    }
    return true;
}

/* ── reading ── */

static bool read_record(const Reader *reader, const Place *place, const Record *record,
                        const JsonNode *node, char *out);

static bool read_text(const Reader *reader, const Place *place, const Field *field, Str text,
                      void *slot)
{
    int64_t ms = 0;
    Hash hash = HASH_NONE;
    int word = -1;
    if (field->kind == FIELD_TIME) {
        if (!check_time(reader, place, text, &ms))
            return false;
        if (slot)
            *(int64_t *)slot = ms;
        return true;
    }
    if (field->kind == FIELD_HASH) {
        if (!check_hash(reader, place, text, &hash))
            return false;
        if (slot)
            *(Hash *)slot = hash;
        return true;
    }
    if (!check_text(reader, place, field, text))
        return false;
    if (slot && field->kind == FIELD_WORD && field_is_word(field, text, &word))
        *(int *)slot = word;
    if (slot && field->kind == FIELD_TEXT)
        *(Str *)slot = text;
    return true;
}

static bool check_count(const Reader *reader, const Place *place, const Field *field,
                        const JsonNode *node)
{
    if (node->kind != JSON_ARRAY)
        return expected(reader, place, "a list", node);
    if ((int64_t)node->count < field->least)
        return wrong(
            reader, place,
            arena_format(reader->arena, "at least %lld must be given", (long long)field->least));
    return (int64_t)node->count <= field_most(field) ||
           wrong(reader, place,
                 arena_format(reader->arena, "more than %lld were given",
                              (long long)field_most(field)));
}

static bool read_texts(const Reader *reader, const Place *place, const Field *field,
                       const JsonNode *node, StrArray *out)
{
    StrArray texts = {0};
    size_t index = 0;
    if (!check_count(reader, place, field, node))
        return false;
    for (const JsonNode *item = node->first; item; item = item->next) {
        Place here = {place, {0}, index++};
        if (item->kind != JSON_STRING)
            return expected(reader, &here, "a text", item);
        if (!check_text(reader, &here, field, item->text))
            return false;
        ARRAY_PUSH(reader->arena, &texts, item->text);
    }
    if (out)
        *out = texts;
    return true;
}

/* The layout that every ARRAY(type) has; copied, as it is of another type than the caller's. */
typedef ARRAY(void) AnyArray;

static bool read_records(const Reader *reader, const Place *place, const Field *field,
                         const JsonNode *node, void *out)
{
    size_t index = 0, size = field->of->size;
    if (!check_count(reader, place, field, node))
        return false;
    char *items = out ? arena_alloc_array(reader->arena, node->count, size, 16) : NULL;
    for (const JsonNode *item = node->first; item; item = item->next) {
        Place here = {place, {0}, index};
        char *slot = items ? items + index * size : NULL;
        if (!read_record(reader, &here, field->of, item, slot))
            return false;
        index++;
    }
    AnyArray list = {items, node->count, node->count};
    if (out)
        memcpy(out, &list, sizeof list);
    return true;
}

static bool read_pointer(const Reader *reader, const Place *place, const Field *field,
                         const JsonNode *node, void *out)
{
    void *made = out ? arena_alloc(reader->arena, field->of->size, 16) : NULL;
    if (!read_record(reader, place, field->of, node, made))
        return false;
    if (out)
        memcpy(out, &made, sizeof made);
    return true;
}

static bool check_map(const Reader *reader, const Place *place, const Field *field,
                      const JsonNode *node)
{
    if (node->kind != JSON_OBJECT)
        return expected(reader, place, "an object", node);
    for (const JsonNode *member = node->first; member; member = member->next) {
        Place here = {place, member->key, 0};
        if (!field->of && member->kind != JSON_STRING)
            return expected(reader, &here, "a text", member);
        if (field->of && !read_record(reader, &here, field->of, member, NULL))
            return false;
    }
    return true;
}

static bool read_integer(const Reader *reader, const Place *place, const Field *field,
                         const JsonNode *node, int64_t *slot)
{
    int64_t value = 0;
    if (!check_integer(reader, place, field, node, &value))
        return false;
    if (slot)
        *slot = value;
    return true;
}

static bool read_json(const Reader *reader, const Place *place, const JsonNode *node, Str *slot)
{
    if (!check_any(reader, place, node))
        return false;
    if (slot)
        *slot = record_node_text(reader->arena, node);
    return true;
}

static bool read_bool(const Reader *reader, const Place *place, const JsonNode *node, bool *slot)
{
    if (node->kind != JSON_BOOL)
        return expected(reader, place, "true or false", node);
    if (slot)
        *slot = node->truth;
    return true;
}

/* `slot` NULL: the value is only looked at. */
static bool read_value(const Reader *reader, const Place *place, const Field *field,
                       const JsonNode *node, void *slot)
{
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_TIME:
    case FIELD_WORD:
    case FIELD_HASH:
        return node->kind == JSON_STRING ? read_text(reader, place, field, node->text, slot)
                                         : expected(reader, place, "a text", node);
    case FIELD_TEXTS:
        return read_texts(reader, place, field, node, slot);
    case FIELD_INTEGER:
        return read_integer(reader, place, field, node, slot);
    case FIELD_BOOL:
        return read_bool(reader, place, node, slot);
    case FIELD_RECORD:
        return read_record(reader, place, field->of, node, slot);
    case FIELD_POINTER:
        return read_pointer(reader, place, field, node, slot);
    case FIELD_RECORDS:
        return read_records(reader, place, field, node, slot);
    case FIELD_MAP:
        return check_map(reader, place, field, node);
    case FIELD_JSON:
    case FIELD_ANY:
        return read_json(reader, place, node, field->kind == FIELD_JSON ? slot : NULL);
    }
    return false;
}

static const Field *find_field(const Record *record, Str name)
{
    for (const Field *field = record->fields; field->name; field++) {
        if (str_is(name, field->name))
            return field;
    }
    return NULL;
}

static bool unknown(const Reader *reader, const Place *place, const Record *record)
{
    const char *nearest = NULL;
    size_t best = 3;
    Str name = str_slice(place->name, 0, 80);
    for (const Field *field = record->fields; field->name; field++) {
        size_t distance = text_distance(name, str_of(field->name));
        if (distance >= best)
            continue;
        best = distance;
        nearest = field->name;
    }
    return wrong(reader, place,
                 nearest ? arena_format(reader->arena, "is not known; did you mean '%s'?", nearest)
                         : "is not known here");
}

static bool read_record(const Reader *reader, const Place *place, const Record *record,
                        const JsonNode *node, char *out)
{
    if (node->kind != JSON_OBJECT)
        return expected(reader, place, "an object", node);
    for (const JsonNode *member = node->first; member; member = member->next) {
        Place here = {place, member->key, 0};
        const Field *field = find_field(record, member->key);
        if (!field && record->open)
            continue;
        if (!field)
            return unknown(reader, &here, record);
        if (member->kind == JSON_NULL && field->nullable)
            continue;
        bool nowhere = !out || field->offset == RECORD_NOWHERE;
        if (!read_value(reader, &here, field, member, nowhere ? NULL : out + field->offset))
            return false;
    }
    for (const Field *field = record->fields; field->name; field++) {
        Place here = {place, str_of(field->name), 0};
        if (field->required && !json_find(node, here.name))
            return wrong(reader, &here, "is missing");
    }
    return true;
}

bool record_from_json(Arena *arena, const Record *record, const JsonNode *node, void *out,
                      const char **field, Error *err)
{
    Reader reader = {arena, field, err};
    if (field)
        *field = NULL;
    return read_record(&reader, NULL, record, node, out);
}

bool record_check(Arena *arena, const Record *record, const JsonNode *node, Error *err)
{
    Reader reader = {arena, NULL, err};
    return read_record(&reader, NULL, record, node, NULL);
}

/* ── a value of a query ── */

static bool text_to_integer(Str text, int64_t *out)
{
    JsonNode node = {.kind = JSON_NUMBER, .text = text};
    return json_to_i64(&node, out);
}

static bool read_text_list(const Reader *reader, const Place *place, const Field *field, Str text,
                           StrArray *out)
{
    Str part = {0};
    StrArray list = {0};
    while (str_next(&text, ',', &part)) {
        if (!check_text(reader, place, field, part))
            return false;
        ARRAY_PUSH(reader->arena, &list, part);
    }
    if ((int64_t)list.count > field_most(field))
        return wrong(reader, place, "lists too many");
    *out = list;
    return true;
}

bool field_read_text(Arena *arena, const Field *field, Str text, void *slot, Error *err)
{
    Reader reader = {arena, NULL, err};
    Place place = {NULL, str_of(field->name), 0};
    int64_t number = 0;
    switch (field->kind) {
    case FIELD_TEXTS:
        return read_text_list(&reader, &place, field, text, slot);
    case FIELD_INTEGER:
        if (!text_to_integer(text, &number))
            return wrong(&reader, &place, "a whole number is expected");
        *(int64_t *)slot = number;
        return check_range(&reader, &place, field, number);
    case FIELD_BOOL:
        *(bool *)slot = str_is(text, "true");
        return str_is(text, "true") || str_is(text, "false") ||
               wrong(&reader, &place, "true or false is expected");
    case FIELD_TEXT:
    case FIELD_TIME:
    case FIELD_WORD:
    case FIELD_HASH:
        return read_text(&reader, &place, field, text, slot);
    case FIELD_RECORD:
    case FIELD_POINTER:
    case FIELD_RECORDS:
    case FIELD_MAP:
    case FIELD_JSON:
    case FIELD_ANY:
        break;
    }
    return fail(err, ERR_INTERNAL, "parameter '%s' cannot be told in a query", field->name);
}
