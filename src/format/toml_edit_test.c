#include "format/toml_edit.h"

#include <string.h>

#include "testing/test.h"

static TomlDoc *parse(Test *t, Str text)
{
    TomlDoc *doc;
    TomlInput input = {.text = text, .file = "x.toml"};
    CHECK_OK(toml_parse(t->arena, &input, &doc, &t->err));
    return doc;
}

static const TomlNode *at(const TomlDoc *doc, const char *path)
{
    const TomlNode *node = &doc->root;
    Str rest = str_of(path), key;
    while (str_next(&rest, '/', &key)) {
        uint64_t index = 0;
        if (node->kind != TOML_ARRAY) {
            node = toml_find(node, key);
        } else if (str_to_u64(key, &index)) {
            for (node = node->first; index > 0; index--)
                node = node->next;
        }
    }
    CHECK(node != NULL);
    return node;
}

static void check_set(Test *t, const char *text, const char *table, const char *key,
                      const char *wanted)
{
    TomlDoc *doc = parse(t, str_of(text));
    TomlEdit *edit = toml_edit_begin(t->arena, doc);
    toml_edit_set(edit, at(doc, table), str_of(key), STR("9"));
    Str result = toml_edit_finish(edit);
    CHECK_STR(result, str_of(wanted));
    TomlDoc *again = parse(t, result);
    CHECK_INT(toml_find(at(again, table), str_of(key))->as.integer, 9);
}

TEST(sets_a_value_in_every_form_of_table)
{
    check_set(t, "a = 1 # c\n", "", "a", "a = 9 # c\n");
    check_set(t, "a = [\n1,\n] # c\nb=2", "", "a", "a = 9 # c\nb=2");
    check_set(t, "a = 1 # c\n\n# free\n[t]\n", "", "b", "a = 1 # c\nb = 9\n\n# free\n[t]\n");
    check_set(t, "a = 1", "", "b", "a = 1\nb = 9\n");
    check_set(t, "", "", "b", "b = 9\n");
    check_set(t, "[t]\nx = 1\n", "", "b", "b = 9\n\n[t]\nx = 1\n");
    check_set(t, "[t] # h\n\n[u]\n", "t", "b", "[t] # h\nb = 9\n\n[u]\n");
    check_set(t, "[t]\n  x = 1\n\n", "t", "b", "[t]\n  x = 1\n  b = 9\n\n");
    check_set(t, "t = {}\n", "t", "b", "t = { b = 9}\n");
    check_set(t, "t = { x = 1 }\n", "t", "b", "t = { x = 1, b = 9 }\n");
    check_set(t, "t = { x = 1, y.z = 2 }\n", "t", "x", "t = { x = 9, y.z = 2 }\n");
    check_set(t, "t = { x.y = 1, z = 2 }\n", "t/x", "b", "t = { x.y = 1, x.b = 9, z = 2 }\n");
    check_set(t,
              "\xEF\xBB\xBF"
              "a = 1\n",
              "", "b",
              "\xEF\xBB\xBF"
              "a = 1\nb = 9\n");
    check_set(t, "t . x = 1\nu = 2\n", "t", "b", "t . x = 1\nt . b = 9\nu = 2\n");
    check_set(t, "[[l]]\n[[l]]\nx = 1\n[l.s]\n", "l/1", "b", "[[l]]\n[[l]]\nx = 1\nb = 9\n[l.s]\n");
    check_set(t, "[t]\nm.x = 1\nm.y = 2\nz = 3\n", "t", "m", "[t]\nz = 3\nm = 9\n");
    check_set(t, "[t]\nz = 3\n[t.m]\nx = 1\n", "t", "m", "[t]\nz = 3\nm = 9\n");
    check_set(t, "a = 1\r\nb = 2\r\n", "", "c", "a = 1\r\nb = 2\r\nc = 9\r\n");
    check_set(t, "a = 1\n", "", "b c", "a = 1\n\"b c\" = 9\n");
}

static void check_remove(Test *t, const char *text, const char *path, const char *wanted)
{
    TomlDoc *doc = parse(t, str_of(text));
    TomlEdit *edit = toml_edit_begin(t->arena, doc);
    toml_edit_remove(edit, at(doc, path));
    CHECK_STR(toml_edit_finish(edit), str_of(wanted));
}

TEST(removes_lines_tables_and_blocks_with_what_belongs_to_them)
{
    check_remove(t, "# up\na = 1 # c\nb = 2\n", "a", "# up\nb = 2\n");
    check_remove(t, "a = [\n 1, # x\n]\nb = 2\n", "a", "b = 2\n");
    check_remove(t, "a.x = 1\nb = 2\na.y = 3\n", "a", "b = 2\n");
    check_remove(t, "# lead\n[t]\nx = 1\n# tail\n\n# free\n\n# lead u\n[u]\n", "t",
                 "# free\n\n# lead u\n[u]\n");
    check_remove(t, "[[l]]\nx = 1\n[l.s]\ny = 1\n\n[[l]]\nx = 2\n", "l/0", "[[l]]\nx = 2\n");
    check_remove(t, "s = 1\n\n[[l]]\nx = 1\n", "l", "s = 1\n");
    check_remove(t, "[[l]]\nx = 1\n# of u\n[u]\n", "l/0", "# of u\n[u]\n");
    check_remove(t, "[t]\nx = 1\n[u]\n[t.s]\ny = 2\n", "t", "[u]\n");
}

TEST(an_inserted_block_removed_again_leaves_no_trace)
{
    static const char *const texts[] = {
        "", "s = 1\n", "s = 1\n\n[[l]]\nid = 1\n\n# lead\n[[l]]\nid = 2 # c\n\n[u]\nx = 1\n",
        "[[l]]\r\nid = 1\r\n\r\n[[l]]\r\nid = 2\r\n"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        TomlDoc *doc = parse(t, str_of(texts[i]));
        const TomlNode *list = toml_find(&doc->root, STR("l"));
        for (uint32_t place = 0; place <= (list ? list->count : 0); place++) {
            const TomlNode *before = list ? list->first : NULL;
            for (uint32_t k = 0; k < place && before; k++)
                before = before->next;
            TomlEdit *edit = toml_edit_begin(t->arena, doc);
            toml_edit_insert_block(edit, before, STR("[[l]]\nid = 9\n"));
            TomlDoc *with = parse(t, toml_edit_finish(edit));
            CHECK_INT(at(with, "l")->count, (list ? list->count : 0) + 1);
            CHECK_INT(with->crlf, doc->crlf);
            const TomlNode *added = at(with, "l")->first;
            while (toml_find(added, STR("id"))->as.integer != 9)
                added = added->next;
            edit = toml_edit_begin(t->arena, with);
            toml_edit_remove(edit, added);
            CHECK_STR(toml_edit_finish(edit), str_of(texts[i]));
        }
    }
}

TEST(a_block_at_the_end_stands_apart)
{
    TomlDoc *doc = parse(t, STR("s = 1"));
    TomlEdit *edit = toml_edit_begin(t->arena, doc);
    toml_edit_insert_block(edit, NULL, STR("[[l]]\nx = 1\n"));
    toml_edit_insert_block(edit, NULL, STR("[[l]]\nx = 2\n"));
    CHECK_STR(toml_edit_finish(edit), STR("s = 1\n\n[[l]]\nx = 1\n\n[[l]]\nx = 2\n"));
}

TEST(no_edit_is_the_source_itself)
{
    TomlDoc *doc = parse(t, STR("a = 1 \t\r\n\n\n#\n"));
    Str same = toml_edit_finish(toml_edit_begin(t->arena, doc));
    CHECK(same.data == doc->source.data && same.len == doc->source.len);
}

TEST(many_edits_at_once_do_not_disturb_each_other)
{
    TomlDoc *doc =
        parse(t, STR("a = 1\nb = 2\n\n[[l]]\nid = 1\n\n[[l]]\nid = 2\n\n[[l]]\nid = 3\n"));
    TomlEdit *edit = toml_edit_begin(t->arena, doc);
    toml_edit_remove(edit, at(doc, "l/2"));
    toml_edit_set(edit, at(doc, "l/2"), STR("id"), STR("7"));
    toml_edit_set(edit, &doc->root, STR("b"), STR("22"));
    toml_edit_set(edit, at(doc, "l/0"), STR("x"), STR("1"));
    toml_edit_set(edit, at(doc, "l/0"), STR("y"), STR("2"));
    toml_edit_remove(edit, at(doc, "l/1"));
    toml_edit_insert_block(edit, at(doc, "l/1"), STR("[[l]]\nid = 8\n"));
    toml_edit_insert_block(edit, NULL, STR("[[l]]\nid = 9\n"));
    CHECK_STR(toml_edit_finish(edit), STR("a = 1\nb = 22\n\n[[l]]\nid = 1\nx = 1\ny = 2\n\n"
                                          "[[l]]\nid = 8\n\n[[l]]\nid = 9\n"));
}

TEST(block_text_is_the_block_with_its_comments_and_tables)
{
    TomlDoc *doc =
        parse(t, STR("a = 1\n# lead\n[[l]]\nx = 1 # c\n# tail\n\n[l.s]\ny = 1\n\n[u]\n"));
    CHECK_STR(toml_block_text(t->arena, doc, at(doc, "l/0")),
              STR("# lead\n[[l]]\nx = 1 # c\n# tail\n\n[l.s]\ny = 1\n"));
}
