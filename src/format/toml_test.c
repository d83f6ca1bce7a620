#include "format/toml.h"

#include <math.h>
#include <string.h>

#include "testing/test.h"

static TomlDoc *parse(Test *t, const char *text)
{
    TomlDoc *doc;
    TomlInput input = {.text = str_of(text), .file = "x.toml"};
    CHECK_OK(toml_parse(t->arena, &input, &doc, &t->err));
    return doc;
}

static const TomlNode *value(Test *t, const char *text, const char *path)
{
    const TomlNode *node = &parse(t, text)->root;
    Str rest = str_of(path), key;
    while (str_next(&rest, '/', &key))
        node = node->kind == TOML_ARRAY ? node->first : toml_find(node, key);
    CHECK(node != NULL);
    return node;
}

TEST(strings_are_decoded)
{
    CHECK_STR(value(t, "a = \"x\\ty\\u00e9\\U0001F600\\\"\"", "a")->text,
              STR("x\ty\xC3\xA9\xF0\x9F\x98\x80\""));
    CHECK_STR(value(t, "a = 'C:\\x'", "a")->text, STR("C:\\x"));
    CHECK_STR(value(t, "a = '''\n'quoted' \\'''", "a")->text, STR("'quoted' \\"));
    CHECK_STR(value(t, "a = \"\"\"\none \\\n   two\n\"\"three\"\"\"\"\"", "a")->text,
              STR("one two\n\"\"three\"\""));
    CHECK_STR(value(t, "a = \"\"", "a")->text, STR(""));
}

TEST(numbers_words_and_times_keep_their_text)
{
    CHECK_INT(value(t, "a = 0xdead_BEEF", "a")->as.integer, 0xdeadbeef);
    CHECK_INT(value(t, "a = -9223372036854775808", "a")->as.integer, INT64_MIN);
    CHECK_INT(value(t, "a = +1_000", "a")->as.integer, 1000);
    CHECK_INT(value(t, "a = 0b101", "a")->as.integer, 5);
    CHECK_INT(value(t, "a = 0o17", "a")->as.integer, 15);
    CHECK(value(t, "a = 6.5e1", "a")->as.number > 64.9);
    CHECK(isinf(value(t, "a = -inf", "a")->as.number));
    CHECK(isnan(value(t, "a = nan", "a")->as.number));
    CHECK(value(t, "a = true", "a")->as.truth);
    static const char *const times[] = {"2026-11-21T08:00:00Z", "2026-11-21 08:00:00.5+01:30",
                                        "2024-02-29", "23:59:60", "2026-11-21T08:00:00"};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        const TomlNode *node = value(t, arena_format(t->arena, "a = %s # x", times[i]), "a");
        CHECK_INT(node->kind, TOML_DATETIME);
        CHECK_STR(node->text, str_of(times[i]));
    }
}

TEST(tables_of_every_form_are_found)
{
    const char *text = "a.b.c = 1\n[t]\nx = {y = {z = 2}}\n[[l]]\nn = 3\n[l.sub]\nm = 4\n[[l]]\n"
                       "[p.q]\nr = 5\n[p]\ns = 6\n";
    CHECK_INT(value(t, text, "a/b/c")->as.integer, 1);
    CHECK_INT(value(t, text, "t/x/y/z")->as.integer, 2);
    CHECK_INT(value(t, text, "l/0/sub/m")->as.integer, 4);
    CHECK_INT(value(t, text, "l")->count, 2);
    CHECK_INT(value(t, text, "p/q/r")->as.integer, 5);
    CHECK_INT(value(t, text, "p/s")->as.integer, 6);
    CHECK_INT(value(t, text, "a")->form, TOML_DOTTED);
    CHECK_INT(value(t, text, "l")->form, TOML_BLOCKS);
}

TEST(large_tables_find_their_keys_and_their_doubles)
{
    Buf buf = buf_new(t->arena);
    for (int i = 0; i < 500; i++)
        buf_format(&buf, "key%d = %d\n", i, i);
    TomlDoc *doc = parse(t, buf_text(&buf));
    for (int i = 0; i < 500; i++) {
        const TomlNode *node = toml_find(&doc->root, str_of(arena_format(t->arena, "key%d", i)));
        CHECK(node && node->as.integer == i);
    }
    CHECK(toml_find(&doc->root, STR("key500")) == NULL);
    buf_add_text(&buf, "\"key4\\u0032\" = 1\n");
    TomlInput input = {.text = buf_str(&buf), .file = "x.toml"};
    CHECK_FAILS(ERR_CORRUPT, toml_parse(t->arena, &input, &doc, &t->err));
    CHECK_HAS(t->err.message, "x.toml:501:1: 'key42' is defined already, on line 43");
}

TEST(refuses_with_place_and_what_was_expected)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"a = 1\nb 2\n", "x.toml:2:3: expected '=' behind the key, found '2'"},
        {"\xC3\xA9 = 1", "x.toml:1:1: expected a key"},
        {"'\xC3\xA9' ? 1", "x.toml:1:5: expected '='"},
        {"a = \n", "x.toml:1:5: expected a value, found the end of the line"},
        {"a = \"x\n", "1:5: the string does not end on its line"},
        {"a = \"\\q\"", "1:6: expected one of"},
        {"a = \"\\ud800\"", "no Unicode character"},
        {"a = [1,\n 2", "1:5: the array does not end"},
        {"a = {b = 1,\n}", "does not end on its line"},
        {"a = {b = 1,}", "expected a key, found '}'"},
        {"a = 1 b = 2", "expected the end of the line, found 'b'"},
        {"a = 1\r", "carriage return"},
        {"[a]\n[a]\n", "2:2: 'a' is defined already, on line 1"},
        {"[[a]]\n[a]\n", "defined already"},
        {"a = []\n[[a]]\n", "defined already"},
        {"a = {}\n[a.b]\n", "defined already"},
        {"[a]\nb.c = 1\n[a.b]\n", "defined already"},
        {"[a.b.c]\n[a]\nb.d = 1\n", "defined already"},
        {"a = 9223372036854775808", "does not fit in 64 bits"},
        {"a = 012", "expected a value"},
        {"a = 1__0", "expected a value"},
        {"a = 2023-02-29", "expected a value"},
        {"a = 24:00:00", "expected a value"},
        {"a = .5", "expected a value"},
        {"a = \"\x01\"", "control character"},
        {"# \x7F", "control character in a comment"},
        {"a = \"\xED\xA0\x80\"", "1:6: bytes that are not UTF-8"},
        {"[a", "expected ']' behind the table's name"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        TomlDoc *doc;
        TomlInput input = {
            .text = str_of(bad[i].text), .file = "x.toml", .code = ERR_CONFIG_INVALID};
        print_message("%s\n", bad[i].says);
        CHECK_FAILS(ERR_CONFIG_INVALID, toml_parse(t->arena, &input, &doc, &t->err));
        CHECK_HAS(t->err.message, bad[i].says);
    }
}

TEST(nesting_is_capped_in_every_form)
{
    Buf arrays = buf_new(t->arena), dots = buf_new(t->arena), header = buf_new(t->arena);
    buf_add_text(&arrays, "a = ");
    buf_add_text(&header, "[a");
    buf_add_text(&dots, "a");
    for (int i = 0; i < 100000; i++) {
        buf_add_char(&arrays, '[');
        buf_add_text(&dots, ".a");
        buf_add_text(&header, ".a");
    }
    buf_add_text(&header, "]\n");
    buf_add_text(&dots, " = 1\n");
    Buf *const texts[] = {&arrays, &dots, &header};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        TomlDoc *doc;
        TomlInput input = {.text = buf_str(texts[i]), .file = "x.toml"};
        CHECK_FAILS(ERR_CORRUPT, toml_parse(t->arena, &input, &doc, &t->err));
        CHECK_HAS(t->err.message, "nested deeper than 64");
    }
}

TEST(a_text_above_its_limit_is_refused)
{
    TomlDoc *doc;
    TomlInput input = {.text = STR("a = 1234567"), .file = "x.toml", .limit_bytes = 10};
    CHECK_FAILS(ERR_TOO_LARGE, toml_parse(t->arena, &input, &doc, &t->err));
}

/* Each value's span, parsed alone, is the same value. */
static void check_spans(Test *t, const TomlDoc *doc, const TomlNode *node)
{
    if (node->form == TOML_VALUE && node->parent) {
        Str span = str_slice(doc->source, node->value_from, node->value_to);
        const TomlNode *alone = value(t, arena_format(t->arena, "a = %.*s\n", STR_ARG(span)), "a");
        CHECK_INT(alone->kind, node->kind);
        CHECK_INT(alone->count, node->count);
        if (node->kind == TOML_STRING)
            CHECK_STR(alone->text, node->text);
    }
    for (const TomlNode *child = node->first; child; child = child->next)
        check_spans(t, doc, child);
}

TEST(spans_parsed_alone_are_the_same_values)
{
    TomlDoc *doc =
        parse(t, "\xEF\xBB\xBF# c\na . \"b\" = [ 1, {x='y', z=[2.5,]} , # c\n\"q\\n\"]\r\n"
                 "s = '''\nx'''\n[ t . u ] # h\nd = 2026-11-21 08:00:00Z\n[[l]]\ne={}\n");
    check_spans(t, doc, &doc->root);
}

TEST(written_strings_and_keys_read_back)
{
    for (int round = 0; round < test_rounds(300); round++) {
        char bytes[24];
        size_t len = test_below(t, sizeof bytes);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)test_below(t, 128);
        Str text = {bytes, len};
        Buf buf = buf_new(t->arena);
        toml_add_key(&buf, text);
        buf_add_text(&buf, " = ");
        toml_add_string(&buf, text);
        const TomlNode *root = &parse(t, buf_text(&buf))->root;
        CHECK_STR(root->first->key, text);
        CHECK_STR(root->first->text, text);
    }
}

TEST(long_arrays_take_a_line_per_item)
{
    StrArray items = {0};
    Buf buf = buf_new(t->arena);
    toml_add_strings(&buf, &items, 0);
    CHECK_STR(buf_str(&buf), STR("[]"));
    for (int i = 0; i < 2; i++)
        ARRAY_PUSH(t->arena, &items, STR("0123456789012345678901234567890123456789"));
    toml_add_strings(&buf, &items, 20);
    CHECK_STR(str_slice(buf_str(&buf), 2, 10), STR("[\n    \"0"));
}
