/* Review: nothing that deserves a look comes in without a yes (docs/risk.md, merge/risk.h).
 *
 * What would be new in an artifact is told with its plan. Carried out, a finding that needs a yes and has
 * none refuses its artifact, ERR_RISK_REVIEW, before anything of it is in the draft; the others go on. A
 * version that weir has recorded for the artifact was reviewed when it came, and is not asked about again,
 * on no tier. A yes is told with the operation.
 */
#pragma once

#include "sync/draft.h"

/* Call it when the item's changes and hashes are known, before anything of it is settled. */
MUST_CHECK bool review_item(Draft *draft, PlanItem *item, Error *err);

/* For every change whose item was not reviewed yet; refuses all of it at once. Called by draft_run. */
MUST_CHECK bool review_draft(Draft *draft, Error *err);
