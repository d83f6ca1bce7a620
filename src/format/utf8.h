/* UTF-8, code point by code point: strict (no overlong forms, no surrogates, at most U+10FFFF). */
#pragma once

#include "base/buf.h"

/* Bytes of the code point that starts at `at`, 1 to 4; 0 when it is none. */
size_t utf8_length(const char *at, const char *end);

size_t utf8_valid_prefix(Str s); /* bytes before the first bad one; s.len when all are good */
void utf8_add(Buf *buf, uint32_t code_point);
