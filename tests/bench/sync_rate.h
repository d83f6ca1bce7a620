/* The peer of durable work: `pwrite` and `fdatasync` of 4 kB, one after the other, as a program
 * without group commit would. */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { BLOCK = 4096 };

/* How many a second, in FOLDER/peer. */
static double sync_rate(const char *folder, double seconds)
{
    char path[4096], block[BLOCK];
    (void)snprintf(path, sizeof path, "%s/peer", folder);
    memset(block, 'x', sizeof block);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    size_t count = 0;
    int64_t began = clock_monotonic_us(), now = began;
    while (fd >= 0 && now - began < (int64_t)(seconds * 1e6)) {
        if (pwrite(fd, block, BLOCK, (off_t)(count % 4096) * BLOCK) != BLOCK || fdatasync(fd) != 0)
            exit(2);
        count++;
        now = clock_monotonic_us();
    }
    (void)close(fd);
    return (double)count / ((double)(now - began) / 1e6);
}
