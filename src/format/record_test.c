#include <string.h>

#include "base/hash.h"
#include "format/record.h"
#include "testing/json_schema.h"
#include "testing/test.h"

/* ── a record with a field of every kind ── */

static const char *const colours[] = {"red", "green", NULL};

typedef struct {
    Str name;
    int64_t size;
} Part;
typedef ARRAY(Part) Parts;
static const Field part_fields[] = {
    {"name", "its name", FIELD_TEXT, offsetof(Part, name), .required = true, .least = 1},
    {"size", NULL, FIELD_INTEGER, offsetof(Part, size), .least = 0, .most = 10},
    {0},
};
static const Record part_record = {"Part", "a part", sizeof(Part), part_fields, false};

typedef struct {
    Str text, json;
    StrArray texts;
    int64_t whole, at_ms;
    bool truth;
    int colour;
    Hash hash;
    Part part;
    Part *maybe;
    Parts parts;
} Thing;
#define AT(member) offsetof(Thing, member)
static const Field thing_fields[] = {
    {"text", "words", FIELD_TEXT, AT(text), .required = true, .most = 8},
    {"texts", NULL, FIELD_TEXTS, AT(texts), .most = 3},
    {"whole", NULL, FIELD_INTEGER, AT(whole), .required = false},
    {"truth", NULL, FIELD_BOOL, AT(truth), .required = true},
    {"at", NULL, FIELD_TIME, AT(at_ms), .nullable = true},
    {"colour", NULL, FIELD_WORD, AT(colour), .words = colours, .nullable = true},
    {"hash", NULL, FIELD_HASH, AT(hash), .nullable = true},
    {"part", NULL, FIELD_RECORD, AT(part), .of = &part_record},
    {"maybe", NULL, FIELD_POINTER, AT(maybe), .of = &part_record, .nullable = true},
    {"parts", NULL, FIELD_RECORDS, AT(parts), .of = &part_record, .most = 2},
    {"map", NULL, FIELD_MAP, RECORD_NOWHERE, .of = &part_record},
    {"json", NULL, FIELD_JSON, AT(json), .nullable = true},
    {0},
};
static const Record thing_record = {"Thing", "all of it", sizeof(Thing), thing_fields, false};

static const JsonNode *parse(Test *t, Str text)
{
    const JsonNode *node;
    CHECK_OK(json_parse(t->arena, text, 0, &node, &t->err));
    return node;
}

static Str write_thing(Test *t, const Thing *thing)
{
    Buf buf = buf_new(t->arena);
    JsonWriter json = json_writer(&buf, false);
    record_to_json(&json, &thing_record, thing);
    return buf_str(&buf);
}

TEST(a_record_reads_back_what_it_wrote)
{
    Part items[] = {{STR("a"), 1}, {STR("b"), 10}};
    Part maybe = {STR("c"), 0};
    Str words[] = {STR("x"), STR("\xC3\xA9")};
    Thing thing = {.text = STR("seven 7"),
                   .texts = {words, 2, 2},
                   .whole = -RECORD_NUMBER_MOST,
                   .truth = true,
                   .at_ms = 1763712000123,
                   .colour = 1,
                   .hash = hash_of(STR("h")),
                   .part = {STR("p"), 3},
                   .maybe = &maybe,
                   .parts = {items, 2, 2},
                   .json = STR("{\"deep\":[1.5,null,\"\\u0001\"]}")};
    Thing back = {.colour = -1};
    Str first = write_thing(t, &thing);
    CHECK_OK(record_from_json(t->arena, &thing_record, parse(t, first), &back, NULL, &t->err));
    CHECK_STR(write_thing(t, &back), first);
    CHECK_HAS(arena_text(t->arena, first), "\"at\":\"2025-11-21T08:00:00.123Z\"");
    CHECK_INT(back.parts.count, 2);
    CHECK_STR(back.maybe->name, STR("c"));
}

TEST(what_is_absent_is_null_or_left_out_and_keeps_the_default)
{
    Thing thing = {.colour = -1, .part = {STR("p"), 0}};
    Str text = write_thing(t, &thing);
    CHECK_STR(text, STR("{\"text\":\"\",\"whole\":0,\"truth\":false,\"at\":null,\"colour\":null,"
                        "\"hash\":null,\"part\":{\"name\":\"p\",\"size\":0},\"maybe\":null,"
                        "\"json\":null}"));
    Thing back = {.whole = 7, .colour = 1};
    const JsonNode *little = parse(t, STR("{\"text\":\"a\",\"truth\":true,\"colour\":null}"));
    CHECK_OK(record_from_json(t->arena, &thing_record, little, &back, NULL, &t->err));
    CHECK_INT(back.whole, 7);
    CHECK_INT(back.colour, 1);
}

typedef struct {
    const char *json, *field, *says;
} Refusal;

TEST(refuses_each_wrong_value_with_its_field_and_reason)
{
    static const Refusal cases[] = {
        {"[]", NULL, "an object is expected, not an array"},
        {"{\"truth\":true}", "text", "is missing"},
        {"{\"text\":\"a\",\"truth\":1}", "truth", "true or false is expected, not a number"},
        {"{\"text\":\"a\",\"truth\":\"true\"}", "truth", "true or false is expected"},
        {"{\"text\":1,\"truth\":true}", "text", "a text is expected, not a number"},
        {"{\"text\":null,\"truth\":true}", "text", "a text is expected, not null"},
        {"{\"text\":\"123456789\",\"truth\":true}", "text", "longer than 8 bytes"},
        {"{\"text\":\"a\\u0000b\",\"truth\":true}", "text", "U+0000"},
        {"{\"text\":\"a\",\"thruth\":true}", "thruth", "did you mean 'truth'?"},
        {"{\"text\":\"a\",\"truth\":true,\"zzzzzz\":1}", "zzzzzz", "is not known here"},
        {"{\"text\":\"a\",\"truth\":true,\"whole\":1.0}", "whole", "without fraction"},
        {"{\"text\":\"a\",\"truth\":true,\"whole\":1e3}", "whole", "without fraction"},
        {"{\"text\":\"a\",\"truth\":true,\"whole\":9007199254740992}", "whole",
         "beyond 9007199254740991"},
        {"{\"text\":\"a\",\"truth\":true,\"whole\":-9007199254740992}", "whole", "beyond"},
        {"{\"text\":\"a\",\"truth\":true,\"whole\":99999999999999999999999}", "whole", "beyond"},
        {"{\"text\":\"a\",\"truth\":true,\"texts\":[\"a\",2]}", "texts[1]", "a text is expected"},
        {"{\"text\":\"a\",\"truth\":true,\"texts\":[\"a\",\"\"]}", "texts[1]", "not be empty"},
        {"{\"text\":\"a\",\"truth\":true,\"texts\":[\"a\",\"b\",\"c\",\"d\"]}", "texts",
         "more than 3"},
        {"{\"text\":\"a\",\"truth\":true,\"texts\":{}}", "texts", "a list is expected"},
        {"{\"text\":\"a\",\"truth\":true,\"at\":\"yesterday\"}", "at", "a time such as"},
        {"{\"text\":\"a\",\"truth\":true,\"at\":\"2025-11-21T08:00:00.1Z\"}", "at", "a time"},
        {"{\"text\":\"a\",\"truth\":true,\"colour\":\"blue\"}", "colour",
         "'red' or 'green' is expected, not 'blue'"},
        {"{\"text\":\"a\",\"truth\":true,\"hash\":\"abc\"}", "hash", "64 lower-case hex"},
        {"{\"text\":\"a\",\"truth\":true,\"part\":{\"size\":1}}", "part.name", "is missing"},
        {"{\"text\":\"a\",\"truth\":true,\"part\":null}", "part", "an object is expected"},
        {"{\"text\":\"a\",\"truth\":true,\"parts\":[{\"name\":\"a\"},{\"name\":\"b\",\"size\":11}]"
         "}",
         "parts[1].size", "must be from 0 to 10"},
        {"{\"text\":\"a\",\"truth\":true,\"map\":{\"k\":{\"name\":2}}}", "map.k.name", "a text"},
        {"{\"text\":\"a\",\"truth\":true,\"json\":{\"x\":[9007199254740993]}}", "json.x[0]",
         "beyond"},
        {"{\"text\":\"a\",\"truth\":true,\"json\":1e999}", "json", "beyond"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Thing out = {.colour = -1};
        const char *field = "unset";
        const JsonNode *node = parse(t, str_of(cases[i].json));
        print_message("%s\n", cases[i].json);
        CHECK_FAILS(ERR_INVALID,
                    record_from_json(t->arena, &thing_record, node, &out, &field, &t->err));
        CHECK_HAS(t->err.message, cases[i].says);
        CHECK_TEXT(field ? field : "", cases[i].field ? cases[i].field : "");
        CHECK_FAILS(ERR_INVALID, record_check(t->arena, &thing_record, node, &t->err));
    }
}

TEST(hostile_names_are_safe_to_show_and_cut)
{
    Thing out = {0};
    Buf buf = buf_new(t->arena);
    buf_add_text(&buf, "{\"\\u001b[31m\\u202e");
    for (int i = 0; i < 100000; i++)
        buf_add_char(&buf, 'x');
    buf_add_text(&buf, "\":1}");
    CHECK_FAILS(ERR_INVALID, record_from_json(t->arena, &thing_record, parse(t, buf_str(&buf)),
                                              &out, NULL, &t->err));
    CHECK_HAS(t->err.message, "\\x1B[31m\\u{202E}xxx");
    CHECK(strlen(t->err.message) < 250);
}

/* ── differential: the check by table and the check by its schema say the same ── */

static void add_random(Test *t, Buf *buf, int depth)
{
    static const char *const scalars[] = {"null",
                                          "true",
                                          "false",
                                          "0",
                                          "7",
                                          "11",
                                          "-1",
                                          "1.5",
                                          "\"\"",
                                          "\"a\"",
                                          "\"red\"",
                                          "\"0123456789\"",
                                          "9007199254740993",
                                          "\"2025-11-21T08:00:00Z\""};
    static const char *const names[] = {"text",   "texts", "whole", "truth", "at",
                                        "colour", "hash",  "part",  "maybe", "parts",
                                        "map",    "json",  "name",  "size"};
    uint64_t kind = test_below(t, depth > 3 ? 1 : 4);
    if (kind < 2) {
        buf_add_text(buf, scalars[test_below(t, COUNT_OF(scalars))]);
    } else if (kind == 2) {
        buf_add_char(buf, '[');
        for (uint64_t i = test_below(t, 4); i > 0; i--) {
            add_random(t, buf, depth + 1);
            buf_add_text(buf, i > 1 ? "," : "");
        }
        buf_add_char(buf, ']');
    } else {
        bool first = true;
        buf_add_char(buf, '{');
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            if (test_below(t, depth ? 6 : 3))
                continue;
            buf_format(buf, "%s\"%s\":", first ? "" : ",", names[i]);
            add_random(t, buf, depth + 1);
            first = false;
        }
        buf_add_char(buf, '}');
    }
}

/* The right value more often than chance would have it, else hardly anything would be taken. */
static void add_thing(Test *t, Buf *buf)
{
    static const struct {
        const char *name, *good;
    } members[] = {
        {"text", "\"abc\""},
        {"truth", "true"},
        {"texts", "[\"a\",\"b\"]"},
        {"whole", "-5"},
        {"at", "null"},
        {"colour", "\"green\""},
        {"part", "{\"name\":\"n\",\"size\":10}"},
        {"maybe", "null"},
        {"parts", "[{\"name\":\"n\"}]"},
        {"map", "{\"k\":{\"name\":\"n\"}}"},
        {"json", "[1,{\"a\":null}]"},
    };
    buf_add_char(buf, '{');
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (i > 1 && test_below(t, 2))
            continue;
        buf_format(buf, "%s\"%s\":", buf->len > 1 ? "," : "", members[i].name);
        if (test_below(t, 12))
            buf_add_text(buf, members[i].good);
        else
            add_random(t, buf, 1);
    }
    buf_add_char(buf, '}');
}

static const JsonNode *thing_schema(Test *t)
{
    Buf buf = buf_new(t->arena);
    JsonWriter json = json_writer(&buf, false);
    json_begin_object(&json);
    json_member_text(&json, "$ref", "#/$defs/Thing");
    json_key(&json, "$defs");
    json_begin_object(&json);
    json_key(&json, "Thing");
    record_schema(&json, &thing_record, "#/$defs/");
    json_key(&json, "Part");
    record_schema(&json, &part_record, "#/$defs/");
    json_end_object(&json);
    json_end_object(&json);
    return parse(t, buf_str(&buf));
}

TEST(the_table_and_its_schema_take_and_refuse_the_same)
{
    const JsonNode *schema = thing_schema(t);
    size_t taken = 0, refused = 0;
    for (int i = 0; i < test_rounds(4000); i++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        Error by_table, by_schema;
        Buf buf = buf_new(t->arena);
        if (test_below(t, 5))
            add_thing(t, &buf);
        else
            add_random(t, &buf, 0);
        const JsonNode *node = parse(t, buf_str(&buf));
        bool table = record_check(t->arena, &thing_record, node, &by_table);
        bool agreed = table == json_schema_check(schema, node, &by_schema);
        /* A schema knows neither the times of this form nor the numbers of a value that it leaves open. */
        if (!agreed && !table &&
            (strstr(by_table.message, "a time such as") || strstr(by_table.message, "'json")))
            continue;
        if (!agreed)
            print_message("%s\ntable: %s\n", buf_text(&buf), table ? "fine" : by_table.message);
        CHECK(agreed);
        taken += table;
        refused += !table;
    }
    CHECK(taken > 500 && refused > 500);
}
