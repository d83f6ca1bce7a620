/* Edge input: the records at both ends of one edge, and what they give a merge: trees, base, labels.
 *
 * A folder that is on record but not there is an error, ERR_MISSING_DEPLOYMENT, and never a deletion. The
 * base is what the record names, found again where it may be (base_find.h); ERR_BASE_NOT_FOUND without one,
 * or, where the draft asks for a two-way review, none.
 */
#pragma once

#include "sync/base_find.h"
#include "sync/upstream.h"

typedef struct {
    const Artifact *artifact;      /* NULL: gone from the collection */
    const UpstreamState *upstream; /* of the upstream edge */
    Root *project;                 /* NULL: the upstream edge */
    const Deployment *deployment;  /* in `project` */
} EdgeEnds;

/* `upward`: the collection is the target of the project's edge. */
MUST_CHECK bool edge_input(Draft *draft, const EdgeEnds *ends, bool upward, EdgeInput *out,
                           Error *err);
/* The same where no base is needed: without one, `out->base` is absent. */
MUST_CHECK bool edge_sides(Draft *draft, const EdgeEnds *ends, bool upward, EdgeInput *out,
                           Error *err);

/* The base that an artifact's record names for the upstream's edge. */
BaseWanted artifact_base(const Artifact *artifact);
/* The base that a deployment's record names. `artifact` may be NULL: gone from the collection. */
BaseWanted deployment_base(const Deployment *deployment, const Artifact *artifact,
                           const Root *project);
