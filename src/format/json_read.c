#include "format/json_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "format/utf8.h"

enum { INDEX_FROM = 12 };
static const uint64_t DEFAULT_LIMIT_BYTES = (uint64_t)64 << 20;

typedef struct {
    Arena *arena;
    const char *start, *at, *end;
    Error *err;
} JsonParser;

static bool bad(JsonParser *p, const char *at, const char *format, ...) PRINTF_LIKE(3, 4);
static bool bad(JsonParser *p, const char *at, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    size_t line = 1, column = 1;
    for (const char *c = p->start; c < at; c++) {
        if (*c == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*c & 0xC0) != 0x80) {
            column++;
        }
    }
    return fail(p->err, ERR_INVALID, "line %zu, column %zu: %s", line, column, what);
}

const char *json_kind_name(JsonKind kind)
{
    static const char *const names[] = {"null",     "a boolean", "a number",
                                        "a string", "an array",  "an object"};
    return names[kind];
}

static void skip_space(JsonParser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
        p->at++;
}

static bool take(JsonParser *p, char c)
{
    if (p->at >= p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static bool read_hex(JsonParser *p, const char *from, uint32_t *out)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        char c = p->at < p->end ? *p->at : '\0';
        bool digit = c >= '0' && c <= '9';
        bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!digit && !letter)
            return bad(p, from, "expected four hex digits behind \\u");
        value = value << 4 | (uint32_t)(digit ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    *out = value;
    return true;
}

static bool read_code_point(JsonParser *p, const char *from, Buf *out)
{
    uint32_t code = 0, low = 0;
    if (!read_hex(p, from, &code))
        return false;
    if (code >= 0xDC00 && code <= 0xDFFF)
        return bad(p, from, "half a surrogate pair");
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (!take(p, '\\') || !take(p, 'u'))
            return bad(p, from, "half a surrogate pair");
        if (!read_hex(p, from, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return bad(p, from, "half a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    utf8_add(out, code);
    return true;
}

static bool read_escape(JsonParser *p, Buf *out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    const char *from = p->at++;
    char c = p->at < p->end ? *p->at : '\0';
    const char *known = c ? strchr(names, c) : NULL;
    if (!known && c != 'u')
        return bad(p, from, "unknown escape in a string");
    p->at++;
    if (c == 'u')
        return read_code_point(p, from, out);
    buf_add_char(out, values[known - names]);
    return true;
}

static void skip_plain(JsonParser *p)
{
    while (p->at < p->end && *p->at != '"' && *p->at != '\\' && (unsigned char)*p->at >= 0x20)
        p->at++;
}

/* A string without escapes is a span of the source. */
static bool read_string(JsonParser *p, Str *out)
{
    const char *from = p->at++;
    const char *text = p->at;
    skip_plain(p);
    if (take(p, '"')) {
        *out = (Str){text, (size_t)(p->at - 1 - text)};
        return true;
    }
    Buf buf = buf_new(p->arena);
    for (;;) {
        buf_add_bytes(&buf, text, (size_t)(p->at - text));
        if (take(p, '"'))
            break;
        if (p->at >= p->end)
            return bad(p, from, "the string does not end");
        if (*p->at != '\\')
            return bad(p, p->at, "a control character in a string");
        if (!read_escape(p, &buf))
            return false;
        text = p->at;
        skip_plain(p);
    }
    *out = buf_str(&buf);
    return true;
}

static bool skip_digits(JsonParser *p)
{
    const char *from = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
        p->at++;
    return p->at > from;
}

static bool read_number(JsonParser *p, JsonNode *node)
{
    const char *from = p->at;
    (void)take(p, '-');
    bool ok = take(p, '0') || skip_digits(p);
    if (ok && take(p, '.'))
        ok = skip_digits(p);
    if (ok && (take(p, 'e') || take(p, 'E'))) {
        (void)(take(p, '+') || take(p, '-'));
        ok = skip_digits(p);
    }
    if (!ok)
        return bad(p, from, "expected a value");
    node->kind = JSON_NUMBER;
    node->text = (Str){from, (size_t)(p->at - from)};
    return true;
}

static bool read_word(JsonParser *p, JsonNode *node)
{
    Str rest = {p->at, (size_t)(p->end - p->at)};
    bool truth = str_starts(rest, STR("true"));
    bool falsehood = str_starts(rest, STR("false"));
    if (!truth && !falsehood && !str_starts(rest, STR("null")))
        return read_number(p, node);
    p->at += falsehood ? 5 : 4;
    node->kind = truth || falsehood ? JSON_BOOL : JSON_NULL;
    node->truth = truth;
    return true;
}

static JsonNode *find_member(const JsonNode *object, Str key)
{
    if (object->index)
        return map_find(object->index, key);
    for (JsonNode *member = object->first; member; member = member->next) {
        if (str_equal(member->key, key))
            return member;
    }
    return NULL;
}

const JsonNode *json_find(const JsonNode *object, Str key)
{
    return object && object->kind == JSON_OBJECT ? find_member(object, key) : NULL;
}

static void add_item(JsonParser *p, JsonNode *parent, JsonNode *item, JsonNode **last)
{
    if (*last)
        (*last)->next = item;
    else
        parent->first = item;
    *last = item;
    parent->count++;
    if (parent->kind != JSON_OBJECT)
        return;
    if (parent->index) {
        map_put(parent->index, item->key, item);
    } else if (parent->count >= INDEX_FROM) {
        parent->index = map_new(p->arena, parent->count * 2);
        for (JsonNode *old = parent->first; old; old = old->next)
            map_put(parent->index, old->key, old);
    }
}

static bool read_key(JsonParser *p, const JsonNode *object, JsonNode *member)
{
    const char *from = p->at;
    if (p->at >= p->end || *p->at != '"')
        return bad(p, p->at, "expected a key in quotes");
    if (!read_string(p, &member->key))
        return false;
    if (find_member(object, member->key))
        return bad(p, from, "the key '%.80s' is there twice", text_safe(p->arena, member->key));
    member->key_from = (size_t)(from - p->start);
    skip_space(p);
    if (!take(p, ':'))
        return bad(p, p->at, "expected ':' behind the key");
    skip_space(p);
    return true;
}

static bool read_value(JsonParser *p, JsonNode *node, int depth);

static bool read_items(JsonParser *p, JsonNode *node, int depth)
{
    const char *from = p->at;
    char end = *p->at++ == '{' ? '}' : ']';
    JsonNode *last = NULL;
    node->kind = end == '}' ? JSON_OBJECT : JSON_ARRAY;
    if (depth >= JSON_DEPTH)
        return bad(p, from, "nested deeper than %d", JSON_DEPTH);
    skip_space(p);
    if (take(p, end))
        return true;
    for (;;) {
        JsonNode *item = ARENA_NEW(p->arena, JsonNode);
        skip_space(p);
        if (end == '}' && !read_key(p, node, item))
            return false;
        if (!read_value(p, item, depth + 1))
            return false;
        add_item(p, node, item, &last);
        skip_space(p);
        if (take(p, end))
            return true;
        if (!take(p, ','))
            return bad(p, p->at, "expected ',' or '%c'", end);
    }
}

static bool read_value(JsonParser *p, JsonNode *node, int depth)
{
    char c = p->at < p->end ? *p->at : '\0';
    node->value_from = (size_t)(p->at - p->start);
    bool ok;
    if (c == '{' || c == '[') {
        ok = read_items(p, node, depth);
    } else if (c == '"') {
        node->kind = JSON_STRING;
        ok = read_string(p, &node->text);
    } else {
        ok = read_word(p, node);
    }
    node->value_to = (size_t)(p->at - p->start);
    return ok;
}

bool json_parse(Arena *arena, Str source, uint64_t limit_bytes, const JsonNode **out, Error *err)
{
    const char *text = source.data ? source.data : "";
    uint64_t limit = limit_bytes ? limit_bytes : DEFAULT_LIMIT_BYTES;
    if (source.len > limit)
        return fail(err, ERR_TOO_LARGE, "the JSON text is larger than %llu bytes",
                    (unsigned long long)limit);
    JsonParser p = {arena, text, text, text + source.len, err};
    size_t good = utf8_valid_prefix(source);
    if (good < source.len)
        return bad(&p, text + good, "bytes that are not UTF-8");
    JsonNode *root = ARENA_NEW(arena, JsonNode);
    skip_space(&p);
    if (!read_value(&p, root, 0))
        return false;
    skip_space(&p);
    if (p.at < p.end)
        return bad(&p, p.at, "expected the end behind the value");
    *out = root;
    return true;
}

bool json_to_i64(const JsonNode *number, int64_t *out)
{
    uint64_t value;
    bool minus = number->text.len > 0 && number->text.data[0] == '-';
    if (number->kind != JSON_NUMBER ||
        !str_to_u64(str_slice(number->text, minus, SIZE_MAX), &value))
        return false;
    if (value > (uint64_t)INT64_MAX + minus)
        return false;
    *out = minus ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}
