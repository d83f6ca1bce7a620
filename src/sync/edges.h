/* Planning of the three ways, U→C, C→P and P→C, one artifact at a time, into a draft.
 *
 * A failure belongs to its item; false only when all must stop.
 */
#pragma once

#include "sync/edge_input.h"

MUST_CHECK bool plan_upstream_edge(Draft *draft, const Artifact *artifact,
                                   const UpstreamState *state, Error *err);
/* `artifact` may be NULL: gone from the collection. */
MUST_CHECK bool plan_project_edge(Draft *draft, const Artifact *artifact, Root *project,
                                  const Deployment *deployment, bool upward, Error *err);
