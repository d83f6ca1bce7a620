/* A request's way up to its handler: "METHOD TARGET\nBODY". What is taken is well formed, means the same when
 * it is written and read again, and what is refused has a typed error. */
#include <string.h>

#include "api/api_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Str written(Arena *arena, const Record *record, const void *value)
{
    Buf buf = buf_new(arena);
    JsonWriter json = json_writer(&buf, false);
    record_to_json(&json, record, value);
    return buf_str(&buf);
}

static void *read_as(Arena *arena, const Record *record, const JsonNode *node)
{
    Error err = {0};
    const char *field = NULL;
    void *value = arena_alloc(arena, record->size, 16);
    bool taken = record_from_json(arena, record, node, value, &field, &err);
    ASSERT(taken == record_check(arena, record, node, &(Error){0}));
    ASSERT(taken || err.code == ERR_INVALID);
    return taken ? value : NULL;
}

/* Absent words are -1, which zeroed memory is not: what reads back is compared from the first writing on. */
static void check_body(Arena *arena, const Record *record, Str body)
{
    Error err = {0};
    const JsonNode *node = NULL, *again = NULL;
    if (!json_parse(arena, body, 0, &node, &err))
        return;
    void *value = read_as(arena, record, node);
    if (!value)
        return;
    Str text = written(arena, record, value);
    ASSERT(json_parse(arena, text, 0, &again, &err));
    void *copy = read_as(arena, record, again);
    ASSERT(copy && str_equal(written(arena, record, copy), text));
}

static void check_values(const ApiCall *call)
{
    Str names[ENDPOINT_VALUES_MOST];
    size_t count = endpoint_path_names(call->endpoint, names);
    for (size_t i = 0; i < count; i++) {
        Str value = call->path_values[i];
        ASSERT(value.len && str_is_utf8(value) && !str_has_nul(value));
        ASSERT(str_find(value, '/') == STR_NONE && str_find(value, '\n') == STR_NONE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str rest = {(const char *)data, size}, line = {0}, method = {0};
    Api api = {.arena = arena};
    Error err = {0};
    if (!str_next(&rest, '\n', &line) || !str_next(&line, ' ', &method))
        return 0;
    size_t mark = str_find(line, '?');
    HttpRequest request = {.method = arena_text(arena, method),
                           .path = str_slice(line, 0, mark),
                           .query =
                               mark == STR_NONE ? (Str){0} : str_slice(line, mark + 1, line.len),
                           .body = rest};
    ApiCall *call = api_call_new(&api, &request, arena);
    bool found = route_find(call, &err);
    ASSERT(found || err.code == ERR_NOT_FOUND || err.code == ERR_METHOD_NOT_ALLOWED ||
           err.code == ERR_INVALID);
    if (!found || !call->endpoint)
        return 0;
    check_values(call);
    ASSERT(query_read(call, &err) || err.code == ERR_INVALID);
    if (call->endpoint->body)
        check_body(arena, call->endpoint->body, rest);
    return 0;
}
