#include "model/pin.h"
#include "testing/test.h"

typedef struct {
    const char *range, *version;
    bool inside;
} Row;

/* By hand, from the rules of npm's ranges and of semver 2.0. */
static const Row rows[] = {
    {"^1.2.3", "1.2.3", true},
    {"^1.2.3", "1.9.0", true},
    {"^1.2.3", "1.2.2", false},
    {"^1.2.3", "2.0.0", false},
    {"^1.2.3", "2.0.0-alpha", false},
    {"^1.2", "1.2.0", true},
    {"^1.2", "1.1.9", false},
    {"^1", "1.0.0", true},
    {"^1", "2.0.0", false},
    {"^0.2.3", "0.2.9", true},
    {"^0.2.3", "0.3.0", false},
    {"^0.0.3", "0.0.3", true},
    {"^0.0.3", "0.0.4", false},
    {"^0.0", "0.0.9", true},
    {"^0.0", "0.1.0", false},
    {"^0", "0.9.9", true},
    {"^0", "1.0.0", false},
    {"^0.x", "0.5.0", true},
    {"^1.2.x", "1.9.9", true},
    {"^1.x", "1.9.9", true},
    {"^1.x", "2.0.0", false},
    {"~1.2.3", "1.2.9", true},
    {"~1.2.3", "1.3.0", false},
    {"~1.2.3", "1.2.2", false},
    {"~1.2", "1.2.0", true},
    {"~1.2", "1.3.0", false},
    {"~1", "1.9.9", true},
    {"~1", "2.0.0", false},
    {"~0.2.3", "0.2.5", true},
    {">=1 <2", "1.0.0", true},
    {">=1 <2", "1.99.0", true},
    {">=1 <2", "2.0.0", false},
    {">=1 <2", "0.9.9", false},
    {">=1, <2", "1.5.0", true},
    {">= 1.2.3", "1.2.3", true},
    {">1.2.3", "1.2.3", false},
    {">1.2.3", "1.2.4", true},
    {">1.2", "1.2.9", false},
    {">1.2", "1.3.0", true},
    {">1", "1.9.9", false},
    {">1", "2.0.0", true},
    {"<1.2", "1.1.9", true},
    {"<1.2", "1.2.0", false},
    {"<1.2", "1.2.0-rc.1", false},
    {"<=1.2", "1.2.9", true},
    {"<=1.2", "1.3.0", false},
    {"<=1.2.3", "1.2.3", true},
    {"<=1.2.3", "1.2.4", false},
    {"1.x", "1.7.0", true},
    {"1.x", "2.0.0", false},
    {"1.2.x", "1.2.7", true},
    {"1.2.*", "1.3.0", false},
    {"1.2", "1.2.7", true},
    {"1", "1.2.7", true},
    {"*", "0.0.1", true},
    {"x", "9.9.9", true},
    {"*", "1.0.0-rc.1", false},
    {"1.2.3", "1.2.3", true},
    {"=1.2.3", "1.2.3", true},
    {"1.2.3", "1.2.4", false},
    {"v1.2.3", "1.2.3", true},
    {"^v1.2", "1.3.0", true},
    {"1.2.3 - 2.0.0", "1.2.3", true},
    {"1.2.3 - 2.0.0", "2.0.0", true},
    {"1.2.3 - 2.0.0", "2.0.1", false},
    {"1.2 - 2", "2.9.9", true},
    {"1.2 - 2", "3.0.0", false},
    {"1.2 - 2", "1.2.0", true},
    {"1.2.3 - 2.3", "2.3.9", true},
    {"1.2.3 - 2.3", "2.4.0", false},
    {"^1 || ^3", "3.1.0", true},
    {"^1 || ^3", "2.0.0", false},
    {"1.2.3||2.x", "2.5.0", true},
    {"<1 || >=2 <3", "2.5.0", true},
    {"<1 || >=2 <3", "1.5.0", false},
    {"^1.2.3-beta.2", "1.2.3-beta.4", true},
    {"^1.2.3-beta.2", "1.2.3-beta.1", false},
    {"^1.2.3-beta.2", "1.2.4-beta.4", false},
    {"^1.2.3-beta.2", "1.2.4", true},
    {"~1.2.3-beta.2", "1.2.3-beta.10", true},
    {">1.2.3-alpha.3", "1.2.3-alpha.7", true},
    {">1.2.3-alpha.3", "3.4.5-alpha.9", false},
    {">1.2.3-alpha.3", "3.4.5", true},
    {">=1.0.0-rc.1 <1.0.0", "1.0.0-rc.2", true},
    {">*", "1.0.0", false},
    {"<*", "1.0.0", false},
    {">=*", "1.0.0", true},
    {"^1.2.3+build", "1.2.3", true},
    {"1.2.3", "1.2.3+build.7", true},
    {"^2 <2.5", "2.4.9", true},
    {"^2 <2.5", "2.5.0", false},
    {"~>1.2", "1.2.5", true},
};

TEST(ranges_hold_what_the_reference_table_says)
{
    CHECK(COUNT_OF(rows) >= 60);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SemVerRange range;
        SemVer version;
        print_message("%s in %s\n", rows[i].version, rows[i].range);
        CHECK(semver_range_parse(t->arena, str_of(rows[i].range), &range));
        CHECK(semver_parse(str_of(rows[i].version), &version));
        CHECK_INT(semver_in_range(&range, &version), rows[i].inside);
    }
}

/* Each is below the next: the chain of the specification, and more. */
static const char *const ascending[] = {
    "0.0.0-0",
    "0.0.0",
    "0.0.1",
    "0.1.0",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0--",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2.0.0",
    "2.0.0+any",
    "9007199254740993.0.0",
    "18446744073709551615.0.0",
};

TEST(precedence_is_that_of_semver)
{
    for (size_t i = 0; i < COUNT_OF(ascending); i++) {
        for (size_t k = 0; k < COUNT_OF(ascending); k++) {
            SemVer a, b;
            CHECK(semver_parse(str_of(ascending[i]), &a) && semver_parse(str_of(ascending[k]), &b));
            int order = semver_compare(&a, &b);
            bool same = i == k || (i + k == 39 && (i == 19 || i == 20)); /* build does not count */
            CHECK_INT((order > 0) - (order < 0), same ? 0 : (i > k) - (i < k));
        }
    }
}

TEST(refuses_what_is_no_version)
{
    static const char *const bad[] = {"",
                                      "1",
                                      "1.2",
                                      "1.2.3.4",
                                      "01.2.3",
                                      "1.02.3",
                                      "1.2.3-",
                                      "1.2.3-01",
                                      "1.2.3-a..b",
                                      "1.2.3+",
                                      "v1.2.3",
                                      "1.2.3 ",
                                      "-1.2.3",
                                      "1.2.x",
                                      "1.2.3-\xC3\xA9",
                                      "18446744073709551616.0.0"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        SemVer version;
        print_message("%s\n", bad[i]);
        CHECK(!semver_parse(str_of(bad[i]), &version));
    }
}

TEST(refuses_what_is_no_range)
{
    static const char *const bad[] = {"",
                                      "^",
                                      "||",
                                      "^1 ||",
                                      "main",
                                      "1.2.3.4",
                                      ">=",
                                      "^^1",
                                      "1.2.3 -",
                                      "- 1.2.3",
                                      "~a",
                                      "1..2",
                                      "^1.2 foo",
                                      "1.2.3 - 2.0.0 - 3",
                                      "99999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        SemVerRange range;
        print_message("%s\n", bad[i]);
        CHECK(!semver_range_parse(t->arena, str_of(bad[i]), &range));
    }
}

/* ^ and ~ say the same as the bounds they stand for, on random versions. */
TEST(shorthands_equal_their_bounds)
{
    for (int round = 0; round < test_rounds(5000); round++) {
        unsigned a = (unsigned)test_below(t, 3), b = (unsigned)test_below(t, 3);
        unsigned c = (unsigned)test_below(t, 3);
        const char *caret = arena_format(t->arena, "^%u.%u.%u", a, b, c);
        const char *tilde = arena_format(t->arena, "~%u.%u.%u", a, b, c);
        const char *caret_bounds =
            a   ? arena_format(t->arena, ">=%u.%u.%u <%u", a, b, c, a + 1)
            : b ? arena_format(t->arena, ">=%u.%u.%u <%u.%u", a, b, c, a, b + 1)
                : arena_format(t->arena, "%u.%u.%u", a, b, c);
        const char *tilde_bounds = arena_format(t->arena, ">=%u.%u.%u <%u.%u", a, b, c, a, b + 1);
        const char *pre = test_below(t, 4) ? "" : "-rc.1";
        SemVer version;
        const char *text =
            arena_format(t->arena, "%u.%u.%u%s", (unsigned)test_below(t, 4),
                         (unsigned)test_below(t, 4), (unsigned)test_below(t, 4), pre);
        SemVerRange ranges[4];
        CHECK(semver_parse(str_of(text), &version));
        CHECK(semver_range_parse(t->arena, str_of(caret), &ranges[0]));
        CHECK(semver_range_parse(t->arena, str_of(caret_bounds), &ranges[1]));
        CHECK(semver_range_parse(t->arena, str_of(tilde), &ranges[2]));
        CHECK(semver_range_parse(t->arena, str_of(tilde_bounds), &ranges[3]));
        CHECK_INT(semver_in_range(&ranges[0], &version), semver_in_range(&ranges[1], &version));
        CHECK_INT(semver_in_range(&ranges[2], &version), semver_in_range(&ranges[3], &version));
    }
}

#define SHA(c) STR("0123456789abcdef0123456789abcdef0123456" c)

static PinChoice chosen(Test *t, const char *text, const PinRef *refs, size_t count)
{
    Pin pin;
    PinChoice choice;
    CHECK_OK(pin_parse(t->arena, str_of(text), &pin, &t->err));
    CHECK_OK(pin_choose(&pin, refs, count, &choice, &t->err));
    return choice;
}

static const PinRef refs[] = {
    {{"main", 4}, {"0123456789abcdef0123456789abcdef0123456a", 40}, REF_HEAD},
    {{"main", 4}, {"0123456789abcdef0123456789abcdef0123456a", 40}, REF_BRANCH},
    {{"next", 4}, {"1123456789abcdef0123456789abcdef0123456b", 40}, REF_BRANCH},
    {{"v1", 2}, {"2123456789abcdef0123456789abcdef0123456c", 40}, REF_TAG},
    {{"v1.0.0", 6}, {"2123456789abcdef0123456789abcdef0123456c", 40}, REF_TAG},
    {{"v1.2.0", 6}, {"3123456789abcdef0123456789abcdef0123456d", 40}, REF_TAG},
    {{"v1.10.0", 7}, {"4123456789abcdef0123456789abcdef0123456e", 40}, REF_TAG},
    {{"v2.0.0-rc.1", 11}, {"5123456789abcdef0123456789abcdef0123456f", 40}, REF_TAG},
    {{"pdf-v9.0.0", 10}, {"6123456789abcdef0123456789abcdef01234560", 40}, REF_TAG},
    {{"stable", 6}, {"7123456789abcdef0123456789abcdef01234561", 40}, REF_TAG},
};

TEST(chooses_the_ref_that_a_pin_means)
{
    static const struct {
        const char *pin, *ref, *version;
        RefKind kind;
    } wanted[] = {
        {"", "v1.10.0", "1.10.0", REF_TAG},
        {"latest", "v1.10.0", "1.10.0", REF_TAG},
        {"@latest", "v1.10.0", "1.10.0", REF_TAG},
        {"^1.0", "v1.10.0", "1.10.0", REF_TAG},
        {"~1.2", "v1.2.0", "1.2.0", REF_TAG},
        {"1.0.0", "v1.0.0", "1.0.0", REF_TAG},
        {"v1", "v1", "1", REF_TAG},
        {"main", "main", "", REF_BRANCH},
        {"next", "next", "", REF_BRANCH},
        {"stable", "stable", "", REF_TAG},
        {"HEAD", "main", "", REF_HEAD},
        {"refs/heads/next", "next", "", REF_BRANCH},
        {"refs/tags/stable", "stable", "", REF_TAG},
        {"^2.0.0-rc", "v2.0.0-rc.1", "2.0.0-rc.1", REF_TAG},
        {"^9", "pdf-v9.0.0", "9.0.0", REF_TAG},
        {"1123456789a", "next", "", REF_BRANCH},
    };
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        print_message("%s\n", wanted[i].pin);
        PinChoice choice = chosen(t, wanted[i].pin, refs, COUNT_OF(refs));
        CHECK_STR(choice.ref, str_of(wanted[i].ref));
        CHECK_STR(choice.version, str_of(wanted[i].version));
        CHECK_INT(choice.kind, wanted[i].kind);
    }
}

TEST(latest_without_releases_is_the_head)
{
    PinChoice choice = chosen(t, "latest", refs, 3);
    CHECK_STR(choice.ref, STR("main"));
    CHECK_INT(choice.kind, REF_HEAD);
}

TEST(a_full_sha_needs_no_ref)
{
    PinChoice choice = chosen(t, "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd", NULL, 0);
    CHECK_STR(choice.sha, STR("aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"));
}

TEST(tags_of_two_packages_are_never_compared)
{
    const PinRef two[] = {{STR("main"), SHA("a"), REF_HEAD},
                          {STR("pdf-v1.0.0"), SHA("b"), REF_TAG},
                          {STR("docx-v3.0.0"), SHA("c"), REF_TAG}};
    Pin pin;
    PinChoice choice;
    CHECK_STR(chosen(t, "latest", two, 3).ref, STR("main"));
    CHECK_STR(chosen(t, "^3", two, 3).ref, STR("docx-v3.0.0"));
    CHECK_OK(pin_parse(t->arena, STR(">=1"), &pin, &t->err));
    CHECK_FAILS(ERR_INVALID, pin_choose(&pin, two, 3, &choice, &t->err));
}

TEST(an_unknown_ref_names_what_is_near)
{
    Pin pin;
    PinChoice choice;
    CHECK_OK(pin_parse(t->arena, STR("stabel"), &pin, &t->err));
    CHECK_FAILS(ERR_REF_NOT_FOUND, pin_choose(&pin, refs, COUNT_OF(refs), &choice, &t->err));
    CHECK_HAS(error_hint(&t->err), "'stable'");
    CHECK_OK(pin_parse(t->arena, STR("^77"), &pin, &t->err));
    CHECK_FAILS(ERR_REF_NOT_FOUND, pin_choose(&pin, refs, COUNT_OF(refs), &choice, &t->err));
    CHECK_HAS(error_hint(&t->err), "v1.10.0");
}

TEST(refuses_pins_that_git_would_not_name)
{
    static const char *const bad[] = {
        "-x", "--upload-pack=x", "a b", "a..b", "a\nb", "x@{1}", "a//b", "/a", "a/",
        "a.", "a.lock",          "a:b"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Pin pin;
        print_message("%s\n", bad[i]);
        CHECK_FAILS(ERR_INVALID, pin_parse(t->arena, str_of(bad[i]), &pin, &t->err));
    }
}
