/* Planning of the three ways: U→C, C→P and P→C, one artifact at a time, into a draft.
 *
 * What an apply leaves behind is decided here and nowhere else: base := the source version just merged,
 * records and versions of both tiers. A failure belongs to its item; false only when all must stop.
 */
#pragma once

#include "sync/draft.h"
#include "sync/upstream.h"

MUST_CHECK bool plan_upstream_edge(Draft *draft, Artifact *artifact, const UpstreamState *state,
                                   Error *err);
/* `artifact` may be NULL: gone from the collection. */
MUST_CHECK bool plan_project_edge(Draft *draft, Artifact *artifact, Root *project,
                                  Deployment *deployment, bool upward, Error *err);

/* The trees and labels of a deployment's edge, for planning and for resolving alike. */
MUST_CHECK bool project_edge_input(Draft *draft, Artifact *artifact, Root *project,
                                   Deployment *deployment, bool upward, EdgeInput *out, Error *err);
MUST_CHECK bool upstream_edge_input(Draft *draft, const Artifact *artifact,
                                    const UpstreamState *state, EdgeInput *out, Error *err);

/* Everything that follows a settled result: tree change, records, versions. `source_word` of the
 * versions: NULL = told by the result ("upstream", "merge"), else "resolve". */
MUST_CHECK bool settle_upstream_edge(Draft *draft, PlanItem *item, Artifact *artifact,
                                     const UpstreamState *state, const EdgeInput *input,
                                     const EdgeResult *result, const char *source_word, Error *err);
MUST_CHECK bool settle_project_edge(Draft *draft, PlanItem *item, Artifact *artifact, Root *project,
                                    Deployment *deployment, const EdgeInput *input,
                                    const EdgeResult *result, const char *source_word, Error *err);

/* Fills item fields that come from an input and its result. */
void item_fill(PlanItem *item, const EdgeInput *input, const EdgeResult *result);

/* "3f2a91c0": the start of a hash, for labels and sentences. */
const char *hash_short(Arena *arena, const Hash *hash);
