/* News of upstreams: the event `upstream.changed`, once for each new version that a look at one finds.
 *
 * It is added in the transaction that notes what was seen, so that two looks at one time tell it once, and
 * a look that ends before its commit tells nothing. */
#pragma once

#include "sync/pending_store.h"

/* Inside that transaction, before `now` takes the place of what was seen before. */
MUST_CHECK bool upstream_tell_news(Workspace *ws, const Artifact *artifact, const UpstreamSeen *now,
                                   Error *err);
