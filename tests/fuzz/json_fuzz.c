/* The JSON reader and writer: what is read, written and read again is the same tree. */
#include <stdint.h>

#include "format/json_read.h"
#include "format/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_node(JsonWriter *writer, const JsonNode *node)
{
    switch (node->kind) {
    case JSON_NULL:
        json_null(writer);
        return;
    case JSON_BOOL:
        json_bool(writer, node->truth);
        return;
    case JSON_NUMBER:
        json_raw(writer, node->text);
        return;
    case JSON_STRING:
        json_string(writer, node->text);
        return;
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    bool object = node->kind == JSON_OBJECT;
    object ? json_begin_object(writer) : json_begin_array(writer);
    for (const JsonNode *item = node->first; item; item = item->next) {
        if (object)
            json_key_str(writer, item->key);
        write_node(writer, item);
    }
    object ? json_end_object(writer) : json_end_array(writer);
}

static void check_same(const JsonNode *a, const JsonNode *b)
{
    ASSERT(a->kind == b->kind && a->truth == b->truth && a->count == b->count);
    ASSERT(str_equal(a->text, b->text) && str_equal(a->key, b->key));
    const JsonNode *other = b->first;
    for (const JsonNode *item = a->first; item; item = item->next, other = other->next)
        check_same(item, other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    SCOPED(arena_close) Arena *arena = arena_open();
    Error err = {0};
    const JsonNode *node, *again;
    if (!json_parse(arena, (Str){(const char *)data, size}, 0, &node, &err)) {
        ASSERT(err.code != ERR_NONE && err.message[0] != '\0');
        return 0;
    }
    for (int pretty = 0; pretty < 2; pretty++) {
        Buf buf = buf_new(arena);
        JsonWriter writer = json_writer(&buf, pretty);
        write_node(&writer, node);
        ASSERT(json_parse(arena, buf_str(&buf), UINT64_MAX, &again, &err));
        check_same(node, again);
    }
    return 0;
}
