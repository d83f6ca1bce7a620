/* Which versions of an artifact weir has recorded, and what a person accepted with an operation: rows. */
#pragma once

#include "sync/facts.h"
#include "sync/workspace.h"

/* Either tree is one that was written, merged or taken as a base before, on any tier. */
MUST_CHECK bool version_is_recorded(Workspace *ws, Str artifact, const Hash *source,
                                    const Hash *after, bool *out, Error *err);

/* FACT_RISK, in the transaction of its operation. */
MUST_CHECK bool risk_acceptance_put(Db *db, Str transaction, size_t seq, const Fact *fact,
                                    Error *err);
