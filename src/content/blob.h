/* Blob packing: a chunk of at most 1 MiB as zstd, or as it is when that does not help. Private to the room.
 *
 * Contexts and buffers are made at first use and used again. What comes back has been checked for its
 * size only; its hash is the caller's business.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

enum { CHUNK_BYTES = 1 << 20 };

typedef enum { PACKING_RAW = 0, PACKING_ZSTD = 1 } Packing;

typedef struct Packer Packer;

Packer *packer_open(void);
void packer_close(Packer **packer);

/* The result may be `chunk` itself; it is valid until the next call. */
Str packer_pack(Packer *packer, Str chunk, Packing *out_packing);

/* Writes exactly `size` bytes to `out`, or fails with ERR_CORRUPT. */
MUST_CHECK bool packer_unpack(Packer *packer, Str packed, Packing packing, char *out, size_t size,
                              Error *err);
