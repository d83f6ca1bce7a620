/* The waiting merges as a session found them, asked for edge by edge and read from the database once.
 *
 * They hold for all its batches: the lock of the collection keeps others from writing them, and what a
 * batch writes belongs to artifacts that no later batch plans.
 */
#pragma once

#include "sync/pending_store.h"
#include "sync/session.h"

/* `*out` NULL: no merge waits on that edge. `project` NULL on the upstream edge. */
MUST_CHECK bool pending_of_edge(Session *session, Str artifact, Edge edge, const char *project,
                                const PendingMerge **out, Error *err);
