/* An outline takes the same edits as the document it stands for, to the byte. */
#include "format/toml_edit.h"
#include "format/toml_outline.h"
#include "testing/test.h"

static const char *const texts[] = {
    "",
    "schema = 1\n",
    "# head\nschema = 1\n\n# of a\n[[x]]\nid = \"a\"\nlist = [\n  1, # one\n  2,\n]\n\n[[x]]\nid = "
    "\"b\"\n",
    "[[x]]\nid = \"a\" # why\ndot.ted = 1\n[x.merge]\n\"*.lock\" = \"manual\"\n[x.merge.deep]\nk = "
    "2\n[[x]]\n",
    "\xEF\xBB\xBF[[x]]\r\nid = \"a\"\r\n\r\n[other]\r\nk = 1\r\n\r\n[x.sub]\r\nk = 2\r\n# "
    "tail\r\n[[x]]\r\n"
    "id = '''\n[[x]]\nid = \"no\"'''\r\n",
    "[[a.\"x\"]]\nid = 1\n[[a.x]]\nid = 2\ninline = { k = [1, 2], l = { m = 3 } }",
};

static TomlDoc *parse(Test *t, Str text)
{
    TomlDoc *doc;
    TomlInput input = {.text = text, .file = "x.toml"};
    CHECK_OK(toml_parse(t->arena, &input, &doc, &t->err));
    return doc;
}

static const TomlNode *blocks_of(const TomlDoc *doc)
{
    const TomlNode *a = toml_find(&doc->root, STR("a"));
    return toml_find(a ? a : &doc->root, STR("x"));
}

static void check_same(const TomlNode *a, const TomlNode *b)
{
    CHECK_STR(a->key, b->key);
    CHECK_STR(a->text, b->text);
    CHECK_INT(a->kind, b->kind);
    CHECK_INT(a->form, b->form);
    CHECK_INT(a->from, b->from);
    CHECK_INT(a->value_from, b->value_from);
    CHECK_INT(a->value_to, b->value_to);
    CHECK_INT(a->body_to, b->body_to);
    CHECK_INT(a->count, b->count);
    for (a = a->first, b = b->first; a && b; a = a->next, b = b->next)
        check_same(a, b);
    CHECK(!a && !b);
}

TEST(a_block_of_an_outline_has_its_values_where_they_were)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        TomlDoc *doc = parse(t, str_of(texts[i]));
        TomlDoc *outline = toml_outline(t->arena, doc);
        const TomlNode *all = blocks_of(doc), *some = blocks_of(outline);
        CHECK(!all == !some);
        const TomlNode *block = all ? all->first : NULL;
        const TomlNode *twin = some ? some->first : NULL;
        for (; block && twin; block = block->next, twin = twin->next) {
            CHECK(!toml_find(twin, STR("id")));
            const TomlNode *whole = toml_outline_block(t->arena, outline, twin);
            for (const TomlNode *a = block->first, *b = whole->first; a && b;
                 a = a->next, b = b->next)
                check_same(a, b);
            CHECK_INT(whole->count, block->count);
            CHECK_INT(whole->body_to, block->body_to);
            CHECK_STR(toml_block_text(t->arena, outline, twin),
                      toml_block_text(t->arena, doc, block));
        }
        CHECK(!block && !twin);
    }
}

/* Random edits of the blocks, the same ones each time the seed is the same. */
static Str edited(Test *t, const TomlDoc *doc, bool is_outline)
{
    TomlEdit *edit = toml_edit_begin(t->arena, doc);
    const TomlNode *blocks = blocks_of(doc);
    const TomlNode *block = blocks ? blocks->first : NULL;
    for (; block; block = block->next) {
        const TomlNode *whole = is_outline ? toml_outline_block(t->arena, doc, block) : block;
        switch (test_below(t, 5)) {
        case 0:
            toml_edit_set(edit, whole, test_below(t, 2) ? STR("id") : STR("new"), STR("9"));
            break;
        case 1:
            toml_edit_remove(edit, block);
            break;
        case 2:
            toml_edit_replace_block(edit, block, STR("[[x]]\nid = \"z\"\n"));
            break;
        case 3:
            toml_edit_insert_block(edit, test_below(t, 2) ? block : NULL, STR("[[x]]\n"));
            break;
        default:
            break;
        }
    }
    return toml_edit_finish(edit);
}

TEST(edits_of_an_outline_are_those_of_the_document)
{
    for (int round = 0; round < test_rounds(200); round++)
        for (size_t i = 0; i < COUNT_OF(texts); i++) {
            TomlDoc *doc = parse(t, str_of(texts[i]));
            uint64_t seed = test_random(t);
            test_reseed(t, seed);
            Str wanted = edited(t, doc, false);
            test_reseed(t, seed);
            CHECK_STR(edited(t, toml_outline(t->arena, doc), true), wanted);
        }
}
