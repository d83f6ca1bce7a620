/* Planning of the three ways, U→C, C→P and P→C, one artifact at a time, into a draft.
 *
 * A failure belongs to its item; false only when all must stop.
 */
#pragma once

#include "sync/edge_input.h"

/* What becomes of an artifact that differs from what comes in. */
typedef enum {
    POLICY_MERGE, /* both sides' edits; what clashes waits */
    POLICY_TAKE, /* the source as it stands: the target's own edits are lost, item->lost names them */
    POLICY_KEEP,  /* the target as it stands: the source counts as merged */
    POLICY_LATER, /* nothing: no item is made */
} EdgePolicy;

MUST_CHECK bool plan_upstream_edge(Draft *draft, const Artifact *artifact,
                                   const UpstreamState *state, EdgePolicy policy, Error *err);
/* `artifact` may be NULL: gone from the collection. */
MUST_CHECK bool plan_project_edge(Draft *draft, const Artifact *artifact, Root *project,
                                  const Deployment *deployment, bool upward, Error *err);
