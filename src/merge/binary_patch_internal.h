/* `GIT binary patch` literals: a zlib stream of stored blocks (nothing to compress with is needed, and
 * the bytes never differ between machines) in git's base 85. Sources: RFC 1950, RFC 1951, git's format. */
#pragma once

#include "base/buf.h"

void binary_patch_add(Buf *buf, Str before, Str after);
