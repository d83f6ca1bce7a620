#include "archive/deflate.h"

#include <limits.h>
#define ZLIB_CONST /* its input is not written to */
#include <zlib.h>

enum {
    OUTPUT_BYTES = 1 << 16,
    LEVEL = 9,
    WINDOW_BITS_GZIP = 15 + 16,
    MEMORY = 8,
    OS_UNKNOWN = 255
};

struct Gzip {
    ArchiveSink sink;
    z_stream stream;
    gz_header head;
    bool open;
    unsigned char output[OUTPUT_BYTES];
};

uint32_t crc32_add(uint32_t so_far, Str bytes)
{
    return (uint32_t)crc32_z(so_far, (const Bytef *)(bytes.len ? bytes.data : ""), bytes.len);
}

bool gzip_open(Arena *arena, const ArchiveSink *sink, Gzip **out, Error *err)
{
    Gzip *gzip = ARENA_NEW(arena, Gzip);
    gzip->sink = *sink;
    gzip->head.os = OS_UNKNOWN;
    if (deflateInit2(&gzip->stream, LEVEL, Z_DEFLATED, WINDOW_BITS_GZIP, MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return fail(err, ERR_INTERNAL, "zlib cannot begin");
    gzip->open = true;
    (void)deflateSetHeader(&gzip->stream, &gzip->head);
    *out = gzip;
    return true;
}

/* Until zlib has nothing more to give for what it was given. */
static bool pump(Gzip *gzip, int flush, Error *err)
{
    int state = Z_OK;
    do {
        gzip->stream.next_out = gzip->output;
        gzip->stream.avail_out = OUTPUT_BYTES;
        state = deflate(&gzip->stream, flush);
        ASSERT(state != Z_STREAM_ERROR);
        Str made = {(const char *)gzip->output, OUTPUT_BYTES - gzip->stream.avail_out};
        if (made.len && !gzip->sink.write(gzip->sink.context, made, err))
            return false;
    } while (gzip->stream.avail_out == 0 && state != Z_STREAM_END);
    return true;
}

bool gzip_add(Gzip *gzip, Str bytes, Error *err)
{
    while (bytes.len) {
        Str part = str_slice(bytes, 0, UINT_MAX / 2);
        bytes = str_slice(bytes, part.len, bytes.len);
        gzip->stream.next_in = (const Bytef *)part.data;
        gzip->stream.avail_in = (uInt)part.len;
        if (!pump(gzip, Z_NO_FLUSH, err))
            return false;
    }
    return true;
}

bool gzip_finish(Gzip *gzip, Error *err)
{
    gzip->stream.avail_in = 0;
    return pump(gzip, Z_FINISH, err);
}

void gzip_close(Gzip **gzip)
{
    if (!*gzip)
        return;
    if ((*gzip)->open)
        (void)deflateEnd(&(*gzip)->stream);
    *gzip = NULL;
}
