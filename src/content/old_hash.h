/* The content hash of the earlier system (SkillMeat), to compare what its records say with what lies on
 * disk. weir never writes such a hash of its own.
 *
 * A file: SHA-256 of its bytes. A folder: one SHA-256 over each regular file, by path components in order
 * of code points: the path with '/', then the bytes; no separators, no modes, nothing ignored. Links to
 * files are followed, those to folders are not. ERR_UNSUPPORTED where that rule has no answer (a name that
 * is not UTF-8) or weir does not look (a link that leads out); ERR_NOT_FOUND when nothing lies there.
 */
#pragma once

#include "base/error.h"
#include "base/tree.h"

MUST_CHECK bool old_hash_read(int root_fd, Str path, Hash *out, Error *err);

/* The same of a tree whose blobs `read` gives. ERR_UNSUPPORTED with a link in it. */
typedef bool OldBlobRead(void *context, Arena *arena, const Hash *hash, Str *out, Error *err);
MUST_CHECK bool old_hash_tree(const Tree *tree, OldBlobRead *read, void *context, Hash *out,
                              Error *err);
