#include <string.h>
#include <strings.h>

#include "api/api_internal.h"
#include "base/text.h"

#define ENDPOINTS(table) extern const Endpoint table[];
#include "api/endpoints.def"
#undef ENDPOINTS

static const Endpoint *const tables[] = {
#define ENDPOINTS(table) table,
#include "api/endpoints.def"
#undef ENDPOINTS
};

/* ── tables ── */

size_t api_endpoint_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        for (const Endpoint *one = tables[i]; one->method; one++)
            count++;
    }
    return count;
}

const Endpoint *api_endpoint(size_t index)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        for (const Endpoint *one = tables[i]; one->method; one++) {
            if (index-- == 0)
                return one;
        }
    }
    return NULL;
}

size_t endpoint_path_names(const Endpoint *endpoint, Str names[ENDPOINT_VALUES_MOST])
{
    size_t count = 0;
    for (const char *at = strchr(endpoint->path, '{'); at; at = strchr(at, '{')) {
        const char *end = strchr(at, '}');
        ASSERT(end && count < ENDPOINT_VALUES_MOST);
        names[count++] = (Str){at + 1, (size_t)(end - at - 1)};
        at = end;
    }
    return count;
}

const ApiParameter *endpoint_parameter(const Endpoint *endpoint, Str name, size_t *index)
{
    const ApiParameter *list = endpoint->parameters;
    for (size_t i = 0; list && list[i].name; i++) {
        if (!str_is(name, list[i].name))
            continue;
        *index = i;
        return &list[i];
    }
    return NULL;
}

Field parameter_field(const ApiParameter *parameter)
{
    return (Field){.name = parameter->name,
                   .about = parameter->about,
                   .kind = parameter->kind,
                   .words = parameter->words,
                   .least = parameter->least,
                   .most = parameter->most};
}

/* ── matching ── */

typedef struct {
    Str values[ENDPOINT_VALUES_MOST]; /* as sent */
    size_t count;
} PathValues;

/* A {name} is one whole part of the path, not empty. */
static bool path_matches(const char *pattern, Str path, PathValues *out)
{
    size_t at = 0;
    out->count = 0;
    while (*pattern) {
        size_t from = at;
        if (*pattern != '{') {
            if (at >= path.len || path.data[at++] != *pattern++)
                return false;
            continue;
        }
        while (at < path.len && path.data[at] != '/')
            at++;
        if (at == from || out->count >= ENDPOINT_VALUES_MOST)
            return false;
        out->values[out->count++] = str_slice(path, from, at);
        pattern = strchr(pattern, '}') + 1;
    }
    return at == path.len;
}

typedef struct {
    const Endpoint *endpoint; /* of the method asked for; NULL: none */
    PathValues values;
    StrArray methods; /* all that the path has */
} Found;

/* "/batch" wins over "/{id}": the fewer values, the better. */
static void look(ApiCall *call, Str method, Found *found)
{
    PathValues values;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        for (const Endpoint *one = tables[i]; one->method; one++) {
            if (!path_matches(one->path, call->request->path, &values))
                continue;
            if (!str_array_has(&found->methods, str_of(one->method)))
                ARRAY_PUSH(call->arena, &found->methods, str_of(one->method));
            if (!str_is(method, one->method) ||
                (found->endpoint && found->values.count <= values.count))
                continue;
            found->endpoint = one;
            found->values = values;
        }
    }
}

static Str allowed(ApiCall *call, const StrArray *methods, Str *json)
{
    Buf buf = buf_new(call->arena), list = buf_new(call->arena);
    for (size_t i = 0; i < methods->count; i++) {
        bool get = str_is(methods->items[i], "GET");
        buf_format(&buf, "%.*s%s, ", STR_ARG(methods->items[i]), get ? ", HEAD" : "");
        buf_format(&list, "\"%.*s\",%s", STR_ARG(methods->items[i]), get ? "\"HEAD\"," : "");
    }
    *json = str_of(arena_format(call->arena, "{\"allow\":[%s\"OPTIONS\"]}", buf_text(&list)));
    return str_of(arena_format(call->arena, "%sOPTIONS", buf_text(&buf)));
}

static bool take_values(ApiCall *call, const PathValues *values, Error *err)
{
    for (size_t i = 0; i < values->count; i++) {
        Str *out = &call->path_values[i];
        if (!percent_decode(call->arena, values->values[i], false, out) || !out->len ||
            str_find(*out, '/') != STR_NONE)
            return fail(err, ERR_INVALID, "the path has a part that is not well encoded: '%s'",
                        text_safe(call->arena, str_slice(values->values[i], 0, 120))) ||
                   fail_hint(err, "Write UTF-8, each byte that is no letter or digit as %%XX.");
    }
    return true;
}

bool route_find(ApiCall *call, Error *err)
{
    struct ApiReplyState *reply = call->reply;
    Str method = str_of(call->request->method), json;
    Found found = {0};
    reply->head = str_is(method, "HEAD");
    look(call, reply->head ? STR("GET") : method, &found);
    if (!found.methods.count)
        return fail(err, ERR_NOT_FOUND, "there is nothing at '%s'",
                    text_safe(call->arena, str_slice(call->request->path, 0, 200))) ||
               fail_hint(err, "GET /openapi.json lists all there is.");
    if (found.endpoint) {
        call->endpoint = found.endpoint;
        return take_values(call, &found.values, err);
    }
    reply_header(call, "allow", allowed(call, &found.methods, &json));
    if (str_is(method, "OPTIONS"))
        return true;
    reply->details = json;
    return fail(err, ERR_METHOD_NOT_ALLOWED, "'%s' is not a method of '%s'",
                text_safe(call->arena, str_slice(method, 0, 40)),
                text_safe(call->arena, str_slice(call->request->path, 0, 200)));
}
