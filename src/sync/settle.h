/* Settle: what a merged edge leaves behind in a draft: files, records and versions of both tiers.
 *
 * Decided here and nowhere else: base := the source version just merged, in every direction.
 */
#pragma once

#include "sync/edge_input.h"

/* `source_word` of the target's new version: NULL = told by the result ("upstream", "merge"), else
 * "resolve". Sets item->record_only. */
MUST_CHECK bool settle_edge(Draft *draft, PlanItem *item, const EdgeEnds *ends,
                            const EdgeInput *input, const EdgeResult *result,
                            const char *source_word, Error *err);

/* The target becomes the result: its files, and a version of its tier. `source_word` as above. */
void settle_target(Draft *draft, const PlanItem *item, Root *root, const EdgeInput *input,
                   const EdgeResult *result, const char *source_word);

/* What a deployment's record repeats of its artifact's upstream. */
void settle_upstream_of(Deployment *deployment, const Artifact *artifact);
