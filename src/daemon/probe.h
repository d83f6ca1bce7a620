/* Probe: does the daemon that holds a home's lock answer? Asked by clients, over its socket or TCP. */
#pragma once

#include "daemon/serve_lock.h"

/* GET /healthz, within `timeout_ms`. Fails with what stood in the way: ERR_NETWORK_ERROR,
 * ERR_TIMEOUT. */
MUST_CHECK bool daemon_probe(const ServeHolder *holder, int timeout_ms, Error *err);
