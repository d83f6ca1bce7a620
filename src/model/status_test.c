#include "model/status.h"
#include "testing/test.h"

enum { NONE, B, U, L }; /* no content, the base's, an upper one, a lower one */

static Hash version(int which)
{
    Hash hash = {{0}};
    hash.bytes[0] = (uint8_t)which;
    return hash;
}

typedef struct {
    const char *name;
    int base, upper, lower;
    bool pending;
    SyncStatus status;
    bool missing, removed, may_merge;
} Row;

static const Row rows[] = {
    {"nothing changed", B, B, B, false, STATUS_SYNCED, false, false, false},
    {"only the lower changed", B, B, L, false, STATUS_MODIFIED, false, false, false},
    {"only the upper changed", B, U, B, false, STATUS_OUTDATED, false, false, false},
    {"both changed", B, U, L, false, STATUS_DIVERGED, false, false, true},
    {"both changed alike", B, U, U, false, STATUS_SYNCED, false, false, false},
    {"no base, equal", NONE, U, U, false, STATUS_SYNCED, false, false, false},
    {"no base, different", NONE, U, L, false, STATUS_DIVERGED, false, false, true},
    {"deployment gone", B, B, NONE, false, STATUS_MODIFIED, true, false, false},
    {"deployment gone, upper moved", B, U, NONE, false, STATUS_DIVERGED, true, false, false},
    {"deployment gone, no base", NONE, U, NONE, false, STATUS_DIVERGED, true, false, false},
    {"gone above", B, NONE, B, false, STATUS_OUTDATED, false, true, false},
    {"gone above, edited below", B, NONE, L, false, STATUS_DIVERGED, false, true, false},
    {"gone above, no base", NONE, NONE, L, false, STATUS_DIVERGED, false, true, false},
    {"gone from both", B, NONE, NONE, false, STATUS_OUTDATED, true, true, false},
    {"gone from both, no base", NONE, NONE, NONE, false, STATUS_OUTDATED, true, true, false},
    {"a merge waits", B, U, L, true, STATUS_CONFLICT, false, false, false},
    {"a merge waits, sides equal by hand", B, U, U, true, STATUS_CONFLICT, false, false, false},
    {"a merge waits, lower gone", B, U, NONE, true, STATUS_CONFLICT, true, false, false},
};

TEST(decides_every_row_of_the_table)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Row *row = &rows[i];
        EdgeFacts facts = {version(row->base), version(row->upper), version(row->lower),
                           row->pending, MERGEABLE_YES};
        EdgeStatus edge = status_of(&facts);
        print_message("%s: %s\n", row->name, sync_status_names[edge.status]);
        CHECK_INT(edge.status, row->status);
        CHECK_INT(edge.missing, row->missing);
        CHECK_INT(edge.removed, row->removed);
        CHECK_INT(edge.mergeable, row->may_merge ? MERGEABLE_YES : MERGEABLE_UNKNOWN);
    }
}

TEST(mergeable_is_told_only_where_both_tiers_diverged)
{
    for (int bits = 0; bits < 4 * 4 * 4 * 2 * 3; bits++) {
        EdgeFacts facts = {version(bits % 4), version(bits / 4 % 4), version(bits / 16 % 4),
                           bits / 64 % 2, (Mergeable)(bits / 128)};
        EdgeStatus edge = status_of(&facts);
        bool told = edge.mergeable != MERGEABLE_UNKNOWN;
        CHECK(!told || (edge.status == STATUS_DIVERGED && !edge.missing && !edge.removed));
        CHECK((edge.status == STATUS_CONFLICT) == facts.pending_conflict);
        bool differs = !hash_equal(&facts.upper, &facts.lower);
        CHECK(edge.status != STATUS_SYNCED || !differs);
    }
}

TEST(names_read_back)
{
    for (int i = 0; i < STATUS_COUNT; i++) {
        SyncStatus status;
        CHECK(sync_status_parse(str_of(sync_status_names[i]), &status) && (int)status == i);
    }
    SyncStatus status;
    CHECK(!sync_status_parse(STR("fine"), &status));
}
