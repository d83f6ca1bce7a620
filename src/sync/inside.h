/* Inside: what weir's own files hold, written out for a person or a test that looks (`weir debug`).
 * Reads only, takes no lock and recovers nothing.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* The file `txn/<id>/journal` of weir's home, or a `roots` or pointer file: a line for the transaction, for
 * each root, and for each entry its modes and hashes of before and after. ERR_CORRUPT when it is torn. */
MUST_CHECK bool inside_journal(Arena *arena, const char *path, Str *out, Error *err);
