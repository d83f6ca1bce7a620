/* Sync status of an edge: THE place where a status is decided, by hashes alone.
 *
 * An edge joins an upper and a lower tier: upstream and collection, or collection and project. Its base is
 * the last version that both had in common. Statuses are never read back from a record. Pure.
 *
 *   upper / lower, against the base      status     flags
 *   a merge waits with unresolved places conflict
 *   equal                                synced     (also when both changed alike, and without a base)
 *   same      / changed                  modified
 *   changed   / same                     outdated
 *   changed   / changed                  diverged   mergeable
 *   no base   / they differ              diverged   mergeable unknown: a two-way review
 *   same      / absent                   modified   missing
 *   changed   / absent                   diverged   missing
 *   absent    / same                     outdated   removed
 *   absent    / changed, or no base      diverged   removed
 *   any       / absent, without a base   diverged   missing
 *   absent    / absent                   outdated   missing removed: only the record is left
 */
#pragma once

#include "base/hash.h"

typedef enum {
    STATUS_SYNCED,
    STATUS_MODIFIED,
    STATUS_OUTDATED,
    STATUS_DIVERGED,
    STATUS_CONFLICT,
    STATUS_COUNT,
} SyncStatus;
extern const char *const sync_status_names[STATUS_COUNT]; /* "synced" ... */
bool sync_status_parse(Str name, SyncStatus *out);

typedef enum { MERGEABLE_UNKNOWN, MERGEABLE_NO, MERGEABLE_YES } Mergeable;

typedef struct {
    Hash base, upper, lower; /* zero: none, absent */
    bool pending_conflict;   /* a merge of this edge waits with unresolved places */
    Mergeable mergeable;     /* what a dry merge said; looked at only when diverged */
} EdgeFacts;

typedef struct {
    SyncStatus status;
    bool missing;        /* the lower tier has a record and no content */
    bool removed;        /* the upper tier no longer holds the artifact */
    Mergeable mergeable; /* MERGEABLE_UNKNOWN unless diverged with both tiers present */
} EdgeStatus;

EdgeStatus status_of(const EdgeFacts *facts);
