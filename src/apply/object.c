#include "apply/object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs_probe.h"
#include "base/text.h"

enum { READ_STEP = 12 << 10, SAVES_AT_MOST = 1000 };

/* Looking */

static bool absent_errno(int number)
{
    return number == ENOENT || number == ENOTDIR;
}

static bool hash_fd(int fd, Hash *out, Error *err)
{
    char block[READ_STEP];
    Hasher hasher;
    hash_begin(&hasher);
    for (;;) {
        ssize_t got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(err, "cannot read");
        if (got == 0)
            break;
        hash_add(&hasher, block, (size_t)got);
    }
    *out = hash_end(&hasher);
    return true;
}

static bool look_at_link(int dir_fd, Str path, Object *out, Error *err)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Str target;
    if (!fs_read_link_at(arena, dir_fd, path, &target, err))
        return false;
    out->mode = MODE_LINK;
    out->hash = hash_of(target);
    return true;
}

static bool look_at_fd(int fd, int dir_fd, Str path, Object *out, Error *err)
{
    FsStat st;
    if (!fs_stat_fd(fd, &st, err))
        return false;
    *out = (Object){.device = st.device, .inode = st.inode};
    if (st.kind == FS_LINK)
        return look_at_link(dir_fd, path, out, err);
    out->strange = st.kind != FS_FILE;
    if (out->strange)
        return true;
    /* the file may be replaced between the two opens; its inode tells */
    SCOPED(fd_close) int readable = fs_open_at(dir_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    out->strange = readable < 0 && (absent_errno(errno) || errno == ELOOP);
    if (out->strange)
        return true; /* it is changing under our eyes */
    if (readable < 0)
        return fail_errno(err, "cannot open");
    /* asked before it is read: who comes later, comes by a name */
    out->in_use = fs_open_for_writing(readable);
    if (!fs_stat_fd(readable, &st, err) || !hash_fd(readable, &out->hash, err))
        return false;
    out->device = st.device;
    out->inode = st.inode;
    out->mode = st.executable ? MODE_EXEC : MODE_FILE;
    return true;
}

bool object_look(int dir_fd, Str path, Object *out, Error *err)
{
    SCOPED(arena_close) Arena *arena = NULL;
    Object object = {0};
    SCOPED(fd_close) int fd = fs_open_at(dir_fd, path, O_PATH | O_NOFOLLOW, 0);
    if (fd < 0 && absent_errno(errno)) {
        *out = object;
        return true;
    }
    if (fd < 0 && (errno == ELOOP || errno == EXDEV)) {
        *out = (Object){.strange = true};
        return true;
    }
    bool seen =
        fd >= 0 ? look_at_fd(fd, dir_fd, path, &object, err) : fail_errno(err, "cannot look");
    if (seen) {
        *out = object;
        return true;
    }
    arena = arena_open();
    return fail_in(err, "'%s'", text_safe(arena, path));
}

bool object_absent(const Object *object)
{
    return !object->strange && object->mode == MODE_NONE;
}

bool object_is(const Object *object, Mode mode, const Hash *hash)
{
    if (object->strange || object->mode != mode)
        return false;
    return mode == MODE_NONE || hash_equal(&object->hash, hash);
}

bool object_rests(const Object *object, Mode mode, const Hash *hash)
{
    return !object->in_use && object_is(object, mode, hash);
}

bool object_same(const Object *a, const Object *b)
{
    return a->device == b->device && a->inode == b->inode && a->strange == b->strange &&
           a->mode == b->mode && hash_equal(&a->hash, &b->hash);
}

/* Moving */

static bool fail_move(Error *err, Str target)
{
    int number = errno;
    SCOPED(arena_close) Arena *arena = arena_open();
    errno = number;
    return fail_errno(err, "cannot put '%s' in place", text_safe(arena, target));
}

/* What stands in the way was put there by someone else, not by the machine. */
static bool in_the_way(int number)
{
    return number == EEXIST || number == ENOENT || number == ENOTDIR || number == ELOOP ||
           number == EISDIR || number == ENOTEMPTY;
}

static bool no_such_flag(int number)
{
    return number == EINVAL || number == ENOSYS;
}

static bool exchange(const Mover *mover, Str slot, Str target)
{
    return fs_rename_at(mover->new_fd, slot, mover->root_fd, target, RENAME_EXCHANGE) == 0;
}

/* `slot` holds someone's save, `target` holds `put`, or a later save. Ends with the newest one live. */
static bool give_back(const Mover *mover, Str slot, Str target, Object put, Object came, Error *err)
{
    for (int saves = 0; saves < SAVES_AT_MOST; saves++) {
        Object live;
        if (!exchange(mover, slot, target)) {
            if (!absent_errno(errno))
                return fail_move(err, target);
            /* he removed what was there: his save goes back where he had it */
            bool moved;
            return move_in(mover, slot, target, &moved, err);
        }
        if (!object_look(mover->new_fd, slot, &live, err))
            return false;
        if (!live.in_use && object_same(&live, &put))
            return saves == 0 || mover->keep(mover->context, mover->new_fd, slot, err);
        put = came;
        came = live;
    }
    return fail(err, ERR_CHANGED, "someone saves the same file without end");
}

/* The old object gets a second name before it is replaced. A save by renaming in the instant between the
 * look and our rename is lost: the weaker promise. */
static bool replace_weaker(const Mover *mover, Str slot, Str spare, Str target,
                           const Wanted *wanted, bool *moved, Error *err)
{
    Object out;
    if (!fs_remove_at(mover->new_fd, spare, false, err))
        return false;
    if (fs_hard_link_at(mover->root_fd, target, mover->new_fd, spare) != 0) {
        *moved = false;
        return in_the_way(errno) || fail_move(err, target);
    }
    if (!fs_sync_fd(mover->new_fd, "staging folder", err) ||
        !object_look(mover->new_fd, spare, &out, err))
        return false;
    *moved = object_rests(&out, wanted->mode, &wanted->hash);
    if (!*moved)
        return fs_remove_at(mover->new_fd, spare, false, err);
    if (fs_rename_at(mover->new_fd, slot, mover->root_fd, target, 0) != 0)
        return fail_move(err, target);
    return true;
}

/* The fallback where there is no exchange. A write to the old object is seen by looking at it again. */
static bool swap_weaker(const Mover *mover, Str slot, Str spare, Str target, const Wanted *wanted,
                        bool *moved, Error *err)
{
    Object put, came;
    bool back;
    if (!object_look(mover->new_fd, slot, &put, err) ||
        !replace_weaker(mover, slot, spare, target, wanted, moved, err))
        return false;
    if (!*moved)
        return true;
    if (!object_look(mover->new_fd, spare, &came, err))
        return false;
    *moved = object_rests(&came, wanted->mode, &wanted->hash);
    if (*moved)
        return true;
    Wanted ours = {put.mode, put.hash};
    if (!replace_weaker(mover, spare, slot, target, &ours, &back, err))
        return false;
    return back || mover->keep(mover->context, mover->new_fd, spare, err);
}

bool move_swap(const Mover *mover, Str slot, Str spare, Str target, const Wanted *wanted,
               bool *moved, Error *err)
{
    Object put, came;
    if (*mover->weaker)
        return swap_weaker(mover, slot, spare, target, wanted, moved, err);
    if (!object_look(mover->new_fd, slot, &put, err))
        return false;
    if (!exchange(mover, slot, target)) {
        *moved = false;
        *mover->weaker = no_such_flag(errno);
        if (*mover->weaker)
            return swap_weaker(mover, slot, spare, target, wanted, moved, err);
        return in_the_way(errno) || fail_move(err, target);
    }
    if (!object_look(mover->new_fd, slot, &came, err))
        return false;
    *moved = object_rests(&came, wanted->mode, &wanted->hash);
    return *moved || give_back(mover, slot, target, put, came, err);
}

static bool move_in_weaker(const Mover *mover, Str slot, Str target, bool *moved, Error *err)
{
    Object object;
    if (!object_look(mover->new_fd, slot, &object, err))
        return false;
    if (object.strange) {
        /* a folder replaces at most an empty one, and cannot have a second name */
        *moved = fs_rename_at(mover->new_fd, slot, mover->root_fd, target, 0) == 0;
        return *moved || in_the_way(errno) || fail_move(err, target);
    }
    *moved = fs_hard_link_at(mover->new_fd, slot, mover->root_fd, target) == 0;
    if (!*moved)
        return in_the_way(errno) || fail_move(err, target);
    return fs_remove_at(mover->new_fd, slot, false, err);
}

bool move_in(const Mover *mover, Str slot, Str target, bool *moved, Error *err)
{
    if (*mover->weaker)
        return move_in_weaker(mover, slot, target, moved, err);
    *moved = fs_rename_at(mover->new_fd, slot, mover->root_fd, target, RENAME_NOREPLACE) == 0;
    if (*moved)
        return true;
    *mover->weaker = no_such_flag(errno);
    if (*mover->weaker)
        return move_in_weaker(mover, slot, target, moved, err);
    return in_the_way(errno) || fail_move(err, target);
}

static bool take(const Mover *mover, Str target, Str slot)
{
    return fs_rename_at(mover->root_fd, target, mover->new_fd, slot,
                        *mover->weaker ? 0 : RENAME_NOREPLACE) == 0;
}

bool move_out(const Mover *mover, Str target, Str slot, const Wanted *wanted, bool *moved,
              Error *err)
{
    Object came;
    bool back;
    bool taken = take(mover, target, slot);
    if (!taken && no_such_flag(errno)) {
        *mover->weaker = true;
        taken = take(mover, target, slot);
    }
    *moved = false;
    if (!taken)
        return in_the_way(errno) || fail_move(err, target);
    if (!object_look(mover->new_fd, slot, &came, err))
        return false;
    *moved = object_rests(&came, wanted->mode, &wanted->hash);
    if (*moved)
        return true;
    if (!move_in(mover, slot, target, &back, err))
        return false;
    /* he has saved again in the meantime: his newest is live, the one before it is kept */
    return back || mover->keep(mover->context, mover->new_fd, slot, err);
}
