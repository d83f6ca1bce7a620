/* What the files of records share: sizes that hold where a field says none, and reading a time. */
#pragma once

#include "format/record.h"

enum { FIELD_TEXT_MOST = 4096, FIELD_ITEMS_MOST = 1000 };

int64_t field_most(const Field *field); /* bytes of a text, items of a list */
bool field_is_word(const Field *field, Str text, int *index);
const char *field_words(Arena *arena, const Field *field); /* "'a', 'b' or 'c'" */
bool record_time_read(Str text, int64_t *ms);
Str record_node_text(Arena *arena,
                     const JsonNode *node); /* a value of a FIELD_JSON as text again */
