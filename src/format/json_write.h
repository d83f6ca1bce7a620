/* JSON, written as a stream into a Buf; the caller opens and closes in order (asserted).
 *
 * Every output is valid UTF-8 JSON: bytes that are not UTF-8 become the text "\xNN". Pretty output has
 * two blanks of indentation, an item per line, and no line feed at the end. Nesting is capped at 64.
 */
#pragma once

#include "base/array.h"
#include "base/buf.h"

typedef struct {
    Buf *buf;
    bool pretty;
    int depth;
    bool filled[65]; /* private: the level has an item already */
    bool after_key;
} JsonWriter;

JsonWriter json_writer(Buf *buf, bool pretty);

void json_begin_object(JsonWriter *writer);
void json_end_object(JsonWriter *writer);
void json_begin_array(JsonWriter *writer);
void json_end_array(JsonWriter *writer);
void json_key(JsonWriter *writer, const char *key);
void json_key_str(JsonWriter *writer, Str key);
void json_string(JsonWriter *writer, Str text);
void json_text(JsonWriter *writer, const char *text); /* NULL writes null */
void json_integer(JsonWriter *writer, int64_t value);
void json_bool(JsonWriter *writer, bool value);
void json_null(JsonWriter *writer);
void json_raw(JsonWriter *writer, Str json); /* a value that is JSON already */

/* Members of an object, in one call. */
void json_member(JsonWriter *writer, const char *key, Str text);
void json_member_text(JsonWriter *writer, const char *key, const char *text); /* NULL: null */
void json_member_integer(JsonWriter *writer, const char *key, int64_t value);
void json_member_bool(JsonWriter *writer, const char *key, bool value);
void json_member_null(JsonWriter *writer, const char *key);
void json_member_strings(JsonWriter *writer, const char *key, const StrArray *items);

/* A name that may be any bytes: "key": "text with \xNN", and, only when it is not UTF-8,
 * "key_bytes": "base64 of the bytes". */
void json_member_bytes(JsonWriter *writer, const char *key, Str bytes);

void json_member_bytes_or_null(JsonWriter *writer, const char *key, Str bytes); /* empty: null */

void json_escape(Buf *buf, Str text); /* the string with its quotes */

/* Bytes as UTF-8 text: those that are not UTF-8 become \xNN. The same span when it is UTF-8 already. */
Str json_bytes_text(Arena *arena, Str bytes);
