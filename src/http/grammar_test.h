/* What a stream of bytes is as requests, by the grammar of RFC 9112 and the rules of docs/http.md alone.
 *
 * Regular expressions over whole lines, with nothing of the server or of llhttp in it: an oracle for both.
 */
#pragma once

#include <regex.h>

#include "base/array.h"
#include "base/buf.h"
#include "testing/test.h"

/* A request as any reader tells it. */
typedef struct {
    Buf method, target, body, fields; /* fields: "name NUL value NUL" in order */
} Seen;
typedef ARRAY(Seen) SeenList;

Seen seen_new(Arena *arena);
void seen_add_field(Seen *seen, Str name, Str value);
bool seen_starts(const SeenList *list, const SeenList *front);

typedef struct {
    regex_t request_line, field, chunk, close;
} Grammar;

void grammar_open(Grammar *grammar);
void grammar_close(Grammar *grammar);
SeenList grammar_read(const Grammar *grammar, Arena *arena, Str bytes);
