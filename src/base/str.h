/* Str: a span of bytes to read, parse or compare. It never owns; it may hold NUL and any encoding.
 *
 * Order is memcmp's, shorter first. A span with len 0 may have NULL data.
 */
#pragma once

#include "base/base.h"

typedef struct {
    const char *data;
    size_t len;
} Str;

#define STR(literal) ((Str){"" literal, sizeof(literal) - 1})
#define STR_ARG(s) (int)(s).len, (s).len ? (s).data : "" /* for "%.*s" */
#define STR_NONE SIZE_MAX

Str str_of(const char *text); /* NULL gives the empty span */
bool str_equal(Str a, Str b);
bool str_is(Str a, const char *text);
int str_compare(Str a, Str b);
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
Str str_slice(Str s, size_t from, size_t to); /* clamped to the span */
Str str_trim(Str s);                          /* blanks, tabs, CR and LF off both ends */
size_t str_find(Str s, char c);               /* index of the first, or STR_NONE */
size_t str_find_last(Str s, char c);
size_t str_search(Str s, Str needle);
bool str_has_nul(Str s);
bool str_is_hex(Str s);      /* nothing but 0-9 and a-f */
bool str_is_utf8(Str s);     /* strict: no overlong forms, no surrogates */
size_t str_utf8_next(Str s); /* bytes of the well-formed sequence in front, 0 when there is none */

/* Cuts the text up to the next `separator` off `rest` into `part`; false when nothing is left.
 * The separator itself is dropped; "a,,b," gives "a", "", "b". */
bool str_next(Str *rest, char separator, Str *part);

/* Reads a whole decimal number without sign; false on anything else or overflow. */
bool str_to_u64(Str s, uint64_t *out);
