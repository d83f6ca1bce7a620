/* What a file system can do, found out by trying it in one of its folders.
 *
 * Makes two tiny files with names of their own there and removes them again. A feature that is not there
 * is a result; only a folder that cannot be written is an error.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    const char *kind; /* "ext4", or its number in hex */
    bool remote;      /* over a network, or through a program: slower, and weaker promises */
    uint64_t free_bytes;
    bool exchange;    /* two files change places in one step (RENAME_EXCHANGE) */
    bool nameless;    /* files without a name (O_TMPFILE) */
    bool locks;       /* flock */
    bool fine_times;  /* stamps finer than a second */
    int64_t ahead_ms; /* its clock against ours; negative: behind */
} FsProbe;

MUST_CHECK bool fs_probe(Arena *arena, int dir_fd, FsProbe *out, Error *err);

/* Whether anyone, here or in another process, has the file that `fd` reads open for writing or mapped so.
 * False too where nobody can tell: on a remote file system, and for a file of another user. */
bool fs_open_for_writing(int fd);
