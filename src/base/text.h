/* Bytes from outside, made safe to show: the one escaping function of terminal, log and messages. */
#pragma once

#include "base/buf.h"

/* What may not reach a terminal as it is; the one list of such code points. */
typedef enum {
    POINT_PLAIN,
    POINT_CONTROL,       /* C0, C1, DEL, line and paragraph separator */
    POINT_INVISIBLE,     /* zero width, fillers, tags, annotations */
    POINT_BIDIRECTIONAL, /* marks, embeddings, overrides, isolates */
} PointKind;
PointKind text_point_kind(uint32_t code_point);
/* Bytes of the code point in front, 0 when it is none; then *out is untouched. */
size_t text_next_point(Str s, uint32_t *out);

/* Control, invisible, bidirectional and non-UTF-8 bytes become \xNN or \u{NNNN}; all else stays. */
const char *text_safe(Arena *arena, Str bytes);
void text_add_safe(Buf *buf, Str bytes);
void text_add_word(Buf *buf, Str word);        /* as a shell takes it, quoted where need be */
const char *text_word(Arena *arena, Str word); /* that, safe to show: for commands to be typed */
size_t text_columns(Str utf8); /* width on a terminal: wide characters count 2, combining 0 */

/* "1 file", "3 files" */
const char *text_count(Arena *arena, size_t count, const char *one, const char *many);
const char *text_size(Arena *arena, uint64_t bytes); /* "52 kB" */
size_t text_distance(Str a, Str b); /* Damerau-Levenshtein whatever the case, for "did you mean" */
