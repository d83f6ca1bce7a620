/* Base64 (RFC 4648, section 4), with padding. Reading is strict: one text for one value. */
#pragma once

#include "base/buf.h"

void base64_add(Buf *buf, Str bytes);
MUST_CHECK bool base64_parse(Arena *arena, Str text, Str *out);
