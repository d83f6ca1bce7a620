/* The caches of upstream repositories as a whole: which there are, and which nobody needs any more. */
#pragma once

#include "git/repo.h"

typedef struct {
    Str name; /* of its folder in cache/git */
    uint64_t size_bytes;
} GitCache;
typedef ARRAY(GitCache) GitCaches;

/* Caches of no url in `used` that nobody has fetched into for `idle_ms`. */
MUST_CHECK bool git_caches_unused(Arena *arena, int home_fd, const StrArray *used, int64_t idle_ms,
                                  GitCaches *out, Error *err);
/* Takes it away, unless somebody fetches into it just now (*removed false). */
MUST_CHECK bool git_cache_remove(int home_fd, Str name, bool *removed, Error *err);
