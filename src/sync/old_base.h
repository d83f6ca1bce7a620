/* Old base: which version the hash of an old record names, among those that are at hand.
 *
 * A record that was taken over before its base could be told keeps `legacy_hash`. Each time it is read, the
 * live tiers (and what the upstream holds) are hashed by the old rule; one that has that hash is the base.
 * The first apply of the edge writes a base of weir's own and drops the old hash. Zero: none is known.
 */
#pragma once

#include "sync/draft.h"
#include "sync/upstream.h"

Hash base_of_deployment(Draft *draft, Root *project, const Deployment *deployment);

/* `seen` may be NULL. `ask`: what the upstream holds at the recorded commit counts too; where that is not
 * here it is noted as missing (sync/missing.h), and the draft is planned again. */
Hash base_of_artifact(Draft *draft, const Artifact *artifact, const UpstreamSeen *seen, bool ask);
