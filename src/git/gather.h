/* Gather: many upstreams asked at the same time.
 *
 * Each repository is lent to one of a few threads while `ask` runs for it, and is the caller's again
 * afterwards, with the answers and failures it remembers. `ask` must touch nothing but that repository and
 * what is its own. Nobody is asked for a password meanwhile: a repository that wants a login is asked
 * again at the end, on the caller's thread, where GitSettings.may_ask allows it.
 */
#pragma once

#include "git/repo.h"

typedef struct {
    GitRepo *const *repos; /* each once */
    size_t count;
    int threads;
    bool (*ask)(void *context, GitRepo *repo, size_t index, Error *err);
    /* On the caller's thread, every 100 ms; `index`: one that is at work. May be NULL. */
    void (*watch)(void *context, size_t done, size_t index, int percent);
    void *context;
} GitGather;

/* Failures of `ask` are its own business; this fails when git cannot be run, or on interruption. */
MUST_CHECK bool git_gather(Git *git, const GitGather *gather, Error *err);
