/* Stat cache: blob hashes of files, and names of folders, whose status has not changed since they were read.
 *
 * One flat checksummed file per root in cache/stat of weir's home; deleting it costs only time. An entry
 * counts only when path, device, inode, size, mode, mtime and ctime are all the same; a file changed so
 * lately that a further change might bear the same time stamps is doubt, and is never remembered. A torn,
 * foreign or unreadable cache is an empty one, and failing to save it is no error. Many artifacts below
 * one root share one cache. Belongs to one thread; of two that save, the later wins.
 */
#pragma once

#include "base/fs.h"
#include "base/hash.h"

typedef struct StatCache StatCache;

/* Reads what is remembered of the root open at `root_fd`. Never NULL, lives in `arena`, but must be
 * closed. `home_fd` is borrowed until then; -1: nothing is read or saved. */
StatCache *stat_cache_open(Arena *arena, int home_fd, int root_fd);
/* The file in cache/stat of the root open at `root_fd`; empty when it cannot be told. */
Str stat_cache_name(Arena *arena, int root_fd);
void stat_cache_close(StatCache **cache); /* does not save */

/* Writes the cache if anything new is in it. Not synced: it need not survive a power cut. */
void stat_cache_save(StatCache *cache);

/* `path` is relative to the root. */
bool stat_cache_has(StatCache *cache, Str path); /* anything of that path, perhaps stale */
const Hash *stat_cache_find(StatCache *cache, Str path,
                            const FsStat *stat); /* NULL: read the file */

/* Remembers what was read. `before_ns` is fs_clock_ns() from before `stat` was taken and the file read:
 * with it the cache decides whether the stamps are old enough to be trusted. */
void stat_cache_put(StatCache *cache, Str path, const FsStat *stat, int64_t before_ns,
                    const Hash *hash);

/* Likewise the names of a folder; `stat` must be from before it was listed. They are given and kept only
 * on file systems known to stamp a folder whenever a name in it changes. */
bool stat_cache_find_names(Arena *arena, StatCache *cache, Str path, const FsStat *stat,
                           FsNames *out);
void stat_cache_put_names(StatCache *cache, Str path, const FsStat *stat, int64_t before_ns,
                          const FsNames *names);
