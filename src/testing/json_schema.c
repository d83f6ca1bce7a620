#include "testing/json_schema.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { SCHEMA_DEPTH = 256 };

typedef struct {
    Arena *arena;
    const JsonNode *root;
    Error *err;
} Checker;

static bool check(Checker *c, const JsonNode *schema, const JsonNode *value, const char *path,
                  int depth);

static const char *below(Checker *c, const char *path, Str key)
{
    return arena_format(c->arena, "%s/%s", path, text_safe(c->arena, key));
}

static bool wrong(Checker *c, const char *path, const char *what)
{
    return fail(c->err, ERR_INVALID, "%s: %s", path[0] ? path : "/", what);
}

static bool values_equal(const JsonNode *a, const JsonNode *b)
{
    if (a->kind != b->kind || a->truth != b->truth || a->count != b->count ||
        !str_equal(a->text, b->text))
        return false;
    const JsonNode *other = b->first;
    for (const JsonNode *item = a->first; item; item = item->next) {
        const JsonNode *match = a->kind == JSON_OBJECT ? json_find(b, item->key) : other;
        if (!match || !values_equal(item, match))
            return false;
        other = other->next;
    }
    return true;
}

static bool is_of_type(const JsonNode *value, Str type)
{
    static const char *const names[] = {"null", "boolean", "number", "string", "array", "object"};
    int64_t whole;
    if (str_is(type, "integer"))
        return value->kind == JSON_NUMBER && json_to_i64(value, &whole);
    return str_is(type, names[value->kind]);
}

static bool check_type(Checker *c, const JsonNode *types, const JsonNode *value, const char *path)
{
    bool fits = types->kind == JSON_STRING && is_of_type(value, types->text);
    for (const JsonNode *type = types->first; type; type = type->next)
        fits = fits || is_of_type(value, type->text);
    return fits || wrong(c, path,
                         arena_format(c->arena, "is %s, not of the type in the schema",
                                      json_kind_name(value->kind)));
}

static bool check_required(Checker *c, const JsonNode *keys, const JsonNode *value,
                           const char *path)
{
    for (const JsonNode *key = keys->first; key && value->kind == JSON_OBJECT; key = key->next) {
        if (!json_find(value, key->text))
            return wrong(c, path,
                         arena_format(c->arena, "has no '%s'", text_safe(c->arena, key->text)));
    }
    return true;
}

static bool check_members(Checker *c, const JsonNode *schema, const JsonNode *value,
                          const char *path, int depth)
{
    const JsonNode *properties = json_find(schema, STR("properties"));
    const JsonNode *others = json_find(schema, STR("additionalProperties"));
    for (const JsonNode *member = value->first; member && value->kind == JSON_OBJECT;
         member = member->next) {
        const JsonNode *known = json_find(properties, member->key);
        const char *where = below(c, path, member->key);
        if (!known && others && others->kind == JSON_BOOL && !others->truth)
            return wrong(c, where, "is not in the schema");
        const JsonNode *rule = known ? known : others;
        if (rule && rule->kind == JSON_OBJECT && !check(c, rule, member, where, depth + 1))
            return false;
    }
    return true;
}

static bool check_items(Checker *c, const JsonNode *rule, const JsonNode *value, const char *path,
                        int depth)
{
    size_t index = 0;
    for (const JsonNode *item = value->first; item && value->kind == JSON_ARRAY;
         item = item->next) {
        const char *where = arena_format(c->arena, "%s/%zu", path, index++);
        if (!check(c, rule, item, where, depth + 1))
            return false;
    }
    return true;
}

static bool check_enum(Checker *c, const JsonNode *values, const JsonNode *value, const char *path)
{
    for (const JsonNode *one = values->first; one; one = one->next) {
        if (values_equal(one, value))
            return true;
    }
    return wrong(c, path, "is none of the values in the schema's enum");
}

/* anyOf and oneOf: how many of the schemas fit; the error of the last that does not stays. */
static size_t count_fitting(Checker *c, const JsonNode *schemas, const JsonNode *value,
                            const char *path, int depth)
{
    size_t count = 0;
    for (const JsonNode *one = schemas->first; one; one = one->next)
        count += check(c, one, value, path, depth + 1);
    return count;
}

static bool check_ref(Checker *c, Str ref, const JsonNode *value, const char *path, int depth)
{
    static const Str prefix = {"#/$defs/", 8};
    const JsonNode *target = str_is(ref, "#") ? c->root : NULL;
    if (str_starts(ref, prefix))
        target = json_find(json_find(c->root, STR("$defs")), str_slice(ref, prefix.len, ref.len));
    if (!target)
        return wrong(c, path, "the schema has a $ref that leads nowhere");
    return check(c, target, value, path, depth + 1);
}

static bool check_minimum(Checker *c, const JsonNode *least, const JsonNode *value,
                          const char *path)
{
    if (value->kind != JSON_NUMBER)
        return true;
    double number = strtod(arena_text(c->arena, value->text), NULL);
    double bound = strtod(arena_text(c->arena, least->text), NULL);
    return number >= bound || wrong(c, path, "is below the schema's minimum");
}

static bool check_maximum(Checker *c, const JsonNode *most, const JsonNode *value, const char *path)
{
    if (value->kind != JSON_NUMBER)
        return true;
    double number = strtod(arena_text(c->arena, value->text), NULL);
    double bound = strtod(arena_text(c->arena, most->text), NULL);
    return number <= bound || wrong(c, path, "is above the schema's maximum");
}

static bool check_min_items(Checker *c, const JsonNode *least, const JsonNode *value,
                            const char *path)
{
    int64_t count;
    bool fits =
        value->kind != JSON_ARRAY || !json_to_i64(least, &count) || value->count >= (size_t)count;
    return fits || wrong(c, path, "has too few items");
}

static bool check_max_items(Checker *c, const JsonNode *most, const JsonNode *value,
                            const char *path)
{
    int64_t count;
    bool fits =
        value->kind != JSON_ARRAY || !json_to_i64(most, &count) || value->count <= (size_t)count;
    return fits || wrong(c, path, "has too many items");
}

/* Characters, not bytes. */
static int64_t length_of(Str text)
{
    int64_t length = 0;
    for (size_t at = 0; at < text.len; length++) {
        size_t bytes = str_utf8_next(str_slice(text, at, text.len));
        at += bytes ? bytes : 1;
    }
    return length;
}

static bool check_length(Checker *c, const JsonNode *rule, const JsonNode *value, const char *path)
{
    int64_t bound, length = length_of(value->text);
    bool least = str_is(rule->key, "minLength");
    if (value->kind != JSON_STRING || !json_to_i64(rule, &bound))
        return true;
    return (least ? length >= bound : length <= bound) ||
           wrong(c, path, least ? "is too short" : "is too long");
}

static bool check_pattern(Checker *c, const JsonNode *rule, const JsonNode *value, const char *path)
{
    regex_t pattern;
    if (value->kind != JSON_STRING)
        return true;
    if (regcomp(&pattern, arena_text(c->arena, rule->text), REG_EXTENDED | REG_NOSUB) != 0)
        return wrong(c, path, "the schema's pattern is none");
    int found = regexec(&pattern, arena_text(c->arena, value->text), 0, NULL, 0);
    regfree(&pattern);
    return found == 0 || wrong(c, path, "does not match the schema's pattern");
}

static bool is_annotation(Str keyword)
{
    static const char *const names[] = {"$schema",     "$id",     "$defs",    "$comment", "title",
                                        "description", "default", "examples", "format"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_is(keyword, names[i]))
            return true;
    }
    return false;
}

static bool check_keyword(Checker *c, const JsonNode *schema, const JsonNode *rule,
                          const JsonNode *value, const char *path, int depth)
{
    Str keyword = rule->key;
    if (str_is(keyword, "type"))
        return check_type(c, rule, value, path);
    if (str_is(keyword, "required"))
        return check_required(c, rule, value, path);
    if (str_is(keyword, "properties") || str_is(keyword, "additionalProperties"))
        return check_members(c, schema, value, path, depth);
    if (str_is(keyword, "items"))
        return check_items(c, rule, value, path, depth);
    if (str_is(keyword, "enum"))
        return check_enum(c, rule, value, path);
    if (str_is(keyword, "const"))
        return values_equal(rule, value) || wrong(c, path, "is not the schema's const");
    if (str_is(keyword, "allOf"))
        return count_fitting(c, rule, value, path, depth) == rule->count;
    if (str_is(keyword, "anyOf"))
        return count_fitting(c, rule, value, path, depth) > 0;
    if (str_is(keyword, "oneOf"))
        return count_fitting(c, rule, value, path, depth) == 1 ||
               wrong(c, path, "does not fit exactly one of the schema's oneOf");
    if (str_is(keyword, "$ref"))
        return check_ref(c, rule->text, value, path, depth);
    if (str_is(keyword, "minimum"))
        return check_minimum(c, rule, value, path);
    if (str_is(keyword, "minItems"))
        return check_min_items(c, rule, value, path);
    if (str_is(keyword, "maximum"))
        return check_maximum(c, rule, value, path);
    if (str_is(keyword, "maxItems"))
        return check_max_items(c, rule, value, path);
    if (str_is(keyword, "minLength") || str_is(keyword, "maxLength"))
        return check_length(c, rule, value, path);
    if (str_is(keyword, "pattern"))
        return check_pattern(c, rule, value, path);
    return is_annotation(keyword) ||
           wrong(c, path,
                 arena_format(c->arena, "the schema's keyword '%s' is not known here",
                              text_safe(c->arena, keyword)));
}

static bool check(Checker *c, const JsonNode *schema, const JsonNode *value, const char *path,
                  int depth)
{
    if (depth > SCHEMA_DEPTH)
        return wrong(c, path, "the schema goes round in circles");
    if (schema->kind == JSON_BOOL)
        return schema->truth || wrong(c, path, "is not allowed by the schema");
    if (schema->kind != JSON_OBJECT)
        return wrong(c, path, "the schema is no object");
    for (const JsonNode *rule = schema->first; rule; rule = rule->next) {
        if (!check_keyword(c, schema, rule, value, path, depth))
            return false;
    }
    return true;
}

bool json_schema_check(const JsonNode *schema, const JsonNode *value, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Checker checker = {arena, schema, err};
    return check(&checker, schema, value, "", 0);
}
