#include "model/lineage.h"
#include "testing/test.h"

static Hash version(uint64_t number)
{
    return hash_of((Str){(const char *)&number, sizeof number});
}

TEST(push_keeps_the_newest_fifty_without_duplicates)
{
    Hashes list = {0};
    for (uint64_t i = 0; i < 120; i++) {
        Hash next = version(i % 70);
        list = lineage_push(t->arena, &list, &next);
        CHECK(list.count <= LIMIT_LINEAGE_SHOWN);
        CHECK_INT(lineage_find(&list, &next), 0);
        for (size_t k = 0; k < list.count; k++)
            CHECK_INT(lineage_find(&list, &list.items[k]), k);
    }
    CHECK_INT(list.count, LIMIT_LINEAGE_SHOWN);
}

TEST(push_does_not_touch_the_old_list_and_never_takes_the_zero_hash)
{
    Hash a = version(1), b = version(2), zero = {{0}};
    Hashes empty = {0};
    Hashes one = lineage_push(t->arena, &empty, &a);
    Hashes two = lineage_push(t->arena, &one, &b);
    CHECK_INT(one.count, 1);
    CHECK(hash_equal(&one.items[0], &a));
    CHECK_INT(lineage_push(t->arena, &two, &zero).count, 2);
}

TEST(ancestors_stand_behind_and_nobody_is_its_own)
{
    Hashes list = {0};
    Hash a = version(1), b = version(2), other = version(3);
    list = lineage_push(t->arena, &list, &a);
    list = lineage_push(t->arena, &list, &b);
    CHECK(lineage_is_ancestor(&list, &a, &b));
    CHECK(!lineage_is_ancestor(&list, &b, &a));
    CHECK(!lineage_is_ancestor(&list, &a, &a));
    CHECK(!lineage_is_ancestor(&list, &other, &b));
    CHECK(!lineage_is_ancestor(&list, &a, &other));
}
