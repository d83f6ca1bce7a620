/* Edge input: the records at both ends of one edge, and what they give a merge: trees, base, labels.
 *
 * A folder that is on record but not there is an error, ERR_MISSING_DEPLOYMENT, and never a deletion. The
 * base is what the record names, found again in the upstream if need be; ERR_BASE_NOT_FOUND without one.
 */
#pragma once

#include "sync/draft.h"
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
