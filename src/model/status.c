#include "model/status.h"

#include "base/str.h"

const char *const sync_status_names[STATUS_COUNT] = {"synced", "modified", "outdated", "diverged",
                                                     "conflict"};

bool sync_status_parse(Str name, SyncStatus *out)
{
    for (int i = 0; i < STATUS_COUNT; i++) {
        if (!str_is(name, sync_status_names[i]))
            continue;
        *out = (SyncStatus)i;
        return true;
    }
    return false;
}

/* What the hashes say, by the table in the header. Without a base both tiers count as changed. */
static SyncStatus by_hashes(const EdgeFacts *facts)
{
    static const SyncStatus statuses[2][2] = {
        /* lower:      same             changed */
        /* upper same    */ {STATUS_SYNCED, STATUS_MODIFIED},
        /* upper changed */ {STATUS_OUTDATED, STATUS_DIVERGED},
    };
    if (hash_equal(&facts->upper, &facts->lower))
        return hash_is_zero(&facts->upper) ? STATUS_OUTDATED : STATUS_SYNCED;
    bool based = !hash_is_zero(&facts->base);
    bool upper_changed = !based || !hash_equal(&facts->upper, &facts->base);
    bool lower_changed = !based || !hash_equal(&facts->lower, &facts->base);
    return statuses[upper_changed][lower_changed];
}

EdgeStatus status_of(const EdgeFacts *facts)
{
    EdgeStatus edge = {.missing = hash_is_zero(&facts->lower),
                       .removed = hash_is_zero(&facts->upper)};
    edge.status = facts->pending_conflict ? STATUS_CONFLICT : by_hashes(facts);
    if (edge.status == STATUS_DIVERGED && !edge.missing && !edge.removed)
        edge.mergeable = facts->mergeable;
    return edge;
}
