/* A span that has ended, between worker and daemon. */
#include "daemon/worker.h"

#include <string.h>

static void write_texts(JsonWriter *json, const LogEvent *span)
{
    const struct {
        const char *key;
        Str text;
    } texts[] = {
        {"message", str_of(span->message)},       {"operation_type", str_of(span->operation_type)},
        {"artifact_id", span->artifact_id},       {"direction", str_of(span->direction)},
        {"result", str_of(span->result)},         {"operation", span->operation},
        {"error_code", str_of(span->error_code)}, {"error_message", str_of(span->error_message)},
        {"trace_id", str_of(span->trace_id)},     {"span_id", str_of(span->span_id)},
        {"parent_id", str_of(span->parent_id)},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i].text.len)
            json_member(json, texts[i].key, json_bytes_text(json->buf->arena, texts[i].text));
}

void worker_span_write(JsonWriter *json, const LogEvent *span)
{
    json_begin_object(json);
    json_member_text(json, "name", span->span);
    json_member_integer(json, "level", span->level);
    json_member_integer(json, "duration_us", span->duration_us);
    json_member_integer(json, "ended_us", span->ended_us);
    write_texts(json, span);
    json_key(json, "phases");
    json_begin_object(json);
    for (size_t i = 0; span->phases && i < span->phases->count; i++)
        json_member_integer(json, span->phases->items[i].name, span->phases->items[i].self_us);
    json_end_object(json);
    json_end_object(json);
}

static Str text_at(const JsonNode *node, const char *key)
{
    const JsonNode *found = json_find(node, str_of(key));
    return found && found->kind == JSON_STRING ? found->text : (Str){0};
}

static int64_t number_at(const JsonNode *node, const char *key)
{
    const JsonNode *found = json_find(node, str_of(key));
    int64_t number = 0;
    return found && json_to_i64(found, &number) && number > 0 ? number : 0;
}

static const char *word_at(Arena *arena, const JsonNode *node, const char *key)
{
    Str text = text_at(node, key);
    return text.len ? arena_text(arena, text) : NULL;
}

static void read_phases(Arena *arena, const JsonNode *node, Phases *out)
{
    for (const JsonNode *one = node ? node->first : NULL; one && out->count < PHASES_MOST;
         one = one->next) {
        int64_t us = 0;
        if (json_to_i64(one, &us))
            out->items[out->count++] = (Phase){arena_text(arena, one->key), us, 1};
    }
}

void worker_span_read(Arena *arena, const JsonNode *node, LogEvent *out, Phases *phases)
{
    int64_t level = number_at(node, "level");
    *out = (LogEvent){
        .level = level > LEVEL_ERROR ? LEVEL_ERROR : (LogLevel)level,
        .span = word_at(arena, node, "name"),
        .message = word_at(arena, node, "message"),
        .operation_type = word_at(arena, node, "operation_type"),
        .artifact_id = text_at(node, "artifact_id"),
        .direction = word_at(arena, node, "direction"),
        .result = word_at(arena, node, "result"),
        .operation = text_at(node, "operation"),
        .duration_us = number_at(node, "duration_us"),
        .ended_us = number_at(node, "ended_us"),
        .error_code = word_at(arena, node, "error_code"),
        .error_message = word_at(arena, node, "error_message"),
        .trace_id = word_at(arena, node, "trace_id"),
        .span_id = word_at(arena, node, "span_id"),
        .parent_id = word_at(arena, node, "parent_id"),
    };
    read_phases(arena, json_find(node, STR("phases")), phases);
}
