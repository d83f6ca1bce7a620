/* Blocks of record files as bytes: gives some artifacts' blocks back the state they had in another text
 * of the same file. Used where a part of an operation did not happen, or is taken back. Pure. */
#pragma once

#include "base/array.h"
#include "base/error.h"

/* One text of a record file, its blocks by id; borrows the text. */
typedef struct RecordDoc RecordDoc;
MUST_CHECK bool record_doc_read(Arena *arena, Str file, Str text, RecordDoc **out, Error *err);

/* The bytes of one block; empty when there is none. */
Str record_doc_block(Arena *arena, const RecordDoc *doc, Str id);

/* Ids whose blocks differ between two texts (also: present in one only). */
StrArray record_docs_changed(Arena *arena, const RecordDoc *before, const RecordDoc *after);

typedef struct {
    Str id;
    Str text; /* empty: no block */
} RecordBlock;
typedef ARRAY(RecordBlock) RecordBlocks;

/* The text with these blocks in place of its own: replaced, inserted or removed. Borrows what is not
 * changed. */
Str record_doc_put(Arena *arena, const RecordDoc *doc, const RecordBlocks *blocks);

/* `live` with the blocks of `ids` as they are in `wanted`: replaced, inserted or removed. */
MUST_CHECK bool record_blocks_restore(Arena *arena, Str file, Str live, Str wanted,
                                      const StrArray *ids, Str *out, Error *err);
