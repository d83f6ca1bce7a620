/* check-schema SCHEMA.json < reply.json: exit 0 when the reply fits the schema; else says where not. */
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "format/json_read.h"
#include "testing/json_schema.h"

static const uint64_t LIMIT_BYTES = (uint64_t)64 << 20;

static bool run(Arena *arena, const char *schema_path, Error *err)
{
    Str schema_text, reply_text;
    const JsonNode *schema, *reply;
    if (!fs_read_path(arena, schema_path, LIMIT_BYTES, &schema_text, err) ||
        !fs_read_fd(arena, 0, LIMIT_BYTES, &reply_text, err))
        return false;
    if (!json_parse(arena, schema_text, 0, &schema, err))
        return fail_in(err, "%s", schema_path);
    if (!json_parse(arena, reply_text, 0, &reply, err))
        return fail_in(err, "the reply");
    return json_schema_check(schema, reply, err);
}

int main(int argc, char **argv)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Error err = {0};
    if (argc != 2) {
        fputs("usage: check-schema SCHEMA.json < reply.json\n", stderr);
        return 2;
    }
    if (run(arena, argv[1], &err))
        return 0;
    fprintf(stderr, "check-schema: %s\n", err.message);
    return 1;
}
