/* Gathering: what many artifacts need of their upstreams, brought into the cache, repositories side by side.
 *
 * One ls-remote and at most one fetch a repository, whatever hangs on it. Nothing is told of failures
 * here: the repository remembers them, and upstream_choose meets them without asking the network again.
 */
#pragma once

#include "model/pin.h"
#include "sync/workspace.h"

/* What `pin` means in the repository, and what to fetch for it. Lives in `arena`. */
MUST_CHECK bool upstream_pick(Arena *arena, GitRepo *repo, Str pin, PinChoice *choice, GitRef *want,
                              Error *err);

typedef struct {
    Str url, pin;
    Str sha; /* on record until now; empty: none */
} UpstreamWant;

/* Holding no lock. Fails on interruption, or when git cannot be run. */
MUST_CHECK bool upstream_gather(Workspace *ws, const UpstreamWant *wants, size_t count, Error *err);
