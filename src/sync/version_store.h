/* Versions in the database: the full lineage of every artifact, by rows that are only ever added. */
#pragma once

#include "model/lineage.h"
#include "sync/verbs.h"

/* The one version of `artifact` that `start` means: at least 4 digits of a hash that is in its lineage or in
 * `recorded` (hashes its records name). ERR_USAGE, ERR_INVALID with the candidates, ERR_NOT_FOUND, which
 * tells whose version it is when it is another artifact's. */
MUST_CHECK bool version_choose(Workspace *ws, Str artifact, const Hashes *recorded, Str start,
                               Hash *out, Error *err);

MUST_CHECK bool version_exists(Workspace *ws, Str artifact, Str hash, bool *out, Error *err);
/* The hash of the newest version of one tier; empty when it has none. `project` "" but for projects. */
MUST_CHECK bool version_newest(Workspace *ws, Str artifact, Str tier, Str project, Str *out,
                               Error *err);

/* A version whose parent is no version that was told before it. */
typedef struct {
    Str artifact, tier, project;
    Hash hash, parent;
    bool later; /* the parent is a version, but only itself or one told after it: a cycle */
} VersionBreak;
typedef ARRAY(VersionBreak) VersionBreaks;

/* Of one artifact, or of all with an empty `artifact`; at most `limit`. */
MUST_CHECK bool version_breaks(Workspace *ws, Str artifact, size_t limit, VersionBreaks *out,
                               Error *err);
/* Tells the parent of a break as a first version, before all others: it goes back to nothing known. */
MUST_CHECK bool version_put_root(Workspace *ws, const VersionBreak *of, Error *err);
MUST_CHECK bool version_count(Workspace *ws, size_t *out, Error *err);
