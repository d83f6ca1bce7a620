#include "cli/options.h"

#include <string.h>

#include "testing/test.h"

static const Option own[] = {
    {.name = "path", .letter = 'p', .value = "GLOB", .about = "a value"},
    {.name = "tag", .letter = 't', .value = "TAG", .about = "many values", .repeated = true},
    {.name = "apply", .about = "a switch"},
    {.letter = 'x', .about = "a letter only"},
    {0},
};
static const Option common[] = {
    {.name = "json", .about = "json"}, {.name = "quiet", .letter = 'q', .about = "quiet"}, {0}};

static bool parse(Test *t, const char *const *words, Options *out)
{
    size_t count = 0;
    while (words[count])
        count++;
    return options_parse(t->arena, own, common, words, count, out, &t->err);
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

TEST(reads_every_form_of_a_value)
{
    static const char *const forms[][3] = {
        {"--path=a*b", NULL}, {"--path", "a*b", NULL}, {"-pa*b", NULL}, {"-p", "a*b", NULL}};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        Options options = {0};
        CHECK_OK(parse(t, forms[i], &options));
        CHECK_TEXT(option_value(&options, "path"), "a*b");
        CHECK_INT(options.operands.count, 0);
    }
}

TEST(keeps_operands_in_order_wherever_options_stand)
{
    Options options = {0};
    CHECK_OK(
        parse(t, WORDS("one", "--apply", "two", "--json", "-", "--", "--path", "-q"), &options));
    CHECK_INT(options.operands.count, 5);
    CHECK_TEXT(options.operands.items[2], "-");
    CHECK_TEXT(options.operands.items[3], "--path");
    CHECK_TEXT(options.operands.items[4], "-q");
    CHECK(option_given(&options, "apply") && option_given(&options, "json"));
    CHECK(!option_given(&options, "quiet"));
}

TEST(takes_a_value_that_looks_like_an_option)
{
    Options options = {0};
    CHECK_OK(parse(t, WORDS("--path", "--apply"), &options));
    CHECK_TEXT(option_value(&options, "path"), "--apply");
    CHECK(!option_given(&options, "apply"));
}

TEST(joins_letters_and_repeats_what_may_be_repeated)
{
    Options options = {0};
    CHECK_OK(parse(t, WORDS("-xqp", "g", "-ta", "--tag=b", "-x"), &options));
    CHECK(option_given(&options, "quiet"));
    CHECK_TEXT(option_value(&options, "path"), "g");
    StrArray tags = option_values(t->arena, &options, "tag");
    CHECK_INT(tags.count, 2);
    CHECK_STR(tags.items[1], STR("b"));
}

TEST(refuses_abbreviations_and_names_what_was_likely_meant)
{
    Options options = {0};
    CHECK_FAILS(ERR_USAGE, parse(t, WORDS("--appl"), &options));
    CHECK_HAS(t->err.message, "Did you mean '--apply'?");
    CHECK_FAILS(ERR_USAGE, parse(t, WORDS("--zzzzzzzz"), &options));
    CHECK(!strstr(t->err.message, "Did you mean"));
}

TEST(refuses_missing_needless_double_and_unknown)
{
    Options options = {0};
    CHECK_FAILS(ERR_USAGE, parse(t, WORDS("--path"), &options));
    CHECK_HAS(t->err.message, "GLOB");
    CHECK_FAILS(ERR_USAGE, parse(t, WORDS("--apply=yes"), &options));
    CHECK_FAILS(ERR_USAGE, parse(t, WORDS("--path=a", "-pb"), &options));
    CHECK_HAS(t->err.message, "given twice");
    CHECK_FAILS(ERR_USAGE, parse(t, WORDS("-xz"), &options));
    CHECK_FAILS(ERR_USAGE, parse(t, WORDS("--\x1b[31m"), &options));
    CHECK_HAS(t->err.message, "\\x1B");
}

TEST(an_empty_value_is_a_value)
{
    Options options = {0};
    CHECK_OK(parse(t, WORDS("--path="), &options));
    CHECK_TEXT(option_value(&options, "path"), "");
}
