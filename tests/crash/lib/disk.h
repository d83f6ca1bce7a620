/* Disk: what a power loss may leave, rebuilt from a record of calls.
 *
 * A disk is a set of nodes and of names in folders. Effects of recorded calls are durable when a later sync
 * pins them: a sync of a file pins its bytes and mode, a sync of a folder the names in it. All other effects
 * may be there or not, in any mix, but for: two effects on one name keep their order, and a rename is one
 * effect in both of its folders (no journaling file system splits it). Bytes that are not pinned may be
 * missing, cut short, or there. What was due to a sync that failed is never pinned by a later one.
 */
#pragma once

#include "base/arena.h"
#include "inject.h"

typedef struct Disk Disk;

/* The folders of `fds` as they are now; they themselves always exist. */
Disk *disk_read(Arena *arena, const int *fds, size_t count);

/* Choices for the effects that are not pinned. */
typedef enum { KEEP_ALL, KEEP_NONE, KEEP_ALL_BUT, KEEP_NONE_BUT, KEEP_FIRST, KEEP_RANDOM } KeepRule;
typedef struct {
    size_t calls; /* the power fails after this many recorded ones */
    KeepRule rule;
    size_t which; /* _BUT: index among the unpinned effects; _FIRST: how many of them */
    uint64_t seed;
} PowerLoss;

/* How many effects are not pinned after `calls` calls. */
size_t disk_loose(const OpLog *log, size_t calls);

/* Empties the folders and writes into them what the power loss left. */
void disk_rebuild(const Disk *disk, const OpLog *log, const PowerLoss *loss, const int *fds,
                  size_t count);
