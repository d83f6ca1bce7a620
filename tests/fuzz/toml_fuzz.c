/* The TOML reader, its edits and the record files: what is read is never changed by itself, what is
 * edited reads back, and git's conflict markers never crash. */
#include <stdint.h>
#include <string.h>

#include "format/toml_edit.h"
#include "model/collection.h"
#include "model/deployment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static TomlDoc *parse(Arena *arena, Str text)
{
    Error err = {0};
    TomlDoc *doc = NULL;
    TomlInput input = {.text = text, .file = "fuzz.toml"};
    bool ok = toml_parse(arena, &input, &doc, &err);
    ASSERT(ok || (err.code != ERR_NONE && err.message[0] != '\0'));
    return ok ? doc : NULL;
}

static void check_spans(const TomlDoc *doc, const TomlNode *node)
{
    ASSERT(node->from <= node->key_from && node->value_from <= node->value_to);
    ASSERT(node->value_to <= doc->source.len && node->body_to <= doc->source.len);
    ASSERT(node->depth <= TOML_DEPTH);
    uint32_t count = 0;
    for (const TomlNode *child = node->first; child; child = child->next) {
        ASSERT(child->parent == node);
        ASSERT(node->kind != TOML_TABLE || toml_find(node, child->key) == child);
        check_spans(doc, child);
        count++;
    }
    ASSERT(count == node->count);
}

/* Every table takes a new key, and the text still reads. */
static void check_sets(Arena *arena, const TomlDoc *doc, const TomlNode *node, int depth)
{
    if (node->kind == TOML_TABLE && node->form != TOML_IMPLIED) {
        TomlEdit *edit = toml_edit_begin(arena, doc);
        toml_edit_set(edit, node, STR("fuzz key"), STR("\"9\""));
        TomlDoc *again = parse(arena, toml_edit_finish(edit));
        ASSERT(again != NULL);
        const TomlNode *set = toml_find(&again->root, STR("fuzz key"));
        ASSERT(node->parent || (set && str_is(set->text, "9")));
    }
    for (const TomlNode *child = node->first; child && depth < 4; child = child->next)
        check_sets(arena, doc, child, depth + 1);
}

/* Every entry of the root can go, and its key goes with it. */
static void check_removes(Arena *arena, const TomlDoc *doc)
{
    for (const TomlNode *entry = doc->root.first; entry; entry = entry->next) {
        TomlEdit *edit = toml_edit_begin(arena, doc);
        toml_edit_remove(edit, entry);
        TomlDoc *again = parse(arena, toml_edit_finish(edit));
        ASSERT(again != NULL && toml_find(&again->root, entry->key) == NULL);
    }
}

static void check_deployments(Arena *arena, Str text)
{
    Error err = {0};
    Deployments *all;
    if (!deployments_read(arena, text, NULL, &all, &err))
        return;
    Str written = deployments_write(arena, all);
    ASSERT(all->had_markers || str_equal(written, text));
    Deployment one = {.artifact = STR("fuzz:fuzz"), .path = STR("fuzz place/fuzz")};
    bool known = deployments_find(all, one.artifact) != NULL;
    if (!deployments_put(all, &one, &err))
        return;
    Deployments *again;
    size_t count = all->items.count;
    written = deployments_write(arena, all);
    ASSERT(deployments_read(arena, written, NULL, &again, &err));
    ASSERT(again->items.count == count && !again->had_markers);
    ASSERT(deployments_find(again, one.artifact) &&
           (known || deployments_remove(again, one.artifact)));
}

static void check_collection(Arena *arena, Str text)
{
    Error err = {0};
    Collection *collection;
    Str people, machines;
    if (!collection_read(arena, text, text, NULL, &collection, &err))
        return;
    collection_write(arena, collection, &people, &machines);
    ASSERT(collection->had_markers || (str_equal(people, text) && str_equal(machines, text)));
    size_t count = collection->artifacts.count;
    ASSERT(collection_read(arena, people, machines, NULL, &collection, &err));
    ASSERT(collection->artifacts.count == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 14)
        return 0;
    SCOPED(arena_close) Arena *arena = arena_open();
    Str text = {(const char *)data, size};
    TomlDoc *doc = parse(arena, text);
    if (doc) {
        check_spans(doc, &doc->root);
        ASSERT(str_equal(toml_edit_finish(toml_edit_begin(arena, doc)), text));
        if (size < 1 << 10) {
            check_sets(arena, doc, &doc->root, 0);
            check_removes(arena, doc);
        }
    }
    check_deployments(arena, text);
    check_collection(arena, text);
    return 0;
}
