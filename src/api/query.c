#include "api/api_internal.h"
#include "base/text.h"

/* ── percent-encoding ── */

static int hex_digit(char c)
{
    int lower = c | 0x20;
    if (c >= '0' && c <= '9')
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Control characters are refused too: no value of ours has one. */
bool percent_decode(Arena *arena, Str text, bool plus_is_blank, Str *out)
{
    Buf buf = buf_new(arena);
    buf_reserve(&buf, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '+' && plus_is_blank) {
            c = ' ';
        } else if (c == '%') {
            if (i + 2 >= text.len || hex_digit(text.data[i + 1]) < 0 ||
                hex_digit(text.data[i + 2]) < 0)
                return false;
            c = (char)(hex_digit(text.data[i + 1]) << 4 | hex_digit(text.data[i + 2]));
            i += 2;
        }
        if ((unsigned char)c < 0x20 || c == 0x7f)
            return false;
        buf_add_char(&buf, c);
    }
    *out = buf_str(&buf);
    return str_is_utf8(*out);
}

/* ── reading ── */

static bool bad(ApiCall *call, Str name, const char *what, Error *err)
{
    const char *shown = text_safe(call->arena, str_slice(name, 0, 80));
    call->reply->field = shown;
    return fail(err, ERR_INVALID, "parameter '%s' %s", shown, what);
}

static bool read_value(ApiCall *call, size_t index, Str text, Error *err)
{
    Field field = parameter_field(&call->endpoint->parameters[index]);
    call->reply->given[index] = true;
    if (field_read_text(call->arena, &field, text, &call->reply->values[index], err))
        return true;
    call->reply->field = field.name;
    return false;
}

/* A list that goes on: ?kinds=a&kinds=b is ?kinds=a,b. */
static bool read_more(ApiCall *call, size_t index, Str name, Str text, Error *err)
{
    StrArray *list = &call->reply->values[index].texts, before = *list;
    if (call->endpoint->parameters[index].kind != FIELD_TEXTS)
        return bad(call, name, "is there twice", err);
    if (!read_value(call, index, text, err))
        return false;
    size_t most = call->endpoint->parameters[index].most
                      ? (size_t)call->endpoint->parameters[index].most
                      : 1000;
    StrArray more = *list;
    *list = before;
    for (size_t i = 0; i < more.count; i++)
        ARRAY_PUSH(call->arena, list, more.items[i]);
    return list->count <= most || bad(call, name, "has more items than it may have", err);
}

static bool read_pair(ApiCall *call, Str pair, Error *err)
{
    size_t equals = str_find(pair, '='), index = 0;
    Str name = {0}, value = {0};
    if (!percent_decode(call->arena, str_slice(pair, 0, equals), true, &name) ||
        (equals != STR_NONE &&
         !percent_decode(call->arena, str_slice(pair, equals + 1, pair.len), true, &value)))
        return bad(call, pair, "is not well encoded", err);
    if (!endpoint_parameter(call->endpoint, name, &index) || !call->endpoint->parameters)
        return bad(call, name, "is not known here", err);
    Str names[ENDPOINT_VALUES_MOST];
    for (size_t i = 0; i < endpoint_path_names(call->endpoint, names); i++) {
        if (str_equal(names[i], name))
            return bad(call, name, "stands in the path", err);
    }
    if (call->reply->given[index])
        return read_more(call, index, name, value, err);
    return read_value(call, index, value, err);
}

static bool read_path_values(ApiCall *call, Error *err)
{
    Str names[ENDPOINT_VALUES_MOST];
    size_t index, count = endpoint_path_names(call->endpoint, names);
    for (size_t i = 0; i < count; i++) {
        if (endpoint_parameter(call->endpoint, names[i], &index) &&
            !read_value(call, index, call->path_values[i], err))
            return false;
    }
    return true;
}

static bool read_defaults(ApiCall *call, Error *err)
{
    const ApiParameter *list = call->endpoint->parameters;
    for (size_t i = 0; list && list[i].name; i++) {
        ASSERT(i < ENDPOINT_PARAMETERS_MOST);
        if (call->reply->given[i])
            continue;
        if (list[i].required)
            return bad(call, str_of(list[i].name), "is missing", err);
        if (list[i].kind == FIELD_WORD)
            call->reply->values[i].word = -1;
        if (list[i].standard && !read_value(call, i, str_of(list[i].standard), err))
            return false;
    }
    return true;
}

bool query_read(ApiCall *call, Error *err)
{
    Str rest = call->request->query, pair = {0};
    if (!read_path_values(call, err))
        return false;
    while (str_next(&rest, '&', &pair)) {
        if (pair.len && !read_pair(call, pair, err))
            return false;
    }
    return read_defaults(call, err);
}

/* ── for handlers ── */

static const ParameterValue *value_of(const ApiCall *call, const char *name, FieldKind kind)
{
    size_t index = 0;
    const ApiParameter *parameter = endpoint_parameter(call->endpoint, str_of(name), &index);
    ASSERT(parameter && parameter->kind == kind);
    return &call->reply->values[index];
}

Str api_text(const ApiCall *call, const char *name)
{
    Str names[ENDPOINT_VALUES_MOST];
    size_t count = endpoint_path_names(call->endpoint, names);
    for (size_t i = 0; i < count; i++) {
        if (str_is(names[i], name))
            return call->path_values[i];
    }
    return value_of(call, name, FIELD_TEXT)->text;
}

StrArray api_texts(const ApiCall *call, const char *name)
{
    return value_of(call, name, FIELD_TEXTS)->texts;
}

int64_t api_integer(const ApiCall *call, const char *name)
{
    return value_of(call, name, FIELD_INTEGER)->integer;
}

bool api_bool(const ApiCall *call, const char *name)
{
    return value_of(call, name, FIELD_BOOL)->truth;
}

int api_word(const ApiCall *call, const char *name)
{
    return value_of(call, name, FIELD_WORD)->word;
}

bool api_given(const ApiCall *call, const char *name)
{
    size_t index = 0;
    return endpoint_parameter(call->endpoint, str_of(name), &index) && call->reply->given[index];
}

/* ── pages: a cursor is the list's own mark and where the page before ended, both as hex ── */

enum { CURSOR_MARK = 8 };

static Str cursor_mark(const ApiCall *call)
{
    Hash hash = hash_of(str_of(call->endpoint->path));
    return arena_copy(call->arena, str_slice(str_of(hash_hex(&hash).text), 0, CURSOR_MARK));
}

bool api_cursor(ApiCall *call, Str *after, Error *err)
{
    Str cursor = api_text(call, "cursor"), hex = str_slice(cursor, CURSOR_MARK, cursor.len);
    Buf buf = buf_new(call->arena);
    *after = (Str){0};
    if (!cursor.len)
        return true;
    if (!str_starts(cursor, cursor_mark(call)) || !hex.len || hex.len % 2 || !str_is_hex(hex)) {
        call->reply->field = "cursor";
        return fail(err, ERR_INVALID, "parameter 'cursor' is none of this list") ||
               fail_hint(err, "Take `next_cursor` of the page before, or begin without one.");
    }
    for (size_t i = 0; i < hex.len; i += 2)
        buf_add_char(&buf, (char)(hex_digit(hex.data[i]) << 4 | hex_digit(hex.data[i + 1])));
    *after = buf_str(&buf);
    return true;
}

JsonWriter *api_page_begin(ApiCall *call)
{
    JsonWriter *json = api_reply_begin(call);
    json_begin_object(json);
    json_key(json, "items");
    json_begin_array(json);
    return json;
}

bool api_page_end(ApiCall *call, Str last)
{
    Buf buf = buf_new(call->arena);
    JsonWriter *json = &call->reply->json;
    buf_add(&buf, cursor_mark(call));
    for (size_t i = 0; i < last.len; i++)
        buf_format(&buf, "%02x", (unsigned)(unsigned char)last.data[i]);
    json_end_array(json);
    json_member_text(json, "next_cursor", last.len ? buf_text(&buf) : NULL);
    json_end_object(json);
    return api_reply_end(call);
}
