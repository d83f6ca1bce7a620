/* The hunks of a unified diff. */
#pragma once

#include "base/buf.h"

void hunks_add(Buf *buf, Str before, Str after, size_t context_lines);
