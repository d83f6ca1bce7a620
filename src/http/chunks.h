/* A chunked body, read strictly and piece by piece. Pure: no memory of its own.
 *
 * Size: 1 to 8 hex digits; one extension of up to LIMIT_HTTP_EXTENSION_BYTES is dropped. The trailer is
 * checked like a head and dropped; one that speaks of framing is refused.
 */
#pragma once

#include "http/head.h"

typedef enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER, CHUNK_DONE } ChunkState;

typedef struct {
    ChunkState state;
    uint64_t left_bytes; /* of the chunk at work */
    size_t trailer_bytes, trailers;
} HttpChunks;

/* One step: `*used` bytes in front of `input` are done with, and `*data` of them belong to the body. Both 0
 * and no CHUNK_DONE: more must come. Call again while it moves. */
MUST_CHECK bool http_chunks_step(HttpChunks *chunks, Str input, size_t *used, Str *data,
                                 HttpRefusal *why);
