/* Beside: whether the files of a database are still those that were there when it was opened.
 *
 * Two files of one name must not be open in one process: locks belong to the process, not to a handle,
 * so the second one would cut off the index of the log that the first has mapped. That is why a
 * process knows here, in the one place for it, what it has open.
 */
#pragma once

#include "base/arena.h"
#include "base/fs.h"

enum { BESIDE_FILES = 2 };

typedef struct {
    const char *paths[BESIDE_FILES]; /* of the log, and of what is shared about it */
    FsStat opened[BESIDE_FILES];     /* inode 0: there was none */
    struct BesideOpen *open;         /* NULL: not entered */
} Beside;

Beside beside_of(Arena *arena, const char *database);
/* Before it is opened. ERR_IO: this process still has another file of that name. */
MUST_CHECK bool beside_enter(Beside *beside, const char *database, Error *err);
bool beside_is_entered(const Beside *beside, const char *database); /* it is still that file */
void beside_leave(Beside *beside);                                  /* when it is closed */
void beside_note(Beside *beside); /* once the database has been read, which makes them */
bool beside_holds(const Beside *beside);
