/* Spans and points of time as people type them: "90d", "12h", "2026-11-21", "2026-11-21T08:00:00Z". */
#pragma once

#include "base/str.h"

/* A number with s, m, h, d or w behind it. */
bool duration_parse(Str text, int64_t *out_ms);
/* A day or a moment, UTC, or how long ago. */
bool moment_parse(Str text, int64_t *out_ms);
