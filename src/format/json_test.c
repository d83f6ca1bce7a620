#include <string.h>

#include "format/base64.h"
#include "format/json_read.h"
#include "format/json_write.h"
#include "format/utf8.h"
#include "testing/json_schema.h"
#include "testing/test.h"

static const JsonNode *parse(Test *t, const char *text)
{
    const JsonNode *node;
    CHECK_OK(json_parse(t->arena, str_of(text), 0, &node, &t->err));
    return node;
}

TEST(reads_every_kind_and_keeps_numbers_as_text)
{
    const JsonNode *node =
        parse(t, " {\"a\":[1,-0.5e+3,true,null,\"x\\u00e9\\ud83d\\ude00\\n\"]} ");
    const JsonNode *item = json_find(node, STR("a"))->first;
    int64_t whole;
    CHECK(json_to_i64(item, &whole) && whole == 1);
    item = item->next;
    CHECK_STR(item->text, STR("-0.5e+3"));
    CHECK(!json_to_i64(item, &whole));
    CHECK(item->next->truth);
    CHECK_INT(item->next->next->kind, JSON_NULL);
    CHECK_STR(item->next->next->next->text, STR("x\xC3\xA9\xF0\x9F\x98\x80\n"));
    CHECK(json_to_i64(parse(t, "-9223372036854775808"), &whole) && whole == INT64_MIN);
    CHECK(!json_to_i64(parse(t, "9223372036854775808"), &whole));
}

TEST(refuses_what_the_standard_forbids)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "[1,]",
                                      "{\"a\":1,}",
                                      "01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "1e",
                                      "nul",
                                      "'a'",
                                      "{a:1}",
                                      "\"\t\"",
                                      "\"\\x\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\\ud800\"",
                                      "\"\\ud800\\u0041\"",
                                      "[1] 2",
                                      "\"\xFF\"",
                                      "\xEF\xBB\xBF{}",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":1,\"\\u0061\":2}",
                                      "[1 2]",
                                      "\"a",
                                      "NaN",
                                      "// c\n1"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const JsonNode *node;
        print_message("%s\n", bad[i]);
        CHECK_FAILS(ERR_INVALID, json_parse(t->arena, str_of(bad[i]), 0, &node, &t->err));
        CHECK_HAS(t->err.message, "line 1, column ");
    }
    const JsonNode *node;
    CHECK_FAILS(ERR_TOO_LARGE, json_parse(t->arena, STR("[1,2,3]"), 5, &node, &t->err));
}

TEST(large_objects_find_doubles_too)
{
    Buf buf = buf_new(t->arena);
    JsonWriter writer = json_writer(&buf, false);
    json_begin_object(&writer);
    for (int i = 0; i < 200; i++)
        json_member_integer(&writer, arena_format(t->arena, "k%d", i), i);
    json_end_object(&writer);
    const JsonNode *node = parse(t, buf_text(&buf));
    CHECK_INT(node->count, 200);
    CHECK_STR(json_find(node, STR("k150"))->text, STR("150"));
    buf.data[buf.len - 1] = ',';
    buf_add_text(&buf, "\"k\\u0035\":1}");
    CHECK_FAILS(ERR_INVALID, json_parse(t->arena, buf_str(&buf), 0, &node, &t->err));
}

TEST(nesting_is_capped)
{
    Buf buf = buf_new(t->arena);
    for (int i = 0; i < 100000; i++)
        buf_add_char(&buf, '[');
    const JsonNode *node;
    CHECK_FAILS(ERR_INVALID, json_parse(t->arena, buf_str(&buf), 0, &node, &t->err));
    CHECK_HAS(t->err.message, "nested deeper");
}

TEST(pretty_and_compact_are_exact)
{
    Buf pretty = buf_new(t->arena), compact = buf_new(t->arena);
    Buf *const bufs[] = {&pretty, &compact};
    for (size_t i = 0; i < COUNT_OF(bufs); i++) {
        JsonWriter writer = json_writer(bufs[i], i == 0);
        json_begin_object(&writer);
        json_member_text(&writer, "a", NULL);
        json_key(&writer, "b");
        json_begin_array(&writer);
        json_integer(&writer, INT64_MIN);
        json_bool(&writer, true);
        json_begin_object(&writer);
        json_end_object(&writer);
        json_end_array(&writer);
        json_key(&writer, "c");
        json_begin_array(&writer);
        json_end_array(&writer);
        json_end_object(&writer);
    }
    CHECK_STR(buf_str(&compact), STR("{\"a\":null,\"b\":[-9223372036854775808,true,{}],\"c\":[]}"));
    CHECK_STR(buf_str(&pretty), STR("{\n  \"a\": null,\n  \"b\": [\n    -9223372036854775808,\n"
                                    "    true,\n    {}\n  ],\n  \"c\": []\n}"));
}

/* Any bytes give JSON; UTF-8 reads back as it was, other bytes by their base64. */
TEST(any_bytes_are_written_and_read_back)
{
    for (int round = 0; round < test_rounds(500); round++) {
        char bytes[16];
        size_t len = test_below(t, sizeof bytes);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(test_below(t, 3) ? test_below(t, 128) : test_below(t, 256));
        Str text = {bytes, len}, back;
        Buf buf = buf_new(t->arena);
        JsonWriter writer = json_writer(&buf, round % 2);
        json_begin_object(&writer);
        json_member_bytes(&writer, "path", text);
        json_end_object(&writer);
        const JsonNode *node = parse(t, arena_text(t->arena, buf_str(&buf)));
        const JsonNode *beside = json_find(node, STR("path_bytes"));
        CHECK_INT(beside == NULL, str_is_utf8(text));
        back = json_find(node, STR("path"))->text;
        if (beside)
            CHECK(base64_parse(t->arena, beside->text, &back));
        CHECK_STR(back, text);
    }
}

TEST(utf8_agrees_with_base)
{
    for (int round = 0; round < test_rounds(3000); round++) {
        char bytes[6];
        size_t len = test_below(t, sizeof bytes);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(test_below(t, 4) ? 0x80 + test_below(t, 128) : test_below(t, 256));
        Str text = {bytes, len};
        CHECK_INT(utf8_valid_prefix(text) == len, str_is_utf8(text));
    }
    for (uint32_t code = 0; code < 0x110000; code += 37) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        Buf buf = buf_new(t->arena);
        utf8_add(&buf, code);
        CHECK_INT(str_is_utf8(buf_str(&buf)), code < 0xD800 || code > 0xDFFF);
    }
}

TEST(base64_knows_its_vectors_and_refuses_other_spellings)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xFF\xFE\xFD", "//79"}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        Buf buf = buf_new(t->arena);
        Str back;
        base64_add(&buf, str_of(pairs[i][0]));
        CHECK_STR(buf_str(&buf), str_of(pairs[i][1]));
        CHECK(base64_parse(t->arena, buf_str(&buf), &back));
        CHECK_STR(back, str_of(pairs[i][0]));
    }
    static const char *const bad[] = {
        "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm-v", "=m9v"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Str back;
        CHECK(!base64_parse(t->arena, str_of(bad[i]), &back));
    }
}

TEST(schemas_are_checked)
{
    const JsonNode *schema = parse(
        t, "{\"$defs\":{\"hash\":{\"type\":[\"string\",\"null\"]}},\"type\":\"object\","
           "\"required\":[\"items\"],\"additionalProperties\":false,\"properties\":{"
           "\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/hash\"}},"
           "\"status\":{\"enum\":[\"a\",1]},\"n\":{\"type\":\"integer\",\"minimum\":0},"
           "\"v\":{\"const\":1},\"o\":{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}}}");
    static const char *const good[] = {"{\"items\":[]}", "{\"items\":[\"x\",null],\"status\":1}",
                                       "{\"items\":[],\"n\":3,\"v\":1,\"o\":\"x\"}"};
    static const char *const bad[][2] = {
        {"[]", "/"},
        {"{}", "has no 'items'"},
        {"{\"items\":[1]}", "/items/0"},
        {"{\"items\":[],\"x\":1}", "/x"},
        {"{\"items\":[],\"status\":\"b\"}", "/status"},
        {"{\"items\":[],\"n\":1.5}", "/n"},
        {"{\"items\":[],\"n\":-1}", "/n"},
        {"{\"items\":[],\"v\":2}", "/v"},
        {"{\"items\":[],\"o\":null}", "/o"},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        CHECK_OK(json_schema_check(schema, parse(t, good[i]), &t->err));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK_FAILS(ERR_INVALID, json_schema_check(schema, parse(t, bad[i][0]), &t->err));
        CHECK_HAS(t->err.message, bad[i][1]);
    }
    CHECK_FAILS(ERR_INVALID, json_schema_check(parse(t, "{\"maxLen\":1}"), parse(t, "1"), &t->err));
    CHECK_FAILS(ERR_INVALID,
                json_schema_check(parse(t, "{\"$ref\":\"#\"}"), parse(t, "1"), &t->err));
}
