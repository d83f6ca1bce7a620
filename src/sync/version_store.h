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
