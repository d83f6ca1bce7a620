/* update: what upstream has comes into the collection, with a say about each artifact.
 *
 * Nothing else is written: not a project, not an upstream. Pins are respected.
 */
#pragma once

#include "sync/edges.h"
#include "sync/verbs.h"

typedef struct {
    Str artifact; /* id */
    EdgePolicy policy;
} ArtifactPolicy;
typedef ARRAY(ArtifactPolicy) ArtifactPolicies;

typedef struct {
    ArtifactRequest what;
    EdgePolicy policy; /* of all that `policies` does not name */
    ArtifactPolicies policies;
} UpdateRequest;
MUST_CHECK bool verb_update(Workspace *ws, const UpdateRequest *request, Plan *out, Error *err);
