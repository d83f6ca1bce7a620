/* What a format gives to archive.c, and how it writes. */
#pragma once

#include "archive/archive.h"
#include "archive/deflate.h"

typedef struct {
    void *(*open)(Arena *arena, const ArchiveSink *sink, Error *err); /* NULL: failed */
    bool (*add)(void *state, Str path, Mode mode, Str bytes, Error *err);
    bool (*finish)(void *state, Error *err);
    void (*close)(void *state);
} ArchiveFormat;

extern const ArchiveFormat archive_tar_gz;
extern const ArchiveFormat archive_zip;

uint32_t archive_mode(Mode mode); /* S_IFREG | 0644 ... */
bool archive_is_ascii(Str text);
