#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#include "testing/test.h"

static bool count(void *context, Str bytes, Error *err)
{
    *(size_t *)context += bytes.len;
    return bytes.len == 5 || fail(err, ERR_INVALID, "not five");
}

TEST(a_secret_is_lent_for_one_call)
{
    size_t seen = 0;
    SCOPED(secret_free) Secret *five = secret_new(STR("fiver"));
    SCOPED(secret_free) Secret *none = secret_new(STR(""));
    Hash wanted = hash_of(STR("fiver")), is = secret_hash(five);
    CHECK_OK(secret_lend(five, count, &seen, &t->err));
    CHECK_INT(seen, 5);
    CHECK_FAILS(ERR_INVALID, secret_lend(none, count, &seen, &t->err));
    CHECK(hash_equal(&is, &wanted));
    secret_free(&five);
    CHECK(five == NULL);
}

TEST(a_secret_of_the_environment_leaves_nothing_there)
{
    CHECK(setenv("WEIR_TEST_SECRET", "seven of them", 1) == 0);
    const char *there = getenv("WEIR_TEST_SECRET");
    size_t len = strlen(there);
    SCOPED(secret_free) Secret *secret = secret_of_environment("WEIR_TEST_SECRET");
    Hash wanted = hash_of(STR("seven of them")), is = secret_hash(secret);
    CHECK(hash_equal(&is, &wanted));
    CHECK(getenv("WEIR_TEST_SECRET") == NULL);
    for (size_t i = 0; i < len; i++)
        CHECK(there[i] == 0);
    CHECK(secret_of_environment("WEIR_TEST_SECRET") == NULL);
}
