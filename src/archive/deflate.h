/* gzip as a stream, and CRC-32. The only file that knows zlib. */
#pragma once

#include "archive/archive.h"

/* `so_far` 0 to begin with, else what the bytes before gave. */
uint32_t crc32_add(uint32_t so_far, Str bytes);

/* Without name, time and system in its head. `sink` is copied. */
typedef struct Gzip Gzip;
MUST_CHECK bool gzip_open(Arena *arena, const ArchiveSink *sink, Gzip **out, Error *err);
MUST_CHECK bool gzip_add(Gzip *gzip, Str bytes, Error *err);
MUST_CHECK bool gzip_finish(Gzip *gzip, Error *err);
void gzip_close(Gzip **gzip);
