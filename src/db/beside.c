#include "db/beside_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A file this process has open, so often. */
typedef struct BesideOpen {
    struct BesideOpen *next;
    uint64_t device, inode;
    size_t times;
    char name[];
} BesideOpen;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static BesideOpen *all; /* guarded by it */

static BesideOpen *find_open(const char *database)
{
    BesideOpen *open = all;
    while (open && strcmp(open->name, database) != 0)
        open = open->next;
    return open;
}

static BesideOpen *add_open(const char *database, const FsStat *stat)
{
    size_t bytes = strlen(database) + 1;
    BesideOpen *open = malloc(sizeof *open + bytes);
    if (!open)
        out_of_memory(sizeof *open + bytes);
    *open = (BesideOpen){.next = all, .device = stat->device, .inode = stat->inode};
    memcpy(open->name, database, bytes);
    all = open;
    return open;
}

static bool is_open(const BesideOpen *open, const FsStat *stat)
{
    return open->inode == stat->inode && open->device == stat->device;
}

bool beside_enter(Beside *beside, const char *database, Error *err)
{
    FsStat stat;
    if (!fs_stat_path(database, &stat, err))
        return false;
    (void)pthread_mutex_lock(&lock);
    BesideOpen *open = find_open(database);
    if (!open)
        open = add_open(database, &stat);
    bool same = is_open(open, &stat);
    if (same) {
        open->times++;
        beside->open = open;
    }
    (void)pthread_mutex_unlock(&lock);
    return same ||
           fail(err, ERR_IO, "database '%s' was replaced, and the old file is still in use here",
                database);
}

bool beside_is_entered(const Beside *beside, const char *database)
{
    FsStat stat;
    Error ignored;
    return fs_stat_path(database, &stat, &ignored) && is_open(beside->open, &stat);
}

void beside_leave(Beside *beside)
{
    BesideOpen *leaving = beside->open;
    if (!leaving)
        return;
    (void)pthread_mutex_lock(&lock);
    if (--leaving->times == 0) {
        BesideOpen **at = &all;
        while (*at != leaving)
            at = &(*at)->next;
        *at = leaving->next;
        free(leaving);
    }
    (void)pthread_mutex_unlock(&lock);
    beside->open = NULL;
}

Beside beside_of(Arena *arena, const char *database)
{
    return (Beside){.paths = {arena_format(arena, "%s-wal", database),
                              arena_format(arena, "%s-shm", database)}};
}

void beside_note(Beside *beside)
{
    Error ignored;
    for (size_t i = 0; i < BESIDE_FILES; i++)
        if (!fs_stat_path(beside->paths[i], &beside->opened[i], &ignored))
            beside->opened[i].inode = 0;
}

static bool is_same_file(const char *path, const FsStat *opened)
{
    FsStat now;
    Error ignored;
    return opened->inode == 0 || (fs_stat_path(path, &now, &ignored) &&
                                  now.inode == opened->inode && now.device == opened->device);
}

bool beside_holds(const Beside *beside)
{
    bool holds = true;
    for (size_t i = 0; i < BESIDE_FILES; i++)
        holds &= is_same_file(beside->paths[i], &beside->opened[i]);
    return holds;
}
