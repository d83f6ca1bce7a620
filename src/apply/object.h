/* Object: what lies at a place right now, by kind and content; and the moves that never lose one.
 *
 * A verified move puts an object in place and looks at what came out. If that is not what was expected,
 * someone saved in between, or is about to (he has it open for writing): the move is taken back, and the
 * newest save ends up live, however often he saves meanwhile. Nothing here syncs.
 */
#pragma once

#include "base/error.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/tree.h"

typedef struct {
    Mode mode; /* MODE_NONE: absent */
    Hash hash;
    bool strange; /* there, but neither file nor link, or behind a link: never equals a state */
    bool in_use;  /* someone has it open for writing: what it holds may change at any moment */
    uint64_t device, inode;
} Object;

MUST_CHECK bool object_look(int dir_fd, Str path, Object *out, Error *err);
bool object_is(const Object *object, Mode mode, const Hash *hash);
/* The same, and nobody has it open for writing. */
bool object_rests(const Object *object, Mode mode, const Hash *hash);
bool object_absent(const Object *object);
bool object_same(const Object *a, const Object *b); /* the very same inode with the same content */

typedef struct {
    int root_fd, new_fd;
    bool *weaker; /* set when the file system has no exchange; the caller reports it */
    /* Takes what a user saved and then replaced himself while we moved. */
    bool (*keep)(void *context, int dir_fd, Str path, Error *err);
    void *context;
} Mover;

typedef struct {
    Mode mode;
    Hash hash;
} Wanted;

/* Exchanges `slot` (beneath new_fd) and `target` (beneath root_fd), if `target` held `wanted`.
 * Where exchange is unknown, what was at `target` goes to `spare` and `slot` is gone. `*moved` false:
 * both are as they were, but for saves of others. */
MUST_CHECK bool move_swap(const Mover *mover, Str slot, Str spare, Str target, const Wanted *wanted,
                          bool *moved, Error *err);
/* Puts `slot`, a file, link or folder, at `target`, if nothing is there. */
MUST_CHECK bool move_in(const Mover *mover, Str slot, Str target, bool *moved, Error *err);
/* Takes `target` out into `slot`, if it held `wanted`. */
MUST_CHECK bool move_out(const Mover *mover, Str target, Str slot, const Wanted *wanted,
                         bool *moved, Error *err);
