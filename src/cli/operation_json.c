#include "cli/operation_json.h"

#include "base/clock.h"

static void member_or_null(JsonWriter *json, const char *key, Str text)
{
    if (text.len)
        json_member(json, key, text);
    else
        json_member_null(json, key);
}

void json_operation(JsonWriter *json, const Operation *operation)
{
    json_begin_object(json);
    json_member(json, "id", operation->id);
    json_member_text(json, "at", clock_format(json->buf->arena, operation->at_ms));
    json_member(json, "verb", operation->verb);
    json_member_bytes(json, "command", operation->command);
    json_member_bytes(json, "actor", operation->actor);
    json_member(json, "result", operation->result);
    json_member(json, "collection", operation->collection);
    json_member_strings(json, "artifacts", &operation->artifacts);
    json_member_integer(json, "files", (int64_t)operation->files);
    member_or_null(json, "undone_by", operation->undone_by);
    member_or_null(json, "undoes", operation->undoes);
    json_member(json, "trace_id", operation->trace_id);
    json_end_object(json);
}
