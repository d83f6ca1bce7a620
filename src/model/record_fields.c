#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "format/base64.h"
#include "format/json_write.h"
#include "model/merge_rules.h"
#include "model/record_internal.h"

bool record_bad(const RecordKind *kind, const TomlDoc *doc, const TomlNode *node, Error *err,
                const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    TomlPlace place = toml_place(doc->source, node->value_from);
    fail(err, ERR_CORRUPT, "%s:%zu:%zu: %s", kind->file, place.line, place.column, what);
    return fail_hint(err, "Correct line %zu of %s, or restore the file from git or a backup.",
                     place.line, kind->file);
}

typedef struct {
    Arena *arena;
    const RecordKind *kind;
    const TomlDoc *doc;
    const TomlNode *block;
    Error *err;
} FieldReader;

static bool refuse_kind(FieldReader *reader, const TomlNode *node, TomlKind wanted)
{
    Str key = node->key.len > 0 ? node->key : node->parent->key;
    return record_bad(reader->kind, reader->doc, node, reader->err, "'%.60s' must be %s, not %s",
                      text_safe(reader->arena, key), toml_kind_name(wanted),
                      toml_kind_name((TomlKind)node->kind));
}

static bool want(FieldReader *reader, const TomlNode *node, TomlKind kind)
{
    return node->kind == kind || refuse_kind(reader, node, kind);
}

/* The text may have been edited by hand since: then the bytes beside it are stale. */
static Str bytes_beside(FieldReader *reader, const TomlNode *node)
{
    Str key = str_of(arena_format(reader->arena, "%.*s_bytes", STR_ARG(node->key)));
    const TomlNode *beside = toml_find(reader->block, key);
    Str bytes = {0};
    bool fits = beside && beside->kind == TOML_STRING &&
                base64_parse(reader->arena, beside->text, &bytes) &&
                str_equal(json_bytes_text(reader->arena, bytes), node->text);
    return fits ? bytes : node->text;
}

static bool read_text(FieldReader *reader, const TomlNode *node, bool any_bytes, Str *out)
{
    if (!want(reader, node, TOML_STRING))
        return false;
    if (str_has_nul(node->text))
        return record_bad(reader->kind, reader->doc, node, reader->err, "a NUL byte in a text");
    bool escaped = any_bytes && str_find(node->text, '\\') != STR_NONE;
    *out = escaped ? bytes_beside(reader, node) : node->text;
    return true;
}

static bool is_sha(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!strchr("0123456789abcdef", text.data[i]) || text.data[i] == '\0')
            return false;
    }
    return text.len == 0 || text.len == 40 || text.len == 64;
}

static bool read_sha(FieldReader *reader, const TomlNode *node, Str *out)
{
    if (!want(reader, node, TOML_STRING))
        return false;
    if (!is_sha(node->text))
        return record_bad(reader->kind, reader->doc, node, reader->err,
                          "expected 40 lower-case hex digits");
    *out = node->text;
    return true;
}

static bool read_hash(FieldReader *reader, const TomlNode *node, Hash *out)
{
    Hash hash = {0};
    if (!want(reader, node, TOML_STRING))
        return false;
    if (node->text.len > 0 && !hash_parse(node->text, &hash))
        return record_bad(reader->kind, reader->doc, node, reader->err,
                          "expected 64 lower-case hex digits");
    *out = hash;
    return true;
}

static bool read_texts(FieldReader *reader, const TomlNode *node, StrArray *out)
{
    StrArray texts = {0};
    if (!want(reader, node, TOML_ARRAY))
        return false;
    for (const TomlNode *item = node->first; item; item = item->next) {
        Str text;
        if (!read_text(reader, item, false, &text))
            return false;
        ARRAY_PUSH(reader->arena, &texts, text);
    }
    *out = texts;
    return true;
}

static bool read_hashes(FieldReader *reader, const TomlNode *node, Hashes *out)
{
    Hashes hashes = {0};
    if (!want(reader, node, TOML_ARRAY))
        return false;
    if (node->count > 0)
        hashes.items = ARENA_ARRAY(reader->arena, Hash, node->count);
    hashes.capacity = node->count;
    for (const TomlNode *item = node->first; item; item = item->next) {
        if (!read_hash(reader, item, &hashes.items[hashes.count++]))
            return false;
    }
    *out = hashes;
    return true;
}

/* Times are for people to read: one that is not ours counts as absent. */
static bool read_time(FieldReader *reader, const TomlNode *node, int64_t *out)
{
    if (node->kind != TOML_STRING && !want(reader, node, TOML_DATETIME))
        return false;
    int64_t time_ms;
    *out = clock_parse(node->text, &time_ms) ? time_ms : 0;
    return true;
}

static bool read_rules(FieldReader *reader, const TomlNode *node, MergeRules *out)
{
    MergeRules rules = {0};
    if (!want(reader, node, TOML_TABLE))
        return false;
    for (const TomlNode *item = node->first; item; item = item->next) {
        MergeRule rule = {.pattern = item->key};
        if (!read_text(reader, item, false, &rule.rule))
            return false;
        ARRAY_PUSH(reader->arena, &rules, rule);
    }
    *out = rules;
    return true;
}

static bool read_field(FieldReader *reader, FieldKind kind, const TomlNode *node, void *out)
{
    switch (kind) {
    case FIELD_TEXT:
        return read_text(reader, node, false, out);
    case FIELD_BYTES:
        return read_text(reader, node, true, out);
    case FIELD_SHA:
        return read_sha(reader, node, out);
    case FIELD_HASH:
        return read_hash(reader, node, out);
    case FIELD_TEXTS:
        return read_texts(reader, node, out);
    case FIELD_HASHES:
        return read_hashes(reader, node, out);
    case FIELD_TIME:
        return read_time(reader, node, out);
    case FIELD_RULES:
        return read_rules(reader, node, out);
    }
    return false;
}

/* Keys mostly stand in the order of the table: the search starts behind the last one found. */
static const RecordField *find_field(const RecordKind *kind, Str key, size_t *from)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        size_t at = (*from + i) % kind->field_count;
        if (!str_is(key, kind->fields[at].key))
            continue;
        *from = at + 1;
        return &kind->fields[at];
    }
    return NULL;
}

bool record_read(Arena *arena, const RecordKind *kind, const TomlDoc *doc, const TomlNode *block,
                 void *record, Error *err)
{
    FieldReader reader = {arena, kind, doc, block, err};
    size_t from = 0;
    for (const TomlNode *node = block->first; node; node = node->next) {
        const RecordField *field = find_field(kind, node->key, &from);
        if (field && !read_field(&reader, field->kind, node, (char *)record + field->offset))
            return false;
    }
    return true;
}

static const void *field_at(const RecordField *field, const void *record)
{
    return (const char *)record + field->offset;
}

static bool texts_equal(const StrArray *a, const StrArray *b)
{
    for (size_t i = 0; i < a->count && a->count == b->count; i++) {
        if (!str_equal(a->items[i], b->items[i]))
            return false;
    }
    return a->count == b->count;
}

static bool hashes_equal(const Hashes *a, const Hashes *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof *a->items) == 0);
}

static bool rules_equal(const MergeRules *a, const MergeRules *b)
{
    for (size_t i = 0; i < a->count && a->count == b->count; i++) {
        if (!str_equal(a->items[i].pattern, b->items[i].pattern) ||
            !str_equal(a->items[i].rule, b->items[i].rule))
            return false;
    }
    return a->count == b->count;
}

static bool field_equal(const RecordField *field, const void *left, const void *right)
{
    const void *a = field_at(field, left);
    const void *b = field_at(field, right);
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_BYTES:
    case FIELD_SHA:
        return str_equal(*(const Str *)a, *(const Str *)b);
    case FIELD_HASH:
        return hash_equal(a, b);
    case FIELD_TEXTS:
        return texts_equal(a, b);
    case FIELD_HASHES:
        return hashes_equal(a, b);
    case FIELD_TIME:
        return *(const int64_t *)a == *(const int64_t *)b;
    case FIELD_RULES:
        return rules_equal(a, b);
    }
    return false;
}

static bool field_is_empty(const RecordField *field, const void *record)
{
    static const uint64_t nothing[32] = {0};
    const RecordField first = {field->key, field->kind, 0, 0};
    return field_equal(&first, field_at(field, record), nothing);
}

bool record_equal(const RecordKind *kind, const void *a, const void *b)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        if (!(kind->fields[i].flags & FIELD_LIVE) && !field_equal(&kind->fields[i], a, b))
            return false;
    }
    return true;
}

bool record_is_empty(const RecordKind *kind, const void *record)
{
    for (size_t i = 1; i < kind->field_count; i++) {
        if (!(kind->fields[i].flags & FIELD_LIVE) && !field_is_empty(&kind->fields[i], record))
            return false;
    }
    return true;
}

static Hashes own_hashes(Arena *arena, const Hashes *hashes)
{
    Hashes own = {.count = hashes->count, .capacity = hashes->count};
    if (own.count) {
        own.items = ARENA_ARRAY(arena, Hash, own.count);
        memcpy(own.items, hashes->items, own.count * sizeof *own.items);
    }
    return own;
}

static MergeRules own_rules(Arena *arena, const MergeRules *rules)
{
    MergeRules own = {0};
    for (size_t i = 0; i < rules->count; i++) {
        MergeRule rule = {arena_copy(arena, rules->items[i].pattern),
                          arena_copy(arena, rules->items[i].rule)};
        ARRAY_PUSH(arena, &own, rule);
    }
    return own;
}

static Str own_text(Arena *arena, Str held, Str text)
{
    uintptr_t from = (uintptr_t)held.data;
    uintptr_t at = (uintptr_t)text.data;
    bool is_held = held.len && at >= from && at < from + held.len;
    return is_held || !text.len ? text : arena_copy(arena, text);
}

void record_own(Arena *arena, const RecordKind *kind, Str held, void *record)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        void *at = (char *)record + kind->fields[i].offset;
        switch (kind->fields[i].kind) {
        case FIELD_TEXT:
        case FIELD_BYTES:
        case FIELD_SHA:
            *(Str *)at = own_text(arena, held, *(Str *)at);
            break;
        case FIELD_TEXTS:
            *(StrArray *)at = str_array_copy(arena, at);
            break;
        case FIELD_HASHES:
            *(Hashes *)at = own_hashes(arena, at);
            break;
        case FIELD_RULES:
            *(MergeRules *)at = own_rules(arena, at);
            break;
        case FIELD_HASH:
        case FIELD_TIME:
            break;
        }
    }
}

static void add_hashes(Buf *buf, const Hashes *hashes, size_t indent)
{
    StrArray texts = {0};
    for (size_t i = 0; i < hashes->count; i++) {
        HashHex hex = hash_hex(&hashes->items[i]);
        ARRAY_PUSH(buf->arena, &texts, arena_copy(buf->arena, str_of(hex.text)));
    }
    toml_add_strings(buf, &texts, indent);
}

static void add_texts(Buf *buf, const StrArray *items, size_t indent)
{
    StrArray texts = {0};
    for (size_t i = 0; i < items->count; i++)
        ARRAY_PUSH(buf->arena, &texts, json_bytes_text(buf->arena, items->items[i]));
    toml_add_strings(buf, &texts, indent);
}

static void add_rules(Buf *buf, const MergeRules *rules)
{
    buf_add_text(buf, rules->count > 0 ? "{ " : "{");
    for (size_t i = 0; i < rules->count; i++) {
        buf_add_text(buf, i ? ", " : "");
        toml_add_key(buf, json_bytes_text(buf->arena, rules->items[i].pattern));
        buf_add_text(buf, " = ");
        toml_add_string(buf, json_bytes_text(buf->arena, rules->items[i].rule));
    }
    buf_add_text(buf, rules->count > 0 ? " }" : "}");
}

static Str value_text(Arena *arena, const RecordField *field, const void *record)
{
    const void *value = field_at(field, record);
    size_t indent = strlen(field->key) + 3;
    Buf buf = buf_new(arena);
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_BYTES:
    case FIELD_SHA:
        toml_add_string(&buf, json_bytes_text(arena, *(const Str *)value));
        break;
    case FIELD_HASH:
        toml_add_string(&buf, hash_format(arena, value));
        break;
    case FIELD_TEXTS:
        add_texts(&buf, value, indent);
        break;
    case FIELD_HASHES:
        add_hashes(&buf, value, indent);
        break;
    case FIELD_TIME:
        buf_add_text(&buf, clock_format(arena, *(const int64_t *)value));
        break;
    case FIELD_RULES:
        add_rules(&buf, value);
        break;
    }
    return buf_str(&buf);
}

/* The base64 that stands beside bytes that are not UTF-8; empty when there is no need. */
static Str beside_text(Arena *arena, const RecordField *field, const void *record)
{
    if (field->kind != FIELD_BYTES)
        return (Str){0};
    Str bytes = *(const Str *)field_at(field, record);
    if (str_is_utf8(bytes))
        return (Str){0};
    Buf buf = buf_new(arena);
    buf_add_char(&buf, '"');
    base64_add(&buf, bytes);
    buf_add_char(&buf, '"');
    return buf_str(&buf);
}

static void edit_key(TomlEdit *edit, const TomlNode *block, Str key, Str value)
{
    const TomlNode *old = toml_find(block, key);
    if (value.len > 0)
        toml_edit_set(edit, block, key, value);
    else if (old)
        toml_edit_remove(edit, old);
}

void record_edit(Arena *arena, const RecordKind *kind, TomlEdit *edit, const TomlNode *block,
                 const void *before, const void *now)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        const RecordField *field = &kind->fields[i];
        if (field_equal(field, before, now))
            continue;
        bool empty = field_is_empty(field, now) && !(field->flags & FIELD_ALWAYS);
        edit_key(edit, block, str_of(field->key), empty ? (Str){0} : value_text(arena, field, now));
        if (field->kind == FIELD_BYTES)
            edit_key(edit, block, str_of(arena_format(arena, "%s_bytes", field->key)),
                     beside_text(arena, field, now));
    }
}

Str record_text(Arena *arena, const RecordKind *kind, const void *record)
{
    Buf buf = buf_new(arena);
    buf_format(&buf, "[[%s]]\n", kind->array);
    for (size_t i = 0; i < kind->field_count; i++) {
        const RecordField *field = &kind->fields[i];
        if (!(field->flags & FIELD_ALWAYS) && field_is_empty(field, record))
            continue;
        Str value = value_text(arena, field, record);
        Str beside = beside_text(arena, field, record);
        buf_format(&buf, "%s = %.*s\n", field->key, STR_ARG(value));
        if (beside.len > 0)
            buf_format(&buf, "%s_bytes = %.*s\n", field->key, STR_ARG(beside));
    }
    return buf_str(&buf);
}
