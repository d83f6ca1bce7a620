/* Bytes from outside, made safe to show: the one escaping function of terminal, log and messages. */
#pragma once

#include "base/buf.h"

/* Control, invisible, bidirectional and non-UTF-8 bytes become \xNN or \u{NNNN}; all else stays. */
const char *text_safe(Arena *arena, Str bytes);
void text_add_safe(Buf *buf, Str bytes);
size_t text_columns(Str utf8); /* width on a terminal: wide characters count 2, combining 0 */

/* "1 file", "3 files" */
const char *text_count(Arena *arena, size_t count, const char *one, const char *many);
const char *text_size(Arena *arena, uint64_t bytes); /* "52 kB" */
size_t text_distance(Str a, Str b);                  /* Damerau-Levenshtein, for "did you mean" */
