/* What the upstreams hold: pins resolved, trees fetched into the store, moves and removals named.
 *
 * With the network, each repository is asked once for all its artifacts, several side by side
 * (upstream_gather.h); offline, its last answer is taken where the cache has it. Without the network,
 * what was last seen is used while it still fits the pin and the lock. Nothing here is acted upon: a
 * rewritten branch, a moved tag, a vanished path are typed errors of that one artifact.
 */
#pragma once

#include "model/pin.h"
#include "sync/blob_pool.h"
#include "sync/pending_store.h"

typedef struct {
    bool has_upstream;
    bool known;   /* `seen` tells what the pin means now */
    bool offline; /* it was to be asked, and what it last said was taken instead */
    UpstreamSeen seen;
    /* Why it could not be asked (`seen` is then older), or UPSTREAM_REWRITTEN, TAG_MOVED, _REMOVED. */
    ErrorNote error;
} UpstreamState;

/* One state per artifact, in order. `network`: ask; else only what was last seen. */
MUST_CHECK bool upstream_states(Workspace *ws, const ArtifactList *artifacts, bool network,
                                UpstreamState **out, Error *err);

/* Was it seen under the source, pin and lock that the record has now? */
bool upstream_seen_fits(const Artifact *artifact, const UpstreamSeen *seen);

typedef struct {
    GitRepo *repo;
    PinChoice choice;
    GitSha commit;
    int64_t asked_ms; /* when the upstream named it; offline that may be long ago */
} UpstreamChoice;

/* Asks `url` what `pin` means and fetches that commit. */
MUST_CHECK bool upstream_choose(Workspace *ws, Str url, Str pin, UpstreamChoice *out, Error *err);

/* Was there no answer at all, so that what was last seen is the best that is known? */
bool upstream_unanswered(ErrorCode code);

/* Puts trees of one commit into the store: `paths` inside the repository to tree hashes, in order; a path
 * that is not there gets the zero hash. */
MUST_CHECK bool upstream_load(Workspace *ws, const UpstreamChoice *choice, const Str *paths,
                              size_t count, Hash *hashes, Error *err);

/* A version that is not on this machine, found again in its upstream: brought into the store if the tree at
 * that sha and path has the hash that is wanted. ERR_BASE_NOT_FOUND when it is another, or cannot be had. */
MUST_CHECK bool upstream_find_version(Workspace *ws, Str url, Str sha, Str path, const Hash *wanted,
                                      Error *err);
