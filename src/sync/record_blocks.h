/* Blocks of record files as bytes: gives some artifacts' blocks back the state they had in another text
 * of the same file. Used where a part of an operation did not happen, or is taken back. Pure. */
#pragma once

#include "base/array.h"
#include "base/error.h"

/* Ids whose blocks differ between two texts (also: present in one only). */
MUST_CHECK bool record_blocks_changed(Arena *arena, Str file, Str before, Str after, StrArray *out,
                                      Error *err);

/* `live` with the blocks of `ids` as they are in `wanted`: replaced, inserted or removed. */
MUST_CHECK bool record_blocks_restore(Arena *arena, Str file, Str live, Str wanted,
                                      const StrArray *ids, Str *out, Error *err);

/* The bytes of one block; empty when there is none. */
MUST_CHECK bool record_block(Arena *arena, Str file, Str text, Str id, Str *out, Error *err);
