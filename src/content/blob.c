#include "content/blob.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

enum { LEVEL = 3 };

struct Packer {
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    char *buffer;
    size_t buffer_bytes;
};

Packer *packer_open(void)
{
    Packer *packer = calloc(1, sizeof *packer);
    if (!packer)
        out_of_memory(sizeof *packer);
    return packer;
}

void packer_close(Packer **packer)
{
    if (!*packer)
        return;
    (void)ZSTD_freeCCtx((*packer)->compressor);
    (void)ZSTD_freeDCtx((*packer)->decompressor);
    free((*packer)->buffer);
    free(*packer);
    *packer = NULL;
}

static void make_room(Packer *packer, size_t wanted)
{
    if (wanted <= packer->buffer_bytes)
        return;
    free(packer->buffer);
    packer->buffer = malloc(wanted);
    if (!packer->buffer)
        out_of_memory(wanted);
    packer->buffer_bytes = wanted;
}

Str packer_pack(Packer *packer, Str chunk, Packing *out_packing)
{
    ASSERT(chunk.len <= CHUNK_BYTES);
    *out_packing = PACKING_RAW;
    if (!chunk.len)
        return chunk;
    make_room(packer, ZSTD_compressBound(chunk.len));
    if (!packer->compressor && !(packer->compressor = ZSTD_createCCtx()))
        out_of_memory(0);
    size_t len = ZSTD_compressCCtx(packer->compressor, packer->buffer, packer->buffer_bytes,
                                   chunk.data, chunk.len, LEVEL);
    if (ZSTD_isError(len) || len >= chunk.len)
        return chunk;
    *out_packing = PACKING_ZSTD;
    return (Str){packer->buffer, len};
}

bool packer_unpack(Packer *packer, Str packed, Packing packing, char *out, size_t size, Error *err)
{
    if (packing == PACKING_RAW) {
        if (packed.len != size)
            return fail(err, ERR_CORRUPT, "a chunk has %zu bytes instead of %zu", packed.len, size);
        if (size)
            memcpy(out, packed.data, size);
        return true;
    }
    if (!packer->decompressor && !(packer->decompressor = ZSTD_createDCtx()))
        out_of_memory(0);
    size_t len = ZSTD_decompressDCtx(packer->decompressor, out, size, packed.data, packed.len);
    if (ZSTD_isError(len) || len != size)
        return fail(err, ERR_CORRUPT, "a chunk cannot be unpacked");
    return true;
}
