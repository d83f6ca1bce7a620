/* A file for a person, written as a stream beside its place and put there whole, or not at all. */
#pragma once

#include "base/error.h"
#include "base/hash.h"

typedef struct {
    Arena *arena;
    Str path, name, temporary;
    bool force;
    int folder, fd;
    Hasher hasher;
    uint64_t size_bytes;
} OutFile;

/* ERR_EXISTS when something is there, unless it is a file and `force` is set. `path` is absolute. */
MUST_CHECK bool out_file_open(Arena *arena, const char *path, bool force, OutFile *out, Error *err);
/* As ArchiveSink has it; `file` is an OutFile. */
MUST_CHECK bool out_file_write(void *file, Str bytes, Error *err);
/* Durable, and in its place. */
MUST_CHECK bool out_file_finish(OutFile *file, Hash *sha256, Error *err);
void out_file_close(OutFile *file); /* unfinished: nothing is left of it */
