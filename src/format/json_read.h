/* JSON (RFC 8259), read strictly into a tree whose nodes know their bytes in the source.
 *
 * Refused: nesting over 64, duplicate keys (compared decoded: "a" is "\u0061"), bad UTF-8, lone
 * surrogates, a byte order mark, anything behind the value. Numbers are kept as text, so that nothing is
 * rounded. Strings may hold NUL: who makes a C string must look. The tree borrows the source.
 */
#pragma once

#include "base/array.h"
#include "base/error.h"
#include "base/map.h"

enum { JSON_DEPTH = 64 };

typedef enum {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
} JsonKind;

typedef struct JsonNode JsonNode;
struct JsonNode {
    JsonKind kind;
    bool truth;
    Str key;  /* decoded, of a member */
    Str text; /* decoded string; source text of a number */
    JsonNode *first, *next;
    size_t count;
    size_t key_from;   /* of a member: its opening quote */
    size_t value_from; /* bytes of the value */
    size_t value_to;
    Map *index; /* private: members by key, in large objects */
};

/* ERR_INVALID says line, column and what was expected; ERR_TOO_LARGE above `limit_bytes` (0: 64 MiB). */
MUST_CHECK bool json_parse(Arena *arena, Str source, uint64_t limit_bytes, const JsonNode **out,
                           Error *err);

const JsonNode *json_find(const JsonNode *object, Str key); /* NULL when absent or no object */
bool json_to_i64(const JsonNode *number, int64_t *out);     /* whole numbers only, no rounding */
const char *json_kind_name(JsonKind kind);
