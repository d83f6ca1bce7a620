#include "disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/fs.h"

typedef struct {
    ino_t id;
    FsKind kind;
    uint32_t mode;
    Str data;
} Node;

typedef struct {
    ino_t folder;
    Str name;
    ino_t node; /* 0: nothing there */
} Name;

struct Disk {
    ARRAY(Node) nodes;
    ARRAY(Name) names;
};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "the simulator itself failed: %s\n", what);
    _exit(99);
}

/* Reading */

static void read_folder(Arena *arena, Disk *disk, int fd, ino_t id)
{
    FsNames names;
    Error err;
    must(fs_list(arena, fd, &names, &err), "list");
    for (size_t i = 0; i < names.count; i++) {
        FsStat st;
        bool found;
        Str name = names.items[i].name;
        must(fs_stat_at(fd, name, &found, &st, &err) && found, "stat");
        Node node = {.id = st.inode, .kind = st.kind, .mode = st.mode};
        if (st.kind == FS_FILE)
            must(fs_read_at(arena, fd, name, 1 << 20, &node.data, &err), "read");
        if (st.kind == FS_LINK)
            must(fs_read_link_at(arena, fd, name, &node.data, &err), "read link");
        ARRAY_PUSH(arena, &disk->nodes, node);
        ARRAY_PUSH(arena, &disk->names, (Name){id, name, st.inode});
        if (st.kind != FS_FOLDER)
            continue;
        SCOPED(fd_close) int inner = -1;
        must(fs_open_folder(fd, name, &inner, &err), "open");
        read_folder(arena, disk, inner, st.inode);
    }
}

static ino_t id_of(int fd)
{
    struct stat st;
    must(fstat(fd, &st) == 0, "fstat");
    return st.st_ino;
}

Disk *disk_read(Arena *arena, const int *fds, size_t count)
{
    Disk *disk = ARENA_NEW(arena, Disk);
    for (size_t i = 0; i < count; i++)
        read_folder(arena, disk, fds[i], id_of(fds[i]));
    return disk;
}

/* What is pinned */

static bool is_name_effect(const Op *op)
{
    return op->kind == OP_CREATE || op->kind == OP_FOLDER || op->kind == OP_LINK ||
           op->kind == OP_HARD || op->kind == OP_RENAME || op->kind == OP_REMOVE;
}

static bool is_node_effect(const Op *op)
{
    return op->kind == OP_WRITE || op->kind == OP_MODE;
}

static bool is_synced(const Op *op, const Op *sync)
{
    if (!sync->node)
        return true;
    return is_node_effect(op) ? sync->node == op->node
                              : (op->folder && sync->node == op->folder) ||
                                    (op->to_folder && sync->node == op->to_folder);
}

static bool is_pinned(const OpLog *log, size_t calls, size_t index)
{
    const Op *op = &log->items[index];
    if (op->durable)
        return true;
    for (size_t i = index + 1; i < calls; i++) {
        const Op *sync = &log->items[i];
        bool is_sync = sync->kind == OP_SYNC || sync->kind == OP_FAILED_SYNC;
        if (is_sync && is_synced(op, sync))
            return sync->kind == OP_SYNC;
    }
    return false;
}

size_t disk_loose(const OpLog *log, size_t calls)
{
    size_t loose = 0;
    for (size_t i = 0; i < calls; i++)
        loose += (is_name_effect(&log->items[i]) || is_node_effect(&log->items[i])) &&
                 !is_pinned(log, calls, i);
    return loose;
}

static bool same_slot(ino_t folder, const char *name, const Op *op)
{
    if (!folder || !name)
        return false;
    return (op->folder == folder && op->name && strcmp(op->name, name) == 0) ||
           (op->to_folder == folder && op->to_name && strcmp(op->to_name, name) == 0);
}

static bool share_name(const Op *a, const Op *b)
{
    return same_slot(a->folder, a->name, b) || same_slot(a->to_folder, a->to_name, b);
}

typedef enum { LOST, CUT, KEPT } Fate;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static Fate choose(const PowerLoss *loss, size_t loose, uint64_t *random)
{
    switch (loss->rule) {
    case KEEP_ALL:
        return KEPT;
    case KEEP_NONE:
        return LOST;
    case KEEP_ALL_BUT:
        return loose == loss->which ? LOST : KEPT;
    case KEEP_NONE_BUT:
        return loose == loss->which ? KEPT : LOST;
    case KEEP_FIRST:
        return loose < loss->which ? KEPT : LOST;
    case KEEP_RANDOM:
        break;
    }
    return (Fate)(next_random(random) % 3);
}

/* A pinned effect on a name brings the earlier ones on that name with it. */
static void pin_earlier(const OpLog *log, size_t calls, bool *pinned)
{
    for (size_t i = calls; i-- > 0;)
        for (size_t j = 0; pinned[i] && is_name_effect(&log->items[i]) && j < i; j++)
            pinned[j] = pinned[j] || (is_name_effect(&log->items[j]) &&
                                      share_name(&log->items[i], &log->items[j]));
}

/* An effect on a name cannot be there without the earlier ones on that name. */
static void lose_later(const OpLog *log, size_t calls, Fate *fates)
{
    for (size_t i = 0; i < calls; i++)
        for (size_t j = i + 1; is_name_effect(&log->items[i]) && fates[i] == LOST && j < calls; j++)
            if (is_name_effect(&log->items[j]) && share_name(&log->items[i], &log->items[j]))
                fates[j] = LOST;
}

static void decide_fates(const OpLog *log, const PowerLoss *loss, Fate *fates, bool *pinned)
{
    size_t loose = 0;
    uint64_t random = loss->seed * 2654435761u + 88172645463325252u;
    for (size_t i = 0; i < loss->calls; i++) {
        const Op *op = &log->items[i];
        bool counts = is_name_effect(op) || is_node_effect(op);
        pinned[i] = !counts || is_pinned(log, loss->calls, i);
        fates[i] = pinned[i] ? KEPT : choose(loss, loose++, &random);
    }
    pin_earlier(log, loss->calls, pinned);
    for (size_t i = 0; i < loss->calls; i++)
        fates[i] = pinned[i] ? KEPT : fates[i];
    lose_later(log, loss->calls, fates);
}

/* Replaying */

static Node *node_of(Disk *disk, ino_t id)
{
    for (size_t i = disk->nodes.count; i-- > 0;)
        if (disk->nodes.items[i].id == id)
            return &disk->nodes.items[i];
    return NULL;
}

static Name *slot_of(Arena *arena, Disk *disk, ino_t folder, const char *name)
{
    for (size_t i = 0; i < disk->names.count; i++)
        if (disk->names.items[i].folder == folder && str_is(disk->names.items[i].name, name))
            return &disk->names.items[i];
    ARRAY_PUSH(arena, &disk->names, (Name){folder, str_of(name), 0});
    return &disk->names.items[disk->names.count - 1];
}

static void write_bytes(Arena *arena, Node *node, const Op *op, size_t len)
{
    size_t end = (size_t)op->offset + len;
    size_t total = end > node->data.len ? end : node->data.len;
    char *data = arena_alloc(arena, total + 1, 1);
    if (node->data.len)
        memcpy(data, node->data.data, node->data.len);
    memcpy(data + op->offset, op->data, len);
    node->data = (Str){data, total};
}

static void replay_name(Arena *arena, Disk *disk, const Op *op)
{
    if (op->kind == OP_HARD) {
        slot_of(arena, disk, op->to_folder, op->to_name)->node = op->node;
        return;
    }
    if (op->kind != OP_RENAME) {
        slot_of(arena, disk, op->folder, op->name)->node = op->kind == OP_REMOVE ? 0 : op->node;
        return;
    }
    ino_t from = slot_of(arena, disk, op->folder, op->name)->node;
    ino_t to = slot_of(arena, disk, op->to_folder, op->to_name)->node;
    slot_of(arena, disk, op->to_folder, op->to_name)->node = from;
    slot_of(arena, disk, op->folder, op->name)->node = op->flags & RENAME_EXCHANGE ? to : 0;
}

/* A node exists from its creation on; whether a name leads to it is another matter. */
static void replay_node(Arena *arena, Disk *disk, const Op *op, Fate fate)
{
    Node node = {.id = op->node, .mode = 0600};
    Node *known = node_of(disk, op->node);
    if (op->kind == OP_CREATE || op->kind == OP_FOLDER || op->kind == OP_LINK) {
        node.kind = op->kind == OP_CREATE ? FS_FILE : op->kind == OP_FOLDER ? FS_FOLDER : FS_LINK;
        if (op->kind == OP_LINK)
            node.data = (Str){op->data, op->len};
        ARRAY_PUSH(arena, &disk->nodes, node);
    }
    if (op->kind == OP_WRITE && known && fate != LOST)
        write_bytes(arena, known, op, fate == CUT ? op->len / 2 : op->len);
    if (op->kind == OP_MODE && known && fate == KEPT)
        known->mode = op->flags;
}

static Disk copy_disk(Arena *arena, const Disk *from)
{
    Disk disk = {0};
    for (size_t i = 0; i < from->nodes.count; i++)
        ARRAY_PUSH(arena, &disk.nodes, from->nodes.items[i]);
    for (size_t i = 0; i < from->names.count; i++)
        ARRAY_PUSH(arena, &disk.names, from->names.items[i]);
    return disk;
}

static void write_folder(Disk *disk, int fd, ino_t id, int depth)
{
    Error err;
    for (size_t i = 0; depth < 32 && i < disk->names.count; i++) {
        const Name *name = &disk->names.items[i];
        const Node *node = name->folder == id && name->node ? node_of(disk, name->node) : NULL;
        if (!node)
            continue;
        bool made = true;
        if (node->kind == FS_FILE)
            made = fs_create_at(fd, name->name, node->data, node->mode, false, &err);
        else if (node->kind == FS_LINK)
            made = fs_link_at(fd, name->name, node->data, &err);
        else
            must(fs_make_folder_at(fd, name->name, 0755, &made, &err), "make folder");
        must(made, "make a node");
        if (node->kind != FS_FOLDER)
            continue;
        SCOPED(fd_close) int inner = -1;
        must(fs_open_folder(fd, name->name, &inner, &err), "open folder");
        write_folder(disk, inner, node->id, depth + 1);
    }
}

static void empty_folder(Arena *arena, int fd)
{
    FsNames names;
    Error err;
    must(fs_list(arena, fd, &names, &err), "list");
    for (size_t i = 0; i < names.count; i++)
        must(fs_remove_all_at(fd, names.items[i].name, &err), "empty");
}

void disk_rebuild(const Disk *before, const OpLog *log, const PowerLoss *loss, const int *fds,
                  size_t count)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Fate *fates = ARENA_ARRAY(arena, Fate, loss->calls + 1);
    bool *pinned = ARENA_ARRAY(arena, bool, loss->calls + 1);
    Disk disk = copy_disk(arena, before);
    decide_fates(log, loss, fates, pinned);
    for (size_t i = 0; i < loss->calls; i++) {
        const Op *op = &log->items[i];
        replay_node(arena, &disk, op, fates[i]);
        if (is_name_effect(op) && fates[i] != LOST)
            replay_name(arena, &disk, op);
    }
    inject_user(true);
    for (size_t i = 0; i < count; i++) {
        empty_folder(arena, fds[i]);
        write_folder(&disk, fds[i], id_of(fds[i]), 0);
    }
    inject_user(false);
}
