/* Operations in the database: facts become rows, idempotent by transaction id.
 * Rows are only ever added, save `undone_by`, states of waiting merges and their choices. */
#pragma once

#include "sync/facts.h"
#include "sync/verbs.h"

/* One database transaction. Facts of a group in `failed` are not told; its tree becomes a waiting merge.
 * A transaction that is there already changes nothing. `claimant`: where nothing was written before, its
 * claim must hold; NULL: files have changed, and that is told whatever came since. */
MUST_CHECK bool operation_record(Db *db, Str transaction, const Facts *facts,
                                 const ApplyGroups *failed, const Workspace *claimant, Error *err);

/* Has any operation made that folder of `root`? */
MUST_CHECK bool operation_made_folder(Workspace *ws, Str root, Str path, bool *out, Error *err);
